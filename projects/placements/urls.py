from django.urls import path

from projects.placements import views

app_name = "placements"
urlpatterns = [
    path("", views.placement_list, name="placement-list"),
    path("<int:pk>/", views.placement_detail, name="placement-detail"),
    path("<int:pk>/accept/", views.placement_accept, name="placement-accept"),
    path("<int:pk>/move/", views.placement_move, name="placement-move"),
    path("<int:pk>/decline/", views.placement_decline, name="placement-decline"),
    path("<int:pk>/withdraw/", views.placement_withdraw, name="placement-withdraw"),
    path("reserves/<int:call>/", views.reserve_list, name="reserve-list"),
    path("reserves/<int:call>/leave/", views.reserve_leave, name="reserve-leave-all"),
    path("reserves/<int:call>/leave/<int:project>/", views.reserve_leave, name="reserve-leave"),
]

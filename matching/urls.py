from django.urls import path

from matching import views

app_name = "matching"
urlpatterns = [
    path("", views.match_latest, name="match-latest"),
    path("<int:call>/", views.match_detail, name="match-detail"),
]

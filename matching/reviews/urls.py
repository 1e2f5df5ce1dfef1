from django.urls import path

from matching.reviews import views

app_name = "reviews"
urlpatterns = [
    path("calls/<int:call>/", views.review_add, name="review-add"),
    path("<int:pk>/", views.review_detail, name="review-detail"),
    path("<int:pk>/withdraw/", views.review_withdraw, name="review-withdraw"),
]

from django.urls import path

from portal.trainees import views

app_name = "trainees"
urlpatterns = [
    path("", views.profile_edit, name="profile-edit"),
    path("claim/", views.graduate_claim, name="graduate-claim"),
]

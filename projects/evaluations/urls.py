from django.urls import path

from projects.evaluations import views

app_name = "evaluations"
urlpatterns = [
    path("<int:placement>/", views.evaluation_edit, name="evaluation-edit"),
    path("<int:placement>/submit/", views.evaluation_submit, name="evaluation-submit"),
]

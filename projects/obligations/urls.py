from django.urls import path

from projects.obligations import views

app_name = "obligations"
urlpatterns = [
    path("", views.obligation_list, name="obligation-list"),
    path("<int:pk>/", views.obligation_detail, name="obligation-detail"),
    path("<int:pk>/evidence/", views.evidence_submit, name="evidence-submit"),
    path("<int:pk>/evidence/<int:evidence>/", views.evidence_file, name="evidence-file"),
]

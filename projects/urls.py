from django.urls import path

from projects import views

app_name = "projects"
urlpatterns = [
    path("", views.project_list, name="project-list"),
    path("<int:pk>/", views.project_detail, name="project-detail"),
    path("mine/", views.project_manage_list, name="project-manage-list"),
    path("mine/new/", views.project_add, name="project-add"),
    path("mine/<int:pk>/", views.project_manage, name="project-manage"),
    path("mine/<int:pk>/edit/", views.project_edit, name="project-edit"),
    path("mine/<int:pk>/submit/", views.project_submit, name="project-submit"),
    path("mine/<int:pk>/withdraw/", views.project_withdraw, name="project-withdraw"),
]

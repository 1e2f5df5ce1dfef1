from django.urls import path

from portal.companies import views

app_name = "companies"
urlpatterns = [
    path("", views.company_detail, name="company-detail"),
    path("new/", views.company_register, name="company-register"),
    path("edit/", views.company_edit, name="company-edit"),
    path("members/", views.member_add, name="member-add"),
    path("members/<int:pk>/role/", views.member_change, name="member-change"),
    path("members/<int:pk>/remove/", views.member_remove, name="member-remove"),
]

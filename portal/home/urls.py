from django.urls import path

from portal.home import views

app_name = "home"
urlpatterns = [
    path("", views.home, name="home"),
    path("start/", views.start, name="start"),
    path("start/trainee/", views.trainee_start, name="trainee-start"),
    path("start/as/", views.role_choose, name="role-choose"),
    path("my/", views.trainee_tasks, name="trainee-tasks"),
    path("company/", views.company_home, name="company-home"),
    path("help/", views.help_page, name="help"),
    path("privacy/", views.privacy, name="privacy"),
    path("terms/", views.terms, name="terms"),
    path("accessibility/", views.accessibility, name="accessibility"),
]

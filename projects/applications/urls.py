from django.urls import path

from projects.applications import views

app_name = "applications"
urlpatterns = [
    path("<int:call>/check/", views.application_check, name="application-check"),
    path("<int:call>/done/", views.application_done, name="application-done"),
    path("<int:call>/withdraw/", views.application_withdraw, name="application-withdraw"),
    path("<int:call>/<slug:step>/", views.application_edit, name="application-edit"),
]

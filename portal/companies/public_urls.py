"""What the public sees of a company; beside ``urls.py``, which is for its own people."""

from django.urls import path

from portal.companies import views

app_name = "companies_public"
urlpatterns = [path("<int:pk>/", views.company_public, name="company-public")]

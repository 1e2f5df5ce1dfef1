from django.urls import path

from portal.accounts import views

app_name = "accounts"
urlpatterns = [
    path("settings/", views.settings_page, name="settings"),
    path("settings/consents/<str:kind>/", views.consent_change, name="consent-change"),
    path("settings/consents/<str:kind>/withdraw/", views.consent_withdraw, name="consent-withdraw"),
    path("settings/sessions/end/", views.sessions_end, name="sessions-end"),
]

from django.urls import path

from portal.notices import views

app_name = "notices"
urlpatterns = [
    path("", views.notice_list, name="notice-list"),
    path("read/", views.notice_read_all, name="notice-read-all"),
    path("<int:pk>/", views.notice_detail, name="notice-detail"),
    path("<int:pk>/read/", views.notice_read, name="notice-read"),
]

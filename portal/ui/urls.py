from django.conf import settings
from django.urls import path

from portal.ui import gallery, views

app_name = "ui"
urlpatterns = [path("mode/", views.set_mode, name="mode-set")]
if settings.DEBUG:
    urlpatterns.append(path("", gallery.gallery, name="gallery"))

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FitConfig(AppConfig):
    name = "projects.fit"
    label = "fit"
    verbose_name = _("적합도")

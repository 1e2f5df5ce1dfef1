from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ObligationsConfig(AppConfig):
    name = "projects.obligations"
    label = "obligations"
    verbose_name = _("채용의무")

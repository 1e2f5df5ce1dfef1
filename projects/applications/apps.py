from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class ApplicationsConfig(AppConfig):
    name = "projects.applications"
    label = "applications"
    verbose_name = pgettext_lazy("list", "참여 신청")

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class SchoolsConfig(AppConfig):
    name = "portal.schools"
    label = "schools"
    verbose_name = pgettext_lazy("list", "교육기관")

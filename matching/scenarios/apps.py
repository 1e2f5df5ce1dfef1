from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScenariosConfig(AppConfig):
    name = "matching.scenarios"
    label = "scenarios"
    verbose_name = _("모의 매칭")

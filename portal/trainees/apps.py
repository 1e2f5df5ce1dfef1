from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TraineesConfig(AppConfig):
    name = "portal.trainees"
    label = "trainees"
    verbose_name = _("참여자")

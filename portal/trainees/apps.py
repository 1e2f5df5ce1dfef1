from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class TraineesConfig(AppConfig):
    name = "portal.trainees"
    label = "trainees"
    verbose_name = pgettext_lazy("list", "참여자")

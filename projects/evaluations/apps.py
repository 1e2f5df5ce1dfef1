from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EvaluationsConfig(AppConfig):
    name = "projects.evaluations"
    label = "evaluations"
    verbose_name = _("평가")

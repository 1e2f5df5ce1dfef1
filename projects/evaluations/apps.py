from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class EvaluationsConfig(AppConfig):
    name = "projects.evaluations"
    label = "evaluations"
    verbose_name = pgettext_lazy("list", "평가")

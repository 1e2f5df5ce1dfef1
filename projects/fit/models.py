from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.audit.models import APPEND_ONLY
from projects.applications.models import Application
from projects.models import Project


class FitRow(models.Model):
    """The fit of one application to one project, as of the last night; pages and recommendations read it."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="fits")
    project = models.ForeignKey(Project, models.CASCADE, related_name="fits")
    score = models.PositiveSmallIntegerField(_("적합도(‰)"))
    parts = models.JSONField(default=dict)
    required_met = models.PositiveSmallIntegerField(default=0)
    required_of = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("적합도")
        constraints = [
            models.UniqueConstraint(fields=["application", "project"], name="fit_once"),
            models.CheckConstraint(name="fit_score_in_range", condition=Q(score__lte=1000)),
        ]
        indexes = [
            models.Index(fields=["application", "-score"], name="fit_for_trainee"),
            models.Index(fields=["project", "-score"], name="fit_for_project"),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}×{self.project_id} {self.score}"

    @property
    def percent(self) -> int:
        return self.score // 10


class SealedFit(models.Model):
    """The fit of one wished pair as it was when lists were sealed; the final match reads nothing else."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="+", db_index=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="+", db_index=False)
    score = models.PositiveSmallIntegerField(_("적합도(‰)"))

    class Meta:
        verbose_name = verbose_name_plural = _("마감 때의 적합도")
        constraints = [
            models.UniqueConstraint(fields=["application", "project"], name="sealed_fit_once"),
            models.CheckConstraint(name="sealed_fit_score_in_range", condition=Q(score__lte=1000)),
        ]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.application_id}×{self.project_id} {self.score}"

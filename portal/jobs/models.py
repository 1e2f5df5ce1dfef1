from django.db import models
from django.utils.translation import gettext_lazy as _


class NightRun(models.Model):
    """That a night job ran for a business date (and one call, if it runs per call). Whoever inserts the row runs.

    ``locked_until`` is a lease: a run whose process died is taken over when it ends. ``finished_at`` ends it for good.
    """

    job = models.CharField(_("작업"), max_length=60)
    on = models.DateField(_("기준일"))
    about = models.CharField(_("대상"), max_length=60, blank=True)
    started_at = models.DateTimeField(_("시작"), auto_now_add=True)
    locked_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("끝"), null=True)
    attempts = models.PositiveSmallIntegerField(_("시도"), default=1)
    outcome = models.JSONField(_("결과"), default=dict)
    error = models.TextField(_("오류"), blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("밤 작업")
        ordering = ["-on", "-pk"]
        constraints = [models.UniqueConstraint(fields=["job", "on", "about"], name="night_run_once")]

    def __str__(self) -> str:
        return f"{self.job} {self.on} {self.about}".strip()

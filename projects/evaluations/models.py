from datetime import date
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.accounts.rules import is_office
from portal.audit.models import NOT_EMPTIED
from portal.companies.models import Company
from projects.evaluations.states import EvaluationState
from projects.placements.models import Placement


class EvaluationQuerySet(models.QuerySet["Evaluation"]):
    def visible_to(self, user: Any) -> "EvaluationQuerySet":
        """The company that judges and the office; the trainee once it is locked."""
        if is_office(user):
            return self
        return self.filter(
            Q(placement__company__in=Company.objects.filter(members__user=user))
            | Q(placement__trainee__user=user, state=EvaluationState.LOCKED)
        )

    def binding(self, today: date) -> "EvaluationQuerySet":
        """Locked, and the time to appeal is over."""
        return self.filter(state=EvaluationState.LOCKED, appeal_until__lt=today)


class Evaluation(models.Model):
    """One party's judgement of a completed placement; once locked it never changes."""

    placement = models.OneToOneField(
        Placement, models.PROTECT, related_name="evaluation", verbose_name=_("배치")
    )
    rater = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("평가자")
    )
    score = models.DecimalField(_("점수"), max_digits=5, decimal_places=2, null=True, blank=True)
    comment = models.TextField(_("평가 의견"), max_length=2000, blank=True)
    state = models.CharField(_("상태"), max_length=10, choices=EvaluationState, default=EvaluationState.DRAFT)
    submitted_at = models.DateTimeField(_("제출 시각"), null=True, blank=True)
    locked_at = models.DateTimeField(_("확정 시각"), null=True, blank=True)
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("확정한 사람"),
    )
    appeal_until = models.DateField(_("이의신청 기한"), null=True, blank=True)

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = _("평가")
        verbose_name_plural = pgettext_lazy("list", "평가")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="evaluation_score_in_range", condition=Q(score=None) | Q(score__gte=0, score__lte=100)
            ),
            models.CheckConstraint(
                name="evaluation_locked_is_whole",
                condition=~Q(state=EvaluationState.LOCKED)
                | Q(
                    score__isnull=False,
                    locked_at__isnull=False,
                    locked_by__isnull=False,
                    appeal_until__isnull=False,
                ),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="locked",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state="locked"),
            ),
            NOT_EMPTIED,
        ]

    def __str__(self) -> str:
        return f"{self.placement}"

    @property
    def is_excellent(self) -> bool:
        """Reached the threshold frozen when the placement was accepted."""
        return (
            self.score is not None
            and self.placement.threshold is not None
            and self.score >= self.placement.threshold
        )

    @property
    def may_be_appealed(self) -> bool:
        """Locked, and the last day to appeal has not passed."""
        return self.appeal_until is not None and timezone.localdate() <= self.appeal_until

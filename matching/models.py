from typing import Any

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from matching.states import Examined, RunKind, RunState
from portal.accounts.rules import is_office
from portal.audit.models import APPEND_ONLY, NOT_EMPTIED
from projects.applications.models import Application
from projects.models import Call, Project


class MatchRunQuerySet(models.QuerySet["MatchRun"]):
    def visible_to(self, user: Any) -> "MatchRunQuerySet":
        return self if is_office(user) else self.none()

    def light(self) -> "MatchRunQuerySet":
        """Without the market and the result, which are large."""
        return self.defer("market", "result")


class MatchRun(models.Model):
    """One answer for one call at one moment. Never deleted.

    A final run keeps everything needed to prove it: ``market`` and ``result`` are the engine's own files;
    ``violations`` is what the independent check found (empty proves it); ``figures`` are what staff look at. Once
    computed none of them changes. A provisional run was proved too, but keeps nothing from which somebody's list
    could be read: no market, no result, no hash of either, and figures that are safe (see the README).
    """

    call = models.ForeignKey(Call, models.PROTECT, related_name="match_runs", verbose_name=_("공고"))
    kind = models.CharField(_("종류"), max_length=12, choices=RunKind)
    on = models.DateField(_("기준일"))
    state = models.CharField(_("상태"), max_length=10, choices=RunState, default=RunState.QUEUED)
    market = models.JSONField(null=True, editable=False)
    result = models.JSONField(null=True, editable=False)
    violations = models.JSONField(_("위반"), null=True, editable=False)
    figures = models.JSONField(null=True, editable=False)
    market_sha256 = models.CharField(_("입력 해시"), max_length=64, blank=True, editable=False)
    result_sha256 = models.CharField(_("결과 해시"), max_length=64, blank=True, editable=False)
    engine = models.CharField(_("계산기 판"), max_length=20, blank=True, editable=False)
    error = models.CharField(_("오류"), max_length=500, blank=True)
    #: of a run made from a scenario: what it changes in the call, why and by whom; see `matching.snapshot.adjust`
    adjustments = models.JSONField(_("조정"), null=True, editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("요청한 사람"),
    )
    computed_at = models.DateTimeField(_("계산 시각"), null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("승인한 사람"),
    )
    approved_at = models.DateTimeField(_("승인 시각"), null=True, blank=True)
    approval_checks = ArrayField(
        models.CharField(max_length=10, choices=Examined),
        verbose_name=_("승인하며 짚은 것"),
        default=list,
        blank=True,
    )
    approval_note = models.TextField(_("승인하며 확인한 것"), max_length=1000, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("발표한 사람"),
    )
    published_at = models.DateTimeField(_("발표 시각"), null=True, blank=True)
    publication_checks = ArrayField(
        models.CharField(max_length=10, choices=Examined),
        verbose_name=_("발표하며 짚은 것"),
        default=list,
        blank=True,
    )
    publication_note = models.TextField(_("발표하며 확인한 것"), max_length=1000, blank=True)
    created_at = models.DateTimeField(_("만든 시각"), auto_now_add=True)

    objects = MatchRunQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("매칭 실행")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["call"], name="match_run_one_published", condition=Q(state=RunState.PUBLISHED)
            ),
            models.UniqueConstraint(
                fields=["call", "on", "kind"],
                name="match_run_one_a_night",
                condition=Q(requested_by=None) & ~Q(state=RunState.DISCARDED),
            ),
            models.CheckConstraint(
                name="match_run_provisional_keeps_no_lists",
                condition=Q(kind=RunKind.FINAL)
                | Q(market=None, result=None, market_sha256="", result_sha256=""),
            ),
            models.CheckConstraint(
                name="match_run_two_people",
                condition=Q(published_by=None) | ~Q(published_by=F("approved_by")),
            ),
            models.CheckConstraint(
                name="match_run_published_is_approved_and_proved",
                condition=~Q(state=RunState.PUBLISHED)
                | Q(kind=RunKind.FINAL, approved_by__isnull=False, published_by__isnull=False, violations=[]),
            ),
            models.CheckConstraint(
                name="match_run_approved_is_proved",
                condition=~Q(state__in=["verified", "approved"]) | Q(violations=[]),
            ),
        ]
        triggers = [
            NOT_EMPTIED,
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="adjustments_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__adjustments__df=pgtrigger.F("old__adjustments")),
            ),
            pgtrigger.Protect(
                name="answer_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__computed_at__isnull=False)
                & (
                    pgtrigger.Q(new__figures__df=pgtrigger.F("old__figures"))
                    | pgtrigger.Q(new__violations__df=pgtrigger.F("old__violations"))
                    | pgtrigger.Q(new__kind__df=pgtrigger.F("old__kind"))
                    | pgtrigger.Q(new__computed_at__df=pgtrigger.F("old__computed_at"))
                    | pgtrigger.Q(new__market_sha256__df=pgtrigger.F("old__market_sha256"))
                    | pgtrigger.Q(new__result_sha256__df=pgtrigger.F("old__result_sha256"))
                    | pgtrigger.Q(new__market__df=pgtrigger.F("old__market"))
                    | pgtrigger.Q(new__result__df=pgtrigger.F("old__result"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call} {self.on} {self.get_kind_display()}"

    @property
    def is_proved(self) -> bool:
        return self.violations == []

    @property
    def changes(self) -> list[dict[str, Any]]:
        """What it changes in the call before it is solved; nothing but for a run made from a scenario."""
        return (self.adjustments or {}).get("changes", [])


class MatchQuerySet(models.QuerySet["Match"]):
    def visible_to(self, user: Any) -> "MatchQuerySet":
        """A trainee's own line of a published run; nobody else's, not even the office's, with its reasons."""
        return self.filter(application__trainee__user=user, run__state=RunState.PUBLISHED)


class Match(models.Model):
    """One line of a final run: where one applicant goes, and why, for every project they ranked."""

    run = models.ForeignKey(MatchRun, models.PROTECT, related_name="matches", verbose_name=_("매칭 실행"))
    application = models.ForeignKey(
        Application, models.PROTECT, related_name="matches", verbose_name=_("참여 신청")
    )
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, related_name="matches", verbose_name=_("프로젝트")
    )
    rank = models.PositiveSmallIntegerField(_("희망순위"), null=True)
    reasons = models.JSONField(default=list)

    objects = MatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("매칭")
        constraints = [
            models.UniqueConstraint(fields=["run", "application"], name="match_once_per_run"),
            models.CheckConstraint(
                name="match_rank_iff_project", condition=Q(project=None, rank=None) | Q(project__isnull=False)
            ),
        ]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.application_id} → {self.project_id}"

from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from matching.models import MatchRun
from matching.scenarios.states import Outcome, ScenarioState
from portal.accounts.rules import is_office
from portal.audit.models import NOT_EMPTIED
from portal.ui.fields import NameField
from projects.applications.models import Application
from projects.models import Project


class ScenarioQuerySet(models.QuerySet["Scenario"]):
    def visible_to(self, user: Any) -> "ScenarioQuerySet":
        return self if is_office(user) else self.none()

    def light(self) -> "ScenarioQuerySet":
        """Without what is large: its own answer, and the run's market and result."""
        large = [f"{run}__{name}" for run in ("run", "promoted_to") for name in ("market", "result")]
        return self.select_related("run__call__rule_set", "promoted_to__call", "made_by").defer(
            "result", *large
        )


class Scenario(models.Model):
    """A what-if copy of a final run: the same lists, a few changes, and what would come of them.

    ``changes`` are what `matching.snapshot.adjust` takes, counted from ``base``, the run that was solved as the call
    stood: a scenario of a run that was itself made from a scenario begins with that one's changes. The run is never
    touched. A scenario that was promoted became a run, and does not change any more.
    """

    run = models.ForeignKey(
        MatchRun, models.PROTECT, related_name="scenarios", verbose_name=_("바탕이 된 매칭")
    )
    base = models.ForeignKey(MatchRun, models.PROTECT, related_name="+")
    name = NameField(_("이름"), max_length=60)
    note = models.CharField(_("무엇을 보려고 하나"), max_length=300, blank=True)
    rule = models.CharField(_("동점 처리"), max_length=10)
    changes = models.JSONField(_("조정"), default=list)
    state = models.CharField(_("상태"), max_length=10, choices=ScenarioState, default=ScenarioState.QUEUED)
    result = models.JSONField(null=True, editable=False)
    violations = models.JSONField(_("위반"), null=True, editable=False)
    figures = models.JSONField(null=True, editable=False)
    market_sha256 = models.CharField(_("입력 해시"), max_length=64, blank=True, editable=False)
    result_sha256 = models.CharField(_("결과 해시"), max_length=64, blank=True, editable=False)
    engine = models.CharField(_("계산기 판"), max_length=20, blank=True, editable=False)
    error = models.CharField(_("오류"), max_length=500, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("만든 사람")
    )
    created_at = models.DateTimeField(_("만든 시각"), auto_now_add=True)
    changed_at = models.DateTimeField(_("고친 시각"), auto_now=True)
    computed_at = models.DateTimeField(_("계산 시각"), null=True, blank=True)
    promoted_to = models.OneToOneField(
        MatchRun,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="promoted_from",
        verbose_name=_("채택되어 만든 매칭"),
    )

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        verbose_name = _("모의 매칭")
        verbose_name_plural = pgettext_lazy("list", "모의 매칭")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "name"], name="scenario_name_once_per_run"),
            models.CheckConstraint(
                name="scenario_verified_is_proved",
                condition=~Q(state__in=["verified", "promoted"]) | Q(violations=[], figures__isnull=False),
            ),
            models.CheckConstraint(
                name="scenario_promoted_iff_run",
                condition=Q(state=ScenarioState.PROMOTED, promoted_to__isnull=False)
                | ~Q(state=ScenarioState.PROMOTED) & Q(promoted_to=None),
            ),
        ]
        triggers = [
            NOT_EMPTIED,
            pgtrigger.Protect(
                name="promoted_frozen",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state="promoted"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_promotable(self) -> bool:
        """Solved, proved, and of the rule people ranked under."""
        return self.state == ScenarioState.VERIFIED and self.rule == self.run.call.rule_set.tie_rule


class ScenarioMatch(models.Model):
    """One person in a scenario, beside where the run places them; written anew with every computation."""

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="matches")
    application = models.ForeignKey(
        Application, models.PROTECT, related_name="+", verbose_name=_("참여 신청")
    )
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, related_name="+", verbose_name=_("프로젝트")
    )
    rank = models.PositiveSmallIntegerField(_("희망순위"), null=True)
    was_project = models.ForeignKey(
        Project, models.PROTECT, null=True, related_name="+", verbose_name=_("원래 프로젝트")
    )
    was_rank = models.PositiveSmallIntegerField(_("원래 희망순위"), null=True)
    outcome = models.CharField(_("달라진 점"), max_length=10, choices=Outcome)
    listed = models.BooleanField(_("순위를 냄"))

    class Meta:
        verbose_name = verbose_name_plural = _("모의 배정")
        constraints = [
            models.UniqueConstraint(fields=["scenario", "application"], name="scenario_match_once")
        ]
        indexes = [models.Index(fields=["scenario", "outcome"], name="scenario_match_outcome")]

    def __str__(self) -> str:
        return f"{self.application_id} → {self.project_id}"

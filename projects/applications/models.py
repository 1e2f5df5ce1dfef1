import uuid
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.accounts.models import Consent
from portal.accounts.rules import is_office
from portal.accounts.states import ConsentKind
from portal.companies.models import Company
from portal.schools.states import GraduateState
from portal.trainees.models import Trainee
from portal.trainees.states import Employment
from projects.applications.states import (
    RANKING,
    WAS_ELIGIBLE,
    ApplicationState,
    IneligibleReason,
)
from projects.models import Call, Project
from projects.states import BEFORE_RESULTS, CallState


def faults() -> dict[IneligibleReason, Q]:
    """What the rows themselves can say against taking part, as conditions on an application."""
    placed = Application.objects.filter(trainee=OuterRef("trainee"), state=ApplicationState.PLACED)
    elsewhere = placed.exclude(call=OuterRef("call")).exclude(
        call__state__in=[CallState.FINISHED, CallState.ARCHIVED]
    )
    return {
        IneligibleReason.NOT_GRADUATE: Q(trainee__graduate=None),
        IneligibleReason.NOT_COMPLETED: Q(trainee__graduate__isnull=False)
        & ~Q(trainee__graduate__state=GraduateState.CONFIRMED),
        IneligibleReason.EMPLOYED: Q(trainee__employment=Employment.EMPLOYED),
        IneligibleReason.NO_CONSENT: ~Q(sharing()),
        IneligibleReason.PLACED_ELSEWHERE: Q(Exists(elsewhere)),
    }


def sharing() -> Exists:
    """Does the person let the companies of the call see them?"""
    return Consent.objects.agreed(ConsentKind.SHARE_WITH_COMPANY, "trainee__user")


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, user: Any) -> "ApplicationQuerySet":
        """A trainee's own; the office's all. A company reaches its candidates through ``candidates_for``."""
        return self if is_office(user) else self.filter(trainee__user=user)

    def eligible(self) -> "ApplicationQuerySet":
        return self.filter(state=ApplicationState.ELIGIBLE)

    def sharing(self) -> "ApplicationQuerySet":
        """Of people who let companies see them."""
        return self.filter(sharing())

    def candidates(self) -> "ApplicationQuerySet":
        """Whom companies may see and the match may place: found eligible, and letting companies see them."""
        return self.eligible().sharing()

    def candidates_for(self, company: Company, call: Call) -> "ApplicationQuerySet":
        """The candidates of a call, for a company that has a project in its match, until results are out."""
        offering = Project.objects.in_match().filter(call=call, company=company)
        return self.candidates().filter(Exists(offering), call=call)

    def ranking(self, now: Any) -> "ApplicationQuerySet":
        """Of people who may put projects on their lists now."""
        return self.filter(state__in=RANKING, call__in=Call.objects.ranking(now))

    def faulty(self) -> "ApplicationQuerySet":
        """Those whose rows say why they may not take part: what ``faults_of`` finds, asked of many at once."""
        # asked the other way round: joined by "and" the database hashes, joined by "or" it looks row by row
        fine = self.filter(*(~stands for stands in faults().values()))
        return self.exclude(pk__in=fine.values("pk"))

    def undecided(self) -> "ApplicationQuerySet":
        """Handed in, and the office has not decided: nothing can be published over their heads."""
        return self.filter(state=ApplicationState.SUBMITTED)

    def at_stage(self, stage: str) -> "ApplicationQuerySet":
        """The people who came at least as far: ``applied``, ``eligible`` or ``ranked``; ``unranked`` came no further."""
        binding = Q(rank_lists__state__in=["certified", "sealed"])
        questions = {
            "applied": Q(submitted_at__isnull=False) & ~Q(state__in=["draft", "withdrawn"]),
            "eligible": Q(state__in=WAS_ELIGIBLE),
            "ranked": Q(state__in=WAS_ELIGIBLE) & binding,
            "unranked": Q(state=ApplicationState.ELIGIBLE)
            & ~Q(pk__in=self.model._default_manager.filter(binding).values("pk")),
        }
        return self.filter(questions.get(stage, Q()))


class Application(models.Model):
    """A person's application to a call. ``pseudonym`` is what the match knows them by."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="applications", verbose_name=_("공고"))
    trainee = models.ForeignKey(
        Trainee, models.PROTECT, related_name="applications", verbose_name=_("참여자")
    )
    pseudonym = models.UUIDField(_("가명"), default=uuid.uuid4, unique=True, editable=False)
    motive = models.TextField(_("지원 동기"), max_length=2000, blank=True)
    goal = models.TextField(_("해 보고 싶은 일"), max_length=2000, blank=True)
    state = models.CharField(
        _("상태"), max_length=12, choices=ApplicationState, default=ApplicationState.DRAFT
    )
    ineligible_reason = models.CharField(
        _("부적격 사유"), max_length=20, choices=IneligibleReason, blank=True
    )
    comment = models.CharField(_("운영사 의견"), max_length=500, blank=True)
    submitted_at = models.DateTimeField(_("제출 시각"), null=True, blank=True)
    updated_at = models.DateTimeField(_("고친 시각"), auto_now=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("참여 신청")
        verbose_name_plural = pgettext_lazy("list", "참여 신청")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["call", "trainee"], name="application_once_per_call"),
            models.CheckConstraint(
                name="application_ineligible_iff_reason",
                condition=Q(state=ApplicationState.INELIGIBLE) & ~Q(ineligible_reason="")
                | ~Q(state=ApplicationState.INELIGIBLE) & Q(ineligible_reason=""),
            ),
            models.CheckConstraint(
                name="application_submitted_has_moment",
                condition=Q(state__in=["draft", "withdrawn", "cancelled"]) | Q(submitted_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["call", "state"], name="application_call_state")]

    def __str__(self) -> str:
        return f"{self.reference} {self.trainee}"

    @property
    def reference(self) -> str:
        """What a person reads out on the telephone."""
        return f"A-{self.call_id:02d}-{self.pk:05d}"

    @property
    def may_be_completed(self) -> bool:
        """Sent back for completion, and lists are not sealed yet: the office's question outlives the deadline."""
        due_at = self.call.rankings_due_at
        return (
            self.state == ApplicationState.RETURNED
            and not self.call.is_sealed
            and due_at is not None
            and timezone.now() <= due_at
        )

    @property
    def is_paused(self) -> bool:
        """Under way, but the person no longer lets companies see them: out of the match until they do again."""
        return (
            self.state in RANKING
            and self.may_be_corrected
            and not Application.objects.sharing().filter(pk=self.pk).exists()
        )

    @property
    def may_be_corrected(self) -> bool:
        """The office can still change what it decided: results are to come."""
        return self.call.state in BEFORE_RESULTS

    @property
    def is_editable(self) -> bool:
        """Answers can be changed and handed in now; one second after the deadline they cannot."""
        beginning = self.state in (ApplicationState.DRAFT, ApplicationState.WITHDRAWN)
        return self.may_be_completed or (beginning and self.call.takes_applications)

from datetime import date, timedelta
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Case, Count, F, OuterRef, Q, Subquery, Value, When, Window
from django.db.models.functions import Coalesce, Lag
from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import is_office
from portal.audit.models import APPEND_ONLY, NOT_EMPTIED
from portal.companies.models import Company
from portal.files.models import StoredFile
from projects.evaluations.models import Evaluation
from projects.obligations.states import (
    LEDGER,
    OPEN,
    WAITING,
    EvidenceKind,
    LedgerVerb,
    ObligationState,
    WaiverReason,
)
from projects.placements.models import Placement


class HiringObligationQuerySet(models.QuerySet["HiringObligation"]):
    def visible_to(self, user: Any) -> "HiringObligationQuerySet":
        """The company that owes, the trainee it owes to, the office."""
        if is_office(user):
            return self
        return self.filter(
            Q(company__in=Company.objects.filter(members__user=user))
            | Q(placement__in=Placement.objects.filter(trainee__user=user))
        )

    def open(self) -> "HiringObligationQuerySet":
        return self.filter(state__in=OPEN)

    def past_due(self, today: date) -> "HiringObligationQuerySet":
        return self.filter(state=ObligationState.OWED, due_on__lt=today)

    def waiting(self) -> "HiringObligationQuerySet":
        """The company has to act."""
        return self.filter(state__in=WAITING)

    def astray(self) -> "HiringObligationQuerySet":
        """Those whose state or day of hire is not what their events lead to; one statement for any number.

        By induction: the first event owes, each later one is a legal move from where the one before led, and the
        last one says what the row says.
        """
        last = ObligationEvent.objects.filter(obligation=OuterRef("pk")).order_by("-pk")
        never = Value(date.max)
        said = self.annotate(
            said_state=Coalesce(Subquery(last.values("state")[:1]), Value("")),
            said_hired_on=Coalesce(Subquery(last.values("hired_on")[:1]), never),
        )
        return said.filter(
            ~Q(said_state=F("state"))
            | ~Q(said_hired_on=Coalesce(F("hired_on"), never))
            | Q(pk__in=ObligationEvent.objects.unexplained().values("obligation"))
        )

    def with_names(self) -> "HiringObligationQuerySet":
        return self.select_related(
            "company", "placement__trainee__user", "placement__project", "placement__call__rule_set"
        )

    def worklist(self) -> "HiringObligationQuerySet":
        """What the company has to do first, then what is being verified, then what is closed; by due date."""
        turn = Case(
            When(state__in=sorted(WAITING), then=0),
            When(state=ObligationState.EVIDENCE_SUBMITTED, then=1),
            default=2,
        )
        return self.order_by(turn, "due_on", "pk")

    def count_by_state(self) -> dict[str, int]:
        return dict(self.order_by().values_list("state").annotate(count=Count("pk")))

    def by_urgency(self, today: date) -> dict[str, int]:
        """Counts for the worklist: overdue, due within 30, 31-60, 61-90 days, and evidence to verify."""
        within = lambda first, last: Count(  # noqa: E731 -- one line, used four times below
            "pk",
            filter=Q(
                state__in=WAITING, due_on__range=(today + timedelta(days=first), today + timedelta(days=last))
            ),
        )
        return self.aggregate(
            overdue=Count("pk", filter=Q(state__in=WAITING, due_on__lt=today)),
            days_30=within(0, 30),
            days_60=within(31, 60),
            days_90=within(61, 90),
            to_verify=Count("pk", filter=Q(state=ObligationState.EVIDENCE_SUBMITTED)),
        )


class HiringObligation(models.Model):
    """The hire a company owes for one placement. ``state`` is where its events have led."""

    placement = models.OneToOneField(
        Placement, models.PROTECT, related_name="obligation", verbose_name=_("배치")
    )
    evaluation = models.OneToOneField(
        Evaluation, models.PROTECT, related_name="obligation", verbose_name=_("평가")
    )
    company = models.ForeignKey(Company, models.PROTECT, related_name="obligations", verbose_name=_("회사"))
    due_on = models.DateField(_("이행 기한"))
    state = models.CharField(_("상태"), max_length=20, choices=ObligationState, default=ObligationState.OWED)
    hired_on = models.DateField(_("채용일"), null=True, blank=True)
    waiver_reason = models.CharField(_("면제 사유"), max_length=20, choices=WaiverReason, blank=True)
    closed_at = models.DateTimeField(_("종결 시각"), null=True, blank=True)
    created_at = models.DateTimeField(_("생긴 시각"), auto_now_add=True)

    objects = HiringObligationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("채용의무")
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="obligation_closed_iff_closed_at",
                condition=Q(state__in=OPEN, closed_at=None)
                | (~Q(state__in=OPEN) & Q(closed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="obligation_fulfilled_has_hired_on",
                condition=~Q(state=ObligationState.FULFILLED) | Q(hired_on__isnull=False),
            ),
            models.CheckConstraint(
                name="obligation_waived_iff_reason",
                condition=Q(state=ObligationState.WAIVED) & ~Q(waiver_reason="")
                | ~Q(state=ObligationState.WAIVED) & Q(waiver_reason=""),
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], name="obligation_open_due", condition=Q(state__in=sorted(OPEN)))
        ]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Delete), NOT_EMPTIED]

    def __str__(self) -> str:
        return f"{self.company} · {self.placement.trainee}"


class ObligationEventQuerySet(models.QuerySet["ObligationEvent"]):
    def unexplained(self) -> "ObligationEventQuerySet":
        """Events that no legal move explains: where the one before led, the verb and the state after do not fit."""
        before = Window(Lag("state"), partition_by=[F("obligation")], order_by=F("pk").asc())
        legal = Q()
        for verb, move in LEDGER.items():
            legal |= Q(before__in=sorted(move.sources), verb=verb, state=move.target)
        return self.annotate(before=Coalesce(before, Value(""))).filter(~legal)


class ObligationEvent(models.Model):
    """What happened to an obligation. Rows are added, never changed; the last one says the state."""

    obligation = models.ForeignKey(
        HiringObligation, models.PROTECT, related_name="events", verbose_name=_("채용의무")
    )
    verb = models.CharField(_("한 일"), max_length=40, choices=LedgerVerb)
    state = models.CharField(_("그 뒤 상태"), max_length=20, choices=ObligationState)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("한 사람")
    )
    at = models.DateTimeField(_("시각"), auto_now_add=True)
    note = models.CharField(_("내용"), max_length=500, blank=True)
    hired_on = models.DateField(_("채용일"), null=True, blank=True)

    objects = ObligationEventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("이행 기록")
        ordering = ["pk"]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.verb} → {self.state}"


class Evidence(models.Model):
    """A file that proves something, handed in with one event."""

    event = models.ForeignKey(ObligationEvent, models.PROTECT, related_name="evidence")
    kind = models.CharField(_("종류"), max_length=10, choices=EvidenceKind)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name=_("파일"))

    class Meta:
        verbose_name = verbose_name_plural = _("증빙")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["event", "file"], name="evidence_file_once")]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return self.get_kind_display()

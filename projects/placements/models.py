from dataclasses import dataclass
from statistics import median_low
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.accounts.rules import is_office
from portal.audit.models import NOT_EMPTIED
from portal.companies.models import Company
from portal.companies.states import CompanyState
from portal.trainees.models import Trainee
from projects.applications.models import Application
from projects.models import Call, Project
from projects.placements.states import (
    LIVE,
    SEATED,
    DeclineReason,
    PlacementSource,
    PlacementState,
    ReserveEnd,
)
from projects.states import CallState, ProjectState

#: Projects on which somebody can take a seat, while their company is not barred.
TAKING = (ProjectState.SELECTED, ProjectState.RUNNING)
#: Calls in which nobody is called any more.
OVER = (CallState.FINISHED, CallState.ARCHIVED)


def takes_people(project: Project) -> bool:
    """Whether seats of the project can be offered and accepted now; ``project`` is read with its company."""
    return project.state in TAKING and project.company.state == CompanyState.VERIFIED


class PlacementQuerySet(models.QuerySet["Placement"]):
    def visible_to(self, user: Any) -> "PlacementQuerySet":
        """The trainee's own, the company's own, all for the office; an offer is there from its moment on."""
        if is_office(user):
            return self
        own = Q(trainee__user=user) | Q(company__in=Company.objects.filter(members__user=user))
        return self.filter(own, offered_at__lte=timezone.now())

    def live(self) -> "PlacementQuerySet":
        return self.filter(state__in=LIVE)

    def unanswered(self, now: Any) -> "PlacementQuerySet":
        """Offers whose time to answer is over."""
        return self.filter(state=PlacementState.OFFERED, answer_due_at__lt=now)

    def with_names(self) -> "PlacementQuerySet":
        return self.select_related(
            "project", "company", "trainee__user", "call", "moves_from__project", "moves_from__company"
        )

    def by_weight(self) -> "PlacementQuerySet":
        """What counts for a person first: an offer to answer, the place they have, then what ended, newest first."""
        return self.annotate(lives=Q(state__in=LIVE)).order_by("-lives", "-offered_at", "-pk")

    def newest_of(self, application: Application) -> "Placement | None":
        """What became of an application last, once the offer's moment has come."""
        published = self.filter(application=application, offered_at__lte=timezone.now())
        return published.with_names().by_weight().first()


_SEATS = """
    IF TG_OP = 'UPDATE' AND OLD.seated = NEW.seated AND OLD.inside = NEW.inside AND OLD.project_id = NEW.project_id THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' AND OLD.seated THEN
        UPDATE projects_project SET taken = taken - 1 WHERE id = OLD.project_id;
        IF NOT OLD.inside THEN
            UPDATE projects_participation SET taken = taken - 1 WHERE call_id = OLD.call_id AND company_id = OLD.company_id;
        END IF;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.seated THEN
        UPDATE projects_project SET taken = taken + 1 WHERE id = NEW.project_id;
        IF NOT NEW.inside THEN
            UPDATE projects_participation SET taken = taken + 1 WHERE call_id = NEW.call_id AND company_id = NEW.company_id;
        END IF;
    END IF;
    RETURN NULL;
"""


class Placement(models.Model):
    """A trainee on a project: offered, answered, running, ended.

    ``trainee``, ``call`` and ``company`` repeat what the application and the project say, so that the database
    can see on one row what it must refuse: two live placements in one call, more people than places.
    """

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="placements", verbose_name=_("참여 신청")
    )
    trainee = models.ForeignKey(Trainee, models.PROTECT, related_name="placements", verbose_name=_("참여자"))
    project = models.ForeignKey(
        Project, models.PROTECT, related_name="placements", verbose_name=_("프로젝트")
    )
    company = models.ForeignKey(Company, models.PROTECT, related_name="placements", verbose_name=_("회사"))
    call = models.ForeignKey(Call, models.PROTECT, related_name="placements", verbose_name=_("공고"))
    source = models.CharField(
        _("경로"), max_length=10, choices=PlacementSource, default=PlacementSource.MATCH
    )
    state = models.CharField(_("상태"), max_length=15, choices=PlacementState, default=PlacementState.OFFERED)
    seated = models.GeneratedField(
        expression=Q(state__in=sorted(SEATED)),  # type: ignore[arg-type]  # Django takes a Q here
        output_field=models.BooleanField(),
        db_persist=True,
    )
    #: of an offer to somebody who has a place: the place they keep until they accept, and left for it when they have
    moves_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="moves_to", verbose_name=_("지금 자리")
    )
    #: whoever is asked to move inside a company sits in one seat of it, not in two
    inside = models.BooleanField(_("같은 회사 안에서 옮기는 제안"), default=False)
    #: of who was called from a reserve list: the number, and what became of those before it (`PassedOver` -> people)
    reserve_no = models.PositiveIntegerField(_("예비순번"), null=True, blank=True)
    passed = models.JSONField(_("앞선 순번"), default=dict, blank=True)
    offered_at = models.DateTimeField(_("제안 시각"))
    answer_due_at = models.DateTimeField(_("응답 기한"))
    answered_at = models.DateTimeField(_("응답 시각"), null=True, blank=True)
    decline_reason = models.CharField(_("거절 이유"), max_length=20, choices=DeclineReason, blank=True)
    ended_at = models.DateTimeField(_("중단 시각"), null=True, blank=True)
    starts_on = models.DateField(_("시작일"))
    ends_on = models.DateField(_("종료일"))
    threshold = models.DecimalField(
        _("우수 기준 점수"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    #: of a person placed by decision, whoever ranked whom: why, and who signed for it
    exception = models.TextField(_("예외 배치 사유"), max_length=1000, blank=True)
    exception_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("예외를 정한 사람"),
    )

    objects = PlacementQuerySet.as_manager()

    class Meta:
        verbose_name = _("배치")
        verbose_name_plural = pgettext_lazy("list", "배치")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["trainee", "call"],
                name="placement_one_live_per_call",
                condition=Q(state__in=["accepted", "running"]) | Q(state="offered", moves_from=None),
            ),
            models.UniqueConstraint(
                fields=["trainee", "call"],
                name="placement_one_vacancy_offer",
                condition=Q(state="offered", source="reserve"),
            ),
            models.CheckConstraint(
                name="placement_inside_only_while_asked",
                condition=Q(inside=False)
                | Q(
                    moves_from__isnull=False,
                    state__in=["offered", "declined", "expired", "superseded", "terminated"],
                ),
            ),
            models.CheckConstraint(
                name="placement_moves_only_to_a_vacancy",
                condition=Q(moves_from=None) | Q(source="reserve"),
            ),
            models.CheckConstraint(
                name="placement_ends_after_start", condition=Q(ends_on__gt=F("starts_on"))
            ),
            models.CheckConstraint(
                name="placement_declined_has_reason",
                condition=~Q(state=PlacementState.DECLINED) | ~Q(decline_reason=""),
            ),
            models.CheckConstraint(
                name="placement_threshold_frozen_when_accepted",
                condition=Q(state__in=["offered", "declined", "expired", "superseded", "terminated"])
                | Q(threshold__isnull=False),
            ),
            models.CheckConstraint(
                name="placement_exception_is_signed",
                condition=Q(exception="", exception_by=None)
                | ~Q(exception="") & Q(exception_by__isnull=False),
            ),
            models.CheckConstraint(
                name="placement_terminated_has_moment",
                condition=~Q(state=PlacementState.TERMINATED) | Q(ended_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["project", "state"], name="placement_project_state"),
            models.Index(
                fields=["answer_due_at"],
                name="placement_unanswered",
                condition=Q(state=PlacementState.OFFERED),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="count_seats",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=_SEATS,
            ),
            pgtrigger.Protect(
                name="threshold_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__threshold__isnull=False)
                & pgtrigger.Q(new__threshold__df=pgtrigger.F("old__threshold")),
            ),
            pgtrigger.Protect(
                name="exception_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__exception__df=pgtrigger.F("old__exception"))
                | pgtrigger.Q(new__exception_by_id__df=pgtrigger.F("old__exception_by_id")),
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            NOT_EMPTIED,
        ]

    def __str__(self) -> str:
        return f"{self.trainee} → {self.project}"

    @property
    def is_withdrawable(self) -> bool:
        """Accepted, and the project has not begun."""
        return self.state == PlacementState.ACCEPTED and timezone.localdate() < self.starts_on

    @property
    def shows_contact(self) -> bool:
        """The trainee took the seat and keeps it: the company may call them."""
        gone = (PlacementState.WITHDRAWN, PlacementState.TERMINATED, PlacementState.MOVED)
        return self.threshold is not None and self.state not in gone

    @property
    def is_answerable(self) -> bool:
        """Offered, and the time to answer is not over; one second after it, it is."""
        return (
            self.state == PlacementState.OFFERED and self.offered_at <= timezone.now() <= self.answer_due_at
        )

    @property
    def is_vacancy_offer(self) -> bool:
        """A seat that fell free, and not answered yet."""
        return self.state == PlacementState.OFFERED and self.source == PlacementSource.RESERVE

    @property
    def keeps(self) -> "Placement | None":
        """The place the person keeps while this is an offer."""
        return self.moves_from if self.state == PlacementState.OFFERED else None

    @property
    def is_on_hold(self) -> bool:
        """Offered, but the company may not take anybody now: it can be declined, not accepted."""
        return self.state == PlacementState.OFFERED and not takes_people(self.project)


class ReserveQuerySet(models.QuerySet["Reserve"]):
    def visible_to(self, user: Any) -> "ReserveQuerySet":
        return self if is_office(user) else self.filter(application__trainee__user=user)

    def waiting(self) -> "ReserveQuerySet":
        return self.filter(called_at=None, left_at=None)

    def waiting_as_told(self, now: Any) -> "ReserveQuerySet":
        """The numbers people know to wait with: also one that is called, until the moment of its offer comes."""
        untold = Placement.objects.live().filter(
            application=OuterRef("application"), project=OuterRef("project"), offered_at__gt=now
        )
        return self.filter(Q(called_at=None) | Exists(untold), left_at=None)

    def with_ahead(self) -> "ReserveQuerySet":
        """``ahead``: how many people with a smaller number may still come to the same project before one.

        Also who has a place, or is being asked about another: they wait only for what they would rather have.
        """
        before = Reserve.objects.waiting().filter(
            project=OuterRef("project"), reserve_no__lt=OuterRef("reserve_no")
        )
        count = before.order_by().values("project").annotate(count=Count("pk")).values("count")
        return self.annotate(ahead=Coalesce(Subquery(count), 0))

    def last_called(self, call: Call) -> "LastCalled | None":
        """How far reserve lists were called in the newest year before a call; None if there was none with lists."""
        over = self.filter(project__call__year__lt=call.year, project__call__state__in=OVER)
        before = over.order_by("-project__call__year", "-project__call").values_list(
            "project__call", "project__call__year"
        )
        newest = before.first()
        if newest is None:
            return None
        called = Max("reserve_no", filter=Q(called_at__isnull=False), default=0)
        rows = self.filter(project__call=newest[0]).order_by().values_list("project", "project__company")
        return LastCalled(newest[1], [(company, number) for _, company, number in rows.annotate(last=called)])


@dataclass(frozen=True)
class Called:
    """The largest numbers called: in one company's projects from ``low`` to ``high``, or halfway among all."""

    year: int
    low: int
    high: int
    of_company: bool


@dataclass(frozen=True)
class LastCalled:
    """One year's last called numbers: ``(company id, number)`` per project with a reserve list, 0 if nobody was."""

    year: int
    numbers: list[tuple[int, int]]

    def of(self, company: int) -> Called:
        """Of the same company's projects, else the median of all projects."""
        own = [number for owner, number in self.numbers if owner == company]
        if own:
            return Called(self.year, min(own), max(own), of_company=True)
        middle = median_low([number for _, number in self.numbers])
        return Called(self.year, middle, middle, of_company=False)


class Reserve(models.Model):
    """예비순번: a person's place on the reserve list of one project. The smaller number is called first."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="reserves", verbose_name=_("프로젝트"))
    application = models.ForeignKey(
        Application, models.PROTECT, related_name="reserves", verbose_name=_("참여 신청")
    )
    reserve_no = models.PositiveIntegerField(_("예비순번"))
    called_at = models.DateTimeField(_("부른 시각"), null=True, blank=True)
    left_at = models.DateTimeField(_("빠진 시각"), null=True, blank=True)
    left_because = models.CharField(_("빠진 까닭"), max_length=10, choices=ReserveEnd, blank=True)

    objects = ReserveQuerySet.as_manager()

    class Meta:
        verbose_name = _("예비순번")
        verbose_name_plural = pgettext_lazy("list", "예비순번")
        ordering = ["project", "reserve_no"]
        constraints = [
            models.UniqueConstraint(fields=["project", "application"], name="reserve_once_per_project"),
            models.UniqueConstraint(fields=["project", "reserve_no"], name="reserve_number_once"),
            models.CheckConstraint(name="reserve_number_positive", condition=Q(reserve_no__gte=1)),
            models.CheckConstraint(
                name="reserve_cause_only_when_left",
                condition=Q(left_because="") | Q(left_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["project", "reserve_no"],
                name="reserve_waiting",
                condition=Q(called_at=None, left_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.project_id} #{self.reserve_no}"

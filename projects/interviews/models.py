import uuid
from datetime import date
from typing import Any

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import is_office
from portal.audit.models import NOT_EMPTIED
from portal.companies.models import Company
from portal.files.models import StoredFile
from portal.trainees.models import Trainee
from portal.ui.fields import NameField
from projects.applications.models import Application
from projects.interviews import terms
from projects.interviews.states import (
    COUNTED,
    FORM_VERSION,
    LIVE,
    SEATED,
    Criterion,
    FormState,
    InterviewState,
    ReportKind,
    ReportState,
    SlotState,
)
from projects.models import Project
from projects.states import BEFORE_RESULTS, UNSEALED


def _only(field: str) -> Func:
    """A key as a range of one value, which an exclusion compares without an extension of the database."""
    return Func(F(field), F(field), Value("[]"), function="int8range", output_field=models.TextField())


_PERIOD = Func(F("starts_at"), F("ends_at"), function="tstzrange", output_field=models.TextField())


class ShortlistEntry(models.Model):
    """A candidate a company wants to look at more closely, for one project. Only the company knows."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="shortlist", verbose_name=_("프로젝트"))
    application = models.ForeignKey(
        Application, models.CASCADE, related_name="shortlisted", verbose_name=_("지원자")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("올린 사람")
    )
    at = models.DateTimeField(_("올린 시각"), auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = _("후보 명단")
        constraints = [models.UniqueConstraint(fields=["project", "application"], name="shortlisted_once")]

    def __str__(self) -> str:
        return f"{self.project_id} ☆ {self.application_id}"


# --- slots --------------------------------------------------------------------------------------------


class InterviewSlotQuerySet(models.QuerySet["InterviewSlot"]):
    def managed_by(self, user: Any) -> "InterviewSlotQuerySet":
        """Of the companies the user acts for."""
        return self.filter(project__in=Project.objects.managed_by(user))

    def counted(self, now: Any) -> "InterviewSlotQuerySet":
        """Those that count against the most a project may have: to come, or used."""
        used = Interview.objects.filter(slot=OuterRef("pk"), state__in=SEATED)
        return self.filter(Q(starts_at__gt=now) | Q(Exists(used)), state=SlotState.OPEN)

    def free(self, now: Any) -> "InterviewSlotQuerySet":
        """Those that can be booked now."""
        taken = Interview.objects.filter(slot=OuterRef("pk"), state__in=SEATED)
        return self.filter(~Exists(taken), state=SlotState.OPEN, starts_at__gt=now)


class InterviewSlot(models.Model):
    """A time at which a project interviews one person. Where can change, when cannot."""

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="interview_slots", verbose_name=_("프로젝트")
    )
    starts_at = models.DateTimeField(_("시작"))
    ends_at = models.DateTimeField(_("끝"))
    video_url = models.CharField(
        _("화상 면접 주소"), max_length=300, blank=True, validators=[URLValidator(schemes=["https"])]
    )
    place = NameField(_("장소"), max_length=120, blank=True)
    state = models.CharField(_("상태"), max_length=10, choices=SlotState, default=SlotState.OPEN)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("연 사람")
    )
    created_at = models.DateTimeField(_("연 시각"), auto_now_add=True)

    objects = InterviewSlotQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("면접 시간")
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(name="slot_takes_time", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(name="slot_is_somewhere", condition=~Q(video_url="", place="")),
            ExclusionConstraint(
                name="slots_of_a_project_apart",
                expressions=[(_only("project"), RangeOperators.OVERLAPS), (_PERIOD, RangeOperators.OVERLAPS)],
                condition=Q(state=SlotState.OPEN),
            ),
        ]
        indexes = [models.Index(fields=["project", "starts_at"], name="slot_of_project")]
        triggers = [
            pgtrigger.Protect(
                name="time_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__starts_at__df=pgtrigger.F("new__starts_at"))
                | pgtrigger.Q(old__ends_at__df=pgtrigger.F("new__ends_at"))
                | pgtrigger.Q(old__project__df=pgtrigger.F("new__project")),
            ),
            NOT_EMPTIED,
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.starts_at):%Y-%m-%d %H:%M}"


# --- interviews ---------------------------------------------------------------------------------------


class InterviewQuerySet(models.QuerySet["Interview"]):
    def visible_to(self, user: Any) -> "InterviewQuerySet":
        """The person who is invited, and the office; a company reaches its own through ``managed_by``."""
        return self if is_office(user) else self.filter(trainee__user=user)

    def managed_by(self, user: Any) -> "InterviewQuerySet":
        """Of the companies the user acts for, with people they may see now; until results are out."""
        return self.filter(
            company__in=Company.objects.filter(members__user=user),
            application__in=Application.objects.candidates().values("pk"),
            project__in=Project.objects.in_match().filter(call__state__in=BEFORE_RESULTS).values("pk"),
        )

    def with_names(self) -> "InterviewQuerySet":
        return self.select_related(
            "company", "project__call__rule_set", "trainee__user", "application__call", "slot", "form"
        )

    def counted(self) -> "InterviewQuerySet":
        return self.filter(state__in=COUNTED)

    def stranded(self, now: Any) -> "InterviewQuerySet":
        """Those nothing can come of: lists are due, or the person or the project is out of the match."""
        apart = (
            ~Q(application__in=Application.objects.candidates().values("pk"))
            | ~Q(project__in=Project.objects.in_match().values("pk"))
            | ~Q(project__call__state__in=UNSEALED)
        )
        due = Q(project__call__rankings_due_at__lt=now)
        return self.filter(
            Q(state=InterviewState.INVITED) & (due | apart)
            | Q(state=InterviewState.BOOKED, starts_at__gt=now) & apart
        )


class Interview(models.Model):
    """면접: that a company wants to see a candidate for a project, and what became of it.

    ``slot`` is the time chosen last; it is taken while the interview is booked, held or missed. The database copies
    its time, so that nobody is in two places at once.
    """

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="interviews", verbose_name=_("프로젝트")
    )
    company = models.ForeignKey(Company, models.PROTECT, related_name="interviews", verbose_name=_("회사"))
    application = models.ForeignKey(
        Application, models.PROTECT, related_name="interviews", verbose_name=_("참여 신청")
    )
    trainee = models.ForeignKey(Trainee, models.PROTECT, related_name="interviews", verbose_name=_("참여자"))
    slot = models.ForeignKey(
        InterviewSlot, models.PROTECT, null=True, related_name="interviews", verbose_name=_("면접 시간")
    )
    starts_at = models.DateTimeField(_("면접 시작"), null=True)
    ends_at = models.DateTimeField(_("면접 끝"), null=True)
    state = models.CharField(_("상태"), max_length=10, choices=InterviewState, default=InterviewState.INVITED)
    sequence = models.PositiveIntegerField(_("바뀐 횟수"), default=0)
    word = models.CharField(_("지원자가 남긴 말"), max_length=300, blank=True)
    correction = models.CharField(_("불참을 바로잡은 사유"), max_length=300, blank=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("초대한 사람")
    )
    invited_at = models.DateTimeField(_("초대한 시각"), default=timezone.now)
    booked_at = models.DateTimeField(_("예약한 시각"), null=True)
    updated_at = models.DateTimeField(_("바뀐 시각"), auto_now=True)

    objects = InterviewQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("면접")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["project", "application"], name="interview_once"),
            models.UniqueConstraint(
                fields=["slot"], condition=Q(state__in=sorted(SEATED)), name="interview_slot_taken_once"
            ),
            models.CheckConstraint(
                name="interview_booked_has_slot",
                condition=~Q(state__in=sorted(SEATED))
                | Q(
                    slot__isnull=False,
                    starts_at__isnull=False,
                    ends_at__isnull=False,
                    booked_at__isnull=False,
                ),
            ),
            ExclusionConstraint(
                name="interview_one_at_a_time",
                expressions=[(_only("trainee"), RangeOperators.OVERLAPS), (_PERIOD, RangeOperators.OVERLAPS)],
                condition=Q(state__in=sorted(SEATED)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["starts_at"], name="interview_to_come", condition=Q(state=InterviewState.BOOKED)
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="time_of_slot",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF NEW.slot_id IS NULL THEN
                        NEW.starts_at := NULL; NEW.ends_at := NULL;
                        RETURN NEW;
                    END IF;
                    SELECT starts_at, ends_at INTO NEW.starts_at, NEW.ends_at
                    FROM interviews_interviewslot WHERE id = NEW.slot_id AND project_id = NEW.project_id;
                    IF NOT FOUND THEN
                        RAISE EXCEPTION 'slot % is none of project %', NEW.slot_id, NEW.project_id;
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            NOT_EMPTIED,
        ]

    def __str__(self) -> str:
        return f"{self.project} · {self.trainee}"

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def has_begun(self) -> bool:
        """The time chosen has come."""
        return self.state in SEATED and self.starts_at is not None and self.starts_at <= timezone.now()

    @property
    def is_firm(self) -> bool:
        """Booked, and too close to be moved or cancelled by the person."""
        return (
            self.state == InterviewState.BOOKED
            and self.starts_at is not None
            and terms.is_firm(self.starts_at, timezone.now())
        )

    @property
    def may_be_judged(self) -> bool:
        """It was held, or is on, and lists are not due: a form can be written."""
        due_at = self.project.call.rankings_due_at
        on = self.state == InterviewState.HELD or (self.state == InterviewState.BOOKED and self.has_begun)
        return on and due_at is not None and timezone.now() <= due_at


class InterviewForm(models.Model):
    """면접 평가지: what an interviewer noted, under the same headings for everybody; help for scoring, never a score."""

    interview = models.OneToOneField(Interview, models.PROTECT, related_name="form", verbose_name=_("면접"))
    version = models.PositiveSmallIntegerField(_("문항 판"), default=FORM_VERSION)
    state = models.CharField(_("상태"), max_length=10, choices=FormState, default=FormState.DRAFT)
    technique = models.PositiveSmallIntegerField(Criterion.TECHNIQUE.label, null=True)
    solving = models.PositiveSmallIntegerField(Criterion.SOLVING.label, null=True)
    teamwork = models.PositiveSmallIntegerField(Criterion.TEAMWORK.label, null=True)
    grasp = models.PositiveSmallIntegerField(Criterion.GRASP.label, null=True)
    time = models.PositiveSmallIntegerField(Criterion.TIME.label, null=True)
    notes = models.TextField(_("메모"), max_length=2000, blank=True)
    revision = models.PositiveIntegerField(_("고친 횟수"), default=0)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("적은 사람")
    )
    updated_at = models.DateTimeField(_("고친 시각"), auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = _("면접 평가지")
        constraints = [
            *(
                models.CheckConstraint(
                    name=f"interview_form_{name}_in_range",
                    condition=Q(**{name: None}) | Q(**{f"{name}__range": (1, 5)}),
                )
                for name in Criterion.values
            ),
            models.CheckConstraint(
                name="interview_form_final_is_whole",
                condition=~Q(state=FormState.FINAL)
                | Q(**{f"{name}__isnull": False for name in Criterion.values}),
            ),
        ]
        triggers = [NOT_EMPTIED]

    def __str__(self) -> str:
        return f"{self.interview_id} {self.state}"

    @property
    def points(self) -> dict[str, int | None]:
        """Criterion -> 1 to 5, None while open."""
        return {name: getattr(self, name) for name in Criterion.values}


# --- reports ------------------------------------------------------------------------------------------


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: Any) -> "ReportQuerySet":
        """Who reported, and the office; nobody who works for the company it is about, not even there."""
        if is_office(user):
            return self.exclude(company__in=Company.objects.filter(members__user=user))
        return self.filter(trainee__user=user)

    def open(self) -> "ReportQuerySet":
        return self.filter(state=ReportState.RECEIVED)

    def overdue(self, today: date) -> "ReportQuerySet":
        return self.open().filter(due_on__lt=today)


class Report(models.Model):
    """신고: a trainee says what somebody of a company asked or did. The company never learns of it here."""

    #: One press of the button is one report: the form carries it.
    token = models.UUIDField(default=uuid.uuid4, editable=False)
    trainee = models.ForeignKey(
        Trainee, models.PROTECT, related_name="reports", verbose_name=_("신고한 사람")
    )
    project = models.ForeignKey(Project, models.PROTECT, related_name="+", verbose_name=_("프로젝트"))
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("회사"))
    kind = models.CharField(_("무슨 일"), max_length=10, choices=ReportKind)
    happened_on = models.DateField(_("있었던 날"))
    text = models.TextField(_("있었던 일"), max_length=3000)
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("파일")
    )
    state = models.CharField(_("상태"), max_length=10, choices=ReportState, default=ReportState.RECEIVED)
    due_on = models.DateField(_("답변 기한"))
    reply = models.TextField(_("답변"), max_length=2000, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("답한 사람")
    )
    closed_at = models.DateTimeField(_("마친 시각"), null=True)
    created_at = models.DateTimeField(_("접수 시각"), auto_now_add=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("신고")
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["trainee", "token"], name="report_once_a_press"),
            models.CheckConstraint(
                name="report_closed_iff_closed_at",
                condition=Q(state=ReportState.RECEIVED, closed_at=None)
                | ~Q(state=ReportState.RECEIVED) & Q(closed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="report_answered_has_reply",
                condition=~Q(state__in=[ReportState.UPHELD, ReportState.DISMISSED])
                | ~Q(reply="") & Q(decided_by__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="said_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__text__df=pgtrigger.F("new__text"))
                | pgtrigger.Q(old__company__df=pgtrigger.F("new__company"))
                | pgtrigger.Q(old__project__df=pgtrigger.F("new__project"))
                | pgtrigger.Q(old__trainee__df=pgtrigger.F("new__trainee")),
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            NOT_EMPTIED,
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What a person reads out on the telephone."""
        return f"S-{self.pk:05d}"

    @property
    def is_overdue(self) -> bool:
        return self.state == ReportState.RECEIVED and self.due_on < timezone.localdate()

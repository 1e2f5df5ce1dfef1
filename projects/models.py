import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.accounts.rules import is_office
from portal.audit.models import APPEND_ONLY, NOT_EMPTIED
from portal.companies.models import Company, CompanyMember
from portal.companies.states import CompanyState
from portal.trainees.models import Field, Skill
from portal.trainees.states import Level, WorkMode
from portal.ui.fields import NameField
from projects.states import (
    BEFORE_RESULTS,
    FILLING,
    PUBLIC,
    PUBLISHED,
    UNSEALED,
    CallState,
    DeadlineKind,
    DrawState,
    ProjectState,
    TieRule,
    VacancyMode,
)
from projects.terms import commitment_of, provisional_seed, seed_of


def days_before_ranking_deadline() -> list[int]:
    return [-7, -3, -1]


def answer_reminder_hours() -> list[int]:
    return [24, 3]


def hire_reminder_days() -> list[int]:
    return [-90, -30, -14, -7, -1, 1, 7, 14]


class RuleSet(models.Model):
    """The programme's numbers, versioned. A call keeps the version it opened with; a change is a new version.

    The defaults come from public secondary sources: the agency confirms each with the clause it stands on.
    """

    name = models.CharField(_("이름"), max_length=80)
    version = models.PositiveSmallIntegerField(_("판"), default=1)
    frozen_at = models.DateTimeField(_("확정 시각"), null=True, blank=True, editable=False)
    clauses = models.JSONField(_("근거 조항"), default=dict, blank=True)

    rank_max = models.PositiveSmallIntegerField(_("희망순위 최대 개수"), default=10)
    rank_advised = models.PositiveSmallIntegerField(_("희망순위 권장 개수(이보다 적으면 알림)"), default=5)
    review_multiple = models.PositiveSmallIntegerField(_("기업이 검토할 인원(모집 인원의 배수)"), default=5)
    ranking_days = models.PositiveSmallIntegerField(
        _("희망순위 제출 시작과 마감 사이(일, 이상)"), default=3, validators=[MinValueValidator(1)]
    )
    rank_reminder_days = ArrayField(
        models.SmallIntegerField(),
        verbose_name=_("순위 미제출 알림(마감일 기준)"),
        default=days_before_ranking_deadline,
    )
    interview_least_multiple = models.PositiveSmallIntegerField(
        _("권장 면접 인원(모집 인원의 배수)"), default=3
    )
    interview_most_multiple = models.PositiveSmallIntegerField(
        _("최대 면접 인원(모집 인원의 배수)"), default=5, validators=[MinValueValidator(1)]
    )
    interviews_per_trainee = models.PositiveSmallIntegerField(
        _("한 사람이 공고마다 볼 수 있는 면접(번)"), default=5, validators=[MinValueValidator(1)]
    )
    tie_rule = models.CharField(_("동점 처리"), max_length=5, choices=TieRule, default=TieRule.DRAW)
    offer_hour = models.PositiveSmallIntegerField(
        _("배치 제안 시각(시)"), default=10, validators=[MaxValueValidator(23)]
    )
    answer_working_days = models.PositiveSmallIntegerField(
        _("배치 응답 기간(근무일)"), default=3, validators=[MinValueValidator(1)]
    )
    answer_hour = models.PositiveSmallIntegerField(
        _("배치 응답 마감(시)"), default=18, validators=[MaxValueValidator(23)]
    )
    answer_reminder_hours = ArrayField(
        models.PositiveSmallIntegerField(),
        verbose_name=_("배치 미응답 알림(응답 기한 전 시간)"),
        default=answer_reminder_hours,
    )
    vacancy_mode = models.CharField(
        _("결원 충원 방식(시작 전)"), max_length=5, choices=VacancyMode, default=VacancyMode.CHAIN
    )
    vacancy_answer_hours = models.PositiveSmallIntegerField(
        _("결원 제안 응답 기간(시간)"),
        default=72,
        validators=[MinValueValidator(1), MaxValueValidator(24 * 14)],
    )
    backfill_until_days = models.PositiveSmallIntegerField(_("충원 가능 기간(시작 뒤 일수)"), default=30)
    excellence_threshold = models.DecimalField(
        _("우수 기준 점수"), max_digits=5, decimal_places=2, default=80, validators=[MaxValueValidator(100)]
    )
    appeal_days = models.PositiveSmallIntegerField(_("평가 이의신청 기간(일)"), default=7)
    hire_within_days = models.PositiveSmallIntegerField(_("채용 기한(프로젝트 종료 뒤 일수)"), default=180)
    hire_reminder_days = ArrayField(
        models.SmallIntegerField(), verbose_name=_("채용 기한 알림(기한일 기준)"), default=hire_reminder_days
    )
    fit_weights = models.JSONField(_("적합도 가중치"), default=dict, blank=True)
    daily_allowance_won = models.PositiveIntegerField(
        _("훈련비 하루 금액(원)"), default=15_800, validators=[MaxValueValidator(1_000_000)]
    )

    class Meta:
        verbose_name = verbose_name_plural = _("운영 기준")
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="rule_set_version_once"),
            models.CheckConstraint(
                name="rule_set_threshold_in_range",
                condition=Q(excellence_threshold__gte=0, excellence_threshold__lte=100),
            ),
            models.CheckConstraint(
                name="rule_set_interviews_in_order",
                condition=Q(
                    interview_most_multiple__gte=1,
                    interview_least_multiple__lte=F("interview_most_multiple"),
                    interviews_per_trainee__gte=1,
                ),
                violation_error_message=_("권장 면접 인원은 최대 면접 인원보다 클 수 없습니다."),
            ),
            models.CheckConstraint(
                name="rule_set_offers_can_be_answered",
                condition=Q(answer_working_days__gte=1, answer_hour__lte=23, offer_hour__lte=23),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="frozen",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__frozen_at__isnull=False),
            ),
            NOT_EMPTIED,
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


def new_secret() -> str:
    return secrets.token_hex(32)


class CallQuerySet(models.QuerySet["Call"]):
    def visible_to(self, user: Any) -> "CallQuerySet":
        return self if is_office(user) else self.filter(state__in=PUBLISHED)

    def ranking(self, now: Any) -> "CallQuerySet":
        """Lists can be changed and certified now."""
        return self.filter(
            state__in=[CallState.OPEN, CallState.CLOSED], rankings_open_at__lte=now, rankings_due_at__gte=now
        )

    def taking_applications(self, now: Any) -> "CallQuerySet":
        """People can apply now, the soonest deadline first."""
        open_now = self.filter(state=CallState.OPEN, applications_due_at__gte=now)
        return open_now.order_by("applications_due_at", "pk")

    def taking_projects(self, now: Any) -> "CallQuerySet":
        return self.filter(state=CallState.OPEN, projects_due_at__gte=now)

    def awaiting_match(self, now: Any) -> "CallQuerySet":
        """Rankings have opened and no result is published yet."""
        return self.filter(
            state__in=[CallState.OPEN, CallState.CLOSED, CallState.MATCHING], rankings_open_at__lte=now
        )


class Call(models.Model):
    """One round of the programme: its dates and its rule set."""

    title = NameField(_("공고 이름"), max_length=120)
    year = models.PositiveSmallIntegerField(_("연도"))
    summary = models.TextField(_("안내"), max_length=3000, blank=True)
    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name="calls", verbose_name=_("운영 기준"))
    operator_company = models.ForeignKey(
        Company,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("운영사"),
        help_text=_("이 공고를 맡은 운영사. 운영사는 과제를 낼 수 없습니다."),
    )
    state = models.CharField(_("상태"), max_length=10, choices=CallState, default=CallState.DRAFT)
    projects_due_at = models.DateTimeField(_("과제 신청 마감"), null=True, blank=True)
    applications_due_at = models.DateTimeField(_("참여 신청 마감"), null=True, blank=True)
    rankings_open_at = models.DateTimeField(_("희망순위 제출 시작"), null=True, blank=True)
    rankings_due_at = models.DateTimeField(_("희망순위 제출 마감"), null=True, blank=True)
    announce_on = models.DateField(_("결과 발표 예정일"), null=True, blank=True)
    starts_on = models.DateField(_("프로젝트 시작일"), null=True, blank=True)
    ends_on = models.DateField(_("프로젝트 종료일"), null=True, blank=True)
    cancel_reason = models.CharField(_("취소 사유"), max_length=300, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = _("모집 공고")
        verbose_name_plural = pgettext_lazy("list", "모집 공고")
        ordering = ["-year", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["year", "title"], name="call_title_once_a_year"),
            models.CheckConstraint(
                name="call_dates_in_order",
                condition=Q(state=CallState.DRAFT)
                | Q(state=CallState.CANCELLED)
                | Q(
                    projects_due_at__lte=F("applications_due_at"),
                    applications_due_at__lte=F("rankings_due_at"),
                    rankings_open_at__lt=F("rankings_due_at"),
                    starts_on__lt=F("ends_on"),
                    announce_on__lt=F("starts_on"),
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def takes_projects(self) -> bool:
        return (
            self.state == CallState.OPEN
            and self.projects_due_at is not None
            and timezone.now() <= self.projects_due_at
        )

    @property
    def takes_applications(self) -> bool:
        return (
            self.state == CallState.OPEN
            and self.applications_due_at is not None
            and timezone.now() <= self.applications_due_at
        )

    @property
    def takes_rankings(self) -> bool:
        """The clock decides, not the state: one second late is late."""
        return (
            self.state in (CallState.OPEN, CallState.CLOSED)
            and self.rankings_open_at is not None
            and self.rankings_due_at is not None
            and self.rankings_open_at <= timezone.now() <= self.rankings_due_at
        )

    @property
    def is_ranked(self) -> bool:
        """Lists are closed, sealed or about to be: nobody comes, leaves or changes their mind."""
        due_at = self.rankings_due_at
        return self.is_sealed or (due_at is not None and timezone.now() > due_at)

    @property
    def is_sealed(self) -> bool:
        return self.state in (
            CallState.MATCHING,
            CallState.ANNOUNCED,
            CallState.RUNNING,
            CallState.FINISHED,
            CallState.ARCHIVED,
        )


class Deadline(models.Model):
    """Every deadline a call ever had: the first, and each extension with its reason."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="deadlines", verbose_name=_("공고"))
    kind = models.CharField(_("종류"), max_length=12, choices=DeadlineKind)
    at = models.DateTimeField(_("마감"))
    reason = models.CharField(_("사유"), max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("정한 사람")
    )
    created_at = models.DateTimeField(_("정한 시각"), auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = _("마감 기록")
        ordering = ["-pk"]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {timezone.localtime(self.at):%Y-%m-%d %H:%M}"


class DrawQuerySet(models.QuerySet["Draw"]):
    def visible_to(self, user: Any) -> "DrawQuerySet":
        """Whose call they see; the secret half is nobody's before it is confirmed."""
        return self.filter(call__in=Call.objects.visible_to(user))

    def to_enter(self, today: Any) -> "DrawQuerySet":
        """Lists are sealed and the public value can be read."""
        return self.filter(state=DrawState.NAMED, call__state=CallState.MATCHING, known_on__lte=today)

    def to_confirm(self) -> "DrawQuerySet":
        return self.filter(state=DrawState.ENTERED)


class Draw(models.Model):
    """The seed of a call's draw, in two halves that nobody can choose knowing both.

    ``secret`` is drawn when the call is made and published as a commitment until the other half is confirmed; the
    public ``value`` of a ``source`` named beforehand is typed in after sealing by one person and confirmed by another.
    """

    call = models.OneToOneField(Call, models.PROTECT, related_name="draw", verbose_name=_("모집 공고"))
    state = models.CharField(_("상태"), max_length=10, choices=DrawState, default=DrawState.UNNAMED)
    secret = models.CharField(_("비밀 값"), max_length=64, default=new_secret, editable=False)
    source = models.CharField(_("공개 난수의 출처"), max_length=200, blank=True)
    known_on = models.DateField(_("값이 나오는 날"), null=True, blank=True)
    value = models.CharField(_("공개 난수 값"), max_length=200, blank=True)
    read_from = models.CharField(_("값을 읽은 곳"), max_length=300, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("입력한 사람"),
    )
    entered_at = models.DateTimeField(_("입력 시각"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("확인한 사람"),
    )
    confirmed_at = models.DateTimeField(_("확인 시각"), null=True, blank=True)

    objects = DrawQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = pgettext_lazy("noun", "추첨")
        ordering = ["-call"]
        constraints = [
            models.CheckConstraint(
                name="draw_two_people",
                condition=Q(confirmed_by=None)
                | Q(entered_by__isnull=False) & ~Q(confirmed_by=F("entered_by")),
            ),
            models.CheckConstraint(
                name="draw_named_has_source",
                condition=Q(state=DrawState.UNNAMED) | Q(known_on__isnull=False) & ~Q(source=""),
            ),
            models.CheckConstraint(
                name="draw_value_once_entered",
                condition=Q(
                    state__in=[DrawState.UNNAMED, DrawState.NAMED], value="", entered_by=None, entered_at=None
                )
                | Q(
                    state__in=[DrawState.ENTERED, DrawState.CONFIRMED],
                    entered_by__isnull=False,
                    entered_at__isnull=False,
                )
                & ~Q(value=""),
            ),
            models.CheckConstraint(
                name="draw_confirmed_by_somebody",
                condition=Q(state=DrawState.CONFIRMED, confirmed_by__isnull=False, confirmed_at__isnull=False)
                | ~Q(state=DrawState.CONFIRMED) & Q(confirmed_by=None, confirmed_at=None),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="secret_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__secret__df=pgtrigger.F("old__secret"))
                | pgtrigger.Q(new__call__df=pgtrigger.F("old__call")),
            ),
            pgtrigger.Protect(
                name="confirmed_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state=DrawState.CONFIRMED),
            ),
            NOT_EMPTIED,
        ]

    def __str__(self) -> str:
        return str(self.call)

    @property
    def commitment(self) -> str:
        """What everybody can read of the secret from the day the call opens."""
        return commitment_of(self.secret)

    @property
    def is_confirmed(self) -> bool:
        return self.state == DrawState.CONFIRMED

    @property
    def seed(self) -> str:
        """Of the final run once the public half is confirmed; before, one that says nothing of the secret."""
        return seed_of(self.secret, self.value) if self.is_confirmed else provisional_seed(self.secret)


class DrawSource(models.Model):
    """Every source a draw was ever bound to: the first, and each later one with its reason."""

    draw = models.ForeignKey(
        Draw, models.PROTECT, related_name="sources", verbose_name=pgettext_lazy("noun", "추첨")
    )
    source = models.CharField(_("공개 난수의 출처"), max_length=200)
    known_on = models.DateField(_("값이 나오는 날"))
    reason = models.CharField(_("사유"), max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("정한 사람")
    )
    created_at = models.DateTimeField(_("정한 시각"), auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = _("추첨 출처 기록")
        ordering = ["-pk"]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return self.source


class Participation(models.Model):
    """A company in one call: how many placements it may have over all its projects, and how many it has."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="participations", verbose_name=_("공고"))
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="participations", verbose_name=_("회사")
    )
    cap = models.PositiveSmallIntegerField(_("회사 전체 상한"), null=True, blank=True)
    taken = models.PositiveSmallIntegerField(_("배치된 인원"), default=0, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("기업별 상한")
        constraints = [
            models.UniqueConstraint(fields=["call", "company"], name="participation_once"),
            models.CheckConstraint(
                name="participation_taken_within_cap", condition=Q(cap=None) | Q(taken__lte=F("cap"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.call}"


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: Any) -> "ProjectQuerySet":
        """Selected projects of published calls are public; a company sees its own, the office all."""
        if is_office(user):
            return self
        public = Q(state__in=PUBLIC, call__state__in=PUBLISHED)
        if not user.is_authenticated:
            return self.filter(public)
        return self.filter(public | Q(company__in=Company.objects.filter(members__user=user)))

    def managed_by(self, user: Any) -> "ProjectQuerySet":
        """Of the companies the user acts for."""
        return self.filter(company__in=Company.objects.filter(members__user=user))

    def public(self) -> "ProjectQuerySet":
        """What everybody finds: nothing is advertised that a barred company cannot be matched for."""
        barred = Q(state=ProjectState.SELECTED, call__state__in=BEFORE_RESULTS) & ~Q(
            company__state=CompanyState.VERIFIED
        )
        return self.filter(~barred, state__in=PUBLIC, call__state__in=PUBLISHED)

    def to_hand_in(self, now: Any) -> "ProjectQuerySet":
        """Drafts that can be handed in now: until projects are due, those sent back until rankings open."""
        answering = Q(submitted_at__isnull=False, call__state__in=UNSEALED, call__rankings_open_at__gte=now)
        return self.filter(
            Q(call__in=Call.objects.taking_projects(now)) | answering, state=ProjectState.DRAFT
        )

    def in_match(self) -> "ProjectQuerySet":
        """What the match may fill: selected, and of a company that may take part."""
        return self.filter(state=ProjectState.SELECTED, company__state=CompanyState.VERIFIED)

    def newest_first(self) -> "ProjectQuerySet":
        """By call, the latest year first; inside a call by title."""
        return self.order_by("-call__year", "-call_id", "title", "pk")

    def offered_first(self, now: Any) -> "ProjectQuerySet":
        """What can still be put on a list, before what cannot; inside each the newest first."""
        offered = Q(state=ProjectState.SELECTED, call__state__in=UNSEALED, call__rankings_due_at__gte=now)
        later = models.Case(models.When(offered, then=0), default=1)
        return self.order_by(later, "-call__year", "-call_id", "title", "pk")

    def with_card(self) -> "ProjectQuerySet":
        """Everything a card or a page of a project shows, in a constant number of queries."""
        asked = ProjectSkill.objects.select_related("skill").order_by("-required", "-level", "skill__name")
        mentors = ProjectMentor.objects.select_related("member__user").order_by("pk")
        return self.select_related("company", "call", "field").prefetch_related(
            models.Prefetch("project_skills", asked), models.Prefetch("mentors", mentors)
        )

    def similar_to(self, project: "Project", count: int) -> "list[Project]":
        """Offered and asking for the same skills, the most skills in common first; then those of the same field.

        Ids are chosen before anything else of a project is read: sorting whole rows takes ten times as long.
        """
        offered = self.public().in_match().exclude(pk=project.pk)
        codes = [asked.skill_id for asked in project.project_skills.all()]
        sharing = (
            offered.filter(project_skills__skill__in=codes)
            .annotate(shared=models.Count("pk"))
            .order_by("-shared", "title", "pk")
        )
        pks = list(sharing.values_list("pk", flat=True)[:count])
        if len(pks) < count:
            rest = offered.filter(field=project.field_id).exclude(pk__in=pks).order_by("title", "pk")
            pks += rest.values_list("pk", flat=True)[: count - len(pks)]
        return self.cards(pks)

    def cards(self, pks: Iterable[int]) -> "list[Project]":
        """What cards show of these projects, in the order of their ids."""
        pks = list(pks)
        found = self.model._default_manager.filter(pk__in=pks).with_card().in_bulk()
        return [found[pk] for pk in pks if pk in found]


class Project(models.Model):
    """What a company offers in a call: work for ``minimum`` to ``places`` people, with a mentor and a pledge."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="projects", verbose_name=_("공고"))
    company = models.ForeignKey(Company, models.PROTECT, related_name="projects", verbose_name=_("회사"))
    title = NameField(_("과제 이름"), max_length=100)
    summary = models.CharField(_("한 줄 소개"), max_length=200)
    description = models.TextField(_("하는 일"), max_length=5000)
    data_used = models.CharField(_("쓰는 데이터"), max_length=300, blank=True)
    field = models.ForeignKey(Field, models.PROTECT, related_name="+", verbose_name=_("분야"))
    region = models.CharField(_("근무 지역"), max_length=40)
    work_mode = models.CharField(_("근무 방식"), max_length=10, choices=WorkMode)
    minimum = models.PositiveSmallIntegerField(
        _("최소 인원"), default=0, help_text=_("이보다 적게 배치되면 과제를 열지 않습니다. 상관없으면 0.")
    )
    places = models.PositiveSmallIntegerField(
        _("모집 인원"), validators=[MinValueValidator(1), MaxValueValidator(50)]
    )
    taken = models.PositiveSmallIntegerField(_("배치된 인원"), default=0, editable=False)
    pledged_hires = models.PositiveSmallIntegerField(
        _("최소 채용 인원"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("우수 수료자는 모두 채용합니다. 우수 수료자가 적어도 몇 명은 채용하겠다면 적어 주세요."),
    )
    hire_type = models.CharField(_("채용 형태"), max_length=60)
    hire_pay_won = models.PositiveIntegerField(
        _("채용 뒤 월 급여(원)"), validators=[MinValueValidator(1_000_000), MaxValueValidator(50_000_000)]
    )
    hire_place = models.CharField(_("채용 뒤 근무지"), max_length=80)
    state = models.CharField(_("상태"), max_length=12, choices=ProjectState, default=ProjectState.DRAFT)
    decision_reason = models.CharField(_("처리 사유"), max_length=500, blank=True)
    submitted_at = models.DateTimeField(_("제출 시각"), null=True, blank=True)
    updated_at = models.DateTimeField(_("고친 시각"), auto_now=True)
    skills: models.ManyToManyField = models.ManyToManyField(Skill, through="ProjectSkill", related_name="+")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("프로젝트")
        verbose_name_plural = pgettext_lazy("list", "프로젝트")
        ordering = ["-call_id", "title", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["call", "company", "title"], name="project_title_once"),
            models.CheckConstraint(
                name="project_minimum_within_places", condition=Q(minimum__lte=F("places"), places__gte=1)
            ),
            models.CheckConstraint(
                name="project_pledge_is_somebody", condition=Q(pledged_hires=None) | Q(pledged_hires__gte=1)
            ),
            models.CheckConstraint(name="project_taken_within_places", condition=Q(taken__lte=F("places"))),
            models.CheckConstraint(
                name="project_submitted_has_moment",
                condition=Q(state__in=["draft", "withdrawn", "cancelled"]) | Q(submitted_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["call", "state"], name="project_call_state")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_public(self) -> bool:
        return self.state in PUBLIC and self.call.state in PUBLISHED

    @property
    def is_in_match(self) -> bool:
        """Selected, and its company may take part."""
        return self.state == ProjectState.SELECTED and self.company.state == CompanyState.VERIFIED

    @property
    def is_offered(self) -> bool:
        """People can still put it on their lists, now or when rankings open."""
        due = self.call.rankings_due_at
        return (
            self.is_in_match
            and self.call.state in (CallState.OPEN, CallState.CLOSED)
            and due is not None
            and timezone.now() <= due
        )

    #: What a draft may leave open and a project that is handed in may not.
    NEEDED = ("summary", "description", "region", "work_mode", "hire_type", "hire_pay_won", "hire_place")

    @property
    def missing(self) -> list[str]:
        """Labels of what still has to be written down before the project can be handed in."""
        fields = (self._meta.get_field(name) for name in self.NEEDED if not getattr(self, name))
        return [str(field.verbose_name) for field in fields]  # type: ignore[union-attr]

    @property
    def is_returned(self) -> bool:
        """Sent back for completion: the only draft that was ever handed in."""
        return self.state == ProjectState.DRAFT and self.submitted_at is not None

    @property
    def completion_due_at(self) -> datetime | None:
        """Until when a question of the office can be answered: rankings open, or projects are due later than that."""
        return max(filter(None, (self.call.projects_due_at, self.call.rankings_open_at)), default=None)

    @property
    def hand_in_due_at(self) -> datetime | None:
        """Until when this draft can be handed in."""
        return self.completion_due_at if self.is_returned else self.call.projects_due_at

    @property
    def may_be_completed(self) -> bool:
        """There is time to change it and hand it in again: the office's question outlives the deadline."""
        due_at = self.completion_due_at
        return self.call.state in UNSEALED and due_at is not None and timezone.now() <= due_at

    @property
    def may_be_handed_in(self) -> bool:
        """A draft that is still in time; one second after its deadline it is not."""
        if self.is_returned:
            return self.may_be_completed
        return self.state == ProjectState.DRAFT and self.call.takes_projects

    @property
    def has_people(self) -> bool:
        """The result is out: somebody holds a seat on it or waits for one, so it is stopped, never withdrawn."""
        return self.state == ProjectState.SELECTED and (self.taken > 0 or self.call.state in FILLING)


class ProjectSkill(models.Model):
    """A skill a project asks for: at which level, and whether one cannot do without it."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="project_skills")
    skill = models.ForeignKey(Skill, models.PROTECT, related_name="+", verbose_name=_("기술"))
    level = models.PositiveSmallIntegerField(_("수준"), choices=Level, default=Level.USED)
    required = models.BooleanField(_("필수"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("필요 기술")
        ordering = ["-required", "skill"]
        constraints = [
            models.UniqueConstraint(fields=["project", "skill"], name="project_skill_once"),
            models.CheckConstraint(name="project_skill_level_in_range", condition=Q(level__range=(1, 5))),
        ]

    def __str__(self) -> str:
        return f"{self.skill_id} {self.level}"


class ProjectMentor(models.Model):
    """A member of the company who looks after a project's people, since and until when."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="mentors", verbose_name=_("프로젝트"))
    member = models.ForeignKey(CompanyMember, models.PROTECT, related_name="mentored", verbose_name=_("멘토"))
    since = models.DateField(_("시작일"), default=timezone.localdate)
    until = models.DateField(_("종료일"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("프로젝트 멘토")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "member"], name="project_mentor_active_once", condition=Q(until=None)
            )
        ]

    def __str__(self) -> str:
        return str(self.member.user)

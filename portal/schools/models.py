from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.accounts.rules import is_office
from portal.schools.states import GraduateState
from portal.ui.fields import NameField


class SchoolQuerySet(models.QuerySet["School"]):
    def visible_to(self, user: Any) -> "SchoolQuerySet":
        return self if is_office(user) else self.filter(members__user=user)


class School(models.Model):
    """Where graduates come from."""

    name = NameField(_("이름"), max_length=80, unique=True)
    region = models.CharField(_("지역"), max_length=40)
    contact_email = models.EmailField(_("대표 이메일"), blank=True)

    objects = SchoolQuerySet.as_manager()

    class Meta:
        verbose_name = _("교육기관")
        verbose_name_plural = pgettext_lazy("list", "교육기관")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SchoolMember(models.Model):
    """A person who acts for a school."""

    school = models.ForeignKey(School, models.PROTECT, related_name="members", verbose_name=_("교육기관"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="school_memberships", verbose_name=_("계정")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("교육기관 담당자")
        constraints = [models.UniqueConstraint(fields=["school", "user"], name="school_member_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.school}"


class Cohort(models.Model):
    """One class of one course: a group of people who finish together."""

    school = models.ForeignKey(School, models.PROTECT, related_name="cohorts", verbose_name=_("교육기관"))
    name = NameField(_("기수"), max_length=60)
    course = NameField(_("과정"), max_length=120)
    course_hours = models.PositiveIntegerField(_("과정 시간"), default=0)
    starts_on = models.DateField(_("시작일"))
    ends_on = models.DateField(_("종료일"))

    class Meta:
        verbose_name = _("기수")
        verbose_name_plural = pgettext_lazy("list", "기수")
        ordering = ["-ends_on", "name"]
        constraints = [
            models.UniqueConstraint(fields=["school", "name"], name="cohort_name_once"),
            models.CheckConstraint(
                name="cohort_ends_after_start", condition=Q(ends_on__gt=models.F("starts_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school.name} {self.name}"


#: Registered and not taken back: a wrong row stays for the trail and stands in nobody's way.
LIVE = ~Q(state=GraduateState.WITHDRAWN)


class GraduateQuerySet(models.QuerySet["Graduate"]):
    def visible_to(self, user: Any) -> "GraduateQuerySet":
        return self if is_office(user) else self.filter(cohort__school__members__user=user)

    def of_person(self, user: Any) -> "GraduateQuerySet":
        """Rows of somebody's own, claimed or waiting under their address."""
        return self.filter(LIVE, Q(user=user) | Q(email__iexact=user.email))

    def unclaimed(self) -> "GraduateQuerySet":
        return self.filter(LIVE, user=None)


class Graduate(models.Model):
    """A person a school says completes a course. ``user`` is set when that person signs up with the same e-mail."""

    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="graduates", verbose_name=_("기수"))
    external_id = models.CharField(_("학교의 번호"), max_length=40)
    name = NameField(_("이름"), max_length=40)
    email = models.EmailField(_("이메일"))
    hours = models.PositiveIntegerField(_("이수 시간"), null=True, blank=True)
    state = models.CharField(_("상태"), max_length=15, choices=GraduateState, default=GraduateState.EXPECTED)
    confirmed_on = models.DateField(_("수료일"), null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="graduates",
        verbose_name=_("계정"),
    )
    created_at = models.DateTimeField(_("등록 시각"), auto_now_add=True)

    objects = GraduateQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("one", "수료생")
        verbose_name_plural = _("수료생")
        ordering = ["cohort", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "external_id"], condition=LIVE, name="graduate_external_id_once"
            ),
            models.UniqueConstraint("cohort", Lower("email"), condition=LIVE, name="graduate_email_once"),
            models.CheckConstraint(
                name="graduate_confirmed_has_date_and_hours",
                condition=~Q(state=GraduateState.CONFIRMED) | Q(confirmed_on__isnull=False, hours__gte=1),
            ),
        ]
        indexes = [
            models.Index(Lower("email"), name="graduate_email"),
            models.Index(fields=["state"], name="graduate_state"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.cohort})"

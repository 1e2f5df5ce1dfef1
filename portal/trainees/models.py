from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from phonenumber_field.modelfields import PhoneNumberField

from portal.accounts.models import Consent
from portal.accounts.rules import is_office
from portal.accounts.states import ConsentKind
from portal.schools.models import Graduate
from portal.schools.states import GraduateState
from portal.trainees.states import Employment, Level, WorkMode
from portal.ui.fields import NameField
from portal.ui.korean import is_english


class Named(models.Model):
    """One line of a fixed list, by a stable code, in both languages."""

    code = models.SlugField(_("코드"), primary_key=True, max_length=30)
    name = NameField(_("이름"), max_length=40)
    name_en = models.CharField(_("영어 이름"), max_length=40)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name_en if is_english() else self.name


class Field(Named):
    """A field of AI work, e.g. 자연어 처리."""

    class Meta:
        verbose_name = _("분야")
        verbose_name_plural = pgettext_lazy("list", "분야")
        ordering = ["code"]


class Skill(Named):
    """One skill of the fixed, versioned list; ``parent`` makes siblings (half credit in fit)."""

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("상위 기술")
    )
    since_version = models.PositiveSmallIntegerField(_("처음 실린 판"), default=1)

    class Meta:
        verbose_name = _("기술")
        verbose_name_plural = pgettext_lazy("list", "기술")
        ordering = ["code"]


class TraineeQuerySet(models.QuerySet["Trainee"]):
    def visible_to(self, user: Any) -> "TraineeQuerySet":
        """Own data only; the office sees all. Companies reach people through applications, never from here."""
        return self if is_office(user) else self.filter(user=user)


class Trainee(models.Model):
    """A graduate with an account here: who is matched."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="trainee", verbose_name=_("계정")
    )
    graduate = models.OneToOneField(
        Graduate, models.PROTECT, null=True, blank=True, related_name="trainee", verbose_name=_("수료 정보")
    )
    phone = PhoneNumberField(_("휴대전화"), region="KR", blank=True)
    region = models.CharField(_("사는 지역"), max_length=40, blank=True)
    work_mode = models.CharField(
        _("원하는 근무 방식"), max_length=10, choices=WorkMode, default=WorkMode.HYBRID
    )
    available_from = models.DateField(_("시작할 수 있는 날"), null=True, blank=True)
    weekly_hours = models.PositiveSmallIntegerField(_("일주일에 낼 수 있는 시간"), default=40)
    employment = models.CharField(
        _("취업 상태"), max_length=12, choices=Employment, default=Employment.UNEMPLOYED
    )
    intro = models.TextField(_("자기소개"), max_length=1000, blank=True)
    portfolio = models.URLField(_("포트폴리오 주소"), blank=True)
    interests = models.ManyToManyField(Field, blank=True, related_name="+", verbose_name=_("관심 분야"))
    updated_at = models.DateTimeField(_("고친 시각"), auto_now=True)

    objects = TraineeQuerySet.as_manager()

    class Meta:
        verbose_name = _("참여자")
        verbose_name_plural = pgettext_lazy("list", "참여자")
        constraints = [
            models.CheckConstraint(
                name="trainee_weekly_hours_legal", condition=Q(weekly_hours__range=(1, 40))
            )
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def lacks_graduate(self) -> bool:
        """No school's row is linked, or only one that its school took back."""
        return self.graduate is None or self.graduate.state == GraduateState.WITHDRAWN

    @property
    def is_complete(self) -> bool:
        """Enough to apply: how to reach the person, where they live, when they can start, one skill."""
        return bool(self.phone and self.region and self.available_from and self.skills.exists())


#: A consent to the talent pool holds for a year, as its text says.
POOL_KEPT = timedelta(days=365)


class PoolQuerySet(models.QuerySet["PoolMember"]):
    def visible_to(self, user: Any) -> "PoolQuerySet":
        return self if is_office(user) else self.none()


class PoolManager(models.Manager.from_queryset(PoolQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> PoolQuerySet:
        """Who agreed within the last year and did not take it back; whoever does is out at once, and nothing is left."""
        agreed = Consent.objects.live().filter(
            user=OuterRef("user"),
            text__kind=ConsentKind.TALENT_POOL,
            given_at__gte=timezone.now() - POOL_KEPT,
        )
        newest = Subquery(agreed.order_by("-given_at").values("given_at")[:1])
        people = PoolQuerySet(PoolMember, using=self._db).filter(Exists(agreed), user__is_active=True)
        return people.annotate(agreed_at=newest)


class PoolMember(Trainee):
    """인재풀: a trainee who agreed to be told of free seats and new calls, and to be introduced to companies."""

    objects: ClassVar[PoolManager] = PoolManager()

    class Meta:
        proxy = True
        verbose_name = _("인재풀에 있는 사람")
        verbose_name_plural = _("인재풀")


class TraineeSkill(models.Model):
    """How well a trainee says they know one skill."""

    trainee = models.ForeignKey(Trainee, models.CASCADE, related_name="skills")
    skill = models.ForeignKey(Skill, models.PROTECT, related_name="+", verbose_name=_("기술"))
    level = models.PositiveSmallIntegerField(_("수준"), choices=Level)

    class Meta:
        verbose_name = verbose_name_plural = _("보유 기술")
        constraints = [
            models.UniqueConstraint(fields=["trainee", "skill"], name="trainee_skill_once"),
            models.CheckConstraint(name="trainee_skill_level_in_range", condition=Q(level__range=(1, 5))),
        ]

    def __str__(self) -> str:
        return f"{self.skill_id} {self.level}"

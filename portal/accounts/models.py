from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.accounts.states import ConsentKind, Office
from portal.ui.fields import NameField


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """For setting up only: a superuser passes no four-eyes check."""
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email=(email or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """One login. What it may do is said by memberships: staff here, company, school and trainee in their apps."""

    email = models.EmailField(
        _("이메일"), unique=True, error_messages={"unique": _("이미 쓰고 있는 이메일입니다.")}
    )
    name = NameField(_("이름"), max_length=40)
    language = models.CharField(_("언어"), max_length=5, choices=settings.LANGUAGES, default="ko")
    is_active = models.BooleanField(_("사용 중"), default=True)
    is_staff = models.BooleanField(_("관리자 화면 사용"), default=False)
    date_joined = models.DateTimeField(_("가입 시각"), default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("계정")
        verbose_name_plural = pgettext_lazy("list", "계정")
        constraints = [
            models.CheckConstraint(name="user_email_is_lower_case", condition=Q(email=Lower("email")))
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return str(self)

    @cached_property
    def office(self) -> str:
        """``agency``, ``operator`` or nothing: asked once per request."""
        if not self.is_staff:
            return ""
        member = StaffMember.objects.filter(user=self, ended_on=None).first()
        return member.office if member else ""


class SignedIn(HttpRequest):
    """The request of a page that asks for a login: its ``user`` is somebody."""

    user: User


class StaffMember(models.Model):
    """A person who works for the agency or for the operating company, since and until when."""

    user = models.ForeignKey(User, models.PROTECT, related_name="staff_memberships", verbose_name=_("계정"))
    office = models.CharField(_("소속"), max_length=10, choices=Office)
    title = models.CharField(_("직책"), max_length=40, blank=True)
    appointed_on = models.DateField(_("시작일"), default=timezone.localdate)
    ended_on = models.DateField(_("종료일"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("운영 담당자")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], name="staff_member_one_office", condition=Q(ended_on=None)
            ),
            models.CheckConstraint(
                name="staff_member_ends_after_start",
                condition=Q(ended_on=None) | Q(ended_on__gte=models.F("appointed_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_office_display()})"


class ConsentText(models.Model):
    """One version of what people agree to. A new wording is a new row; its hash proves which one was read."""

    kind = models.CharField(_("종류"), max_length=30, choices=ConsentKind)
    version = models.PositiveSmallIntegerField(_("판"))
    title = models.CharField(_("제목"), max_length=100)
    body = models.TextField(_("내용"))
    required = models.BooleanField(_("필수"), default=True)
    sha256 = models.CharField(_("내용 해시(SHA-256)"), max_length=64, editable=False)
    created_at = models.DateTimeField(_("낸 시각"), auto_now_add=True)

    class Meta:
        verbose_name = _("동의문")
        verbose_name_plural = pgettext_lazy("list", "동의문")
        ordering = ["kind", "-version"]
        constraints = [models.UniqueConstraint(fields=["kind", "version"], name="consent_text_version_once")]

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"


class ConsentQuerySet(models.QuerySet["Consent"]):
    def live(self) -> "ConsentQuerySet":
        return self.filter(withdrawn_at=None)

    def agreed(self, kind: str, user: str) -> Exists:
        """For a filter: does the account at the path ``user`` live under a consent of ``kind``?

        Whichever version it read: a new wording asks people again, it takes nothing back for them.
        """
        return Exists(self.live().filter(user=OuterRef(user), text__kind=kind))


class Consent(models.Model):
    """That a person agreed to one text, when, and when they took it back."""

    user = models.ForeignKey(User, models.CASCADE, related_name="consents", verbose_name=_("계정"))
    text = models.ForeignKey(ConsentText, models.PROTECT, related_name="+", verbose_name=_("동의문"))
    given_at = models.DateTimeField(_("동의 시각"), auto_now_add=True)
    withdrawn_at = models.DateTimeField(_("철회 시각"), null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("동의")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "text"], name="consent_live_once", condition=Q(withdrawn_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.text_id}"

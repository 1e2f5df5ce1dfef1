from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import is_office
from portal.companies.states import CompanyRefusal, CompanyState, MemberRole
from portal.companies.terms import is_registration_no
from portal.ui.fields import NameField


def check_registration_no(number: str) -> None:
    if not is_registration_no(number):
        raise ValidationError(CompanyRefusal.WRONG_NUMBER.label, code=CompanyRefusal.WRONG_NUMBER)


class CompanyQuerySet(models.QuerySet["Company"]):
    def visible_to(self, user: Any) -> "CompanyQuerySet":
        """Its members and the office see a company whole; what the public sees is on its own page."""
        return self if is_office(user) else self.filter(members__user=user)

    def barred_until_before(self, day: date) -> "CompanyQuerySet":
        """Whose bar has run out: its last day has passed."""
        return self.filter(state=CompanyState.SUSPENDED, suspended_until__lt=day)

    def verified(self) -> "CompanyQuerySet":
        return self.filter(state=CompanyState.VERIFIED)


class Company(models.Model):
    """Offers projects and owes hires."""

    name = NameField(_("회사 이름"), max_length=80)
    registration_no = models.CharField(
        _("사업자등록번호"),
        max_length=10,
        unique=True,
        validators=[check_registration_no],
        help_text=_("숫자 10자리. 예: 1234567891"),
    )
    representative = NameField(_("대표자"), max_length=40)
    region = models.CharField(_("지역"), max_length=40)
    address = models.CharField(_("주소"), max_length=200)
    field = models.CharField(_("사업 분야"), max_length=80)
    employees = models.PositiveIntegerField(_("상시 근로자 수"))
    website = models.URLField(_("누리집"), blank=True)
    about = models.TextField(_("회사 소개"), max_length=2000, blank=True)
    state = models.CharField(_("상태"), max_length=12, choices=CompanyState, default=CompanyState.UNVERIFIED)
    suspended_until = models.DateField(_("참여제한 종료일"), null=True, blank=True)
    decision_reason = models.CharField(_("처리 사유"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("등록 시각"), auto_now_add=True)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("참여기업")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="company_registration_no_is_ten_digits",
                condition=Q(registration_no__regex=r"^[0-9]{10}$"),
            ),
            models.CheckConstraint(
                name="company_suspended_iff_until",
                condition=Q(state=CompanyState.SUSPENDED, suspended_until__isnull=False)
                | (~Q(state=CompanyState.SUSPENDED) & Q(suspended_until=None)),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def registration_no_shown(self) -> str:
        return f"{self.registration_no[:3]}-{self.registration_no[3:5]}-{self.registration_no[5:]}"

    @property
    def is_corrected(self) -> bool:
        """Was rejected, has corrected its data since and waits for the office again."""
        return self.state == CompanyState.UNVERIFIED and bool(self.decision_reason)


class CompanyMember(models.Model):
    """A person who acts for a company, and as what."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="members", verbose_name=_("회사"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="company_memberships", verbose_name=_("계정")
    )
    role = models.CharField(_("역할"), max_length=10, choices=MemberRole)
    since = models.DateTimeField(_("시작"), auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = _("기업 담당자")
        ordering = ["company", "pk"]
        constraints = [models.UniqueConstraint(fields=["company", "user"], name="company_member_once")]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"

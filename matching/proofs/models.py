from datetime import date
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from matching.proofs.states import AuditorState
from portal.accounts.rules import is_office
from portal.audit.models import NOT_EMPTIED
from projects.models import Call


class AuditorQuerySet(models.QuerySet["Auditor"]):
    def visible_to(self, user: Any) -> "AuditorQuerySet":
        """The office all; an auditor their own while it lasts."""
        return self if is_office(user) else self.live(timezone.localdate()).filter(user=user)

    def live(self, today: date) -> "AuditorQuerySet":
        return self.filter(state=AuditorState.NAMED, until__gte=today)


class Auditor(models.Model):
    """Somebody from outside who may re-prove a call's published result on the whole pseudonymised market."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="audits", verbose_name=_("감사인")
    )
    call = models.ForeignKey(Call, models.PROTECT, related_name="auditors", verbose_name=_("모집 공고"))
    state = models.CharField(_("상태"), max_length=7, choices=AuditorState, default=AuditorState.NAMED)
    until = models.DateField(_("기한"))
    reason = models.CharField(_("지정 사유"), max_length=300)
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("지정한 사람")
    )
    named_at = models.DateTimeField(_("지정 시각"), auto_now_add=True)
    revoked_at = models.DateTimeField(_("취소 시각"), null=True, blank=True)

    objects = AuditorQuerySet.as_manager()

    class Meta:
        verbose_name = _("감사인")
        verbose_name_plural = _("감사인")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "call"], condition=Q(state=AuditorState.NAMED), name="auditor_once"
            ),
            models.CheckConstraint(
                name="auditor_revoked_iff_moment",
                condition=Q(state=AuditorState.NAMED, revoked_at=None)
                | Q(state=AuditorState.REVOKED, revoked_at__isnull=False),
            ),
            models.CheckConstraint(
                name="auditor_named_by_somebody_else", condition=~Q(user=models.F("named_by"))
            ),
        ]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Delete), NOT_EMPTIED]

    def __str__(self) -> str:
        return f"{self.user} · {self.call}"

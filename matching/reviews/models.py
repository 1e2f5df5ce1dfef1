import uuid
from datetime import date
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from matching.reviews.states import ReviewKind, ReviewState
from portal.accounts.rules import is_office
from portal.audit.models import NOT_EMPTIED
from projects.applications.models import Application


class ReviewRequestQuerySet(models.QuerySet["ReviewRequest"]):
    def visible_to(self, user: Any) -> "ReviewRequestQuerySet":
        """Who asked, and the office."""
        return self if is_office(user) else self.filter(application__trainee__user=user)

    def open(self) -> "ReviewRequestQuerySet":
        return self.filter(state=ReviewState.RECEIVED)

    def overdue(self, today: date) -> "ReviewRequestQuerySet":
        return self.open().filter(due_on__lt=today)


class ReviewRequest(models.Model):
    """설명·재검토 요청: somebody asks why they got their result, or that a person looks at it again."""

    #: One press of the button is one request: the form carries it.
    token = models.UUIDField(default=uuid.uuid4, editable=False)
    application = models.ForeignKey(
        Application, models.PROTECT, related_name="review_requests", verbose_name=_("참여 신청")
    )
    kind = models.CharField(_("요청"), max_length=12, choices=ReviewKind)
    text = models.TextField(_("알고 싶은 것"), max_length=2000)
    state = models.CharField(_("상태"), max_length=10, choices=ReviewState, default=ReviewState.RECEIVED)
    due_on = models.DateField(_("답변 기한"))
    reply = models.TextField(_("답변"), max_length=4000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("답한 사람")
    )
    closed_at = models.DateTimeField(_("마친 시각"), null=True)
    created_at = models.DateTimeField(_("접수 시각"), auto_now_add=True)

    objects = ReviewRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("설명·재검토 요청")
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["application", "token"], name="review_request_once_a_press"),
            models.UniqueConstraint(
                fields=["application"],
                name="review_request_one_open",
                condition=Q(state=ReviewState.RECEIVED),
            ),
            models.CheckConstraint(
                name="review_request_closed_iff_closed_at",
                condition=Q(state=ReviewState.RECEIVED, closed_at=None)
                | ~Q(state=ReviewState.RECEIVED) & Q(closed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="review_request_answered_has_reply",
                condition=~Q(state=ReviewState.ANSWERED) | ~Q(reply="") & Q(answered_by__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="asked_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__text__df=pgtrigger.F("new__text"))
                | pgtrigger.Q(old__kind__df=pgtrigger.F("new__kind"))
                | pgtrigger.Q(old__due_on__df=pgtrigger.F("new__due_on"))
                | pgtrigger.Q(old__application__df=pgtrigger.F("new__application")),
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            NOT_EMPTIED,
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What a person reads out on the telephone."""
        return f"R-{self.pk:05d}"

    @property
    def is_overdue(self) -> bool:
        return self.state == ReviewState.RECEIVED and self.due_on < timezone.localdate()

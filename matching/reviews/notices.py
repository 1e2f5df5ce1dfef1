from typing import Any

from django.urls import reverse

from matching.reviews.models import ReviewRequest
from portal.accounts.models import StaffMember
from portal.notices.actions import notice, owe


def review_asked(asked: ReviewRequest) -> None:
    """The number and the day to the person; to the office that there is one, without whose."""
    page = reverse("reviews:review-detail", args=[asked.pk])
    desk = reverse("admin:reviews_reviewrequest_change", args=[asked.pk])
    facts: dict[str, Any] = {"reference": asked.reference, "due_on": asked.due_on.isoformat()}
    working = StaffMember.objects.filter(ended_on=None, user__is_active=True).select_related("user")
    person = asked.application.trainee.user
    owe(
        [
            notice(person, "review_received", f"review-received:{asked.pk}", link=page, **facts),
            *(
                notice(member.user, "review_asked", f"review-asked:{asked.pk}", link=desk, **facts)
                for member in working
            ),
        ]
    )


def review_answered(asked: ReviewRequest) -> None:
    page = reverse("reviews:review-detail", args=[asked.pk])
    person = asked.application.trainee.user
    owe(
        [
            notice(
                person, "review_answered", f"review-answered:{asked.pk}", link=page, reference=asked.reference
            )
        ]
    )

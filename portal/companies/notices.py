from typing import Any

from django.urls import reverse

from portal.companies.models import Company
from portal.companies.states import MemberRole
from portal.notices.actions import notice, owe

MANAGING = (MemberRole.OWNER, MemberRole.MANAGER)


def members_of(company: Company, roles: tuple[str, ...] = MANAGING) -> list:
    """The people a company's messages go to."""
    return [
        member.user
        for member in company.members.filter(role__in=roles, user__is_active=True).select_related("user")
    ]


def _tell(company: Company, kind: str, key: str, **params: Any) -> None:
    link = reverse("companies:company-detail")
    owe(notice(user, kind, key, link=link, company=company.name, **params) for user in members_of(company))


def company_verified(company: Company, event_id: int) -> None:
    _tell(company, "company_verified", f"company-verified:{company.pk}:{event_id}")


def company_rejected(company: Company, event_id: int) -> None:
    _tell(
        company,
        "company_rejected",
        f"company-rejected:{company.pk}:{event_id}",
        reason=company.decision_reason,
    )


def company_suspended(company: Company, event_id: int) -> None:
    ends_on = company.suspended_until.isoformat() if company.suspended_until else ""
    _tell(
        company,
        "company_suspended",
        f"company-suspended:{company.pk}:{event_id}",
        reason=company.decision_reason,
        ends_on=ends_on,
    )


def company_reinstated(company: Company, event_id: int) -> None:
    _tell(company, "company_reinstated", f"company-reinstated:{company.pk}:{event_id}")

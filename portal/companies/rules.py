import rules
from django.contrib.auth.base_user import AbstractBaseUser

from portal.accounts.rules import is_agency, is_office
from portal.companies.states import MemberRole


def role_in(user: AbstractBaseUser, company_id: int | None) -> str:
    """The user's role in one company, or nothing; asked once per user and request."""
    if not user.is_authenticated or company_id is None:
        return ""
    roles: dict[int, str] | None = user.__dict__.get("_company_roles")
    if roles is None:
        roles = dict(user.company_memberships.values_list("company_id", "role"))  # type: ignore[attr-defined]
        user.__dict__["_company_roles"] = roles
    return roles.get(company_id, "")


def _company_id(obj: object) -> int | None:
    """A company, or anything that has one."""
    return getattr(obj, "company_id", None) or (
        getattr(obj, "pk", None) if hasattr(obj, "registration_no") else None
    )


@rules.predicate
def is_member(user: AbstractBaseUser, obj: object = None) -> bool:
    """Any role in the company of ``obj``."""
    return bool(role_in(user, _company_id(obj)))


@rules.predicate
def is_manager(user: AbstractBaseUser, obj: object = None) -> bool:
    """Runs the company's projects: owner or manager."""
    return role_in(user, _company_id(obj)) in (MemberRole.OWNER, MemberRole.MANAGER)


@rules.predicate
def works_with_people(user: AbstractBaseUser, obj: object = None) -> bool:
    """Chooses them, runs their project or looks after them; who keeps the books has no business with candidates."""
    return role_in(user, _company_id(obj)) in (MemberRole.OWNER, MemberRole.MANAGER, MemberRole.MENTOR)


@rules.predicate
def is_owner(user: AbstractBaseUser, obj: object = None) -> bool:
    """Binds the company: certifies and signs."""
    return role_in(user, _company_id(obj)) == MemberRole.OWNER


rules.add_perm("companies", is_office)
rules.add_perm("companies.view_company", is_office | is_member)
rules.add_perm("companies.view_companymember", is_office | is_member)
rules.add_perm("companies.change_company", is_manager)
rules.add_perm("companies.add_member", is_owner)
rules.add_perm("companies.remove_member", is_owner)
rules.add_perm("companies.verify_company", is_office)
rules.add_perm("companies.reject_company", is_office)
rules.add_perm("companies.suspend_company", is_agency)
rules.add_perm("companies.reinstate_company", is_agency)

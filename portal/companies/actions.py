from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from portal.accounts.models import User
from portal.audit.actions import record, record_access
from portal.companies import notices
from portal.companies.models import Company, CompanyMember
from portal.companies.states import COMPANY, CompanyRefusal, CompanyState, MemberRole
from portal.companies.terms import is_registration_no
from portal.workflow import Refused


def _locked(company: Company) -> Company:
    return Company.objects.select_for_update().get(pk=company.pk)


@transaction.atomic
def register_company(*, by: User, **facts: Any) -> Company:
    """A new company; who registers it becomes its owner. Staff verify it before it can be selected."""
    if not is_registration_no(facts["registration_no"]):
        raise Refused(CompanyRefusal.WRONG_NUMBER)
    try:
        with transaction.atomic():
            company = Company.objects.create(**facts)
    except IntegrityError as error:
        raise Refused(CompanyRefusal.NUMBER_TAKEN) from error
    CompanyMember.objects.create(company=company, user=by, role=MemberRole.OWNER)
    record("register_company", company, by=by)
    return company


@transaction.atomic
def edit_company(company: Company, *, by: User, **facts: Any) -> Company:
    """Change what a company says about itself; its registration number never changes.

    Who was rejected and corrects it asks for verification by that: the office sees it among the new ones.
    """
    company = _locked(company)
    facts.pop("registration_no", None)
    changed = sorted(name for name, value in facts.items() if getattr(company, name) != value)
    if changed:
        for name in changed:
            setattr(company, name, facts[name])
        company.save()
        record("edit_company", company, by=by, changed=changed)
        if COMPANY.may(company, "ask_verification"):
            company = ask_verification(company, by=by)
    return company


@transaction.atomic
def ask_verification(company: Company, *, by: User) -> Company:
    """Wait for the office again; why it was rejected stays to be read until the office decides."""
    company = _locked(company)
    was = COMPANY.move(company, "ask_verification")
    company.save()
    record("ask_verification", company, by=by, was=was)
    return company


def _decide(
    company: Company,
    verb: str,
    tell: Callable[[Company, int], None],
    *,
    reason: str,
    until: date | None,
    by: User | None,
) -> Company:
    company = _locked(company)
    was = COMPANY.move(company, verb)
    company.decision_reason, company.suspended_until = reason, until
    company.save()
    event = record(verb, company, by=by, was=was, reason=reason, until=until)
    tell(company, event.pk)
    return company


@transaction.atomic
def verify_company(company: Company, *, by: User | None) -> Company:
    """Staff compared the number, the name and the representative with the official register."""
    return _decide(company, "verify_company", notices.company_verified, reason="", until=None, by=by)


@transaction.atomic
def reject_company(company: Company, *, reason: str, by: User) -> Company:
    return _decide(company, "reject_company", notices.company_rejected, reason=reason, until=None, by=by)


@transaction.atomic
def suspend_company(company: Company, *, until: date, reason: str, by: User | None) -> Company:
    """참여제한 until a date: it cannot be selected, ranked or paid."""
    if until <= timezone.localdate():
        raise Refused(CompanyRefusal.PAST_DATE)
    return _decide(company, "suspend_company", notices.company_suspended, reason=reason, until=until, by=by)


@transaction.atomic
def reinstate_company(company: Company, *, reason: str, by: User | None) -> Company:
    return _decide(company, "reinstate_company", notices.company_reinstated, reason=reason, until=None, by=by)


@transaction.atomic
def add_member(company: Company, *, email: str, role: str, by: User | None) -> CompanyMember:
    """Give a person who already has an account a role in the company; whose name that shows is written down.

    Only who is verified may ask: anybody can register a company and try addresses.
    """
    if _locked(company).state != CompanyState.VERIFIED:
        raise Refused(CompanyRefusal.NOT_VERIFIED)
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        raise Refused(CompanyRefusal.NO_ACCOUNT)
    try:
        with transaction.atomic():
            member = CompanyMember.objects.create(company=company, user=user, role=role)
    except IntegrityError as error:
        raise Refused(CompanyRefusal.ALREADY_MEMBER) from error
    record("add_member", member, by=by, company=company, role=role)
    if by is not None:
        record_access("companies.companymember", by=by, subjects=[user])
    return member


def _keep_an_owner(company: Company, member: CompanyMember) -> None:
    """Called under the company's lock: its last owner keeps the role."""
    if member.role == MemberRole.OWNER and company.members.filter(role=MemberRole.OWNER).count() == 1:
        raise Refused(CompanyRefusal.LAST_OWNER)


@transaction.atomic
def change_role(member: CompanyMember, *, role: str, by: User | None) -> CompanyMember:
    """Give a member another role; a company always keeps one owner."""
    company = _locked(member.company)
    member = CompanyMember.objects.select_related("company", "user").get(pk=member.pk)
    if role == member.role:
        return member
    _keep_an_owner(company, member)
    was, member.role = member.role, MemberRole(role)
    member.save()
    record("change_role", member, by=by, company=company, role=role, former_role=was)
    return member


@transaction.atomic
def remove_member(member: CompanyMember, *, by: User | None) -> None:
    """Take a role away; a company always keeps one owner."""
    company = _locked(member.company)
    member = CompanyMember.objects.get(pk=member.pk)
    _keep_an_owner(company, member)
    record("remove_member", member, by=by, company=company, role=member.role, user=member.user_id)
    try:
        member.delete()
    except ProtectedError as error:  # a project's mentors stay on record
        raise Refused(CompanyRefusal.IS_MENTOR) from error

"""Who works for whom: predicates every later app composes its permissions from."""

import rules
from django.contrib.auth.base_user import AbstractBaseUser

from portal.accounts.states import Office


@rules.predicate
def is_agency(user: AbstractBaseUser) -> bool:
    """Approves."""
    return getattr(user, "office", "") == Office.AGENCY


@rules.predicate
def is_operator(user: AbstractBaseUser) -> bool:
    """Prepares."""
    return getattr(user, "office", "") == Office.OPERATOR


is_office = is_agency | is_operator

rules.add_perm("accounts", is_office)
rules.add_perm("accounts.view_user", is_office)
rules.add_perm("accounts.view_staffmember", is_office)
rules.add_perm("accounts.view_consent", is_office)
rules.add_perm("accounts.view_consenttext", is_office)
rules.add_perm("accounts.open_contact", is_office)
rules.add_perm("accounts.disable_user", is_agency)
rules.add_perm("accounts.enable_user", is_agency)
rules.add_perm("accounts.appoint_staff", is_agency)
rules.add_perm("accounts.dismiss_staff", is_agency)
rules.add_perm("accounts.publish_consent_text", is_agency)
# audit, notices, files and jobs stand below accounts, so the office's right to look at them is said here
for app, model in [
    ("audit", "event"),
    ("audit", "access"),
    ("notices", "notice"),
    ("jobs", "nightrun"),
    ("files", "storedfile"),
]:
    rules.add_perm(f"{app}.view_{model}", is_office)
for app in ("audit", "notices", "jobs", "files"):
    rules.add_perm(app, is_office)
rules.add_perm("notices.retry_notice", is_office)
rules.add_perm("notices.cancel_notice", is_office)

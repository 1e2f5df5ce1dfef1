import rules
from django.contrib.auth.base_user import AbstractBaseUser

from portal.accounts.rules import is_agency, is_office
from portal.companies.rules import is_manager, is_member


@rules.predicate
def is_owed_to(user: AbstractBaseUser, obligation: object = None) -> bool:
    placement = getattr(obligation, "placement", None)
    return placement is not None and placement.trainee.user_id == user.pk


rules.add_perm("obligations", is_office)
rules.add_perm("obligations.view_hiringobligation", is_office | is_member | is_owed_to)
rules.add_perm("obligations.view_obligationevent", is_office)
rules.add_perm("obligations.see_evidence", is_office | is_member)
rules.add_perm("obligations.submit_evidence", is_manager)
rules.add_perm("obligations.verify_evidence", is_office)
rules.add_perm("obligations.return_evidence", is_office)
rules.add_perm("obligations.waive_obligation", is_agency)

from typing import Any

import rules
from django.contrib.auth.base_user import AbstractBaseUser

from portal.accounts.rules import is_office
from portal.companies.rules import role_in
from portal.companies.states import MemberRole

RATERS = (MemberRole.OWNER, MemberRole.MANAGER, MemberRole.MENTOR)


@rules.predicate
def may_rate(user: AbstractBaseUser, obj: object = None) -> bool:
    """Owner, manager or mentor of the company where the placement was; nobody judges themselves."""
    placement: Any = getattr(obj, "placement", obj)
    if placement is not None and placement.trainee.user_id == user.pk:
        return False
    return role_in(user, getattr(placement, "company_id", None)) in RATERS


rules.add_perm("evaluations", is_office)
rules.add_perm("evaluations.view_evaluation", is_office)
rules.add_perm("evaluations.change_evaluation", may_rate)
rules.add_perm("evaluations.submit_evaluation", may_rate)
rules.add_perm("evaluations.return_evaluation", is_office)
rules.add_perm("evaluations.lock_evaluation", is_office)

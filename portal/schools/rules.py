from typing import Any

import rules
from django.contrib.auth.base_user import AbstractBaseUser

from portal.accounts.rules import is_office


@rules.predicate
def is_own_school(user: AbstractBaseUser, obj: object = None) -> bool:
    """The user acts for the school that ``obj`` (a school, cohort or graduate) belongs to."""
    if obj is None or not user.is_authenticated:
        return False
    cohort = getattr(obj, "cohort", obj)
    school: Any = getattr(cohort, "school", cohort)
    return school.members.filter(user=user).exists()


rules.add_perm("schools", is_office)
rules.add_perm("schools.view_schoolmember", is_office)
rules.add_perm("schools.add_school_member", is_office)
rules.add_perm("schools.remove_school_member", is_office)
for model in ("school", "cohort", "graduate"):
    rules.add_perm(f"schools.view_{model}", is_office)
    rules.add_perm(f"schools.add_{model}", is_office)
    rules.add_perm(f"schools.change_{model}", is_office)
rules.add_perm("schools.open_contact", is_office)
for verb in ("confirm_completion", "refuse_completion", "withdraw_graduate"):
    rules.add_perm(f"schools.{verb}", is_office | is_own_school)

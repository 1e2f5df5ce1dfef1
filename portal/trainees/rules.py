import rules
from django.contrib.auth.base_user import AbstractBaseUser

from portal.accounts.rules import is_office


@rules.predicate
def is_trainee(user: AbstractBaseUser, obj: object = None) -> bool:
    """Has a trainee's profile."""
    return user.is_authenticated and hasattr(user, "trainee")


@rules.predicate
def is_own(user: AbstractBaseUser, obj: object = None) -> bool:
    """``obj`` is the user's trainee row, or something that has one."""
    if obj is None or not user.is_authenticated:
        return False
    trainee = getattr(obj, "trainee", obj)
    return getattr(trainee, "user_id", None) == user.pk


@rules.predicate
def acts_for_nobody(user: AbstractBaseUser, obj: object = None) -> bool:
    """No member of the office, a company or a school: whoever is, does not apply by accident."""
    return not (
        user.is_staff  # type: ignore[attr-defined]
        or user.company_memberships.exists()  # type: ignore[attr-defined]
        or user.school_memberships.exists()  # type: ignore[attr-defined]
    )


rules.add_perm("trainees", is_office)
for model in ("trainee", "poolmember", "skill", "field", "traineeskill"):
    rules.add_perm(f"trainees.view_{model}", is_office)
for verb in ("add_skill", "change_skill", "add_field", "change_field"):
    rules.add_perm(f"trainees.{verb}", is_office)
rules.add_perm("trainees.open_contact", is_office)
rules.add_perm("trainees.change_trainee", is_own)
rules.add_perm("trainees.become_trainee", is_trainee | acts_for_nobody)

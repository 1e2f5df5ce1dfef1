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


rules.add_perm("trainees", is_office)
for model in ("trainee", "skill", "field", "traineeskill"):
    rules.add_perm(f"trainees.view_{model}", is_office)
rules.add_perm("trainees.change_trainee", is_own)

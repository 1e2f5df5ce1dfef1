import rules
from django.contrib.auth.base_user import AbstractBaseUser

from portal.accounts.rules import is_office
from portal.companies.rules import is_manager, is_owner

rules.add_perm("rankings", is_office)


@rules.predicate
def is_own_list(user: AbstractBaseUser, rank_list: object = None) -> bool:
    """The trainee whose wishes these are."""
    application = getattr(rank_list, "application", None)
    return application is not None and application.trainee.user_id == user.pk


# nobody else: choices are visible to their owner only, before and after publication
rules.add_perm("rankings.score_candidates", is_manager)
rules.add_perm("rankings.certify_company_list", is_owner)

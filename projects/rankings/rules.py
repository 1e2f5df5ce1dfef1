import rules

from portal.accounts.rules import is_office
from portal.companies.rules import is_manager, is_owner

rules.add_perm("rankings", is_office)

# nobody else: choices are visible to their owner only, before and after publication
rules.add_perm("rankings.score_candidates", is_manager)
rules.add_perm("rankings.certify_company_list", is_owner)

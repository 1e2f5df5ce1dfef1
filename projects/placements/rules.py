import rules

from portal.accounts.rules import is_office
from portal.companies.rules import is_member
from portal.trainees.rules import is_own

rules.add_perm("placements", is_office)
rules.add_perm("placements.view_placement", is_office | is_own | is_member)
rules.add_perm("placements.view_reserve", is_office)
for verb in ("accept_placement", "decline_placement", "withdraw_placement"):
    rules.add_perm(f"placements.{verb}", is_own)
rules.add_perm("placements.leave_reserves", is_own)
for verb in ("complete_placement", "fail_placement", "drop_out"):
    rules.add_perm(f"placements.{verb}", is_office)

import rules

from portal.accounts.rules import is_office
from portal.trainees.rules import is_own

rules.add_perm("applications", is_office)
rules.add_perm("applications.view_application", is_office)
for verb in ("change_application", "submit_application"):
    rules.add_perm(f"applications.{verb}", is_own)
rules.add_perm("applications.withdraw_application", is_own)
for verb in ("return_application", "accept_application", "refuse_application"):
    rules.add_perm(f"applications.{verb}", is_office)

import rules

from portal.accounts.rules import is_agency, is_office

rules.add_perm("scenarios", is_office)
rules.add_perm("scenarios.view_scenario", is_office)
rules.add_perm("scenarios.make_scenario", is_office)
rules.add_perm("scenarios.change_scenario", is_office)
rules.add_perm("scenarios.delete_scenario", is_office)
rules.add_perm("scenarios.promote_scenario", is_agency)

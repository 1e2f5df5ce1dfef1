import rules

from portal.accounts.rules import is_agency, is_office

rules.add_perm("matching", is_office)
rules.add_perm("matching.view_matchrun", is_office)
rules.add_perm("matching.queue_run", is_office)
rules.add_perm("matching.discard_run", is_office)
rules.add_perm("matching.approve_run", is_agency)
rules.add_perm("matching.publish_run", is_agency)

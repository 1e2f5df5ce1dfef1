import rules

from portal.accounts.rules import is_office

rules.add_perm("fit", is_office)
rules.add_perm("fit.view_fitrow", is_office)

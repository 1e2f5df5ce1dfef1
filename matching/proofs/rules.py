import rules

from portal.accounts.rules import is_agency, is_office

rules.add_perm("proofs", is_office)
rules.add_perm("proofs.view_auditor", is_office)
rules.add_perm("proofs.name_auditor", is_agency)
rules.add_perm("proofs.revoke_auditor", is_agency)

import rules

from portal.accounts.rules import is_office

rules.add_perm("reviews", is_office)
rules.add_perm("reviews.view_reviewrequest", is_office)
rules.add_perm("reviews.answer_review", is_office)

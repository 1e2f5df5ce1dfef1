import rules

from portal.accounts.rules import is_agency, is_office
from portal.companies.rules import is_manager, is_owner, works_with_people

rules.add_perm("projects", is_office)
for model in ("call", "ruleset", "project", "deadline", "participation", "projectmentor", "draw"):
    rules.add_perm(f"projects.view_{model}", is_office)
for verb in (
    "add_call",
    "change_call",
    "extend_deadline",
    "postpone_results",
    "add_ruleset",
    "change_ruleset",
    "revise_rule_set",
    "set_company_cap",
    "name_draw_source",
    "enter_draw_value",
    "reject_draw_value",
    "confirm_draw_value",
):
    rules.add_perm(f"projects.{verb}", is_office)
for verb in ("open_call", "cancel_call", "archive_call", "finish_call"):
    rules.add_perm(f"projects.{verb}", is_agency)
rules.add_perm("projects.add_project", is_manager)
rules.add_perm("projects.change_project", is_manager)
rules.add_perm("projects.submit_project", is_owner | is_manager)
rules.add_perm("projects.withdraw_project", is_owner | is_office)
rules.add_perm("projects.see_candidates", works_with_people)
rules.add_perm("projects.return_project", is_office)
for verb in ("select_project", "reserve_project", "reject_project", "terminate_project"):
    rules.add_perm(f"projects.{verb}", is_agency)

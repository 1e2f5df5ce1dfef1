import rules

from portal.accounts.rules import is_office
from portal.companies.rules import is_manager, works_with_people
from portal.trainees.rules import is_own

rules.add_perm("interviews", is_office)
rules.add_perm("interviews.view_interview", is_office)
rules.add_perm("interviews.view_report", is_office)
# who may score candidates chooses whom to see; a mentor interviews, and writes down how it was
for verb in (
    "shortlist_candidate",
    "open_slots",
    "change_slot",
    "cancel_slot",
    "invite_candidate",
    "withdraw_interview",
):
    rules.add_perm(f"interviews.{verb}", is_manager)
for verb in ("hold_interview", "miss_interview", "correct_interview", "change_form"):
    rules.add_perm(f"interviews.{verb}", works_with_people)
for verb in ("book_interview", "release_interview", "decline_interview"):
    rules.add_perm(f"interviews.{verb}", is_own)
rules.add_perm("interviews.withdraw_report", is_own)
for verb in ("uphold_report", "dismiss_report"):
    rules.add_perm(f"interviews.{verb}", is_office)

"""The ledger: what is owed, what was handed in, what closed it. Every move writes an event that never changes."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from portal.accounts.models import User
from portal.audit.actions import broken_links, extend_chain, record
from portal.companies.rules import role_in
from portal.files.actions import store_file
from portal.jobs.actions import Steps
from portal.workflow import Refused
from projects.evaluations.models import Evaluation
from projects.obligations import notices, terms
from projects.obligations.models import Evidence, HiringObligation, ObligationEvent
from projects.obligations.states import LEDGER, MOST_FILES, OBLIGATION, EvidenceKind, ObligationRefusal
from projects.placements.states import PlacementState
from projects.rankings.actions import report_tampered_lists
from projects.terms import latest_stage


def _locked(obligation: HiringObligation) -> HiringObligation:
    return HiringObligation.objects.select_for_update(of=("self",)).with_names().get(pk=obligation.pk)


def _write(
    obligation: HiringObligation, verb: str, *, was: str | None, by: User | None, note: str = "", **data: Any
) -> ObligationEvent:
    """Add the event and the audit line of a move that was just made."""
    event = ObligationEvent.objects.create(
        obligation=obligation,
        verb=verb,
        state=obligation.state,
        by=by,
        note=note,
        hired_on=obligation.hired_on,
    )
    record(verb, obligation, by=by, was=was, event=event.pk, **data)
    return event


@transaction.atomic
def owe_obligation(evaluation: Evaluation, *, by: User | None = None) -> HiringObligation | None:
    """The hire owed for one binding, excellent evaluation; exactly one per placement, so twice is harmless."""
    evaluation = Evaluation.objects.select_related("placement__call__rule_set", "placement__company").get(
        pk=evaluation.pk
    )
    placement = evaluation.placement
    if not evaluation.is_excellent or placement.state != PlacementState.COMPLETED:
        return None
    obligation, created = HiringObligation.objects.get_or_create(
        placement=placement,
        defaults={
            "evaluation": evaluation,
            "company_id": placement.company_id,
            "due_on": terms.hire_due(placement.ends_on, placement.call.rule_set.hire_within_days),
        },
    )
    if created:
        obligation = _locked(obligation)
        _write(
            obligation, "owe_obligation", was=None, by=by, due_on=obligation.due_on, score=evaluation.score
        )
        notices.obligation_owed(obligation)
    return obligation


@transaction.atomic
def mark_obligation_overdue(obligation: HiringObligation, *, by: User | None = None) -> HiringObligation:
    obligation = _locked(obligation)
    was = OBLIGATION.move(obligation, "mark_obligation_overdue")
    obligation.save()
    _write(obligation, "mark_obligation_overdue", was=was, by=by)
    return obligation


@transaction.atomic
def submit_evidence(
    obligation: HiringObligation, *, hired_on: date, files: Mapping[str, Sequence[UploadedFile]], by: User
) -> HiringObligation:
    """The company hands in contract and insurance record.

    Parameters
    ----------
    files : mapping of :class:`EvidenceKind` to its uploads; each kind needs one at least.
    """
    obligation = _locked(obligation)
    was = OBLIGATION.move(obligation, "submit_evidence")
    if set(files) != set(EvidenceKind.values) or not all(files.values()):
        raise Refused(ObligationRefusal.FILES_MISSING)
    if any(len(uploads) > MOST_FILES for uploads in files.values()):
        raise Refused(ObligationRefusal.TOO_MANY_FILES, most=MOST_FILES)
    if hired_on > timezone.localdate():
        raise Refused(ObligationRefusal.HIRED_IN_FUTURE)
    if hired_on < obligation.placement.starts_on:
        raise Refused(ObligationRefusal.HIRED_TOO_EARLY, starts=obligation.placement.starts_on)
    obligation.hired_on = hired_on
    obligation.save()
    event = _write(obligation, "submit_evidence", was=was, by=by, hired_on=hired_on)
    for kind in EvidenceKind.values:
        for upload in files[kind]:
            Evidence.objects.create(event=event, kind=kind, file=store_file(upload, by=by))
    notices.evidence_submitted(obligation, event.pk)
    return obligation


def _check_impartial(obligation: HiringObligation, by: User) -> None:
    """Nobody decides about evidence they handed in, or about what their own company owes."""
    submitted = obligation.events.filter(verb="submit_evidence").last()
    if submitted is not None and submitted.by_id == by.pk:
        raise Refused(ObligationRefusal.OWN_SUBMISSION)
    if role_in(by, obligation.company_id):
        raise Refused(ObligationRefusal.CONFLICT)


@transaction.atomic
def return_evidence(obligation: HiringObligation, *, reason: str, by: User) -> HiringObligation:
    """The evidence does not prove the hire; the company hands in again. A past due date shows at once."""
    if not reason.strip():
        raise Refused(ObligationRefusal.NO_REASON)
    obligation = _locked(obligation)
    was = OBLIGATION.move(obligation, "return_evidence")
    _check_impartial(obligation, by)
    obligation.hired_on = None
    obligation.save()
    event = _write(obligation, "return_evidence", was=was, by=by, note=reason)
    if obligation.due_on < timezone.localdate():
        obligation = mark_obligation_overdue(obligation)
    notices.evidence_returned(obligation, event.pk)
    return obligation


@transaction.atomic
def verify_evidence(obligation: HiringObligation, *, by: User) -> HiringObligation:
    """Staff compared the papers: the obligation is kept."""
    obligation = _locked(obligation)
    was = OBLIGATION.move(obligation, "verify_evidence")
    _check_impartial(obligation, by)
    obligation.closed_at = timezone.now()
    obligation.save()
    event = _write(obligation, "verify_evidence", was=was, by=by)
    notices.obligation_fulfilled(obligation, event.pk)
    return obligation


@transaction.atomic
def waive_obligation(obligation: HiringObligation, *, reason: str, note: str, by: User) -> HiringObligation:
    """면제 by the agency, with a reason code and what was examined."""
    if not note.strip():
        raise Refused(ObligationRefusal.NO_REASON)
    obligation = _locked(obligation)
    was = OBLIGATION.move(obligation, "waive_obligation")
    _check_impartial(obligation, by)
    obligation.waiver_reason, obligation.closed_at = reason, timezone.now()
    obligation.save()
    event = _write(obligation, "waive_obligation", was=was, by=by, note=note, reason=reason)
    notices.obligation_waived(obligation, event.pk)
    return obligation


# --- the night ----------------------------------------------------------------------------------------


def evaluations_to_owe(today: date) -> QuerySet[Evaluation]:
    """Binding, excellent, of a completed placement, and nothing owed for it yet."""
    return Evaluation.objects.binding(today).filter(
        obligation=None, placement__state=PlacementState.COMPLETED, score__gte=F("placement__threshold")
    )


def due_stages(today: date) -> dict[HiringObligation, int]:
    """Every obligation the company still has to act on -> the reminder stage it has reached today."""
    rows = HiringObligation.objects.waiting().with_names()
    reached = {
        row: latest_stage(row.due_on, today, tuple(row.placement.call.rule_set.hire_reminder_days))
        for row in rows
    }
    return {row: stage for row, stage in reached.items() if stage is not None}


def remind_due_obligations(today: date, newest: bool = True) -> dict[str, int]:
    """One night: owe what is new, mark what is past due, owe each reminder the deadline has reached, check the ledger
    and the history.

    A night made up for later (not the ``newest``) reminds nobody: the newest one sends the latest stage alone.

    Raises
    ------
    NightFailed
        If a row failed; everything else is done, and the next tick tries again. What was done has its key or its
        state, so that nothing is done twice.
    """
    steps = Steps()
    steps.each("owed", evaluations_to_owe(today).order_by("pk"), owe_obligation)
    steps.each("overdue", HiringObligation.objects.past_due(today).order_by("pk"), mark_obligation_overdue)
    if newest:
        steps.once("reminded", lambda: remind_of_stages(today))
    steps.once("astray", report_astray)
    steps.once("chained", extend_chain)
    steps.once("broken", report_broken_history)
    steps.once("tampered", report_tampered_lists)
    return steps.finish()


@transaction.atomic
def remind_of_stages(today: date) -> int:
    """Owe the reminder each deadline has reached; returns how many obligations that is."""
    stages = due_stages(today)
    notices.obligations_due(stages, today)
    return len(stages)


def report_astray() -> int:
    """Tell the office of obligations that are not where their events lead; returns how many there are.

    The same ones are told once: only what goes astray later is news.
    """
    found = list(HiringObligation.objects.astray().order_by("pk").values_list("pk", "state"))
    if found:
        notices.ledger_astray(found)
    return len(found)


def report_broken_history() -> int:
    """Tell the office of kept rows that were touched from outside; returns how many links of the chain are broken."""
    broken = [link.pk for link in broken_links()]
    if broken:
        notices.history_broken(broken)
    return len(broken)


def replayed_state(obligation: HiringObligation) -> str:
    """The state the events alone lead to; equal to ``obligation.state``, or the ledger was touched from outside."""
    state = ""
    for event in obligation.events.all():
        move = LEDGER.get(event.verb)
        legal = move is not None and state in move.sources and event.state == move.target
        state = event.state if legal else f"illegal {event.verb} from {state}"
    return state

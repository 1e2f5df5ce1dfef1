"""What somebody takes along to check outside, and who may take everything."""

from datetime import date
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from matching.engine import Market, Result
from matching.engine.proof import Prover
from matching.models import Match, MatchRun
from matching.proofs import notices
from matching.proofs.models import Auditor
from matching.proofs.states import AUDITOR, AuditorRefusal
from matching.snapshot import project_name
from matching.states import RunState
from portal.accounts.models import User
from portal.accounts.rules import is_agency, is_office
from portal.audit.actions import record, record_access
from portal.workflow import Refused
from projects.models import Call, Draw
from projects.rankings.actions import receipt_file
from projects.rankings.models import RankList
from projects.rankings.states import RankListState


@lru_cache(maxsize=1)
def _prover(pk: int, result_sha256: str) -> Prover:
    """Of a computed run, whose answer never changes: everybody asks for theirs in the same days."""
    run = MatchRun.objects.only("market", "result", "figures").get(pk=pk)
    reached = {
        project_name(line["project"]): line["reached"] or 0
        for line in (run.figures or {}).get("projects", [])
        if line["closed"]
    }
    return Prover(Market.from_json(run.market or {}), Result.from_json(run.result or {}), reached)


def personal_proof(match: Match) -> dict[str, Any] | None:
    """One person's proof of a published result, format ``ieum-proof-1``; ``None`` where there is none to make.

    A project that left the match after lists were certified keeps its place in the list and says so.
    """
    run, draw = match.run, Draw.objects.get(call=match.run.call_id)
    trainee = match.application.pseudonym.hex
    sealed = RankList.objects.filter(application=match.application, state=RankListState.SEALED).first()
    try:
        prover = _prover(run.pk, run.result_sha256)
    except ValueError:  # promotions have no line for everybody; nor has a run that kept no market
        return None
    if trainee not in prover.market.trainees:
        return None
    facts: dict[str, Any] = {"commitment": draw.commitment, "secret": draw.secret, "value": draw.value}
    if sealed is not None:
        receipt = receipt_file(sealed)
        facts |= {
            "receipt": receipt,
            "wishes": [
                prover.wish(trainee, name)
                if name in prover.market.projects
                else {"project": name, "state": "absent"}
                for name in map(project_name, receipt["items"])
            ],
        }
    return prover.proof(trainee, call=run.call_id, **facts)


# --- auditors -----------------------------------------------------------------------------------------


@transaction.atomic
def name_auditor(call: Call, *, email: str, until: date, reason: str, by: User) -> Auditor:
    """Let somebody from outside, who takes no part in the call, read its whole pseudonymised market until a day.

    Whoever acts for a company could find people again by the scores it gave; whoever works for the office decides.
    """
    if not is_agency(by):
        raise Refused(AuditorRefusal.NOT_AGENCY)
    call = Call.objects.select_for_update(of=("self",), no_key=True).get(pk=call.pk)
    user = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if user is None:
        raise Refused(AuditorRefusal.NO_ACCOUNT)
    if is_office(user) or user.pk == by.pk:
        raise Refused(AuditorRefusal.OF_OFFICE)
    if _takes_part(user, call):
        raise Refused(AuditorRefusal.TAKES_PART)
    if not MatchRun.objects.filter(call=call, state=RunState.PUBLISHED).exists():
        raise Refused(AuditorRefusal.NOT_PUBLISHED)
    if until < timezone.localdate():
        raise Refused(AuditorRefusal.ENDS_TOO_EARLY)
    if Auditor.objects.live(timezone.localdate()).filter(user=user, call=call).exists():
        raise Refused(AuditorRefusal.ALREADY)
    for over in Auditor.objects.filter(user=user, call=call).exclude(
        state=AUDITOR.moves["revoke_auditor"].target
    ):
        _revoke(over, by, "")
    auditor = Auditor.objects.create(user=user, call=call, until=until, reason=reason, named_by=by)
    record("name_auditor", auditor, by=by, until=until, reason=reason)
    notices.auditor_named(auditor)
    return auditor


def _takes_part(user: User, call: Call) -> bool:
    return User.objects.filter(
        Q(trainee__applications__call=call) | Q(company_memberships__company__projects__call=call), pk=user.pk
    ).exists()


@transaction.atomic
def revoke_auditor(auditor: Auditor, *, reason: str, by: User) -> Auditor:
    """From this moment they read nothing any more; what they took along cannot be taken back."""
    auditor = Auditor.objects.select_for_update(of=("self",)).get(pk=auditor.pk)
    if not is_agency(by):
        raise Refused(AuditorRefusal.NOT_AGENCY)
    return _revoke(auditor, by, reason)


def _revoke(auditor: Auditor, by: User, reason: str) -> Auditor:
    was = AUDITOR.move(auditor, "revoke_auditor")
    auditor.revoked_at = timezone.now()
    auditor.save()
    record("revoke_auditor", auditor, by=by, was=was, reason=reason)
    return auditor


def audited_file(auditor: Auditor, kind: str, *, by: User) -> bytes:
    """The engine's own file of the published run, ``market`` or ``result``, as canonical JSON: its SHA-256 is published.

    Written down for everybody whose wishes it holds.
    """
    run = MatchRun.objects.get(call=auditor.call_id, state=RunState.PUBLISHED)
    people = User.objects.filter(trainee__applications__matches__run=run)
    record_access(f"audit.{kind}", by=by, subjects=people, reason=auditor.reason[:200])
    if kind == "market":
        return Market.from_json(run.market or {}).canonical()
    return Result.from_json(run.result or {}).canonical()

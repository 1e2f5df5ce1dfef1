"""What somebody takes along to check outside."""

from functools import lru_cache
from typing import Any

from matching.engine import Market, Result
from matching.engine.proof import Prover
from matching.models import Match, MatchRun
from matching.snapshot import project_name
from projects.models import Draw
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

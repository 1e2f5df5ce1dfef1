"""What everybody can read about a call's draw, its sealed lists and its result, and check."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from matching.models import Match, MatchRun
from matching.proofs.actions import audited_file, personal_proof
from matching.proofs.forms import ReceiptForm
from matching.proofs.models import Auditor
from matching.snapshot import LIFT, company_name, project_name
from matching.states import Examined, RunState
from matching.words import company_points, fit_percent
from portal.accounts.models import SignedIn
from portal.ui.korean import kdate, kdatetime
from projects.models import Call, Draw, Project
from projects.rankings.actions import find_receipt
from projects.rankings.models import Sealing

Facts = list[dict[str, Any]]


def _call(request: HttpRequest, call: int) -> Call:
    return get_object_or_404(
        Call.objects.visible_to(request.user).select_related("rule_set", "draw"), pk=call
    )


@login_not_required
@require_GET
def call_proof(request: HttpRequest, call: int) -> HttpResponse:
    """From the day the call opens: how ties will fall; then the root over the lists; then the result's certificate."""
    found = _call(request, call)
    sealing = Sealing.objects.filter(call=found).first()
    context = {
        "call": found,
        "draw": found.draw,
        "draw_facts": _draw_facts(found.draw),
        "sources": list(found.draw.sources.all()),
        "sealing": sealing,
        "sealing_facts": _sealing_facts(sealing) if sealing else [],
    }
    run = MatchRun.objects.light().filter(call=found, state=RunState.PUBLISHED).first()
    if run is not None and run.figures:
        context |= _certificate(request, run, run.figures)
    return render(request, "matching/proofs/call_proof.html", context)


# --- the certificate ----------------------------------------------------------------------------------


def _certificate(request: HttpRequest, run: MatchRun, figures: Mapping[str, Any]) -> dict[str, Any]:
    """What is public of a published result: nothing from which a list could be read."""
    projects = Project.objects.filter(call=run.call_id).select_related("company").in_bulk()
    own = Match.objects.visible_to(request.user).filter(run=run) if request.user.is_authenticated else None
    return {
        "run": run,
        "stats": _stats(figures),
        "choices": _choices(figures),
        "closed": _closed(figures, projects),
        "lines": _lines(figures, projects),
        "hashes": _hashes(run, figures),
        "decisions": _decisions(run),
        "exceptions": len(run.changes),
        "has_own": own is not None and own.exists(),
    }


def _stats(figures: Mapping[str, Any]) -> Facts:
    return [
        {"label": _("적격 지원자"), "value": figures["applicants"], "unit": _("명")},
        {"label": _("순위를 낸 사람"), "value": figures["with_list"], "unit": _("명")},
        {"label": _("모집 인원"), "value": figures["places"], "unit": _("명")},
        {"label": _("배치된 사람"), "value": figures["size"], "unit": _("명")},
    ]


def _choices(figures: Mapping[str, Any]) -> Facts:
    """How many got their first choice, their second, …, or nothing."""
    rows: Facts = [
        {"label": _("%(rank)d지망") % {"rank": rank}, "value": count}
        for rank, count in enumerate(figures["rank_profile"], start=1)
    ]
    none = figures["applicants"] - figures["size"]
    return [*rows, {"label": _("배치되지 않음"), "value": none, "tone": "neutral"}]


def _closed(figures: Mapping[str, Any], projects: Mapping[int, Project]) -> Facts:
    return [
        {"project": projects[line["project"]], "reached": line["reached"] or 0, "minimum": line["minimum"]}
        for line in figures["projects"]
        if line["closed"] and line["project"] in projects
    ]


def _lines(figures: Mapping[str, Any], projects: Mapping[int, Project]) -> Facts:
    """The lines of admission of projects, and of companies whose cap could decide, with three places or more."""
    named = {project_name(pk): project for pk, project in projects.items()}
    companies = {company_name(project.company_id): project.company for project in projects.values()}
    offered = Counter[str]()
    for line in figures.get("lines", []):
        if line["circle"] == "project":
            offered[line["company"]] += line["capacity"]
    rows: Facts = []
    for line in figures.get("lines", []):
        bounds = line["circle"] != "company" or line["capacity"] < offered[line["company"]]
        if line["full"] is None or not bounds:
            continue
        of = named.get(line["id"]) if line["circle"] == "project" else companies.get(line["id"])
        last = line["last"]
        rows.append(
            {
                "of": of or line["id"],
                "company": companies.get(line["company"], "-"),
                "is_company": line["circle"] == "company",
                "capacity": line["capacity"],
                "full": line["full"],
                "standing": last and _standing(last["score"]),
                "draw": last and last["draw"],
            }
        )
    return sorted(rows, key=lambda row: (str(row["company"]), not row["is_company"], str(row["of"])))


def _standing(score: float) -> str:
    """A score of the market as its company gave it; the unreviewed stand by fit."""
    if score >= LIFT:
        return _("기업 점수 %(points)s점") % {"points": company_points(score)}
    return _("미평가, 적합도 %(fit)s%%") % {"fit": fit_percent(score)}


def _hashes(run: MatchRun, figures: Mapping[str, Any]) -> Facts:
    facts = [
        (_("입력 해시"), run.market_sha256),
        (_("결과 해시"), run.result_sha256),
        (_("합격선 뿌리값"), figures.get("lines_root")),
        (_("계산기 판"), run.engine),
        (_("동점 처리"), run.call.rule_set.get_tie_rule_display()),
        (_("계산 시각"), kdatetime(run.computed_at)),
    ]
    return [{"label": label, "value": value} for label, value in facts if value]


def _decisions(run: MatchRun) -> Facts:
    """Who decided, by office and time, never by name; and what they examined."""
    return [
        {
            "title": title,
            "at": at,
            "text": " · ".join([*(str(Examined(code).label) for code in checks), note]),
        }
        for title, at, checks, note in (
            (
                _("다른 진흥원 담당자가 발표"),
                run.published_at,
                run.publication_checks,
                run.publication_note,
            ),
            (_("진흥원 담당자가 승인"), run.approved_at, run.approval_checks, run.approval_note),
        )
        if at
    ]


@require_GET
def personal_proof_file(request: SignedIn, call: int) -> HttpResponse:
    """``mine.json``: one's own list, draw, standings and lines, to be checked outside; 404 for who has no result."""
    own = Match.objects.visible_to(request.user).select_related("run", "application")
    match = get_object_or_404(own.defer("run__market", "run__result"), run__call=call)
    document = personal_proof(match)
    if document is None:
        raise Http404
    return JsonResponse(
        document,
        headers={"Content-Disposition": 'attachment; filename="mine.json"', "Cache-Control": "no-store"},
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )


# --- the draw and the lists ---------------------------------------------------------------------------


def _draw_facts(draw: Draw) -> Facts:
    """What is public of the draw now, in the order in which it became so."""
    facts = [
        (_("약속값(비밀 값의 SHA-256)"), draw.commitment),
        (_("공개 난수의 출처"), draw.source),
        (_("값이 나오는 날"), kdate(draw.known_on)),
    ]
    if draw.is_confirmed:
        facts += [
            (_("공개 난수 값"), draw.value),
            (_("값을 읽은 곳"), draw.read_from),
            (_("두 사람이 확인한 시각"), kdatetime(draw.confirmed_at)),
            (_("비밀 값"), draw.secret),
            (_("추첨 씨앗"), draw.seed),
        ]
    return [{"label": label, "value": value} for label, value in facts if value]


def _sealing_facts(sealing: Sealing) -> Facts:
    return [
        {"label": _("뿌리값"), "value": sealing.root},
        {"label": _("제출확인서 수"), "value": _("%(count)d개") % {"count": sealing.count}},
        {"label": _("봉인 시각"), "value": kdatetime(sealing.sealed_at)},
    ]


@login_not_required
@require_GET
def receipt_check(request: HttpRequest, call: int) -> HttpResponse:
    """Whether a receipt lies under the call's root; whose it is and what it holds is told to nobody."""
    found = _call(request, call)
    form = ReceiptForm(request.GET if "receipt" in request.GET else None)
    check = find_receipt(found, form.cleaned_data["receipt"]) if form.is_bound and form.is_valid() else None
    context = {
        "call": found,
        "form": form,
        "check": check,
        "sealing": Sealing.objects.filter(call=found).first(),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "matching/proofs/receipt_check.html", context, status=status)


# --- auditors -----------------------------------------------------------------------------------------


def _own_audits(request: SignedIn) -> Any:
    """What somebody from outside was named for, while it lasts; the office has its own pages."""
    own = Auditor.objects.visible_to(request.user).live(timezone.localdate())
    return own.filter(user=request.user).select_related("call__rule_set", "call__draw")


@require_GET
def audit_list(request: SignedIn) -> HttpResponse:
    audits = list(_own_audits(request).order_by("until", "pk"))
    if not audits:
        raise Http404
    return render(request, "matching/proofs/audit_list.html", {"audits": audits})


@require_GET
def audit_detail(request: SignedIn, call: int) -> HttpResponse:
    """Both files, the commands that re-prove them, and what to compare."""
    auditor = get_object_or_404(_own_audits(request), call=call)
    run = MatchRun.objects.light().get(call=auditor.call, state=RunState.PUBLISHED)
    sealing = Sealing.objects.filter(call=auditor.call).first()
    context = {
        "auditor": auditor,
        "call": auditor.call,
        "run": run,
        "hashes": _hashes(run, run.figures or {}),
        "draw_facts": _draw_facts(auditor.call.draw),
        "sealing_facts": _sealing_facts(sealing) if sealing else [],
        "changes": run.adjustments,
        "decisions": _decisions(run),
    }
    return render(request, "matching/proofs/audit_detail.html", context)


@require_GET
def audit_market(request: SignedIn, call: int) -> HttpResponse:
    return _audited(request, call, "market")


@require_GET
def audit_result(request: SignedIn, call: int) -> HttpResponse:
    return _audited(request, call, "result")


def _audited(request: SignedIn, call: int, kind: str) -> HttpResponse:
    auditor = get_object_or_404(_own_audits(request), call=call)
    return HttpResponse(
        audited_file(auditor, kind, by=request.user),
        content_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="{kind}-{call}.json"',
            "Cache-Control": "no-store",
        },
    )

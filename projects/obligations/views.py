from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from portal.accounts.models import SignedIn
from portal.audit.actions import record_access
from portal.files.actions import SHOWN, send_file
from portal.ui.htmx import render_page
from portal.ui.korean import kdate, unbroken, won
from portal.ui.refusals import sentence
from portal.workflow import IllegalMove, Refused
from projects.obligations import actions
from projects.obligations.forms import EvidenceForm
from projects.obligations.models import Evidence, HiringObligation, ObligationEvent
from projects.obligations.states import OBLIGATION, OPEN, WAITING, LedgerVerb, ObligationState

PER_PAGE = 20

#: The parts a list is looked at in: which states, and what the part is called.
PARTS = {
    "waiting": (WAITING, gettext_lazy("이행할 것")),
    "submitted": (frozenset({ObligationState.EVIDENCE_SUBMITTED}), gettext_lazy("확인 중")),
    "closed": (frozenset(ObligationState) - OPEN, gettext_lazy("끝난 것")),
}

#: The colour of each event on the timeline.
TONES: dict[str, str] = {
    LedgerVerb.OWE: "info",
    LedgerVerb.OVERDUE: "danger",
    LedgerVerb.SUBMIT: "info",
    LedgerVerb.RETURN: "warn",
    LedgerVerb.VERIFY: "good",
}


@require_GET
def obligation_list(request: SignedIn) -> HttpResponse:
    """What a company owes, or what is owed to a trainee; the nearest deadline first."""
    mine = HiringObligation.objects.visible_to(request.user)
    counts = mine.count_by_state()
    part = request.GET.get("part", "")
    part = part if part in PARTS else ""
    found = mine.filter(state__in=PARTS[part][0]) if part else mine
    page = Paginator(found.with_names().worklist(), PER_PAGE).get_page(request.GET.get("page"))
    tabs = [{"label": _("모두"), "url": request.path, "current": not part, "count": sum(counts.values())}]
    for name, (states, label) in PARTS.items():
        count = sum(counts.get(state, 0) for state in states)
        tabs.append({"label": label, "url": f"?part={name}", "current": part == name, "count": count})
    owed_to_me = hasattr(request.user, "trainee") and not request.user.company_memberships.exists()
    context = {"page": page, "tabs": tabs, "part": part, "owed_to_me": owed_to_me, "waiting": WAITING}
    return render_page(request, "projects/obligations/obligation_list.html", context, partial="rows")


def _visible(request: SignedIn, pk: int) -> HiringObligation:
    return get_object_or_404(HiringObligation.objects.visible_to(request.user).with_names(), pk=pk)


@require_GET
def obligation_detail(request: SignedIn, pk: int) -> HttpResponse:
    """The facts of one obligation, what happened and what comes next."""
    obligation = _visible(request, pk)
    sees_evidence = request.user.has_perm("obligations.see_evidence", obligation)
    events = list(obligation.events.prefetch_related("evidence__file").order_by("-pk"))
    is_owed_to_me = obligation.placement.trainee.user_id == request.user.pk
    context = {
        "obligation": obligation,
        "is_waiting": obligation.state in WAITING,
        "is_owed_to_me": is_owed_to_me,
        "may_submit": OBLIGATION.may(obligation, "submit_evidence")
        and request.user.has_perm("obligations.submit_evidence", obligation),
        "returned": _returned(obligation, events) if sees_evidence else None,
        "steps": _steps(obligation),
        "facts": _facts(obligation)[1:] if is_owed_to_me else _facts(obligation),
        "events": [
            {"at": event.at, "title": event.get_verb_display(), "tone": TONES.get(event.verb, "")}
            | ({"text": event.note} if event.verb == LedgerVerb.RETURN and sees_evidence else {})
            for event in events
        ],
        "evidence": [
            {"one": one, "at": event.at, "may_show": one.file.content_type in SHOWN}
            for event in events
            for one in event.evidence.all()
            if sees_evidence
        ],
    }
    return render(request, "projects/obligations/obligation_detail.html", context)


def _returned(obligation: HiringObligation, events: Iterable[ObligationEvent]) -> ObligationEvent | None:
    """The request to hand in again that still stands; ``events`` newest first."""
    if obligation.state not in WAITING:
        return None
    asked = (event for event in events if event.verb in (LedgerVerb.RETURN, LedgerVerb.SUBMIT))
    last = next(asked, None)
    return last if last is not None and last.verb == LedgerVerb.RETURN else None


def _steps(obligation: HiringObligation) -> list[dict[str, str]]:
    """The way from owing to keeping, and where this one stands; a waived one is not on it."""
    if obligation.state == ObligationState.WAIVED:
        return []
    reached = {ObligationState.EVIDENCE_SUBMITTED: 2, ObligationState.FULFILLED: 4}.get(
        ObligationState(obligation.state), 1
    )
    labels = [
        (_("우수 평가 확정"), ""),
        (_("채용과 증빙"), _("%(due)s까지") % {"due": unbroken(kdate(obligation.due_on))}),
        (_("운영사 확인"), ""),
        (_("이행 완료"), ""),
    ]
    return [
        {"label": label, "note": note, "state": _standing(number, reached)}
        for number, (label, note) in enumerate(labels)
    ]


def _standing(number: int, reached: int) -> str:
    return "done" if number < reached else "now" if number == reached else "next"


def _facts(obligation: HiringObligation) -> list[dict[str, Any]]:
    placement = obligation.placement
    project = placement.project
    facts = [
        (_("채용할 사람"), placement.trainee.user.name),
        (_("회사"), obligation.company.name),
        (_("프로젝트"), project.title),
        (_("프로젝트 기간"), unbroken(f"{kdate(placement.starts_on)} ~\n{kdate(placement.ends_on)}")),
        (_("이행 기한"), unbroken(kdate(obligation.due_on))),
        (
            _("약속한 조건"),
            f"{project.hire_type}\n{_('월')} {won(project.hire_pay_won)}\n{project.hire_place}",
        ),
        (_("채용일"), kdate(obligation.hired_on) if obligation.hired_on else ""),
        (_("면제 사유"), obligation.get_waiver_reason_display()),
    ]
    return [{"label": label, "value": value} for label, value in facts if value]


@require_http_methods(["GET", "POST"])
def evidence_submit(request: SignedIn, pk: int) -> HttpResponse:
    """The company hands in both papers; files that were refused must be chosen again, the date is kept."""
    obligation = _visible(request, pk)
    if not request.user.has_perm("obligations.submit_evidence", obligation):
        raise PermissionDenied
    if not OBLIGATION.may(obligation, "submit_evidence"):
        raise IllegalMove(obligation, "submit_evidence")
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = EvidenceForm(*sent, obligation=obligation)
    if request.method == "POST" and form.is_valid():
        try:
            actions.submit_evidence(
                obligation, hired_on=form.cleaned_data["hired_on"], files=form.papers(), by=request.user
            )
        except Refused as refused:
            form.add_error(None, sentence(refused))
        else:
            messages.success(request, _("증빙을 올렸습니다. 운영사가 확인 중입니다."))
            return redirect("obligations:obligation-detail", obligation.pk)
    status = 422 if request.method == "POST" else 200
    events = obligation.events.order_by("-pk")
    context = {"form": form, "obligation": obligation, "returned": _returned(obligation, events)}
    return render(request, "projects/obligations/evidence_submit.html", context, status=status)


@require_GET
def evidence_file(request: SignedIn, pk: int, evidence: int) -> HttpResponseBase:
    """Send one paper to the company or the office (``?show`` to look at it); nobody else learns that it exists."""
    obligation = _visible(request, pk)
    if not request.user.has_perm("obligations.see_evidence", obligation):
        raise Http404
    one = get_object_or_404(
        Evidence.objects.select_related("file"), pk=evidence, event__obligation=obligation
    )
    record_access(
        f"evidence:{one.pk}", by=request.user, subjects=[obligation.placement.trainee.user], reason=one.kind
    )
    return send_file(one.file, show="show" in request.GET)

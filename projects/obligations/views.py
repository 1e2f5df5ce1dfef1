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
from portal.files.actions import send_file
from portal.ui.htmx import render_page
from portal.ui.korean import kdate, won
from portal.ui.refusals import sentence
from portal.workflow import IllegalMove, Refused
from projects.obligations import actions
from projects.obligations.forms import EvidenceForm
from projects.obligations.models import Evidence, HiringObligation
from projects.obligations.states import OBLIGATION, OPEN, WAITING, ObligationState

PER_PAGE = 20

#: The parts a list is looked at in: which states, and what the part is called.
PARTS = {
    "waiting": (WAITING, gettext_lazy("이행할 것")),
    "submitted": (frozenset({ObligationState.EVIDENCE_SUBMITTED}), gettext_lazy("확인 중")),
    "closed": (frozenset(ObligationState) - OPEN, gettext_lazy("끝난 것")),
}

#: What each event is called on the timeline, and its colour.
TOLD = {
    "owe_obligation": (gettext_lazy("채용의무가 생겼습니다"), "info"),
    "mark_obligation_overdue": (gettext_lazy("이행 기한이 지났습니다"), "danger"),
    "submit_evidence": (gettext_lazy("회사가 증빙을 올렸습니다"), "info"),
    "return_evidence": (gettext_lazy("운영사가 보완을 요청했습니다"), "warn"),
    "verify_evidence": (gettext_lazy("채용을 확인했습니다"), "good"),
    "waive_obligation": (gettext_lazy("면제되었습니다"), ""),
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
    owed_to_me = hasattr(request.user, "trainee")
    context = {"page": page, "tabs": tabs, "part": part, "owed_to_me": owed_to_me, "waiting": WAITING}
    return render_page(request, "projects/obligations/obligation_list.html", context, partial="rows")


def _visible(request: SignedIn, pk: int) -> HiringObligation:
    return get_object_or_404(HiringObligation.objects.visible_to(request.user).with_names(), pk=pk)


@require_GET
def obligation_detail(request: SignedIn, pk: int) -> HttpResponse:
    """The facts of one obligation, what happened and what comes next."""
    obligation = _visible(request, pk)
    sees_evidence = request.user.has_perm("obligations.see_evidence", obligation)
    events = list(obligation.events.select_related("by").prefetch_related("evidence__file").order_by("-pk"))
    returned = events[0] if events and events[0].verb == "return_evidence" else None
    if (
        len(events) > 1
        and events[0].verb == "mark_obligation_overdue"
        and events[1].verb == "return_evidence"
    ):
        returned = events[1]
    context = {
        "obligation": obligation,
        "is_waiting": obligation.state in WAITING,
        "is_owed_to_me": obligation.placement.trainee.user_id == request.user.pk,
        "may_submit": OBLIGATION.may(obligation, "submit_evidence")
        and request.user.has_perm("obligations.submit_evidence", obligation),
        "returned": returned,
        "facts": _facts(obligation),
        "events": [
            {
                "at": event.at,
                "title": TOLD[event.verb][0],
                "tone": TOLD[event.verb][1],
                "text": event.note if sees_evidence or event.verb != "return_evidence" else "",
            }
            for event in events
        ],
        "evidence": [
            {"one": one, "at": event.at} for event in events for one in event.evidence.all() if sees_evidence
        ],
    }
    return render(request, "projects/obligations/obligation_detail.html", context)


def _facts(obligation: HiringObligation) -> list[dict[str, Any]]:
    placement = obligation.placement
    project = placement.project
    facts = [
        (_("채용할 사람"), placement.trainee.user.name),
        (_("회사"), obligation.company.name),
        (_("프로젝트"), project.title),
        (_("프로젝트 기간"), f"{kdate(placement.starts_on)}\n~ {kdate(placement.ends_on)}"),
        (_("이행 기한"), kdate(obligation.due_on)),
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
    context = {"form": form, "obligation": obligation, "facts": _facts(obligation)}
    return render(request, "projects/obligations/evidence_submit.html", context, status=status)


@require_GET
def evidence_file(request: SignedIn, pk: int, evidence: int) -> HttpResponseBase:
    """Send one paper to the company or the office; nobody else learns that it exists."""
    obligation = _visible(request, pk)
    if not request.user.has_perm("obligations.see_evidence", obligation):
        raise Http404
    one = get_object_or_404(
        Evidence.objects.select_related("file"), pk=evidence, event__obligation=obligation
    )
    record_access(
        f"evidence:{one.pk}", by=request.user, subjects=[obligation.placement.trainee.user], reason=one.kind
    )
    return send_file(one.file)

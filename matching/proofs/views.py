"""What everybody can read about a call's draw, its sealed lists and its result, and check."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from matching.proofs.forms import ReceiptForm
from portal.ui.korean import kdate, kdatetime
from projects.models import Call, Draw
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
    return render(request, "matching/proofs/call_proof.html", context)


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

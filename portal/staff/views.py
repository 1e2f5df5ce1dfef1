from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.staff import dashboard
from portal.staff.forecast import forecast
from projects.obligations.admin import urgency_stats
from projects.obligations.models import HiringObligation


def index(site: AdminSite, request: HttpRequest, extra: dict[str, Any]) -> HttpResponse:
    """The dashboard."""
    now, today = timezone.now(), timezone.localdate()
    calls = dashboard.calls_to_choose()
    call = dashboard.chosen_call(calls, request.GET.get("call", ""))
    nights = forecast(timezone.localtime(now), reminders_at=settings.OBLIGATION_REMINDERS_AT)
    context = {
        **site.each_context(request),
        "title": _("운영 현황"),
        "app_list": site.get_app_list(request),
        "now": now,
        "calls": calls,
        "call": call,
        "funnel": dashboard.funnel(call) if call else [],
        "decisions": dashboard.decisions(today),
        "stats": urgency_stats(HiringObligation.objects.by_urgency(today)),
        "deadlines": dashboard.deadlines_ahead(calls, now),
        "last_nights": dashboard.last_nights(),
        "coming": dashboard.coming(nights),
        "tonight": nights[0],
        "queued": dashboard.queued_today(now),
        **extra,
    }
    return TemplateResponse(request, "admin/dashboard.html", context)


def forecast_page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Who will be written to on each of the next nights, and why."""
    nights = forecast(timezone.localtime(), reminders_at=settings.OBLIGATION_REMINDERS_AT)
    context = {
        **site.each_context(request),
        "title": _("나갈 알림"),
        "nights": nights,
        "queued": dashboard.queued_today(timezone.now()),
    }
    return TemplateResponse(request, "admin/forecast.html", context)

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from portal.staff import dashboard
from portal.staff.forecast import Forecast, described
from portal.staff.nights import alarms, last_nights
from portal.ui.korean import kdatetime
from projects.obligations.admin import urgency_stats
from projects.obligations.models import HiringObligation

MESSAGES_PER_PAGE = 50


def _forecast() -> Forecast:
    return Forecast(timezone.localtime(), reminders_at=settings.OBLIGATION_REMINDERS_AT)


def index(site: AdminSite, request: HttpRequest, extra: dict[str, Any]) -> HttpResponse:
    """The dashboard: counts only, each with the list behind it; a constant number of queries."""
    now, today = timezone.now(), timezone.localdate()
    calls = dashboard.calls_to_choose()
    call = dashboard.chosen_call(calls, request.GET.get("call", ""))
    nights, last = _forecast().nights(), last_nights(now)
    context = {
        **site.each_context(request),
        "title": _("운영 현황"),
        "app_list": site.get_app_list(request),
        "now": now,
        "calls": calls,
        "call": call,
        "call_url": reverse("admin:projects_call_change", args=[call.pk]) if call else "",
        "funnel": dashboard.funnel(call) if call else [],
        "decisions": dashboard.decisions(today, request.user),
        "danger": dashboard.in_danger(call) if call else {},
        "stats": urgency_stats(HiringObligation.objects.by_urgency(today)),
        "deadlines": dashboard.deadlines_ahead(calls, now),
        "last_nights": last,
        "alarms": alarms(last),
        "coming": dashboard.coming(nights),
        "outbox": dashboard.outbox(now),
        **extra,
    }
    return TemplateResponse(request, "admin/dashboard.html", context)


def forecast_page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Who will be written to in one of the next nights, and why."""
    forecast = _forecast()
    nights = forecast.nights()
    busy = [night.day for night in nights if night.count]
    on = _day(request.GET.get("on", ""))
    if on not in forecast.days:
        on = busy[0] if busy else forecast.days[0]
    page = Paginator(forecast.messages(on), MESSAGES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **site.each_context(request),
        "title": _("나갈 알림"),
        "on": on,
        "tabs": [
            {
                "label": kdatetime(night.day),
                "count": night.count,
                "url": f"?on={night.day}",
                "current": night.day == on,
            }
            for night in nights
            if night.count or night.day == on
        ],
        "page": page,
        "sendings": described(page.object_list),
        "outbox": dashboard.outbox(timezone.now()),
    }
    return TemplateResponse(request, "admin/forecast.html", context)


def _day(text: str) -> Any:
    try:
        return parse_date(text)
    except ValueError:  # looks like a date and is none
        return None

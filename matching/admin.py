from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from matching import terms
from matching.actions import approve_run, discard_run, is_current, publish_run, queue_run
from matching.models import Match, MatchRun
from matching.snapshot import count_pairs_apart
from matching.states import MATCH_RUN, Examined, Outlook, RunKind, RunState
from matching.words import adjustment_lines
from portal.accounts.models import User
from portal.audit.actions import record_access
from portal.ui.admin import Verb, WorkAdmin, asks, day_column, link, moment_column, reason_field
from portal.ui.korean import kdatetime
from portal.ui.templatetags.components import badge
from projects.models import Call, Project
from projects.placements.actions import vacancy_mode
from projects.states import FILLING, VacancyMode
from projects.terms import KOREAN_HOLIDAYS, answer_due, is_publication_time

MATCHES_PER_PAGE = 50
VIOLATIONS_SHOWN = 50
#: Up to so many applicants it is worked out while the page is asked for.
COUNTED_ON_THE_PAGE = 5000


class QueueForm(forms.Form):
    call = forms.ModelChoiceField(Call.objects.none(), label=gettext_lazy("모집 공고"), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        calls = Call.objects.awaiting_match(timezone.now())
        self.fields["call"].queryset = calls  # type: ignore[attr-defined]
        if not calls:
            self.fields["call"].help_text = _(
                "희망순위 제출이 시작되고 결과를 발표하지 않은 공고가 없습니다."
            )


def _queue(*, call: Call, by: User) -> MatchRun:
    return queue_run(call, on=timezone.localdate(), by=by)


def _answer_by(run: MatchRun, now: datetime) -> datetime:
    """Until when people would have to answer if the result were published now."""
    rules = run.call.rule_set
    return answer_due(timezone.localtime(now), rules.answer_working_days, rules.answer_hour, KOREAN_HOLIDAYS)


def _hour_warning(run: MatchRun, now: datetime) -> list[str]:
    """What to think of before publishing outside office hours; it is not refused."""
    rules = run.call.rule_set
    hours = {"from": rules.offer_hour, "until": rules.answer_hour}
    if is_publication_time(now, KOREAN_HOLIDAYS, offer_hour=rules.offer_hour, answer_hour=rules.answer_hour):
        return []
    return [
        _(
            "지금은 발표하기 좋은 때(근무일 %(from)d:00–%(until)d:00)가 아닙니다. 결과를 읽은 사람들이 물어볼 곳이 없으니, 되도록 그 시간에 발표해 주세요."
        )
        % hours
    ]


def _approve_consequences(run: MatchRun) -> list[str]:
    now = timezone.now()
    return [
        _("승인하면 저장된 입력과 결과를 다시 검증합니다. 증명되지 않으면 승인되지 않습니다."),
        _("승인만으로는 아무에게도 알려지지 않습니다. 다른 진흥원 담당자가 발표해야 합니다."),
        _("지금 발표한다면 제안받은 사람은 %(due)s까지 답해야 합니다.")
        % {"due": kdatetime(_answer_by(run, now))},
        *_hour_warning(run, now),
    ]


def _publish_consequences(run: MatchRun) -> list[str]:
    figures, now = run.figures or {}, timezone.now()
    unmatched = figures.get("applicants", 0) - figures.get("size", 0)
    return [
        *_hour_warning(run, now),
        _("%(count)d명에게 배치를 제안합니다. 제안받은 사람은 %(due)s까지 답해야 합니다.")
        % {"count": figures.get("size", 0), "due": kdatetime(_answer_by(run, now))},
        _(
            "%(count)d명에게 배치되지 않았음을 알립니다. 그 가운데 %(people)d명은 예비순번을 받습니다(모두 %(numbers)d개)."
        )
        % {
            "count": unmatched,
            "people": figures.get("reserve_people", 0),
            "numbers": figures.get("reserve_numbers", 0),
        },
        _("%(count)d개 과제는 최소 인원에 못 미쳐 열지 않습니다.")
        % {"count": len(figures.get("closed", []))},
        _("공고가 결과 발표로 바뀌고, 되돌릴 수 없습니다."),
    ]


def _checks_field() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=gettext_lazy("살펴본 것"),
        choices=Examined.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("실제로 살펴본 것만 짚어 주세요. 짚은 것은 검증서에 공개됩니다."),
    )


@admin.register(MatchRun)
class MatchRunAdmin(WorkAdmin):
    """Review of a run: its figures, its proof, approval by one member of the agency and publication by another."""

    workflow = MATCH_RUN
    conflicts = {
        "match_run_one_published": gettext_lazy("이 공고의 결과는 이미 발표되었습니다."),
        "match_run_two_people": gettext_lazy(
            "승인한 사람은 발표할 수 없습니다. 다른 진흥원 담당자가 발표해 주세요."
        ),
    }
    verbs = [
        Verb(
            "queue_run",
            gettext_lazy("지금 매칭 실행"),
            _queue,
            gettext_lazy(
                "지금까지 낸 희망순위로 매칭을 계산합니다. 순위가 마감되기 전이면 중간 점검이고 아무에게도 알려지지 않습니다."
            ),
            form=QueueForm,
            done=gettext_lazy("매칭을 맡겼습니다. 몇 초 안에 시작합니다."),
            of_list=True,
        ),
        Verb(
            "approve_run",
            gettext_lazy("승인"),
            approve_run,
            gettext_lazy("수치와 검증서를 살펴본 진흥원 담당자가 승인합니다."),
            form=asks(
                checks=_checks_field(),
                note=reason_field(
                    gettext_lazy("무엇을 확인했나"),
                    most=1000,
                    hint=gettext_lazy(
                        "발표하면 검증서에 그대로 공개됩니다. 사람 이름은 적지 마세요. 예: 최소 인원에 못 미친 과제 2개를 회사와 확인"
                    ),
                ),
            ),
            consequences=_approve_consequences,
            legal=lambda run: run.kind == RunKind.FINAL and MATCH_RUN.may(run, "approve_run"),
            done=gettext_lazy("승인했습니다. 다른 진흥원 담당자가 발표할 수 있습니다."),
            bulk=False,
        ),
        Verb(
            "publish_run",
            pgettext_lazy("verb", "발표"),
            publish_run,
            gettext_lazy("승인한 사람이 아닌 다른 진흥원 담당자가 결과를 발표합니다."),
            form=asks(
                checks=_checks_field(),
                note=reason_field(
                    gettext_lazy("무엇을 확인했나"),
                    most=1000,
                    hint=gettext_lazy("검증서에 그대로 공개됩니다. 사람 이름은 적지 마세요."),
                ),
            ),
            consequences=_publish_consequences,
            done=gettext_lazy("결과를 발표했습니다."),
            bulk=False,
        ),
        Verb(
            "discard_run",
            gettext_lazy("버리기"),
            discard_run,
            gettext_lazy("이 결과를 쓰지 않습니다. 다음 밤이나 ‘지금 매칭 실행’이 새로 계산합니다."),
            form=asks(reason=reason_field()),
            done=gettext_lazy("결과를 버렸습니다."),
            danger=True,
            bulk=False,
        ),
    ]
    list_display = [
        "__str__",
        "kind",
        day_column("on", gettext_lazy("기준일")),
        "state_shown",
        "size_shown",
        "proof_shown",
        moment_column("computed_at", gettext_lazy("계산 시각")),
    ]
    list_select_related = ["call"]
    list_filter = ["state", "kind", "call"]
    change_form_template = "admin/matching/run_review.html"
    fields = [
        "call",
        "kind",
        "on",
        "requested_by",
        "computed_at",
        "approved_by",
        "approved_at",
        "approval_checked",
        "approval_note",
        "published_by",
        "published_at",
        "publication_checked",
        "publication_note",
        "error",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[MatchRun]:
        return MatchRun.objects.light().select_related("call__rule_set")

    def get_fields(self, request: HttpRequest, obj: MatchRun | None = None) -> Any:
        """What has happened; what has not leaves no empty line."""
        kept = {"approval_checked": "approval_checks", "publication_checked": "publication_checks"}
        return [name for name in self.fields if obj is None or getattr(obj, kept.get(str(name), str(name)))]

    def work_urls(self) -> list[URLPattern]:
        return [
            self.work_path("<path:object_id>/matches/", self.matches_view, "matches"),
            self.work_path("<path:object_id>/progress/", self.progress_view, "progress"),
            self.work_path("<path:object_id>/certificate.json", self.certificate_view, "certificate"),
        ]

    @admin.display(description=gettext_lazy("승인하며 짚은 것"))
    def approval_checked(self, run: MatchRun) -> str:
        return "\n".join(str(Examined(code).label) for code in run.approval_checks)

    @admin.display(description=gettext_lazy("발표하며 짚은 것"))
    def publication_checked(self, run: MatchRun) -> str:
        return "\n".join(str(Examined(code).label) for code in run.publication_checks)

    @admin.display(description=gettext_lazy("배치"))
    def size_shown(self, run: MatchRun) -> str:
        figures = run.figures or {}
        if figures.get("about") is not None:
            return _("약 %(about)d / %(applicants)d") % figures
        return f"{figures['size']} / {figures['applicants']}" if "size" in figures else "-"

    @admin.display(description=gettext_lazy("검증"))
    def proof_shown(self, run: MatchRun) -> str:
        if run.violations is None:
            return "-"
        if run.is_proved:
            return badge(_("증명됨"), "good", "badge-check")
        return badge(_("위반 %(count)d건") % {"count": len(run.violations)}, "danger", "triangle-alert")

    def work_context(self, request: HttpRequest, obj: MatchRun) -> dict[str, Any]:
        show = _final_context if obj.kind == RunKind.FINAL else _provisional_context
        return {
            "certificate_url": reverse("admin:matching_matchrun_certificate", args=[obj.pk]),
            "progress_url": reverse("admin:matching_matchrun_progress", args=[obj.pk]),
            "is_waiting": obj.state == RunState.QUEUED,
            "is_final": obj.kind == RunKind.FINAL,
            "figures": obj.figures,
            **_adjustment_context(obj),
            "violations": (obj.violations or [])[:VIOLATIONS_SHOWN],
            **(show(obj, obj.figures) if obj.figures else {}),
            **_vacancy_context(obj),
        }

    def matches_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Who got what, with the number of the choice; nobody's other wishes."""
        run = self._visible(request, object_id)
        if run.kind != RunKind.FINAL:
            raise Http404
        rows = (
            Match.objects.filter(run=run)
            .select_related("application__trainee__user", "project__company")
            .defer("reasons")
            .order_by("project__title", "rank", "application")
        )
        rank = request.GET.get("rank", "")
        if rank == "none":
            rows = rows.filter(project=None).exclude(reasons=[])
        elif rank == "placed":
            rows = rows.filter(project__isnull=False)
        elif rank == "assigned":
            rows = rows.filter(project__isnull=False, rank=None)
        elif rank == "unlisted":
            rows = rows.filter(project=None, reasons=[])
        elif rank.isdecimal() and len(rank) < 4:
            rows = rows.filter(rank=int(rank))
        project = request.GET.get("project", "")
        if project.isdecimal() and len(project) < 19:
            rows = rows.filter(project=int(project))
        page = Paginator(rows, MATCHES_PER_PAGE).get_page(request.GET.get("page"))
        record_access(
            "matching.match.list",
            by=request.user,
            subjects=[match.application.trainee.user for match in page],
        )
        context = {
            **self.admin_site.each_context(request),
            "title": _("배정표"),
            "opts": self.opts,
            "original": run,
            "page": page,
            "lines": [
                {
                    "reference": match.application.reference,
                    "person": link(match.application, match.application.trainee),
                    "project": link(match.project) if match.project else _("배치되지 않음"),
                    "company": match.project.company if match.project else "-",
                    "choice": _("%(rank)d지망") % {"rank": match.rank} if match.rank else "-",
                }
                for match in page
            ],
        }
        return TemplateResponse(request, "admin/matching/run_matches.html", context)

    def progress_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Polled while a run waits; when it is done the page is loaded anew."""
        run = self._visible(request, object_id)
        if run.state != RunState.QUEUED:
            return HttpResponse(headers={"HX-Refresh": "true"})
        progress_url = reverse("admin:matching_matchrun_progress", args=[run.pk])
        return TemplateResponse(
            request, "admin/matching/run_progress.html", {"progress_url": progress_url, "original": run}
        )

    def certificate_view(self, request: HttpRequest, object_id: str) -> JsonResponse:
        """What an auditor needs: hashes, proof and figures. The market itself, everybody's wishes, stays here.

        Of a provisional run there are no hashes, and its figures are the safe ones.
        """
        run = self._visible(request, object_id)
        return JsonResponse(
            {
                "format": "ieum-certificate-1",
                "call": run.call.title,
                "kind": run.kind,
                "state": run.state,
                "on": run.on.isoformat(),
                "computed_at": run.computed_at and run.computed_at.isoformat(),
                "engine": run.engine,
                "rule": run.call.rule_set.tie_rule,
                "market_sha256": run.market_sha256,
                "result_sha256": run.result_sha256,
                "proved": run.is_proved,
                "violations": run.violations,
                "figures": run.figures,
                "adjustments": [
                    {name: value for name, value in change.items() if name not in ("application", "note")}
                    for change in run.changes
                ],
            },
            headers={"Content-Disposition": f'attachment; filename="certificate-{run.pk}.json"'},
            json_dumps_params={"ensure_ascii": False, "indent": 2},
        )


def _adjustment_context(run: MatchRun) -> dict[str, Any]:
    """What a run made from a scenario changes in the call, by whom and why; and whether it can still be decided about."""
    if run.adjustments is None:
        return {}
    waits = run.state in (RunState.VERIFIED, RunState.APPROVED)
    return {
        "adjustments": run.adjustments,
        "adjusted_at": datetime.fromisoformat(run.adjustments["at"]),
        "lines_adjusted": adjustment_lines(run.changes),
        "is_outdated": waits and not is_current(run),
    }


def _final_context(run: MatchRun, figures: Mapping[str, Any]) -> dict[str, Any]:
    """What the two who decide look at."""
    page = reverse("admin:matching_matchrun_matches", args=[run.pk])
    return {
        "matches_url": page,
        "run_stats": _stats(figures),
        "choices": _choices(figures, page),
        "lines": _project_lines(figures),
        "proof_facts": [
            {"label": _("입력 해시"), "value": run.market_sha256},
            {"label": _("결과 해시"), "value": run.result_sha256},
            {"label": _("계산기 판"), "value": run.engine},
            {"label": _("동점 처리"), "value": run.call.rule_set.get_tie_rule_display()},
            {"label": _("계산 시각"), "value": kdatetime(run.computed_at)},
        ],
    }


def _vacancy_context(run: MatchRun) -> dict[str, Any]:
    """Of the published run, while seats are given on: once nobody moves, what that leaves undone."""
    call = run.call
    if run.state != RunState.PUBLISHED or call.state not in FILLING:
        return {}
    moving = vacancy_mode(call, timezone.now()) == VacancyMode.CHAIN
    small = (run.figures or {}).get("applicants", 0) <= COUNTED_ON_THE_PAGE
    return {
        "vacancy_mode": _("연쇄 충원") if moving else _("자리가 없는 사람에게만 제안"),
        "vacancies_url": reverse("admin:projects_call_change", args=[call.pk]),
        "pairs_apart": count_pairs_apart(run) if small and not moving else None,
        "pairs_uncounted": not small and not moving,
    }


def _provisional_context(run: MatchRun, figures: Mapping[str, Any]) -> dict[str, Any]:
    """What staff look at while lists can still change: bands and rounded numbers."""
    return {
        "run_stats": _provisional_stats(figures),
        "looked_at": figures.get("looked_at") and datetime.fromisoformat(figures["looked_at"]),
        "lists_per_look": terms.LISTS_PER_LOOK,
        "bands": _bands(figures),
    }


def _provisional_stats(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    danger = sum(line["band"] == Outlook.DANGER for line in figures["projects"])
    seen = figures["about"] is not None
    return [
        {"label": _("적격 지원자"), "value": figures["applicants"], "unit": _("명")},
        {
            "label": _("순위를 낸 사람"),
            "value": figures["with_list"],
            "unit": _("명"),
            "note": _percent(figures["with_list"], figures["applicants"]),
        },
        {"label": _("모집 인원"), "value": figures["places"], "unit": pgettext("unit", "자리")},
        {
            "label": _("지금대로면 배치"),
            "value": _("약 %(about)d") % figures if seen else "-",
            "unit": _("명") if seen else "",
        },
        {
            "label": Outlook.DANGER.label,
            "value": danger if seen else "-",
            "unit": _("개") if seen else "",
            "tone": "warn" if danger else "",
        },
    ]


#: Those that need somebody first.
BANDS = {
    Outlook.DANGER: "danger",
    Outlook.NOBODY: "warn",
    Outlook.ROOM: "info",
    Outlook.FILLED: "good",
    Outlook.WANTED: "neutral",
}


def _bands(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every project in its band, those in danger first."""
    projects = Project.objects.select_related("company").in_bulk(
        [line["project"] for line in figures["projects"]]
    )
    order = {band.value: number for number, band in enumerate(BANDS)}
    lines = sorted(
        figures["projects"],
        key=lambda line: (order[line["band"]], str(projects[line["project"]].company), line["project"]),
    )
    return [
        {
            "link": link(projects[line["project"]]),
            "company": projects[line["project"]].company,
            "minimum": projects[line["project"]].minimum,
            "capacity": projects[line["project"]].places,
            "badge": badge(Outlook(line["band"]).label, BANDS[Outlook(line["band"])]),
        }
        for line in lines
    ]


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}%" if whole else ""


def _stats(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    closed = len(figures["closed"])
    return [
        {"label": _("적격 지원자"), "value": figures["applicants"], "unit": _("명")},
        {
            "label": _("순위를 낸 사람"),
            "value": figures["with_list"],
            "unit": _("명"),
            "note": _percent(figures["with_list"], figures["applicants"]),
        },
        {"label": _("모집 인원"), "value": figures["places"], "unit": pgettext("unit", "자리")},
        {
            "label": pgettext("state", "배치"),
            "value": figures["size"],
            "unit": _("명"),
            "note": _("자리의 %(share)s") % {"share": _percent(figures["size"], figures["places"]) or "0%"},
        },
        {"label": _("열지 않는 과제"), "value": closed, "unit": _("개"), "tone": "warn" if closed else ""},
    ]


def _choices(figures: Mapping[str, Any], page: str) -> list[dict[str, Any]]:
    """How many got their first choice, their second, …, and nothing; together they are all applicants."""
    applicants = figures["applicants"]
    without = figures.get("without", applicants - figures["with_list"])
    rows = [
        {"label": _("%(rank)d지망") % {"rank": rank}, "value": count, "query": f"rank={rank}"}
        for rank, count in enumerate(figures["rank_profile"], start=1)
    ]
    if assigned := figures.get("assigned", 0):
        rows.append({"label": _("순위와 다르게 지정"), "value": assigned, "query": "rank=assigned"})
    none = applicants - figures["size"] - without
    rows.append(
        {"label": _("배치되지 않음"), "value": none, "query": "rank=none", "tone": "neutral"},
    )
    if without:
        rows.append(
            {"label": _("순위를 내지 않음"), "value": without, "query": "rank=unlisted", "tone": "neutral"}
        )
    return [
        {**row, "note": _percent(row["value"], applicants), "url": f"{page}?{row['query']}"} for row in rows
    ]


def _project_lines(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The figures of each project with its name, those in danger first."""
    projects = Project.objects.select_related("company").in_bulk(
        [line["project"] for line in figures["projects"]]
    )
    lines = []
    for line in figures["projects"]:
        project = projects[line["project"]]
        words, tone, weight = _standing(line)
        lines.append(
            {
                **line,
                "weight": weight,
                "link": link(project),
                "company": project.company,
                "badge": badge(words, tone) if words else "",
            }
        )
    return sorted(lines, key=lambda line: (line["weight"], str(line["company"])))


def _standing(line: Mapping[str, Any]) -> tuple[str, str, int]:
    """What is to be said about a project's number of people: words, tone, and how far up it stands."""
    if line["closed"]:
        words = _("열지 않음: %(reached)s명에 그침(최소 %(minimum)d명)") % {
            "reached": line["reached"] or 0,
            "minimum": line["minimum"],
        }
        return words, "danger", 0
    if line["minimum"] and line["size"] == line["minimum"]:
        return _("최소 인원: 한 명이라도 거절하면 미달"), "warn", 1
    if not line["size"]:
        return _("배치된 사람 없음"), "warn", 2
    if line["size"] < line["capacity"]:
        return _("빈자리 %(count)d") % {"count": line["capacity"] - line["size"]}, "info", 3
    return "", "", 4

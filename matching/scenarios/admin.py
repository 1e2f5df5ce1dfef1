from collections.abc import Mapping, Sequence
from typing import Any

import rules
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matching.models import MatchRun
from matching.scenarios.actions import (
    COMPARABLE,
    change_scenario,
    delete_scenario,
    make_scenario,
    promote_scenario,
)
from matching.scenarios.exports import SideBySide
from matching.scenarios.forms import Bench, Changes, ScenarioForm
from matching.scenarios.models import Scenario, ScenarioMatch
from matching.scenarios.states import SCENARIO, Outcome, ScenarioRefusal, ScenarioState, rule_words
from matching.states import RunKind, RunState
from matching.words import adjustment_lines
from portal.audit.actions import record_access
from portal.ui.admin import Verb, WorkAdmin, asks, link, moment_column, reason_field, stamp
from portal.ui.korean import kdatetime
from portal.ui.refusals import sentence
from portal.ui.templatetags.components import badge
from portal.workflow import IllegalMove, Refused, Stale
from projects.models import Project

PEOPLE_PER_PAGE = 50
MOST_COMPARED = 3
RUNS_SHOWN = 30
_BIGGEST_ID = 2**63 - 1
#: What became of somebody, and how it looks.
TONES = {
    Outcome.SAME: "neutral",
    Outcome.BETTER: "good",
    Outcome.WORSE: "warn",
    Outcome.ELSEWHERE: "info",
    Outcome.PLACED: "good",
    Outcome.LOST: "danger",
}


def _promotion_consequences(scenario: Scenario) -> list[str]:
    run = scenario.run
    lines = [
        _("이 모의 매칭으로 새 최종 매칭을 만들고 다시 증명합니다."),
        _("바탕이 된 매칭(%(run)s, %(state)s)은 버립니다.") % {"run": run, "state": run.get_state_display()},
        _("새 매칭도 서로 다른 진흥원 담당자 두 명이 승인하고 발표해야 합니다."),
        _(
            "발표할 때 모집 인원, 최소 인원, 상한이 실제로 바뀌고, 뺀 과제의 회사에 알리며, 지정한 배치는 예외로 기록됩니다."
        ),
    ]
    if run.state == RunState.APPROVED:
        lines.insert(2, _("바탕이 된 매칭은 이미 승인되었습니다. 그 승인도 함께 없어집니다."))
    return lines


@admin.register(Scenario)
class ScenarioAdmin(WorkAdmin):
    """The bench: what would come of a final run if a few things were otherwise."""

    workflow = SCENARIO
    verbs = [
        Verb(
            "promote_scenario",
            gettext_lazy("채택"),
            promote_scenario,
            gettext_lazy(
                "이 모의 매칭을 실제로 승인하고 발표할 매칭으로 바꿉니다. 진흥원 담당자만 할 수 있습니다."
            ),
            form=asks(
                reason=reason_field(
                    gettext_lazy("채택하는 까닭"),
                    most=500,
                    hint=gettext_lazy("승인하는 사람이 읽고, 뺀 과제의 회사에도 전합니다."),
                ),
                seen=forms.CharField(required=False, max_length=10, widget=forms.HiddenInput),
            ),
            consequences=_promotion_consequences,
            initial=lambda scenario: {"seen": scenario.run.state},
            done=gettext_lazy("채택했습니다. 만들어진 매칭을 살펴보고 승인해 주세요."),
            bulk=False,
        ),
        Verb(
            "delete_scenario",
            gettext_lazy("지우기"),
            delete_scenario,
            gettext_lazy("만든 사람만 지울 수 있습니다. 바탕이 된 매칭은 그대로입니다."),
            legal=lambda scenario: scenario.state != ScenarioState.PROMOTED,
            done=gettext_lazy("모의 매칭을 지웠습니다."),
            danger=True,
            bulk=False,
        ),
    ]
    list_display = [
        "name",
        "run_shown",
        "state_shown",
        "size_shown",
        "moved_shown",
        "made_by",
        moment_column("changed_at", gettext_lazy("고친 시각")),
    ]
    list_filter = ["state", "run__call"]
    list_select_related = ["run__call", "made_by"]
    search_fields = ["name"]
    link_lookups = ["run__id__exact"]
    change_form_template = "admin/matching/scenarios/scenario_detail.html"
    change_list_template = "admin/matching/scenarios/scenario_list.html"
    readonly_fields = ["run_link", "rule_shown", "promoted_link", "created_at"]
    fields = [
        "run_link",
        "note",
        "rule_shown",
        "made_by",
        "created_at",
        "computed_at",
        "promoted_link",
        "error",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Scenario]:
        return Scenario.objects.light()

    def get_fields(self, request: HttpRequest, obj: Scenario | None = None) -> Any:
        """What there is; what is not leaves no empty line."""
        needs = {"promoted_link": "promoted_to_id", "run_link": "run_id", "rule_shown": "rule"}
        names: Sequence[Any] = self.fields
        return [name for name in names if obj is None or getattr(obj, needs.get(name, name))]

    def page_url(self, obj: Any) -> str:
        """One that is gone leads to the others."""
        return super().page_url(obj) if obj.pk else reverse("admin:scenarios_scenario_changelist")

    def work_urls(self) -> list[URLPattern]:
        return [
            self.work_path("make/", self.make_view, "make"),
            self.work_path("compare/", self.compare_view, "compare"),
            self.work_path("<path:object_id>/edit/", self.edit_view, "edit"),
            self.work_path("<path:object_id>/people/", self.people_view, "people"),
            self.work_path("<path:object_id>/progress/", self.progress_view, "progress"),
        ]

    # --- columns --------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("바탕이 된 매칭"), ordering="run")
    def run_shown(self, scenario: Scenario) -> str:
        return str(scenario.run)

    @admin.display(description=gettext_lazy("바탕이 된 매칭"))
    def run_link(self, scenario: Scenario) -> str:
        return link(scenario.run)

    @admin.display(description=gettext_lazy("채택되어 만든 매칭"))
    def promoted_link(self, scenario: Scenario) -> str:
        return link(scenario.promoted_to)

    @admin.display(description=gettext_lazy("동점 처리"))
    def rule_shown(self, scenario: Scenario) -> str:
        return rule_words(scenario.rule)

    @admin.display(description=gettext_lazy("배치"))
    def size_shown(self, scenario: Scenario) -> str:
        figures = scenario.figures
        return (
            f"{figures['size']}\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}{figures['places']}" if figures else "-"
        )

    @admin.display(description=gettext_lazy("달라지는 사람"))
    def moved_shown(self, scenario: Scenario) -> str:
        if not scenario.figures:
            return "-"
        outcomes = scenario.figures["outcomes"]
        return str(sum(count for outcome, count in outcomes.items() if outcome != Outcome.SAME))

    def list_context(self, request: HttpRequest) -> dict[str, Any]:
        return {"make_url": reverse("admin:scenarios_scenario_make")}

    # --- one scenario ---------------------------------------------------------------------------------

    def work_context(self, request: HttpRequest, obj: Scenario) -> dict[str, Any]:
        others = list(
            Scenario.objects.filter(run=obj.run_id, figures__isnull=False).exclude(pk=obj.pk).light()[:20]
        )
        context: dict[str, Any] = {
            "is_waiting": obj.state == ScenarioState.QUEUED,
            "progress_url": reverse("admin:scenarios_scenario_progress", args=[obj.pk]),
            "edit_url": reverse("admin:scenarios_scenario_edit", args=[obj.pk]),
            "may_edit": SCENARIO.may(obj, "change_scenario") and self.has_perm(request, "change_scenario"),
            "lines": adjustment_lines(obj.changes),
            "why_not": _why_not_promoted(obj),
            "others": others,
            "compare_url": reverse("admin:scenarios_scenario_compare"),
        }
        if obj.figures:
            side_by_side = SideBySide(obj.run, [obj])
            context |= {
                "columns": side_by_side.columns,
                "comparisons": side_by_side.tables(),
                "file_url": f"{context['compare_url']}?{_file_query([obj])}",
                "proof_facts": [
                    {"label": _("입력 해시"), "value": obj.market_sha256},
                    {"label": _("결과 해시"), "value": obj.result_sha256},
                    {"label": _("계산기 판"), "value": obj.engine},
                    {"label": _("계산 시각"), "value": kdatetime(obj.computed_at)},
                ],
            }
        return context

    def has_perm(self, request: HttpRequest, verb: str) -> bool:
        return rules.has_perm(f"scenarios.{verb}", request.user)

    def progress_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Polled while it waits; when it is done the page is loaded anew."""
        scenario = self._visible(request, object_id)
        if scenario.state != ScenarioState.QUEUED:
            return HttpResponse(headers={"HX-Refresh": "true"})
        context = {"progress_url": reverse("admin:scenarios_scenario_progress", args=[scenario.pk])}
        return TemplateResponse(request, "admin/matching/scenarios/scenario_progress.html", context)

    # --- making and changing --------------------------------------------------------------------------

    def make_view(self, request: HttpRequest) -> HttpResponse:
        """Choose a run, then say what would be otherwise."""
        if not self.has_perm(request, "make_scenario"):
            raise PermissionDenied
        number = _number(request.GET.get("run", ""))
        if number is None:
            return self._choose_run(request)
        runs = MatchRun.objects.visible_to(request.user).light().select_related("call__rule_set")
        run = runs.filter(pk=number).first()
        if run is None:
            raise Http404
        if run.kind != RunKind.FINAL or run.state not in COMPARABLE:
            return self._choose_run(request, str(ScenarioRefusal.NO_MARKET.label), status=409)
        return self._editor(request, run, Scenario(run=run, rule=run.call.rule_set.tie_rule))

    def _choose_run(self, request: HttpRequest, refused: str = "", status: int = 200) -> HttpResponse:
        runs = MatchRun.objects.visible_to(request.user).light().select_related("call")
        runs = runs.filter(kind=RunKind.FINAL, state__in=COMPARABLE).exclude(market_sha256="")
        context = {
            **self.admin_site.each_context(request),
            "title": _("모의 매칭 만들기"),
            "opts": self.opts,
            "refused": refused,
            "runs": runs[:RUNS_SHOWN],
        }
        return TemplateResponse(request, "admin/matching/scenarios/scenario_run.html", context, status=status)

    def edit_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        scenario = self._visible(request, object_id)
        if not self.has_perm(request, "change_scenario"):
            raise PermissionDenied
        if not SCENARIO.may(scenario, "change_scenario"):
            messages.error(request, str(ScenarioRefusal.PROMOTED.label))
            return redirect(self.page_url(scenario))
        return self._editor(request, scenario.run, scenario)

    def _editor(self, request: HttpRequest, run: MatchRun, scenario: Scenario) -> HttpResponse:
        bench, status = Bench(run), 200
        begun = scenario.changes if scenario.pk else (run.adjustments or {}).get("changes", [])
        seen = stamp(scenario) if scenario.pk else ""
        if request.method == "POST" and "more" not in request.POST:
            form = ScenarioForm(request.POST, instance=scenario, run=run)
            changes, status = Changes(bench, request.POST), 422
            if all([form.is_valid(), changes.is_valid()]):
                if request.POST.get("_seen", seen) != seen:
                    form.add_error(None, sentence(Stale()))
                    status = 409
                elif (saved := self._save(request, run, scenario, form, changes)) is not None:
                    return redirect(self.page_url(saved))
        elif request.method == "POST":
            typed = {name: request.POST.get(name, "") for name in ScenarioForm.Meta.fields}
            form = ScenarioForm(initial=typed, instance=scenario, run=run)
            changes = Changes.with_more(bench, request.POST, request.POST["more"])
        else:
            form, changes = ScenarioForm(instance=scenario, run=run), Changes(bench, changes=begun)
        context = {
            **self.admin_site.each_context(request),
            "title": _("모의 매칭 고치기") if scenario.pk else _("모의 매칭 만들기"),
            "opts": self.opts,
            "original": scenario if scenario.pk else None,
            "run": run,
            "form": form,
            "changes": changes,
            "errors": [form, *changes.all] if status != 200 else [],
            "seen": seen,
            "back_url": self.page_url(scenario)
            if scenario.pk
            else reverse("admin:matching_matchrun_change", args=[run.pk]),
        }
        return TemplateResponse(
            request, "admin/matching/scenarios/scenario_form.html", context, status=status
        )

    def _save(
        self, request: HttpRequest, run: MatchRun, scenario: Scenario, form: Any, changes: Changes
    ) -> Scenario | None:
        facts = {**form.cleaned_data, "changes": changes.chosen(), "by": request.user}
        try:
            if scenario.pk:
                return change_scenario(Scenario.objects.get(pk=scenario.pk), **facts)
            return make_scenario(run, **facts)
        except (Refused, Stale, IllegalMove) as refusal:
            taken = isinstance(refusal, Refused) and refusal.code == ScenarioRefusal.NAME_TAKEN
            form.add_error("name" if taken else None, sentence(refusal))
            return None

    # --- side by side ---------------------------------------------------------------------------------

    def compare_view(self, request: HttpRequest) -> HttpResponse:
        """The run and up to three of its scenarios; as a page or as a file."""
        chosen = [_number(value) for value in request.GET.getlist("scenario")]
        found = Scenario.objects.visible_to(request.user).light().in_bulk([pk for pk in chosen if pk])
        scenarios = [found[pk] for pk in dict.fromkeys(chosen) if pk in found and found[pk].figures]
        if any(pk is None or pk not in found for pk in chosen):
            raise Http404
        if len({one.run_id for one in scenarios}) != 1 or len(scenarios) > MOST_COMPARED:
            return self._choose_scenarios(request, asked=bool(chosen))
        side_by_side = SideBySide(scenarios[0].run, scenarios)
        if request.GET.get("as") == "csv":
            name = f"scenarios-{scenarios[0].run_id}-{'-'.join(str(one.pk) for one in scenarios)}.csv"
            return HttpResponse(
                "\ufeff" + side_by_side.csv(),
                content_type="text/csv; charset=utf-8",
                headers={"Content-Disposition": f'attachment; filename="{name}"'},
            )
        context = {
            **self.admin_site.each_context(request),
            "title": _("모의 매칭 견주기"),
            "opts": self.opts,
            "run": scenarios[0].run,
            "scenarios": scenarios,
            "columns": side_by_side.columns,
            "comparisons": side_by_side.tables(),
            "file_url": f"{request.path}?{_file_query(scenarios)}",
        }
        return TemplateResponse(request, "admin/matching/scenarios/scenario_compare.html", context)

    def _choose_scenarios(self, request: HttpRequest, *, asked: bool) -> HttpResponse:
        run = _number(request.GET.get("run", ""))
        rows = Scenario.objects.visible_to(request.user).light().filter(figures__isnull=False)
        rows = rows.filter(run=run) if run else rows
        context = {
            **self.admin_site.each_context(request),
            "title": _("모의 매칭 견주기"),
            "opts": self.opts,
            "refused": asked,
            "most": MOST_COMPARED,
            "choices": rows[:RUNS_SHOWN],
        }
        return TemplateResponse(
            request, "admin/matching/scenarios/scenario_choose.html", context, status=422 if asked else 200
        )

    def people_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The people behind a number: where the run and where the scenario places them, and nobody's other wishes."""
        scenario = self._visible(request, object_id)
        rows = (
            _chosen(ScenarioMatch.objects.filter(scenario=scenario), request.GET)
            .select_related("application__trainee__user", "project", "was_project")
            .order_by("project__title", "rank", "application")
        )
        page = Paginator(rows, PEOPLE_PER_PAGE).get_page(request.GET.get("page"))
        record_access(
            "matching.scenario.list", by=request.user, subjects=[row.application.trainee.user for row in page]
        )
        context = {
            **self.admin_site.each_context(request),
            "title": _("모의 매칭의 명단"),
            "opts": self.opts,
            "original": scenario,
            "page": page,
            "what": _what(request.GET),
            "lines": [
                {
                    "reference": row.application.reference,
                    "person": link(row.application, row.application.trainee),
                    "was": _place(row.was_project, row.was_rank),
                    "now": _place(row.project, row.rank),
                    "outcome": badge(Outcome(row.outcome).label, TONES[Outcome(row.outcome)]),
                }
                for row in page
            ],
        }
        return TemplateResponse(request, "admin/matching/scenarios/scenario_people.html", context)


def _file_query(scenarios: Sequence[Scenario]) -> str:
    return urlencode([*(("scenario", str(one.pk)) for one in scenarios), ("as", "csv")])


def _number(text: str) -> int | None:
    """A row's number as it stands in an address; None if it is none."""
    return int(text) if text.isascii() and text.isdecimal() and int(text[:20]) <= _BIGGEST_ID else None


def _why_not_promoted(scenario: Scenario) -> str:
    """Why it can only be compared; empty if it can be promoted."""
    run = scenario.run
    if scenario.state != ScenarioState.VERIFIED:
        return ""
    if not scenario.changes:
        return str(ScenarioRefusal.UNCHANGED.label)
    if run.state == RunState.PUBLISHED:
        return str(ScenarioRefusal.PUBLISHED.label)
    if run.state == RunState.DISCARDED:
        return str(ScenarioRefusal.NOT_STANDING.label)
    if scenario.rule != run.call.rule_set.tie_rule:
        return str(ScenarioRefusal.ANNOUNCED_RULE.label) % {"rule": rule_words(run.call.rule_set.tie_rule)}
    return ""


def _place(project: Project | None, rank: int | None) -> dict[str, Any]:
    if project is None:
        return {"project": _("배치되지 않음"), "choice": ""}
    return {
        "project": link(project),
        "choice": _("%(rank)d지망") % {"rank": rank} if rank else _("지정"),
    }


def _chosen(rows: QuerySet[ScenarioMatch], asked: Mapping[str, str]) -> QuerySet[ScenarioMatch]:
    """The rows a link asks for; what makes no sense asks for nothing."""
    outcomes = [one for one in asked.get("outcome", "").split(",") if one in Outcome.values]
    if outcomes:
        rows = rows.filter(outcome__in=outcomes)
    path = "application__trainee__graduate__cohort"
    for name, column in (("project", "project"), ("school", f"{path}__school"), ("cohort", path)):
        if asked.get(name) == "none":
            rows = rows.filter(**{f"{column}__isnull": True})
        elif (pk := _number(asked.get(name, ""))) is not None:
            rows = rows.filter(**{column: pk})
    if asked.get("placed") in ("now", "was"):
        rows = rows.filter(**{f"{'' if asked['placed'] == 'now' else 'was_'}project__isnull": False})
    rank = asked.get("rank", "")
    if rank == "placed":
        return rows.filter(project__isnull=False)
    if rank == "assigned":
        return rows.filter(project__isnull=False, rank=None)
    if rank in ("none", "unlisted"):
        return rows.filter(project=None, listed=rank == "none")
    number = _number(rank)
    return rows.filter(rank=number) if number is not None and number < 1000 else rows


def _what(asked: Mapping[str, str]) -> Sequence[str]:
    """Which people are shown, in words."""
    return [str(Outcome(one).label) for one in asked.get("outcome", "").split(",") if one in Outcome.values]

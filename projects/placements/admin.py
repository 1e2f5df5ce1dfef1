from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Count, F, Max, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from portal.audit.admin import PersonalAdmin
from portal.ui.admin import Table, Verb, asks, day_column, link, moment_column, reason_field
from portal.ui.korean import kdatetime
from portal.ui.templatetags.components import badge, state_badge
from projects.admin import CallAdmin, ProjectAdmin
from projects.models import Call, Participation, Project
from projects.placements.actions import (
    cancel_call,
    complete_placement,
    drop_out,
    effects_of_cancelling,
    effects_of_terminating,
    fail_placement,
    terminate_project,
)
from projects.placements.models import TAKING, Placement, Reserve
from projects.placements.states import PLACEMENT, SEATED, PlacementSource, PlacementState
from projects.placements.words import why_called
from projects.states import FILLING, PROJECT, CallState, ProjectState

#: Calls whose result is out.
PUBLISHED_RESULT = FILLING | {CallState.FINISHED, CallState.ARCHIVED}


class SeatFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("자리"), "seat"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("taken", _("자리가 있는 사람")),
            ("answer", _("응답을 기다리는 사람")),
            ("gone", _("자리를 비운 사람")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Placement]) -> QuerySet[Placement]:
        match self.value():
            case "taken":
                return queryset.filter(state__in=SEATED)
            case "answer":
                return queryset.filter(state=PlacementState.OFFERED)
            case "gone":
                return queryset.exclude(state__in=SEATED)
        return queryset


@admin.register(Placement)
class PlacementAdmin(PersonalAdmin):
    workflow = PLACEMENT
    verbs = [
        Verb(
            "complete_placement",
            pgettext_lazy("verb", "수료"),
            complete_placement,
            gettext_lazy(
                "프로젝트를 끝까지 마쳤습니다. 회사가 평가할 수 있게 됩니다. 종료일이 지나야 할 수 있습니다."
            ),
            done=gettext_lazy("수료로 처리했습니다."),
        ),
        Verb(
            "fail_placement",
            pgettext_lazy("verb", "미수료"),
            fail_placement,
            gettext_lazy("끝까지 있었지만 수료 조건을 채우지 못했습니다. 종료일이 지나야 할 수 있습니다."),
            form=asks(reason=reason_field()),
            done=gettext_lazy("미수료로 처리했습니다."),
            danger=True,
        ),
        Verb(
            "drop_out",
            pgettext_lazy("verb", "중도 포기"),
            drop_out,
            gettext_lazy("도중에 그만두었습니다. 자리가 비고, 충원 기간 안이면 다음 예비순번을 부릅니다."),
            form=asks(reason=reason_field()),
            done=gettext_lazy("중도 포기로 처리했습니다."),
            danger=True,
        ),
    ]
    list_display = [
        "trainee",
        "project",
        "company",
        "way",
        "state_shown",
        moment_column("answer_due_at", gettext_lazy("응답 기한")),
        day_column("starts_on", gettext_lazy("시작일")),
        day_column("ends_on", gettext_lazy("종료일")),
    ]
    list_select_related = ["trainee__user", "project", "company"]
    list_filter = [SeatFilter, "state", "call", "source"]
    link_lookups = ["project__id__exact", "company__id__exact", "ends_on__lt"]
    search_fields = ["trainee__user__name", "trainee__user__email", "project__title", "company__name"]
    search_help_text = gettext_lazy("참여자 이름이나 이메일, 과제, 회사")
    fields = [
        "trainee",
        "application",
        "project",
        "company",
        "call",
        "source",
        "turn",
        "moves_from",
        "exception",
        "exception_by",
        "offered_at",
        "answer_due_at",
        "answered_at",
        "decline_reason",
        "ended_at",
        "starts_on",
        "ends_on",
        "threshold",
    ]

    def get_fields(self, request: HttpRequest, obj: Placement | None = None) -> Any:
        """An exception only where there is one."""
        plain = obj is not None and not obj.exception
        return [name for name in self.fields if not (plain and str(name).startswith("exception"))]

    def subjects_of(self, rows: Iterable[Placement]) -> Iterable[Any]:
        return [row.trainee.user for row in rows]

    @admin.display(description=gettext_lazy("경로"), ordering="source")
    def way(self, placement: Placement) -> str:
        if placement.reserve_no is None:
            return str(placement.get_source_display())
        return _("예비 %(number)s번") % {"number": placement.reserve_no}

    @admin.display(description=gettext_lazy("부른 까닭"))
    def turn(self, placement: Placement) -> str:
        return why_called(placement.reserve_no, placement.passed) or "-"

    def work_context(self, request: HttpRequest, obj: Placement) -> dict[str, Any]:
        waits = Reserve.objects.filter(application=obj.application_id).select_related("project")
        return {
            "tables": [
                Table(
                    _("예비순번"),
                    [_("프로젝트"), _("예비순번"), _("부른 시각"), _("빠진 시각"), _("빠진 까닭")],
                    [
                        [
                            link(row.project),
                            row.reserve_no,
                            kdatetime(row.called_at) or "-",
                            kdatetime(row.left_at) or "-",
                            row.get_left_because_display() or "-",
                        ]
                        for row in waits
                    ],
                )
            ]
        }


@admin.register(Reserve)
class ReserveAdmin(PersonalAdmin):
    list_display = [
        "project",
        "reserve_no",
        "application",
        moment_column("called_at", gettext_lazy("부른 시각")),
        moment_column("left_at", gettext_lazy("빠진 시각")),
        "left_because",
    ]
    list_display_links = ["reserve_no"]
    list_select_related = ["project", "application__trainee__user"]
    list_filter = [
        "project__call",
        ("called_at", admin.EmptyFieldListFilter),
        ("left_at", admin.EmptyFieldListFilter),
    ]
    link_lookups = ["project__id__exact"]
    search_fields = [
        "project__title",
        "application__trainee__user__name",
        "application__trainee__user__email",
    ]

    def subjects_of(self, rows: Iterable[Reserve]) -> Iterable[Any]:
        return [row.application.trainee.user for row in rows]

    def work_context(self, request: HttpRequest, obj: Reserve) -> dict[str, Any]:
        return {"title": _("%(project)s 예비 %(no)d번") % {"project": obj.project, "no": obj.reserve_no}}


# --- ending early: the verbs of calls and projects that reach the people on them ------------------------


def _terminate_consequences(project: Project) -> list[str]:
    effects = effects_of_terminating(project)
    numbers = [
        (_("진행 중인 배치 %(count)d건을 ‘프로젝트 중단’으로 끝냅니다. 본인의 잘못이 아님이 기록에 남습니다."),
         effects.get(PlacementState.RUNNING, 0)),
        (_("수락한 배치 %(count)d건을 ‘프로젝트 중단’으로 끝냅니다."), effects.get(PlacementState.ACCEPTED, 0)),
        (_("답을 기다리는 제안 %(count)d건을 거두어들입니다."), effects.get(PlacementState.OFFERED, 0)),
        (_("이 과제의 예비순번 %(count)d개를 없앱니다."), effects["waiting"]),
        (_("그 가운데 %(count)d명은 다른 순번이 없어 미배치가 됩니다."), effects["last"]),
    ]  # fmt: skip
    return [
        *(words % {"count": count} for words, count in numbers if count),
        _("자리를 잃은 사람은 수락하며 비운 다른 예비순번으로 돌아가고, 없으면 미배치가 됩니다."),
        _("모두에게, 그리고 회사의 모든 담당자에게 아래 사유와 함께 알림이 갑니다. 되돌릴 수 없습니다."),
    ]


#: So many lines of vacancies on the page of a call; the rest is told by the pages of its projects.
LINES_SHOWN = 100
#: How people left a project, in the order in which it is told.
LEFT = (
    PlacementState.WITHDRAWN,
    PlacementState.MOVED,
    PlacementState.DECLINED,
    PlacementState.EXPIRED,
    PlacementState.SUPERSEDED,
    PlacementState.DROPPED_OUT,
)


def _states_of(projects: Iterable[Project]) -> dict[int, dict[str, int]]:
    """Project id -> how many placements of it stand in which state."""
    found: dict[int, dict[str, int]] = {}
    rows = Placement.objects.filter(project__in=list(projects)).order_by().values_list("project", "state")
    for project, state, count in rows.annotate(count=Count("pk")):
        found.setdefault(project, {})[state] = count
    return found


def _below_minimum(project: Project, states: Mapping[str, int]) -> str:
    """By how much a project that goes on is below its minimum, and why; empty if it is not."""
    short = project.minimum - project.taken
    if project.state not in TAKING or project.call.state not in FILLING or short <= 0:
        return ""
    gone = ", ".join(
        _("%(what)s %(count)d명") % {"what": PlacementState(state).label, "count": states[state]}
        for state in LEFT
        if state in states
    )
    said = _("최소 %(minimum)d명에 %(short)d명 모자랍니다.") % {"minimum": project.minimum, "short": short}
    return f"{said} ({gone})" if gone else said


def _calls_table(project: Project) -> Table:
    """Who was called for the project in turn, and why each; the names are behind the link, where looks are logged."""
    calls = Placement.objects.filter(project=project, source=PlacementSource.RESERVE)
    return Table(
        _("결원 충원 순서"),
        [_("제안 시각"), _("예비순번"), _("부른 까닭"), _("다른 자리"), _("상태")],
        [
            [
                link(row, kdatetime(row.offered_at)),
                row.reserve_no or "-",
                why_called(row.reserve_no, row.passed) or "-",
                _("자리를 둔 채 제안") if row.moves_from_id else "-",
                state_badge(row),
            ]
            for row in calls.order_by("offered_at", "reserve_no", "pk")
        ],
        _("아직 예비순번을 부르지 않았습니다."),
    )


def _vacancies_table(call: Call) -> Table:
    """Every project with free seats or calls, the ones below their minimum first."""
    offering = Project.objects.filter(call=call, state__in=TAKING).select_related("company", "call")
    projects = list(offering.order_by("title"))
    states = _states_of(projects)
    waiting = Reserve.objects.waiting().filter(project__in=projects).order_by()
    counts = dict(waiting.values_list("project").annotate(count=Count("pk")))
    called = Reserve.objects.filter(project__in=projects, called_at__isnull=False).order_by()
    last = dict(called.values_list("project").annotate(last=Max("reserve_no")))
    full = set(Participation.objects.filter(call=call, taken__gte=F("cap")).values_list("company", flat=True))
    short = {project.pk: _below_minimum(project, states.get(project.pk, {})) for project in projects}
    told = [
        project
        for project in projects
        if short[project.pk] or project.pk in last or project.taken < project.places
    ]
    told.sort(key=lambda project: not short[project.pk])
    rows = []
    for project in told[:LINES_SHOWN]:
        asked = states.get(project.pk, {}).get(PlacementState.OFFERED, 0)
        warned = badge(short[project.pk], "danger", "triangle-alert") if short[project.pk] else "-"
        if project.taken < project.places and project.company_id in full and not short[project.pk]:
            warned = badge(_("회사 상한이 참"), "warn", "ban")
        seats = [project.places, project.taken - asked, asked, project.places - project.taken]
        rows.append([link(project), warned, *seats, counts.get(project.pk, 0), last.get(project.pk, "-")])
    columns = [
        _("프로젝트"),
        _("살필 것"),
        _("모집 인원"),
        _("자리가 있는 사람"),
        _("응답 대기"),
        _("빈자리"),
        _("기다리는 순번"),
        _("마지막으로 부른 순번"),
    ]
    return Table(_("결원과 충원"), columns, rows, _("모든 자리가 찼고, 예비순번을 부른 과제가 없습니다."))


def _is_terminable(project: Project) -> bool:
    announced = project.state != ProjectState.SELECTED or project.call.state in FILLING
    return announced and PROJECT.may(project, "terminate_project")


class PlacedProjectAdmin(ProjectAdmin):
    def work_context(self, request: HttpRequest, obj: Project) -> dict[str, Any]:
        context = super().work_context(request, obj)
        if obj.call.state not in PUBLISHED_RESULT:
            return context
        short = _below_minimum(obj, _states_of([obj]).get(obj.pk, {}))
        warning = {"warning": short} if short else {}
        return {**context, **warning, "tables": [*context["tables"], _calls_table(obj)]}

    verbs = [
        *ProjectAdmin.verbs,
        Verb(
            "terminate_project",
            pgettext_lazy("verb", "중단"),
            terminate_project,
            gettext_lazy("결과가 발표된 과제를 중단하고, 배치되었거나 기다리는 사람을 모두 정리합니다."),
            form=asks(reason=reason_field(most=300, hint=gettext_lazy("받는 사람 모두가 읽습니다."))),
            consequences=_terminate_consequences,
            legal=_is_terminable,
            done=gettext_lazy("중단하고 모두에게 알렸습니다."),
            danger=True,
            bulk=False,
        ),
    ]


def _cancel_consequences(call: Call) -> list[str]:
    effects = effects_of_cancelling(call)
    return [
        _("기업 %(companies)d곳의 과제 %(projects)d개가 ‘공고 취소’로 닫힙니다.") % effects,
        _("참여 신청 %(applications)d건이 닫히고, 제출한 순위표 %(lists)d건은 무효가 됩니다.") % effects,
        _("신청자와 기업 담당자 모두에게 아래 사유와 함께 알림이 갑니다."),
        _("공고는 공개 화면에서 사라지고 되돌릴 수 없습니다. 기록은 남습니다."),
    ]


class PlacedCallAdmin(CallAdmin):
    def work_context(self, request: HttpRequest, obj: Call) -> dict[str, Any]:
        context = super().work_context(request, obj)
        if obj.state not in FILLING:
            return context
        return {**context, "tables": [_vacancies_table(obj), *context["tables"]]}

    verbs = [
        *CallAdmin.verbs,
        Verb(
            "cancel_call",
            gettext_lazy("공고 취소"),
            cancel_call,
            gettext_lazy(
                "순위가 마감되기 전에만 할 수 있습니다. 마감된 뒤에는 과제마다 철회하거나 중단해 주세요."
            ),
            form=asks(reason=reason_field(hint=gettext_lazy("받는 사람 모두가 읽습니다."))),
            consequences=_cancel_consequences,
            done=gettext_lazy("공고를 취소하고 모두에게 알렸습니다."),
            danger=True,
            bulk=False,
        ),
    ]


admin.site.unregister([Project, Call])
admin.site.register(Project, PlacedProjectAdmin)
admin.site.register(Call, PlacedCallAdmin)

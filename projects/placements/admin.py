from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from portal.audit.admin import PersonalAdmin
from portal.ui.admin import Table, Verb, asks, day_column, link, moment_column, reason_field
from portal.ui.korean import kdatetime
from projects.placements.actions import complete_placement, drop_out, fail_placement
from projects.placements.models import Placement, Reserve
from projects.placements.states import PLACEMENT, SEATED, PlacementState


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
        "source",
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
        "offered_at",
        "answer_due_at",
        "answered_at",
        "decline_reason",
        "starts_on",
        "ends_on",
        "threshold",
    ]

    def subjects_of(self, rows: Iterable[Placement]) -> Iterable[Any]:
        return [row.trainee.user for row in rows]

    def work_context(self, request: HttpRequest, obj: Placement) -> dict[str, Any]:
        waits = Reserve.objects.filter(application=obj.application_id).select_related("project")
        return {
            "tables": [
                Table(
                    _("예비순번"),
                    [_("프로젝트"), _("예비순번"), _("부른 시각"), _("빠진 시각")],
                    [
                        [
                            link(row.project),
                            row.reserve_no,
                            kdatetime(row.called_at) or "-",
                            kdatetime(row.left_at) or "-",
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

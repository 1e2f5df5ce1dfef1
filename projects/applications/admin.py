import re
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from portal.audit.admin import PersonalAdmin
from portal.schools.admin import CohortFilter
from portal.ui.admin import Verb, asks, link, moment_column, reason_field
from portal.ui.templatetags.components import badge
from projects.applications.actions import (
    accept_application,
    faults_of,
    refuse_application,
    return_application,
)
from projects.applications.models import Application
from projects.applications.states import APPLICATION, ApplicationState, IneligibleReason

_REFERENCE = re.compile(r"^A-\d{1,6}-0*(\d{1,15})$")
_JUDGED = frozenset({ApplicationState.SUBMITTED, ApplicationState.ELIGIBLE, ApplicationState.INELIGIBLE})


class StageFilter(admin.SimpleListFilter):
    """How far people came: the steps of the dashboard's funnel."""

    title, parameter_name = gettext_lazy("단계"), "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("applied", _("지원한 사람")),
            ("eligible", _("적격이었던 사람")),
            ("ranked", _("순위를 낸 사람")),
            ("unranked", _("적격이지만 순위를 내지 않은 사람")),
            ("faulty", _("적격이지만 자료에 걸리는 것이 있는 사람")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Application]:
        if self.value() == "faulty":
            return queryset.eligible().faulty()
        return queryset.at_stage(self.value()) if self.value() else queryset


@admin.register(Application)
class ApplicationAdmin(PersonalAdmin):
    workflow = APPLICATION
    verbs = [
        Verb(
            "accept_application",
            pgettext_lazy("verb", "적격"),
            accept_application,
            gettext_lazy(
                "자격이 맞습니다. 지원자에게 알리고, 회사가 후보로 볼 수 있습니다. 자료에 걸리는 것이 있으면 되지 않습니다."
            ),
            done=gettext_lazy("적격으로 처리했습니다."),
        ),
        Verb(
            "return_application",
            pgettext_lazy("verb", "보완 요청"),
            return_application,
            gettext_lazy("지원자가 고쳐서 다시 낼 수 있게 되돌립니다."),
            form=asks(comment=reason_field(gettext_lazy("고칠 것"), most=500)),
            done=gettext_lazy("보완을 요청했습니다."),
        ),
        Verb(
            "refuse_application",
            pgettext_lazy("verb", "부적격"),
            refuse_application,
            gettext_lazy(
                "자격이 맞지 않습니다. 이유를 지원자에게 알립니다. 이유가 풀리면 다시 적격으로 할 수 있습니다."
            ),
            form=asks(
                reason=forms.ChoiceField(label=gettext_lazy("이유"), choices=IneligibleReason.choices),
                comment=reason_field(gettext_lazy("지원자에게 할 말"), required=False, most=500),
            ),
            done=gettext_lazy("부적격으로 처리했습니다."),
            danger=True,
        ),
    ]
    list_display = [
        "reference_shown",
        "trainee",
        "school_shown",
        "state_shown",
        "faults_shown",
        moment_column("submitted_at", gettext_lazy("제출 시각")),
    ]
    list_select_related = ["trainee__user", "trainee__graduate__cohort__school"]
    list_filter = [
        StageFilter,
        "state",
        "call",
        "ineligible_reason",
        ("trainee__graduate__cohort", CohortFilter),
    ]
    link_lookups = ["trainee__id__exact"]
    search_fields = ["trainee__user__name", "trainee__user__email"]
    search_help_text = gettext_lazy("이름, 이메일, 접수 번호(예: A-01-00012)")
    fields = [
        "call",
        "trainee_shown",
        "school_shown",
        "faults_shown",
        "motive",
        "goal",
        "ineligible_reason",
        "comment",
        "submitted_at",
    ]

    def subjects_of(self, rows: Iterable[Application]) -> Iterable[Any]:
        return [row.trainee.user for row in rows]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Application]:
        return super().get_queryset(request).select_related(*self.list_select_related)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        reference = _REFERENCE.match(search_term.strip().upper())
        if reference:
            return queryset.filter(pk=int(reference[1])), False
        return super().get_search_results(request, queryset, search_term)

    def prepare_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        super().prepare_rows(request, rows)
        found = faults_of([row for row in rows if row.state in _JUDGED])
        for row in rows:
            row.faults = found.get(row.pk, [])

    @admin.display(description=gettext_lazy("접수 번호"), ordering="pk")
    def reference_shown(self, application: Application) -> str:
        return application.reference

    @admin.display(description=gettext_lazy("참여자"))
    def trainee_shown(self, application: Application) -> str:
        return link(application.trainee)

    @admin.display(description=gettext_lazy("수료 정보"))
    def school_shown(self, application: Application) -> str:
        graduate = application.trainee.graduate
        return f"{graduate.cohort} · {graduate.get_state_display()}" if graduate else _("연결되지 않음")

    @admin.display(description=gettext_lazy("자료에 걸리는 것"))
    def faults_shown(self, application: Any) -> str:
        faults = (
            application.faults if hasattr(application, "faults") else faults_of([application])[application.pk]
        )
        if not faults:
            return "-"
        return format_html(" ".join(["{}"] * len(faults)), *[badge(fault.label, "warn") for fault in faults])

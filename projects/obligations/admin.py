from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from portal.audit.actions import record_access
from portal.audit.admin import PersonalAdmin
from portal.files.actions import SHOWN, send_file
from portal.ui.admin import Table, Verb, asks, day_column, list_url, moment_column, reason_field
from portal.ui.korean import kdate, kdatetime, unbroken, won
from portal.ui.templatetags.components import badge, dday_badge
from projects.obligations.actions import (
    replayed_state,
    return_evidence,
    verify_evidence,
    waive_obligation,
)
from projects.obligations.models import Evidence, HiringObligation, ObligationEvent
from projects.obligations.states import OBLIGATION, WAITING, LedgerVerb, ObligationState, WaiverReason

#: value -> (days from today: first, last) of the worklist's windows
WINDOWS = {"30": (0, 30), "60": (31, 60), "90": (61, 90)}


class UrgencyFilter(admin.SimpleListFilter):
    """The same windows as the dashboard's counts."""

    title, parameter_name = gettext_lazy("급한 정도"), "urgency"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("evidence", _("증빙 확인할 것")),
            ("overdue", _("기한 지남")),
            ("30", _("30일 안")),
            ("60", _("31~60일")),
            ("90", _("61~90일")),
            ("astray", _("이행 기록과 다름")),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[HiringObligation]
    ) -> QuerySet[HiringObligation]:
        chosen, today = self.value(), timezone.localdate()
        if chosen == "evidence":
            return queryset.filter(state=ObligationState.EVIDENCE_SUBMITTED)
        if chosen == "overdue":
            return queryset.filter(state__in=WAITING, due_on__lt=today)
        if chosen == "astray":
            return queryset.filter(pk__in=HiringObligation.objects.astray().values("pk"))
        if chosen in WINDOWS:
            first, last = WINDOWS[chosen]
            return queryset.filter(
                state__in=WAITING,
                due_on__range=(today + timedelta(days=first), today + timedelta(days=last)),
            )
        return queryset


def _verify_consequences(obligation: HiringObligation) -> list[str]:
    """What is about to be said of whom, and the papers to compare it with."""
    project = obligation.placement.project
    handed_in = obligation.events.filter(verb=LedgerVerb.SUBMIT).last()
    papers = handed_in.evidence.select_related("file") if handed_in else []
    return [
        _("%(person)s 님이 %(company)s에 %(day)s 채용되었음을 확인합니다.")
        % {
            "person": obligation.placement.trainee.user.name,
            "company": obligation.company.name,
            "day": unbroken(kdate(obligation.hired_on)),
        },
        _("약속한 조건: %(terms)s")
        % {"terms": f"{project.hire_type}, {_('월')} {won(project.hire_pay_won)}, {project.hire_place}"},
        *[format_html("{}: {}", one.get_kind_display(), _paper(obligation, one)) for one in papers],
        _("이행이 완료되고 되돌릴 수 없습니다. 회사와 참여자에게 알림이 갑니다."),
    ]


def _paper(obligation: HiringObligation, one: Evidence) -> str:
    """A link to the file, and another to look at it beside this page."""
    url = reverse("admin:obligations_hiringobligation_evidence", args=[obligation.pk, one.pk])
    link = format_html('<a href="{}">{}</a>', url, one.file.name)
    if one.file.content_type not in SHOWN:
        return link
    return format_html(
        '{} (<a href="{}?show" target="_blank" rel="noopener">{}<span class="i-sr">: {}</span></a>)',
        link, url, _("새 창에서 보기"), one.file.name,
    )  # fmt: skip


@admin.register(HiringObligation)
class HiringObligationAdmin(PersonalAdmin):
    workflow = OBLIGATION
    verbs = [
        Verb(
            "verify_evidence",
            gettext_lazy("이행 확인"),
            verify_evidence,
            gettext_lazy(
                "근로계약서와 4대보험 가입자 명부에서 사람, 회사, 채용일을 견주어 채용이 맞음을 확인합니다."
            ),
            consequences=_verify_consequences,
            done=gettext_lazy("이행을 확인했습니다."),
        ),
        Verb(
            "return_evidence",
            gettext_lazy("증빙 보완 요청"),
            return_evidence,
            gettext_lazy("증빙으로는 채용을 확인할 수 없습니다. 이유를 회사에 알리고, 회사가 다시 올립니다."),
            form=asks(reason=reason_field(gettext_lazy("보완할 것"), most=500)),
            done=gettext_lazy("증빙 보완을 요청했습니다."),
        ),
        Verb(
            "waive_obligation",
            pgettext_lazy("verb", "면제"),
            waive_obligation,
            gettext_lazy("채용의무를 면제합니다. 되돌릴 수 없고, 회사와 참여자에게 알림이 갑니다."),
            form=asks(
                reason=forms.ChoiceField(label=gettext_lazy("사유"), choices=WaiverReason.choices),
                note=reason_field(gettext_lazy("무엇을 확인했나"), most=500),
            ),
            done=gettext_lazy("채용의무를 면제했습니다."),
            danger=True,
            bulk=False,
        ),
    ]
    list_display = [
        "company",
        "trainee_shown",
        "project_shown",
        day_column("due_on", gettext_lazy("이행 기한")),
        "left_shown",
        "state_shown",
        day_column("hired_on", gettext_lazy("채용일")),
    ]
    list_select_related = ["company", "placement__trainee__user", "placement__project"]
    list_filter = [UrgencyFilter, "state", "placement__call", "waiver_reason"]
    link_lookups = ["company__id__exact"]
    search_fields = [
        "company__name",
        "placement__trainee__user__name",
        "placement__trainee__user__email",
        "placement__project__title",
    ]
    search_help_text = gettext_lazy("회사, 참여자 이름이나 이메일, 과제")
    fields: ClassVar[Any] = [  # days and moments are written by columns, which the stubs do not expect here
        "company",
        "trainee_shown",
        "project_shown",
        "placement",
        "evaluation",
        day_column("due_on", gettext_lazy("이행 기한")),
        "left_shown",
        day_column("hired_on", gettext_lazy("채용일")),
        "waiver_reason",
        moment_column("closed_at", gettext_lazy("종결 시각")),
        "ledger_shown",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[HiringObligation]:
        return super().get_queryset(request).select_related(*self.list_select_related)

    def subjects_of(self, rows: Iterable[HiringObligation]) -> Iterable[Any]:
        return [row.placement.trainee.user for row in rows]

    def work_urls(self) -> list[URLPattern]:
        return [
            self.work_path("<path:object_id>/evidence/<int:evidence_id>/", self.evidence_view, "evidence")
        ]

    @admin.display(description=gettext_lazy("참여자"), ordering="placement__trainee__user__name")
    def trainee_shown(self, obligation: HiringObligation) -> str:
        return str(obligation.placement.trainee)

    @admin.display(description=gettext_lazy("프로젝트"), ordering="placement__project__title")
    def project_shown(self, obligation: HiringObligation) -> str:
        return obligation.placement.project.title

    @admin.display(description=gettext_lazy("남은 날"), ordering="due_on")
    def left_shown(self, obligation: HiringObligation) -> str:
        return dday_badge(obligation.due_on) if obligation.state in WAITING else "-"

    @admin.display(description=gettext_lazy("이행 기록과 대조"))
    def ledger_shown(self, obligation: HiringObligation) -> str:
        if not HiringObligation.objects.filter(pk=obligation.pk).astray().exists():
            return badge(_("맞음"), "good", "check")
        led = replayed_state(obligation)
        words = dict(ObligationState.choices).get(led, _("있을 수 없는 순서"))
        return badge(_("다름: 기록을 따라가면 ‘%(state)s’") % {"state": words}, "danger", "shield-alert")

    def list_context(self, request: HttpRequest) -> dict[str, Any]:
        counts = HiringObligation.objects.by_urgency(timezone.localdate())
        return {"stats": urgency_stats(counts)}

    def work_context(self, request: HttpRequest, obj: HiringObligation) -> dict[str, Any]:
        files = (
            Evidence.objects.filter(event__obligation=obj)
            .select_related("event", "file__owner")
            .order_by("-event_id", "pk")
        )
        rows = [
            [
                row.get_kind_display(),
                _paper(obj, row),
                filesizeformat(row.file.size),
                kdatetime(row.event.at),
                row.file.owner,
                row.file.sha256[:12],
            ]
            for row in files
        ]
        return {
            "tables": [
                Table(
                    _("증빙"),
                    [_("종류"), _("파일"), _("크기"), _("올린 시각"), _("올린 사람"), "SHA-256"],
                    rows,
                    _("회사가 아직 올리지 않았습니다."),
                )
            ],
            "timeline": [_told(event) for event in obj.events.select_related("by").order_by("-pk")],
        }

    def evidence_view(self, request: HttpRequest, object_id: str, evidence_id: int) -> FileResponse:
        """The file itself; that it was fetched, by whom and whose it is, is written down."""
        obligation = self._visible(request, object_id)
        if not request.user.has_perm("obligations.see_evidence", obligation):
            raise PermissionDenied
        evidence = get_object_or_404(
            Evidence.objects.select_related("file"), pk=evidence_id, event__obligation=obligation
        )
        record_access(
            f"obligations.evidence.{evidence.kind}",
            by=request.user,
            subjects=self.subjects_of([obligation]),
        )
        return send_file(evidence.file, show="show" in request.GET)


def _told(event: ObligationEvent) -> dict[str, Any]:
    tones = {
        ObligationState.OVERDUE: "danger",
        ObligationState.FULFILLED: "good",
        ObligationState.WAIVED: "warn",
    }
    facts = [str(event.by) if event.by else _("예약 작업"), event.note]
    if event.hired_on:
        facts.append(_("채용일 %(day)s") % {"day": kdate(event.hired_on)})
    return {
        "at": event.at,
        "title": event.get_verb_display(),
        "text": " · ".join(fact for fact in facts if fact),
        "tone": tones.get(ObligationState(event.state), ""),
    }


def urgency_stats(counts: dict[str, int]) -> list[dict[str, Any]]:
    """The worklist's counts as tiles that lead to the rows they count."""
    tiles = [
        ("evidence", _("증빙 확인할 것"), counts["to_verify"], "warn"),
        ("overdue", _("기한 지남"), counts["overdue"], "danger"),
        ("30", _("30일 안"), counts["days_30"], "warn"),
        ("60", _("31~60일"), counts["days_60"], ""),
        ("90", _("61~90일"), counts["days_90"], ""),
    ]
    return [
        {
            "label": label,
            "value": value,
            "unit": _("건"),
            "tone": tone if value else "",
            "url": list_url(HiringObligation, urgency=urgency),
        }
        for urgency, label, value, tone in tiles
    ]

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.audit.actions import record_access
from portal.audit.admin import PersonalAdmin
from portal.files.actions import send_file
from portal.ui.admin import Table, Verb, asks, day_column, moment_column, reason_field
from portal.ui.korean import kdatetime
from portal.ui.templatetags.components import dday_badge, state_badge
from projects.interviews.actions import dismiss_report, uphold_report
from projects.interviews.models import Interview, Report
from projects.interviews.states import INTERVIEW, REPORT, ReportState
from projects.interviews.words import result_of


@admin.register(Interview)
class InterviewAdmin(PersonalAdmin):
    """Interviews are the companies' and the trainees' own business: the office reads, and changes nothing."""

    workflow = INTERVIEW
    list_display = [
        "project",
        "company",
        "trainee_shown",
        moment_column("starts_at", gettext_lazy("면접 시작")),
        "state_shown",
    ]
    list_select_related = ["project", "company", "trainee__user"]
    list_filter = ["state", "project__call"]
    link_lookups = ["project__id__exact", "company__id__exact"]
    search_fields = ["project__title", "company__name", "trainee__user__name", "trainee__user__email"]
    search_help_text = gettext_lazy("과제, 회사, 지원자 이름이나 이메일")
    fields: ClassVar[Any] = [  # columns write days and moments, which the stubs do not expect here
        "project",
        "company",
        "trainee_shown",
        moment_column("invited_at", gettext_lazy("초대한 시각")),
        moment_column("starts_at", gettext_lazy("면접 시작")),
        moment_column("ends_at", gettext_lazy("면접 끝")),
        "word",
        "correction",
    ]

    def subjects_of(self, rows: Iterable[Interview]) -> Iterable[Any]:
        return [row.trainee.user for row in rows]

    @admin.display(description=gettext_lazy("지원자"), ordering="trainee__user__name")
    def trainee_shown(self, interview: Interview) -> str:
        return str(interview.trainee)

    def work_context(self, request: HttpRequest, obj: Interview) -> dict[str, Any]:
        form = getattr(obj, "form", None)
        result = result_of(form)
        rows = (
            [[part["label"], f"{part['points']} / {part['most']}"] for part in result["points"]]
            if result
            else []
        )
        if result:
            rows += [[_("메모"), result["notes"] or "-"], [_("적은 사람"), result["by"]]]
        empty = _("회사가 아직 작성 중입니다.") if form else _("회사가 아직 적지 않았습니다.")
        return {"tables": [Table(_("면접 평가지"), [_("항목"), _("내용")], rows, empty)]}


class DueFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("처리"), "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("답할 것")), ("overdue", _("기한 지남"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Report]) -> QuerySet[Report]:
        reports: Any = queryset
        if self.value() == "open":
            return reports.open()
        if self.value() == "overdue":
            return reports.overdue(timezone.localdate())
        return queryset


_REPLY = gettext_lazy("신고한 사람에게 보낼 답")


@admin.register(Report)
class ReportAdmin(PersonalAdmin):
    """Never shown to anybody who works for the company it is about, not even to one of the office."""

    workflow = REPORT
    verbs = [
        Verb(
            "uphold_report",
            gettext_lazy("사실로 확인"),
            uphold_report,
            gettext_lazy(
                "신고한 일이 있었던 것으로 판단합니다. 답은 신고한 사람만 읽습니다. 회사에 대한 조치는 회사 화면에서 따로 합니다."
            ),
            form=asks(reply=reason_field(_REPLY, most=2000)),
            done=gettext_lazy("답을 보냈습니다."),
            bulk=False,
        ),
        Verb(
            "dismiss_report",
            gettext_lazy("확인되지 않음"),
            dismiss_report,
            gettext_lazy("살펴보았으나 사실로 확인되지 않았습니다. 답은 신고한 사람만 읽습니다."),
            form=asks(reply=reason_field(_REPLY, most=2000)),
            done=gettext_lazy("답을 보냈습니다."),
            bulk=False,
        ),
    ]
    list_display = [
        "reference_shown",
        "company",
        "kind",
        "state_shown",
        moment_column("created_at", gettext_lazy("접수 시각")),
        day_column("due_on", gettext_lazy("답변 기한")),
        "left_shown",
    ]
    list_select_related = ["company", "trainee__user"]
    list_filter = [DueFilter, "state", "kind"]
    link_lookups = ["company__id__exact"]
    search_fields = ["company__name", "project__title", "trainee__user__name"]
    search_help_text = gettext_lazy("회사, 과제, 신고한 사람 이름")
    fields: ClassVar[Any] = [  # columns write days and moments, which the stubs do not expect here
        "reference_shown",
        "company",
        "project",
        "reporter_shown",
        "kind",
        day_column("happened_on", gettext_lazy("있었던 날")),
        "text",
        "file_shown",
        moment_column("created_at", gettext_lazy("접수 시각")),
        day_column("due_on", gettext_lazy("답변 기한")),
        "left_shown",
        "reply",
        "decided_by",
        moment_column("closed_at", gettext_lazy("마친 시각")),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        seen = Report.objects.visible_to(request.user)
        return seen.select_related("company", "project", "trainee__user", "file")

    def subjects_of(self, rows: Iterable[Report]) -> Iterable[Any]:
        return [row.trainee.user for row in rows]

    def work_urls(self) -> list[URLPattern]:
        return [self.work_path("<path:object_id>/file/", self.file_view, "file")]

    @admin.display(description=gettext_lazy("접수번호"), ordering="pk")
    def reference_shown(self, report: Report) -> str:
        return report.reference

    @admin.display(description=gettext_lazy("신고한 사람"))
    def reporter_shown(self, report: Report) -> str:
        return str(report.trainee)

    @admin.display(description=gettext_lazy("남은 날"), ordering="due_on")
    def left_shown(self, report: Report) -> str:
        return dday_badge(report.due_on) if report.state == ReportState.RECEIVED else "-"

    @admin.display(description=gettext_lazy("파일"))
    def file_shown(self, report: Report) -> str:
        if report.file is None:
            return "-"
        url = reverse("admin:interviews_report_file", args=[report.pk])
        return format_html('<a href="{}">{}</a>', url, report.file.name)

    def work_context(self, request: HttpRequest, obj: Report) -> dict[str, Any]:
        """What else is known of the company, and how the two met."""
        about = Report.objects.visible_to(request.user).filter(company=obj.company_id).exclude(pk=obj.pk)
        others = [
            [
                format_html(
                    '<a href="{}">{}</a>',
                    reverse("admin:interviews_report_change", args=[one.pk]),
                    one.reference,
                ),
                one.get_kind_display(),
                state_badge(one),
                kdatetime(one.created_at),
            ]
            for one in about.order_by("-pk")[:20]
        ]
        met = Interview.objects.filter(trainee=obj.trainee_id, company=obj.company_id).select_related(
            "project"
        )
        interviews = [[one.project.title, state_badge(one), kdatetime(one.starts_at) or "-"] for one in met]
        return {
            "tables": [
                Table(
                    _("이 회사에 관한 다른 신고"),
                    [_("접수번호"), _("무슨 일"), _("상태"), _("접수 시각")],
                    others,
                ),
                Table(_("두 사람의 면접"), [_("과제"), _("상태"), _("면접 시작")], interviews),
            ]
        }

    def file_view(self, request: HttpRequest, object_id: str) -> FileResponse:
        """What was handed in with a report; that it was fetched is written down."""
        report = self._visible(request, object_id)
        if not request.user.has_perm("interviews.view_report"):
            raise PermissionDenied
        if report.file is None:
            raise Http404
        record_access("interviews.report.file", by=request.user, subjects=self.subjects_of([report]))
        return send_file(report.file)

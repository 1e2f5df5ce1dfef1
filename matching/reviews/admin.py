from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matching.models import MatchRun
from matching.reviews.actions import answer_review
from matching.reviews.models import ReviewRequest
from matching.reviews.states import REVIEW_REQUEST, ReviewState
from matching.states import RunState
from portal.audit.admin import PersonalAdmin
from portal.ui.admin import Table, Verb, asks, day_column, link, moment_column, reason_field
from portal.ui.templatetags.components import dday_badge


class DueFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("처리"), "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("답할 것")), ("overdue", _("기한 지남"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ReviewRequest]) -> QuerySet[ReviewRequest]:
        asked: Any = queryset
        if self.value() == "open":
            return asked.open()
        if self.value() == "overdue":
            return asked.overdue(timezone.localdate())
        return queryset


@admin.register(ReviewRequest)
class ReviewRequestAdmin(PersonalAdmin):
    """Where the office answers; a request for a person's review not by who approved or published the result."""

    workflow = REVIEW_REQUEST
    verbs = [
        Verb(
            "answer_review",
            gettext_lazy("답하기"),
            answer_review,
            gettext_lazy(
                "저장된 입력과 결과를 다시 살펴 답해 주세요. 다른 사람의 이름, 순위, 점수는 적지 않습니다. 답은 요청한 사람만 읽습니다."
            ),
            form=asks(reply=reason_field(gettext_lazy("요청한 사람에게 보낼 답"), most=4000)),
            done=gettext_lazy("답을 보냈습니다."),
            bulk=False,
        ),
    ]
    list_display = [
        "reference_shown",
        "call_shown",
        "kind",
        "state_shown",
        moment_column("created_at", gettext_lazy("접수 시각")),
        day_column("due_on", gettext_lazy("답변 기한")),
        "left_shown",
    ]
    list_select_related = ["application__call", "application__trainee__user"]
    list_filter = [DueFilter, "state", "kind", "application__call"]
    search_fields = ["application__trainee__user__name", "application__trainee__user__email"]
    search_help_text = gettext_lazy("요청한 사람 이름이나 이메일")
    fields: ClassVar[Any] = [  # columns write days and moments, which the stubs do not expect here
        "reference_shown",
        "call_shown",
        "asker_shown",
        "kind",
        "text",
        moment_column("created_at", gettext_lazy("접수 시각")),
        day_column("due_on", gettext_lazy("답변 기한")),
        "left_shown",
        "reply",
        "answered_by",
        moment_column("closed_at", gettext_lazy("마친 시각")),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReviewRequest]:
        seen = ReviewRequest.objects.visible_to(request.user)
        return seen.select_related("application__call", "application__trainee__user")

    def subjects_of(self, rows: Iterable[ReviewRequest]) -> Iterable[Any]:
        return [row.application.trainee.user for row in rows]

    @admin.display(description=gettext_lazy("접수번호"), ordering="pk")
    def reference_shown(self, asked: ReviewRequest) -> str:
        return asked.reference

    @admin.display(description=gettext_lazy("공고"), ordering="application__call")
    def call_shown(self, asked: ReviewRequest) -> str:
        return str(asked.application.call)

    @admin.display(description=gettext_lazy("요청한 사람"))
    def asker_shown(self, asked: ReviewRequest) -> str:
        return str(asked.application.trainee)

    @admin.display(description=gettext_lazy("남은 날"), ordering="due_on")
    def left_shown(self, asked: ReviewRequest) -> str:
        return dday_badge(asked.due_on) if asked.state == ReviewState.RECEIVED else "-"

    def work_context(self, request: HttpRequest, obj: ReviewRequest) -> dict[str, Any]:
        """The application and the run it is about: what is looked at again."""
        run = MatchRun.objects.light().filter(call=obj.application.call_id, state=RunState.PUBLISHED).first()
        rows = [[_("참여 신청"), link(obj.application)]]
        if run is not None:
            rows += [
                [_("발표된 매칭"), link(run)],
                [_("승인한 사람"), str(run.approved_by)],
                [_("발표한 사람"), str(run.published_by)],
            ]
        return {"tables": [Table(_("무엇에 관한 요청인가"), [_("항목"), _("내용")], rows)]}

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Case, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.template import TemplateDoesNotExist
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.audit.admin import PersonalAdmin
from portal.notices.actions import cancel_notice, retry_notice
from portal.notices.models import Message, Notice
from portal.notices.states import NOTICE, NoticeState
from portal.notices.words import KINDS, kind_words
from portal.ui.admin import Verb, asks, moment_column, reason_field
from portal.ui.korean import mask_email

#: A mail's styles stand in its tags. Nothing in it may run, load from elsewhere or reach this site.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
)


def may_be_read(notice: Notice) -> bool:
    """A confirmation or reset link is its reader's alone; in the demo nothing leaves, so it is read here."""
    return not notice.secret or settings.DEMO


def words_of(notice: Notice) -> Message | None:
    """The message in words; none if it is secret, or of a kind whose text an older version had."""
    if not may_be_read(notice):
        return None
    try:
        return notice.in_words()
    except TemplateDoesNotExist:
        return None


class LateFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("밀린 알림"), "late"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("30분 넘게 나가지 못함"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Notice]) -> QuerySet[Notice]:
        late = Notice.objects.late(timezone.now())
        return queryset.filter(pk__in=late.values("pk")) if self.value() else queryset


class KindFilter(admin.SimpleListFilter):
    """The kinds that are there, by name."""

    title, parameter_name = gettext_lazy("종류"), "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        kinds = Notice.objects.order_by().values_list("kind", flat=True).distinct()
        return sorted(((kind, kind_words(kind)) for kind in kinds), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Notice]) -> QuerySet[Notice]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Notice)
class NoticeAdmin(PersonalAdmin):
    """The outbox: what is owed to whom, what could not be sent, what was sent."""

    workflow = NOTICE
    verbs = [
        Verb(
            "retry_notice",
            gettext_lazy("다시 보내기"),
            retry_notice,
            gettext_lazy("보내지 못한 알림을 처음부터 다시 보냅니다."),
            done=gettext_lazy("다시 보낼 알림으로 올렸습니다."),
        ),
        Verb(
            "cancel_notice",
            gettext_lazy("보내지 않기"),
            cancel_notice,
            gettext_lazy("이 알림을 보내지 않습니다. 받는 사람의 알림함에서도 사라지고, 기록은 남습니다."),
            form=asks(reason=reason_field()),
            done=gettext_lazy("보내지 않기로 했습니다."),
            danger=True,
        ),
    ]
    list_display = [
        "subject_shown",
        "recipient",
        "state_shown",
        moment_column("leaves_at", gettext_lazy("보낼 시각")),
        moment_column("sent_at", gettext_lazy("보낸 시각")),
        "attempts",
    ]
    list_select_related = ["recipient"]
    list_filter = ["state", LateFilter, KindFilter, ("leaves_at", admin.DateFieldListFilter)]
    search_fields = ["recipient__name", "email"]
    search_help_text = gettext_lazy("받는 사람의 이름이나 주소, 알림 종류")
    fields = [
        "recipient",
        "email_shown",
        "kind_shown",
        "leaves_at",
        "sent_at",
        "read_at",
        "attempts",
        "error",
        "created_at",
    ]
    change_form_template = "admin/notices/notice_preview.html"

    def subjects_of(self, rows: Iterable[Notice]) -> Iterable[Any]:
        return [row.recipient for row in rows if row.recipient is not None]

    @admin.display(description=gettext_lazy("종류"))
    def kind_shown(self, notice: Notice) -> str:
        return kind_words(notice.kind)

    @admin.display(description=gettext_lazy("받는 주소"))
    def email_shown(self, notice: Notice) -> str:
        return mask_email(notice.email)

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Those that could not be sent stand first, whatever their number."""
        return [Case(When(state=NoticeState.FAILED, then=Value(0)), default=Value(1)).asc(), "-pk"]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """A kind may be asked for by name."""
        term = search_term.strip()
        kinds = [kind for kind in KINDS if term and term in kind_words(kind)]
        if kinds:
            return queryset.filter(kind__in=kinds), False
        return super().get_search_results(request, queryset, search_term)

    def work_urls(self) -> list[URLPattern]:
        return [self.work_path("<path:object_id>/html/", self.html_view, "html")]

    @admin.display(description=gettext_lazy("제목"))
    def subject_shown(self, notice: Notice) -> str:
        words = words_of(notice)
        return (
            words.subject
            if words
            else _("(본인만 볼 수 있는 알림)")
            if notice.secret
            else kind_words(notice.kind)
        )

    def work_context(self, request: HttpRequest, obj: Notice) -> dict[str, Any]:
        words = words_of(obj)
        html_url = reverse("admin:notices_notice_html", args=[obj.pk])
        return {
            "words": words,
            "html_url": html_url,
            "title": words.subject if words else kind_words(obj.kind),
        }

    def html_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The HTML part as a page of its own under its own policy: as part of ours it would not be safe."""
        notice = self._visible(request, object_id)
        if not may_be_read(notice):
            raise PermissionDenied
        words = words_of(notice)
        if words is None:
            raise Http404
        return HttpResponse(words.html, headers={"Content-Security-Policy": MAIL_POLICY})

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from portal.audit.actions import open_contact, record_access
from portal.audit.models import Access, Event
from portal.audit.words import VERBS, event_facts, noun_words, seen_words, verb_words
from portal.ui.admin import Verb, WorkAdmin, asks, reason_field
from portal.ui.korean import mask_name


class PersonalAdmin(WorkAdmin):
    """An admin of personal data: who looked at whose row is written down, page by page and list by list."""

    def subjects_of(self, rows: Iterable[Any]) -> Iterable[Any]:
        """The people whose data the rows are; rows without an account have nobody yet."""
        return [row.user for row in rows if row.user is not None]

    def prepare_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        super().prepare_rows(request, rows)
        if request.method == "GET":
            people = {person.pk: person for person in self.subjects_of(rows)}
            record_access(f"{self.opts.label_lower}.list", by=request.user, subjects=people.values())

    def render_change_form(
        self,
        request: Any,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        if obj is not None and request.method == "GET":
            record_access(self.opts.label_lower, by=request.user, subjects=self.subjects_of([obj]))
        return super().render_change_form(request, context, add, change, form_url, obj)


def contact_verb(kind: str, facts: Callable[[Any], Sequence[dict[str, Any]]]) -> Verb:
    """Seeing how a person is reached, which lists and pages mask: an act with a reason, written down.

    Parameters
    ----------
    kind : str
        The noun as ``app.model``.
    facts : callable
        ``row -> label and value`` of what is shown.
    """

    return Verb(
        "open_contact",
        _("연락처 보기"),
        partial(open_contact, kind),
        _("가린 연락처를 봅니다. 누가 언제 왜 보았는지 남고, 본인이 물으면 알려 줍니다."),
        form=asks(reason=reason_field(_("왜 보나"), most=200, hint=_("예: 서류 보완을 전화로 안내"))),
        legal=lambda row: True,
        bulk=False,
        shows=facts,
    )


class NounFilter(admin.SimpleListFilter):
    title, parameter_name = _("대상"), "label"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        ours = [model._meta.label for model in apps.get_models() if model in model_admin.admin_site._registry]
        return sorted(((label, noun_words(label)) for label in ours), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Event]) -> models.QuerySet[Event]:
        return queryset.filter(label=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(WorkAdmin):
    list_display = ["at", "verb_shown", "row", "by", "origin", "change"]
    list_display_links = ["verb_shown"]
    list_select_related = ["by"]
    list_filter = ["origin", ("at", admin.DateFieldListFilter), NounFilter]
    link_lookups = ["object_id", "verb", "by__id__exact"]
    search_fields = ["=verb", "=object_id", "by__name", "by__email"]
    search_help_text = _("한 일의 이름(예: 과제를 선정함), 대상 번호, 한 사람의 이름이나 이메일")
    fields = ["at", "verb_shown", "row", "by", "origin", "ip", "facts_shown"]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """What was done may be asked for in words."""
        verbs = [verb for verb in VERBS if search_term.strip() and search_term.strip() in verb_words(verb)]
        if verbs:
            return queryset.filter(verb__in=verbs), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=_("한 일"), ordering="verb")
    def verb_shown(self, event: Event) -> str:
        return verb_words(event.verb)

    @admin.display(description=_("대상"), ordering="label")
    def row(self, event: Event) -> str:
        name = f"{noun_words(event.label)} {event.object_id}"
        try:
            app, model = event.label.lower().split(".")
            url = reverse(f"admin:{app}_{model}_change", args=[event.object_id])
        except (NoReverseMatch, ValueError):
            return name
        return format_html('<a href="{}">{}</a>', url, name)

    @admin.display(description=_("내용"))
    def change(self, event: Event) -> str:
        facts = event_facts(event.label, event.data)
        told = " · ".join(
            value if "was" in event.data and not place else f"{name} {value}"
            for place, (name, value) in enumerate(facts)
        )
        return Truncator(told).chars(80) or "-"

    @admin.display(description=_("내용"))
    def facts_shown(self, event: Event) -> str:
        lines = event_facts(event.label, event.data)
        return format_html_join("", "<div>{}: {}</div>", lines) or "-"

    def work_context(self, request: HttpRequest, obj: Event) -> dict[str, Any]:
        return {"title": f"{verb_words(obj.verb)}: {noun_words(obj.label)} {obj.object_id}"}


@admin.register(Access)
class AccessAdmin(WorkAdmin):
    list_display = ["at", "by", "subject_shown", "what_shown", "reason", "ip"]
    list_display_links = ["what_shown"]
    list_select_related = ["by", "subject"]
    list_filter = [("at", admin.DateFieldListFilter), ("reason", admin.EmptyFieldListFilter)]
    link_lookups = ["subject__id__exact", "by__id__exact"]
    search_fields = ["by__name", "by__email", "subject__name", "subject__email", "what", "reason"]
    search_help_text = _("본 사람이나 정보 주체의 이름, 이메일, 사유")
    fields = ["at", "by", "subject_shown", "what_shown", "reason", "ip"]

    @admin.display(description=_("정보 주체"), ordering="subject__name")
    def subject_shown(self, access: Access) -> str:
        return mask_name(str(access.subject))

    @admin.display(description=_("본 것"), ordering="what")
    def what_shown(self, access: Access) -> str:
        return seen_words(access.what)

    def work_context(self, request: HttpRequest, obj: Access) -> dict[str, Any]:
        return {"title": seen_words(obj.what)}

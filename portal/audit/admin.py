from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from portal.audit.actions import record_access
from portal.audit.models import Access, Event
from portal.ui.admin import WorkAdmin, moment_column


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


def _noun(label: str) -> str:
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except LookupError:  # a noun of an older version
        return label


class NounFilter(admin.SimpleListFilter):
    title, parameter_name = _("대상"), "label"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        ours = [model._meta.label for model in apps.get_models() if model in model_admin.admin_site._registry]
        return sorted(((label, _noun(label)) for label in ours), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Event]) -> models.QuerySet[Event]:
        return queryset.filter(label=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(WorkAdmin):
    list_display = [moment_column("at", _("시각")), "verb", "row", "by", "origin", "change"]
    list_display_links = ["verb"]
    list_select_related = ["by"]
    list_filter = ["origin", ("at", admin.DateFieldListFilter), NounFilter]
    link_lookups = ["object_id", "verb", "by__id__exact"]
    search_fields = ["=verb", "=object_id", "by__name", "by__email"]
    search_help_text = _("한 일(예: select_project), 대상 번호, 한 사람의 이름이나 이메일")
    fields = ["at", "verb", "row", "by", "origin", "ip", "data"]

    @admin.display(description=_("대상"), ordering="label")
    def row(self, event: Event) -> str:
        name = f"{_noun(event.label)} {event.object_id}"
        try:
            app, model = event.label.lower().split(".")
            url = reverse(f"admin:{app}_{model}_change", args=[event.object_id])
        except (NoReverseMatch, ValueError):
            return name
        return format_html('<a href="{}">{}</a>', url, name)

    @admin.display(description=_("내용"))
    def change(self, event: Event) -> str:
        if "was" in event.data:
            return f"{event.data['was'] or '-'} → {event.data.get('now', '')}"
        return ", ".join(f"{key} {value}" for key, value in event.data.items())[:80] or "-"


@admin.register(Access)
class AccessAdmin(WorkAdmin):
    list_display = [moment_column("at", _("시각")), "by", "subject", "what", "reason", "ip"]
    list_display_links = ["what"]
    list_select_related = ["by", "subject"]
    list_filter = [("at", admin.DateFieldListFilter)]
    link_lookups = ["subject__id__exact", "by__id__exact"]
    search_fields = ["by__name", "by__email", "subject__name", "subject__email", "what"]
    search_help_text = _("본 사람이나 정보 주체의 이름, 이메일")

"""How staff work in the admin: rows are read, never edited by hand; what may be done to one is a *verb*.

A verb is one word everywhere: the action's name, the permission, the address, the button. Each has a page that
says what it will do (GET) and does it once (POST); the same page does it to many rows chosen in a list.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any

import rules
from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import BadRequest, FieldDoesNotExist, PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.korean import kdate, kdatetime, points, unbroken, won
from portal.ui.refusals import sentence
from portal.ui.templatetags.components import state_badge
from portal.workflow import IllegalMove, Refused, Stale, Workflow

log = logging.getLogger(__name__)

#: One press does at most so many rows.
MOST_AT_ONCE = 1000
ROWS_NAMED = 12
_BIGGEST_ID = 2**63 - 1
_DONE, _NOTHING = gettext_lazy("처리했습니다."), gettext_lazy("아직 없습니다.")
_REASON, _DAY_HINT = gettext_lazy("사유"), gettext_lazy("예: 2027-01-04")


# --- what a verb asks -----------------------------------------------------------------------------------


def asks(**fields: forms.Field) -> type[forms.Form]:
    """The form of a verb, from its fields."""
    return type("VerbForm", (forms.Form,), fields)


def reason_field(
    label: Any = _REASON, *, required: bool = True, most: int = 300, hint: Any = ""
) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=most,
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def day_field(label: Any, *, hint: Any = _DAY_HINT) -> forms.DateField:
    return forms.DateField(
        label=label, help_text=hint, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


def moment_field(label: Any, *, hint: Any = "") -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        help_text=hint,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


@dataclass(frozen=True)
class Verb:
    """Something staff may do.

    Parameters
    ----------
    name : str
        The action's name, which is the permission's and the address's too.
    act : callable
        ``act(row, *, by, **what the form asks)``; a verb ``of_list`` takes no row.
    text : str
        What it does, in words, for who is about to press.
    legal : callable, optional
        Whether a row stands where the verb may be done; by default the admin's workflow says.
    consequences : callable, optional
        ``row -> sentences``: what exactly will happen.
    initial : callable, optional
        ``row -> values`` the form begins with.
    shows : callable, optional
        ``row -> facts`` (``label`` and ``value``) shown once it is done, instead of the row's page.
    superuser : bool
        Needed to set the portal up, when there is no office yet.
    """

    name: str
    label: Any
    act: Callable[..., Any]
    text: Any
    form: type[forms.Form] = forms.Form
    done: Any = _DONE
    danger: bool = False
    bulk: bool = True
    of_list: bool = False
    legal: Callable[[Any], bool] | None = None
    consequences: Callable[[Any], Sequence[str]] | None = None
    initial: Callable[[Any], Mapping[str, Any]] | None = None
    shows: Callable[[Any], Sequence[Mapping[str, Any]]] | None = None
    superuser: bool = False


@dataclass(frozen=True)
class Table:
    """Rows that belong to the row of the page: looked at, never typed over."""

    heading: Any
    columns: Sequence[Any]
    rows: Sequence[Sequence[Any]]
    empty: Any = _NOTHING

    @property
    def labelled(self) -> list[list[tuple[Any, Any]]]:
        """Each cell with the name of its column: on a phone a row is a card."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


# --- columns --------------------------------------------------------------------------------------------


def _column(name: str, label: Any, write: Callable[[Any], str], ordering: str) -> Callable[[Any], str]:
    def column(row: Any) -> str:
        value = row
        for part in name.split("__"):
            value = getattr(value, part, None)
        return write(value) or "-"

    column.__name__ = name
    return admin.display(column, description=label, ordering=ordering)


def day_column(name: str, label: Any) -> Callable[[Any], str]:
    """A date of the row, e.g. ``11월 22일(일)``; ``name`` may go through relations with ``__``."""
    return _column(name, label, lambda day: unbroken(kdate(day)), name)


def moment_column(name: str, label: Any) -> Callable[[Any], str]:
    """A moment of the row, e.g. ``11월 22일(일) 18:00``."""
    return _column(name, label, lambda moment: unbroken(kdatetime(moment)), name)


def yes_no_column(name: str, label: Any) -> Callable[[Any], str]:
    """A fact that stands or not, in a word: a red cross beside what is quite in order frightens."""
    return _column(name, label, lambda value: _("예") if value else _("아니요"), name)


def points_column(name: str, label: Any) -> Callable[[Any], str]:
    """A score, without zeros that say nothing."""
    return _column(name, label, points, name)


def won_column(name: str, label: Any) -> Callable[[Any], str]:
    """A sum of money."""
    return _column(name, label, won, name)


def _written(model: type[models.Model], name: Any) -> Any:
    """A date, a moment, a yes, a score or a sum of ``model`` as a column that writes it the portal's way; anything else
    as it is."""
    try:
        field: Any = model._meta.get_field(name)
    except (FieldDoesNotExist, AttributeError, TypeError):  # a method of the admin, or a column already
        return name
    for kind, column in (
        (models.DateTimeField, moment_column),
        (models.DateField, day_column),
        (models.BooleanField, yes_no_column),
        (models.DecimalField, points_column),
    ):
        if isinstance(field, kind):
            return column(name, field.verbose_name)
    return won_column(name, field.verbose_name) if name.endswith("_won") else name


def link(row: models.Model | None, text: Any = "") -> str:
    """A link to a row's page in the admin."""
    if row is None:
        return "-"
    opts = row._meta
    url = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', url, text or row)


def list_url(model: type[models.Model], **query: Any) -> str:
    """A list's address with its filters."""
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return f"{address}?{urlencode(query)}" if query else address


def titled(
    title: Any, kind: type[admin.FieldListFilter] = admin.ChoicesFieldListFilter
) -> type[admin.FieldListFilter]:
    """A field's filter under a name of its own, where two fields are called the same."""

    class Titled(kind):  # type: ignore[misc,valid-type]  # which filter is the caller's choice
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.title = title

    return Titled


# --- two at once ----------------------------------------------------------------------------------------


def stamp(row: models.Model) -> str:
    """What a page showed of a row, as a short text: another one means that the row has changed since."""
    unread = row.get_deferred_fields()
    values = [
        str(getattr(row, field.attname))
        for field in row._meta.concrete_fields
        if field.attname not in unread and not isinstance(field, models.JSONField)
    ]
    return sha256("\x1f".join(values).encode()).hexdigest()[:16]


def constraint_of(error: IntegrityError) -> str:
    """The name of the constraint that refused."""
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""


# --- lists ----------------------------------------------------------------------------------------------


class WorkList(ChangeList):
    """A list whose rows are read once, so that the admin may add what one query can say about all of them."""

    def get_results(self, request: HttpRequest) -> None:
        if self.page_num > 10_000_000:  # an OFFSET PostgreSQL cannot hold
            raise IncorrectLookupParameters
        super().get_results(request)
        self.result_list = list(self.result_list)
        admin: Any = self.model_admin  # a WorkAdmin: nothing else asks for this list
        admin.prepare_rows(request, self.result_list)


class WorkAdmin(admin.ModelAdmin):
    """Read-only, with verbs. See the module."""

    workflow: Workflow | None = None
    verbs: Sequence[Verb] = ()
    #: actions that add and change a row typed in by staff: ``add(by=, **facts)``, ``change(row, by=, **facts)``
    add_by: Callable[..., Any] | None = None
    change_by: Callable[..., Any] | None = None
    #: constraint's name -> what to say when two people, or two tabs, were too close for the action to notice
    conflicts: Mapping[str, Any] = {}
    #: GET parameters that links from other pages use beside the filters
    link_lookups: Sequence[str] = ()

    change_form_template = "admin/work_form.html"
    change_list_template = "admin/work_list.html"
    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
    save_on_top = False
    actions_selection_counter = True

    def get_action_choices(self, request: HttpRequest, default_choices: Any = None) -> list[tuple[str, str]]:
        """The empty choice in words."""
        return super().get_action_choices(request, [("", _("고르기"))])

    # --- who may --------------------------------------------------------------------------------------

    def _permitted(self, request: HttpRequest, kind: str, obj: Any = None) -> bool:
        """Asked of the rules themselves: being a superuser opens nothing but the view."""
        return rules.has_perm(f"{self.opts.app_label}.{kind}_{self.opts.model_name}", request.user, obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser or self._permitted(request, "view", obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser or rules.has_perm(self.opts.app_label, request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.add_by is not None and self._permitted(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (
            self.change_by is not None
            and self._permitted(request, "change", obj)
            and (obj is None or self.may_change(obj))
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def may_change(self, obj: Any) -> bool:
        """Whether the row still stands where its facts may be typed over."""
        return True

    def may_do(self, request: HttpRequest, verb: Verb, obj: Any = None) -> bool:
        return rules.has_perm(f"{self.opts.app_label}.{verb.name}", request.user, obj) or (
            verb.superuser and request.user.is_superuser
        )

    def is_legal(self, verb: Verb, obj: Any) -> bool:
        if verb.legal is not None:
            return verb.legal(obj)
        return self.workflow is not None and self.workflow.may(obj, verb.name)

    # --- addresses ------------------------------------------------------------------------------------

    def work_urls(self) -> list[URLPattern]:
        """Further pages of this noun."""
        return []

    def work_path(self, route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
        label = f"{self.opts.app_label}_{self.opts.model_name}_{name}"
        return path(route, self.admin_site.admin_view(view), name=label)

    def get_urls(self) -> list[URLPattern]:
        label = f"{self.opts.app_label}_{self.opts.model_name}"
        own = [
            path(
                f"{verb.name}/" if verb.of_list else f"<path:object_id>/{verb.name}/",
                self.admin_site.admin_view(self.verb_view),
                {"verb_name": verb.name},
                name=f"{label}_{verb.name}",
            )
            for verb in self.verbs
        ]
        return [*self.work_urls(), *own, *super().get_urls()]

    def page_url(self, obj: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[obj.pk])

    def verb_url(self, verb: Verb, obj: Any = None) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_{verb.name}"
        return reverse(name) if verb.of_list else reverse(name, args=[obj.pk])

    # --- lists ----------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("상태"), ordering="state")
    def state_shown(self, obj: Any) -> str:
        return state_badge(obj)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [_written(self.model, name) for name in super().get_list_display(request)]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return WorkList

    def prepare_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Add to the rows of one page what a constant number of queries can say about them."""

    def list_context(self, request: HttpRequest) -> dict[str, Any]:
        """What stands above the list."""
        return {}

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        own = {
            "list_verbs": [
                {"label": verb.label, "url": self.verb_url(verb)}
                for verb in self.verbs
                if verb.of_list and self.may_do(request, verb)
            ],
            "title": str(self.opts.verbose_name_plural),
        }
        return super().changelist_view(
            request, {**own, **self.list_context(request), **(extra_context or {})}
        )

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Only what the filters and our own links use: an open query language answers 500 to nonsense."""
        allowed = set(self.link_lookups)
        items: Any = self.get_list_filter(request)
        for item in items:
            if isinstance(item, type) and issubclass(item, admin.SimpleListFilter):
                allowed.add(str(item.parameter_name))
            else:
                allowed |= self._lookups_of(item[0] if isinstance(item, tuple | list) else item)
        return lookup in allowed

    def _lookups_of(self, name: str) -> set[str]:
        field: Any = None
        model: Any = self.model
        for part in name.split("__"):
            field = model._meta.get_field(part)
            model = field.related_model or model
        key = f"__{field.related_model._meta.pk.name}" if field.is_relation else ""
        return {name, f"{name}{key}__exact"} | {
            f"{name}__{end}" for end in ("isnull", "isempty", "gte", "lt")
        }

    # --- pages ----------------------------------------------------------------------------------------

    def get_fieldsets(self, request: Any, obj: Any = None) -> Any:
        sets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return sets
        return [
            (name, {**options, "fields": [_written(self.model, field) for field in options["fields"]]})
            for name, options in sets
        ]

    def work_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """What stands on the row's page beside its fields: ``tables``, ``timeline`` and what its own template shows."""
        return {}

    def render_change_form(
        self,
        request: Any,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context["adminform"].form.label_suffix = ""
        if obj is not None:
            context.update(title=str(obj), subtitle=None, has_state=hasattr(obj, "state"))
            context["seen"] = request.POST.get("_seen") or stamp(obj)
            context["verbs"] = [
                {"label": verb.label, "url": self.verb_url(verb, obj), "danger": verb.danger}
                for verb in self.verbs
                if not verb.of_list and self.is_legal(verb, obj) and self.may_do(request, verb, obj)
            ]
            context.update(self.work_context(request, obj))
        response = super().render_change_form(request, context, add, change, form_url, obj)
        if request.method == "POST" and context.get("errors"):
            response.status_code = 422
        return response

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget  # no windows that open windows
        return field

    def changeform_view(
        self, request: Any, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """What the action refuses is said beside what was typed; what has changed since is shown as it is now."""
        try:
            if request.method == "POST" and object_id is not None:
                self._check_unchanged(request, object_id)
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (IllegalMove, Stale) as refusal:
            messages.error(request, sentence(refusal))
            request.method, request.POST = "GET", QueryDict()
            response = super().changeform_view(request, object_id, form_url, extra_context)
            response.status_code = 409
            return response
        except Refused as refusal:
            request.refusal = sentence(refusal)
        except IntegrityError as error:
            if constraint_of(error) not in self.conflicts:
                raise
            request.refusal = str(self.conflicts[constraint_of(error)])
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _check_unchanged(self, request: HttpRequest, object_id: str) -> None:
        """Whether the row is still what the form showed, and still one that may be typed over."""
        row = self.get_object(request, unquote(object_id))
        if row is None or self.change_by is None or not self._permitted(request, "change", row):
            return  # not found or forbidden, which the form itself says
        if not self.may_change(row):
            raise IllegalMove(row, "change")
        if request.POST.get("_seen", stamp(row)) != stamp(row):
            raise Stale

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, "refusal", "")
        if not refusal:
            return form

        def clean(self: Any) -> Any:
            raise ValidationError(refusal)

        return type(form.__name__, (form,), {"clean": clean})

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        by, facts = request.user, form.cleaned_data
        if change:
            assert self.change_by is not None  # noqa: S101 -- has_change_permission said so
            saved = self.change_by(obj, by=by, **{name: facts[name] for name in form.changed_data})
        else:
            assert self.add_by is not None  # noqa: S101 -- has_add_permission said so
            saved = self.add_by(by=by, **facts)
        obj.__dict__.update(saved.__dict__)

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        """The action has saved everything."""

    def log_addition(self, request: Any, obj: Any, message: Any) -> Any:
        """History is written by actions, in one place."""

    log_change = log_addition

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        obj = self._visible(request, object_id)
        query = urlencode({"label": obj._meta.label, "object_id": obj.pk})
        return redirect(f"{reverse('admin:audit_event_changelist')}?{query}")

    # --- doing ----------------------------------------------------------------------------------------

    def _visible(self, request: HttpRequest, object_id: str) -> Any:
        obj = self.get_object(request, unquote(object_id))
        if obj is None or not self.has_view_permission(request, obj):
            raise Http404
        return obj

    def verb_view(self, request: HttpRequest, object_id: str = "", *, verb_name: str) -> HttpResponse:
        """Ask, then do it once."""
        verb = next(verb for verb in self.verbs if verb.name == verb_name)
        obj = None if verb.of_list else self._visible(request, object_id)
        if not self.may_do(request, verb, obj):
            raise PermissionDenied
        if obj is not None and not self.is_legal(verb, obj):
            return self._ask(request, verb, obj, refused=sentence(IllegalMove(obj, verb.name)), status=409)
        page = request.path
        if request.method != "POST" and verb.shows is not None and request.session.pop("shown", "") == page:
            return self._ask(request, verb, obj, facts=verb.shows(obj))
        if request.method != "POST":
            initial = dict(verb.initial(obj)) if verb.initial else {}
            return self._ask(request, verb, obj, form=verb.form(initial=initial))
        if obj is not None and request.POST.get("_seen", stamp(obj)) != stamp(obj):
            return self._ask(request, verb, obj, refused=sentence(Stale()), status=409)
        form = verb.form(request.POST)
        if not form.is_valid():
            return self._ask(request, verb, obj, form=form, status=422)
        try:
            result = verb.act(*([] if obj is None else [obj]), by=request.user, **form.cleaned_data)
        except (
            IllegalMove,
            Stale,
        ) as refusal:  # somebody was quicker, between our look and the action's lock
            obj = obj and self._visible(request, object_id)
            return self._ask(request, verb, obj, refused=sentence(refusal), status=409)
        except Refused as refusal:
            form.add_error(None, sentence(refusal))
            return self._ask(request, verb, obj, form=form, status=422)
        except IntegrityError as error:
            if constraint_of(error) not in self.conflicts:
                raise
            obj = obj and self._visible(request, object_id)
            words = str(self.conflicts[constraint_of(error)])
            return self._ask(request, verb, obj, refused=words, status=409)
        if verb.shows is not None:  # on the next page, and there once: loading it again asks again
            request.session["shown"] = page
            return redirect(page)
        messages.success(request, str(verb.done))
        return redirect(self.page_url(result if isinstance(result, self.model) else obj))

    def _ask(
        self,
        request: HttpRequest,
        verb: Verb,
        obj: Any = None,
        *,
        form: forms.Form | None = None,
        refused: str = "",
        status: int = 200,
        **more: Any,
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": verb.label,
            "verb": verb,
            "form": form,
            "refused": refused,
            "opts": self.opts,
            "original": obj,
            "has_state": hasattr(obj, "state"),
            "seen": stamp(obj) if obj is not None else "",
            "consequences": verb.consequences(obj) if verb.consequences and not refused and obj else [],
            "back_url": self.page_url(obj) if obj else list_url(self.model),
            **more,
        }
        return TemplateResponse(request, "admin/verb.html", context, status=status)

    # --- doing it to many -----------------------------------------------------------------------------

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        if self.actions is None or "_popup" in request.GET:
            return {}
        return {
            verb.name: (partial(_do_to_many, verb), verb.name, verb.label)
            for verb in self.verbs
            if verb.bulk and not verb.of_list and self.may_do(request, verb)
        }

    def response_action(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> Any:
        for chosen in request.POST.getlist(helpers.ACTION_CHECKBOX_NAME):
            try:
                key = self.opts.pk.to_python(chosen)
            except ValidationError as error:
                raise BadRequest("not an id") from error
            if isinstance(key, int) and not -_BIGGEST_ID <= key <= _BIGGEST_ID:
                raise BadRequest("not an id")
        return super().response_action(request, queryset)

    def do_to_many(self, verb: Verb, request: HttpRequest, queryset: Iterable[Any]) -> HttpResponse | None:
        rows = list(queryset[: MOST_AT_ONCE + 1])  # type: ignore[index]
        if len(rows) > MOST_AT_ONCE:
            messages.error(
                request,
                _("한 번에 %(most)d건까지 할 수 있습니다. 나누어서 해 주세요.") % {"most": MOST_AT_ONCE},
            )
            return None
        asked = "_asked" in request.POST
        form = verb.form(request.POST if asked else None)
        if asked and form.is_valid():
            self._say(request, *self._each(verb, request, rows, form.cleaned_data))
            return None
        ready = sum(self.is_legal(verb, row) for row in rows)
        return self._ask(
            request,
            verb,
            form=form,
            status=422 if asked else 200,
            rows=rows[:ROWS_NAMED],
            row_ids=[row.pk for row in rows],
            more_rows=max(len(rows) - ROWS_NAMED, 0),
            ready=ready,
            unready=len(rows) - ready,
            checkbox_name=helpers.ACTION_CHECKBOX_NAME,
            back_url=request.get_full_path(),
        )

    def _each(
        self, verb: Verb, request: HttpRequest, rows: Sequence[Any], facts: Mapping[str, Any]
    ) -> tuple[int, Counter[str]]:
        """Each row in a transaction of its own: one that cannot be done leaves the others done."""
        done, refused = 0, Counter[str]()
        for row in rows:
            try:
                if not self.may_do(request, verb, row):
                    raise PermissionDenied
                with transaction.atomic():
                    verb.act(row, by=request.user, **facts)
                done += 1
            except (IllegalMove, Refused, Stale) as refusal:
                refused[sentence(refusal)] += 1
            except PermissionDenied:
                refused[_("이 건을 처리할 권한이 없습니다.")] += 1
            except IntegrityError as error:
                known = self.conflicts.get(constraint_of(error))
                if known is None:
                    log.exception("%s of %s %s", verb.name, self.opts.label, row.pk)
                refused[str(known or _("다른 자료와 맞지 않아 저장할 수 없습니다."))] += 1
        return done, refused

    def _say(self, request: HttpRequest, done: int, refused: Counter[str]) -> None:
        if done:
            messages.success(request, _("%(count)d건을 처리했습니다.") % {"count": done})
        for words, count in refused.most_common():
            messages.warning(
                request, _("%(count)d건은 할 수 없음: %(words)s") % {"count": count, "words": words}
            )


def _do_to_many(
    verb: Verb, model_admin: WorkAdmin, request: HttpRequest, queryset: Any
) -> HttpResponse | None:
    return model_admin.do_to_many(verb, request, queryset)

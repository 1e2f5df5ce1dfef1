from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.ui.forms import FilterForm
from projects.models import Project
from projects.rankings.states import RankRefusal, RefusalCode


class MoveForm(forms.Form):
    """One change of a trainee's order: a button (``7:up``), or the whole order after dragging. Nobody types this.

    ``7:restore:2`` puts back what was taken off place 2. ``seen`` is the order that was on the screen, so that a change
    made on an old one can be shown beside the newer; ``mine`` then writes that order (``wanted``) over it.
    """

    LIST = r"^[0-9]{1,18}(,[0-9]{1,18})*$"

    version = forms.IntegerField(min_value=0)
    move = forms.RegexField(
        r"^([0-9]{1,18}:(up|down|remove|restore:[0-9]{1,3})|mine)$", required=False, max_length=40
    )
    order = forms.RegexField(LIST, required=False, max_length=2000)
    moved = forms.IntegerField(min_value=0, required=False)
    seen = forms.RegexField(LIST, required=False, max_length=2000)
    wanted = forms.RegexField(LIST, required=False, max_length=2000)

    def _numbers(self, name: str) -> list[int]:
        text = self.cleaned_data.get(name) or ""
        return [int(part) for part in text.split(",")] if text else []

    def clean_order(self) -> list[int]:
        return self._numbers("order")

    def clean_seen(self) -> list[int]:
        return self._numbers("seen")

    def clean_wanted(self) -> list[int]:
        return self._numbers("wanted")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("move") and not cleaned.get("order"):
            raise forms.ValidationError("one of move, order")
        if cleaned.get("move") == "mine" and not cleaned.get("wanted"):
            raise forms.ValidationError("mine needs wanted")
        return cleaned


class VersionForm(forms.Form):
    """The revision that was on the screen when somebody pressed 제출."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class ScoreForm(forms.Form):
    """A company's judgement of one candidate for one project; empty takes it back."""

    score = forms.DecimalField(
        label=_("점수"),
        required=False,
        min_value=Decimal(0),
        max_value=Decimal(100),
        max_digits=5,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "invalid": RankRefusal.SCORE_RANGE.label,
            "min_value": RankRefusal.SCORE_RANGE.label,
            "max_value": RankRefusal.SCORE_RANGE.label,
            "max_digits": _("점수는 소수점 아래 두 자리까지 입력해 주세요."),
            "max_decimal_places": _("점수는 소수점 아래 두 자리까지 입력해 주세요."),
            "max_whole_digits": RankRefusal.SCORE_RANGE.label,
        },
    )
    refusal = forms.ChoiceField(
        label=_("받을 수 없는 이유"),
        required=False,
        choices=[("", _("없음")), *RefusalCode.choices],
    )

    seen = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    #: Whose row stands below on the page.
    following = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)

    mark_optional = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["score"].unit = _("점")  # type: ignore[attr-defined]

    def clean_seen(self) -> str | None:
        """What stood there when the page was read; None if the page did not say."""
        return self.cleaned_data["seen"] if "seen" in self.data else None

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        if cleaned.get("score") is not None and cleaned.get("refusal"):
            self.add_error("refusal", str(RankRefusal.SCORE_OR_REFUSAL.label))
        return cleaned


class ShortlistForm(forms.Form):
    """One button: on the shortlist, or off it. Nobody types this."""

    listed = forms.ChoiceField(choices=[("on", "on"), ("off", "off")])


class CandidateFilter(FilterForm):
    VIEWS = (
        ("", _("모두")),
        ("unreviewed", _("검토 전")),
        ("reviewed", _("검토함")),
        ("interested", _("관심 표시")),
        ("shortlisted", _("후보 명단")),
    )

    q = forms.CharField(
        label=_("이름"), required=False, max_length=40, widget=forms.TextInput(attrs={"type": "search"})
    )
    show = forms.ChoiceField(label=_("보기"), required=False, choices=VIEWS, widget=forms.HiddenInput)
    order = forms.ChoiceField(
        label=_("차례"),
        required=False,
        choices=[("", _("적합도 높은 순")), ("score", _("점수 높은 순")), ("name", _("이름순"))],
    )

    def narrowed(self, people: Any, project: Project, judged: Collection[int]) -> Any:
        """Those candidates of ``project`` the filter asks for; ``judged`` names who was reviewed."""
        chosen = self.cleaned_data if self.is_valid() else {}
        if chosen.get("q"):
            people = people.filter(trainee__user__name__icontains=chosen["q"])
        if chosen.get("show") == "reviewed":
            return people.filter(pk__in=judged)
        if chosen.get("show") == "unreviewed":
            return people.exclude(pk__in=judged)
        if chosen.get("show") == "interested":
            return people.filter(marks__project=project)
        if chosen.get("show") == "shortlisted":
            return people.filter(shortlisted__project=project)
        return people

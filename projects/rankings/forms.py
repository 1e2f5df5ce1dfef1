from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.ui.forms import FilterForm
from projects.models import Project
from projects.rankings.states import RankRefusal, RefusalCode


class MoveForm(forms.Form):
    """One change of a trainee's order: a button (``7:up``), or the whole order after dragging. Nobody types this."""

    version = forms.IntegerField(min_value=0)
    move = forms.RegexField(r"^[0-9]{1,18}:(up|down|remove)$", required=False)
    order = forms.RegexField(r"^[0-9]{1,18}(,[0-9]{1,18})*$", required=False, max_length=2000)
    moved = forms.IntegerField(min_value=0, required=False)

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        if not cleaned.get("move") and not cleaned.get("order"):
            raise forms.ValidationError("one of move, order")
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


class CandidateFilter(FilterForm):
    q = forms.CharField(
        label=_("이름"), required=False, max_length=40, widget=forms.TextInput(attrs={"type": "search"})
    )
    show = forms.ChoiceField(
        label=_("보기"),
        required=False,
        choices=[
            ("", _("모두")),
            ("unreviewed", _("검토하지 않음")),
            ("reviewed", _("검토함")),
            ("interested", _("관심 표시한 사람")),
        ],
    )
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
        return people

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.companies.models import Company
from portal.schools.models import School
from portal.trainees.models import Field, Skill, Trainee
from portal.trainees.states import Level

#: What stands behind a place's name on forms and envelopes; projects and people are compared without it.
TOWN_ENDING = re.compile(r"(?<=..)(특별자치시|특별시|광역시|시|군)$")


class SkillGroup(NamedTuple):
    """Skills under one heading, each as a select of levels."""

    title: str
    fields: list[forms.BoundField]
    chosen: int


class ProfileForm(forms.ModelForm):
    """What a person says about themselves; one select per skill of the list, empty means none."""

    portfolio = forms.URLField(
        label=_("포트폴리오 주소"),
        required=False,
        assume_scheme="https",
        max_length=200,
        help_text=_("깃허브, 블로그, 발표 자료 등. 예: https://example.com/me"),
        widget=forms.URLInput(attrs={"autocomplete": "url"}),
    )
    interests = forms.ModelMultipleChoiceField(
        Field.objects.all(),
        label=_("관심 분야"),
        required=False,
        help_text=_("해당하는 것을 모두 고르세요. 적합도를 계산할 때 씁니다."),
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Trainee
        fields = [
            "phone", "region", "available_from", "weekly_hours", "work_mode", "employment", "intro", "interests",
        ]  # fmt: skip
        widgets = {
            "region": forms.TextInput(attrs={"list": "regions", "autocomplete": "address-level2"}),
            "available_from": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "weekly_hours": forms.NumberInput(attrs={"inputmode": "numeric"}),
            "work_mode": forms.RadioSelect,
            "employment": forms.RadioSelect,
            "intro": forms.Textarea(attrs={"rows": 6, "maxlength": 1000}),
        }
        help_texts = {
            "phone": _("배치를 수락한 기업의 담당자만 볼 수 있습니다. 예: 010\u20111234\u20115678"),
            "region": _("시·군 이름. 예: 창원"),
            "available_from": _("예: 2027-01-04"),
            "weekly_hours": _("1시간부터 40시간까지"),
            "employment": _("재직 중이면 이 사업에 참여할 수 없습니다."),
            "intro": _("기업이 평가할 때 읽습니다. 1,000자까지 쓸 수 있습니다."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("portfolio", self.instance.portfolio)
        for name in ("phone", "region", "available_from"):
            self.fields[name].required = True
        self.fields["phone"].widget.attrs.update({"autocomplete": "tel", "inputmode": "tel"})
        self.fields["phone"].error_messages["invalid"] = _("전화번호가 맞지 않습니다. 예: 010-1234-5678")
        self.fields["weekly_hours"].unit = _("시간")  # type: ignore[attr-defined]
        self.skills = list(Skill.objects.select_related("parent").order_by("name"))
        levels = [("", _("없음")), *Level.choices]
        known = dict(self.instance.skills.values_list("skill_id", "level")) if self.instance.pk else {}
        for skill in self.skills:
            self.fields[f"skill_{skill.pk}"] = forms.TypedChoiceField(
                label=skill.name,
                choices=levels,
                coerce=int,
                empty_value=None,
                required=False,
                initial=known.get(skill.pk),
            )

    def clean_region(self) -> str:
        return TOWN_ENDING.sub("", self.cleaned_data["region"].strip())

    def clean_available_from(self) -> dt.date:
        day: dt.date = self.cleaned_data["available_from"]
        if not 2000 <= day.year <= 2100:
            raise forms.ValidationError(_("2000년과 2100년 사이의 날짜를 적어 주세요."))
        return day

    def clean_weekly_hours(self) -> int:
        hours: int = self.cleaned_data["weekly_hours"]
        if not 1 <= hours <= 40:
            raise forms.ValidationError(_("1시간부터 40시간 사이로 적어 주세요."))
        return hours

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.levels and not any(name.startswith("skill_") for name in self.errors):
            self.add_error(None, _("기술을 한 가지 이상 고르고 수준을 정해 주세요."))
        return cleaned

    @property
    def levels(self) -> dict[str, int]:
        """Skill code -> level of what was chosen."""
        found = {skill.pk: self.cleaned_data.get(f"skill_{skill.pk}") for skill in self.skills}
        return {code: level for code, level in found.items() if level}

    @property
    def facts(self) -> dict[str, Any]:
        """Everything but skills and interests, as the action takes it."""
        names = {*self.Meta.fields, "portfolio"} - {"interests"}
        return {name: self.cleaned_data[name] for name in names}

    def field_groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        groups = [
            (_("연락처와 지역"), ("phone", "region")),
            (_("일할 조건"), ("available_from", "weekly_hours", "work_mode", "employment")),
        ]
        return [(title, [self[name] for name in names]) for title, names in groups]

    def skill_groups(self) -> Iterator[SkillGroup]:
        """What has a level first, then the rest under its parent, which is a heading; single skills come last."""
        bound = {skill.pk: self[f"skill_{skill.pk}"] for skill in self.skills}
        filled = {code for code, field in bound.items() if field.value()}
        if filled:
            fields = [bound[skill.pk] for skill in self.skills if skill.pk in filled]
            yield SkillGroup(str(_("고른 기술")), fields, len(fields))
        parents = {skill.parent_id for skill in self.skills if skill.parent_id}
        rest: dict[str, list[forms.BoundField]] = {}
        names = {skill.pk: skill.name for skill in self.skills}
        for skill in self.skills:
            if skill.pk not in filled | parents:
                rest.setdefault(names.get(skill.parent_id or "", ""), []).append(bound[skill.pk])
        for title in sorted(rest, key=lambda title: (title == "", title)):
            yield SkillGroup(title or str(_("그 밖의 기술")), rest[title], 0)

    def regions(self) -> list[str]:
        """Where companies and schools are: suggestions while one types."""
        companies = Company.objects.verified().values_list("region", flat=True)
        return sorted({*companies.distinct(), *School.objects.values_list("region", flat=True)} - {""})

"""What may be typed in about projects: filters of the list, the project itself, its skills."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from portal.companies.models import Company
from portal.trainees.models import Field, Skill
from portal.trainees.states import Level, WorkMode
from portal.ui.forms import FilterForm
from projects.models import Call, Project, ProjectQuerySet, ProjectSkill
from projects.states import ProjectRefusal, ProjectState


class Chip(NamedTuple):
    """One filter that is set, and the list without it."""

    label: str
    url: str


class ProjectFilterForm(FilterForm):
    """Which public projects are shown; every combination is an address to share."""

    q = forms.CharField(
        label=gettext_lazy("찾는 말"),
        max_length=80,
        required=False,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": gettext_lazy("기술, 회사, 프로젝트 이름")}
        ),
    )
    field = forms.ChoiceField(label=gettext_lazy("분야"), required=False)
    region = forms.ChoiceField(label=gettext_lazy("지역"), required=False)
    skill = forms.ChoiceField(label=gettext_lazy("기술"), required=False)
    work_mode = forms.MultipleChoiceField(
        label=gettext_lazy("근무 방식"),
        choices=WorkMode.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    hires = forms.BooleanField(label=gettext_lazy("최소 채용 인원을 정한 프로젝트만"), required=False)
    past = forms.BooleanField(label=gettext_lazy("지난 프로젝트도 보기"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        public = Project.objects.public()
        asked = ProjectSkill.objects.filter(skill=OuterRef("pk"), project__in=public)
        fields = Field.objects.filter(Exists(public.filter(field=OuterRef("pk"))))
        skills = Skill.objects.filter(Exists(asked))
        regions = public.order_by("region").values_list("region", flat=True).distinct()
        for name, choices in (
            ("field", [(field.pk, str(field)) for field in fields]),
            ("region", [(region, region) for region in regions]),
            ("skill", [(skill.pk, str(skill)) for skill in skills.order_by("name")]),
        ):
            self.fields[name].choices = [("", gettext_lazy("전체")), *choices]  # type: ignore[attr-defined]

    def filtered(self, projects: ProjectQuerySet) -> ProjectQuerySet:
        """``projects`` under the filters that are valid; an unknown value filters nothing."""
        self.is_valid()
        chosen = self.cleaned_data
        if not chosen.get("past"):
            projects = projects.filter(state=ProjectState.SELECTED)
        if chosen.get("q"):
            projects = projects.filter(self._containing(chosen["q"]))
        for name in ("field", "region"):
            if chosen.get(name):
                projects = projects.filter(**{name: chosen[name]})
        if chosen.get("skill"):
            projects = projects.filter(project_skills__skill=chosen["skill"])
        if chosen.get("work_mode"):
            projects = projects.filter(work_mode__in=chosen["work_mode"])
        if chosen.get("hires"):
            projects = projects.exclude(pledged_hires=None)
        return projects

    @staticmethod
    def _containing(text: str) -> Q:
        skill = Q(skill__name__icontains=text) | Q(skill__name_en__icontains=text)
        named = ProjectSkill.objects.filter(skill, project=OuterRef("pk"))
        return (
            Q(title__icontains=text)
            | Q(summary__icontains=text)
            | Q(description__icontains=text)
            | Q(company__name__icontains=text)
            | Q(Exists(named))
        )

    def chips(self) -> list[Chip]:
        """Every filter that is set, with the address of the list without it."""
        query = self.data.copy() if isinstance(self.data, QueryDict) else QueryDict(mutable=True)
        query.pop("page", None)
        return list(self._chips(query))

    def _chips(self, query: QueryDict) -> Iterable[Chip]:
        for bound in self:
            if bound.name not in self.cleaned_data or not self.cleaned_data[bound.name]:
                continue
            value = self.cleaned_data[bound.name]
            for one in value if isinstance(value, list) else [value]:
                rest = query.copy()
                if isinstance(value, list):
                    rest.setlist(bound.name, [other for other in query.getlist(bound.name) if other != one])
                else:
                    rest.pop(bound.name, None)
                yield Chip(self._worded(bound, one), f"?{rest.urlencode()}")

    @staticmethod
    def _worded(bound: forms.BoundField, value: Any) -> str:
        if value is True:
            return str(bound.label)
        choices = dict(getattr(bound.field, "choices", []))
        return str(choices.get(value, value))


class ProjectForm(forms.ModelForm):
    """A project as its company writes it; pieces in the order of ``GROUPS``.

    A ``draft`` may be saved with holes: a title, a field and a number of places are enough.
    """

    #: id of the section, short name, heading, fields; the skills are a formset of their own.
    GROUPS = (
        (
            "work",
            gettext_lazy("하는 일"),
            gettext_lazy("어떤 일인가요?"),
            ("call", "title", "summary", "description", "data_used", "field"),
        ),
        (
            "places",
            gettext_lazy("자리"),
            gettext_lazy("어디서 몇 명이 하나요?"),
            ("region", "work_mode", "minimum", "places"),
        ),
        ("skills", pgettext_lazy("section", "기술"), gettext_lazy("어떤 기술이 필요한가요?"), ()),
        ("mentor", gettext_lazy("멘토"), gettext_lazy("누가 도와주나요?"), ("mentors",)),
        (
            "hire",
            pgettext_lazy("section", "채용"),
            gettext_lazy("끝난 뒤 채용 조건"),
            ("pledged_hires", "hire_type", "hire_pay_won", "hire_place"),
        ),
    )

    call = forms.ModelChoiceField(
        label=gettext_lazy("모집 공고"), queryset=Call.objects.none(), empty_label=None
    )
    mentors: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        label=gettext_lazy("멘토"),
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "제출하려면 한 명 이상 필요합니다. 회사 담당자로 등록된 사람만 고를 수 있습니다."
        ),
    )
    seen = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Project
        fields = [
            "call",
            "title",
            "summary",
            "description",
            "data_used",
            "field",
            "region",
            "work_mode",
            "minimum",
            "places",
            "pledged_hires",
            "hire_type",
            "hire_pay_won",
            "hire_place",
        ]
        widgets = {
            "description": forms.Textarea(attrs={"rows": 8}),
            "work_mode": forms.RadioSelect,
            "hire_pay_won": forms.NumberInput(attrs={"inputmode": "numeric", "step": 10_000}),
        }
        help_texts = {
            "title": gettext_lazy("무엇을 만드는지 알 수 있게. 예: 사출 금형 불량 이미지 검출 모델 고도화"),
            "summary": gettext_lazy(
                "목록에 보이는 한 문장. 예: 금형 사진에서 불량을 찾는 모델의 정확도를 높입니다. 회사 비밀은 적지 마세요."
            ),
            "description": gettext_lazy(
                "무엇을 해결하는지, 참여자가 맡을 일 서너 가지, 진행 방법, 끝나면 남는 결과물을 적어 주세요."
            ),
            "data_used": gettext_lazy(
                "예: 생산 라인 카메라 영상 12만 장. 민감한 자료면 그 점도 적어 주세요."
            ),
            "region": gettext_lazy("시·군 이름. 예: 창원"),
            "places": gettext_lazy("멘토 한 명이 세 명까지 맡는 것이 알맞습니다. 예: 3"),
            "hire_type": gettext_lazy("예: 정규직, 수습 3개월 뒤 정규직"),
            "hire_pay_won": gettext_lazy("세금을 떼기 전 금액. 예: 2800000"),
            "hire_place": gettext_lazy("예: 창원시 성산구"),
        }

    def __init__(
        self, *args: Any, company: Company, calls: Any = None, draft: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.company, self.draft = company, draft
        self.fields["mentors"].queryset = company.members.select_related("user")  # type: ignore[attr-defined]
        self.fields["mentors"].asked_later = True  # type: ignore[attr-defined]
        self.fields["hire_pay_won"].unit = _("원")  # type: ignore[attr-defined]
        for name in ("minimum", "places", "pledged_hires"):
            self.fields[name].unit = _("명")  # type: ignore[attr-defined]
        # the model's empty choices ask nothing of a person
        self.fields["field"].empty_label = _("고르기")  # type: ignore[attr-defined]
        self.fields["work_mode"].choices = WorkMode.choices  # type: ignore[attr-defined]
        if calls is None:
            del self.fields["call"]
            self.initial["mentors"] = list(
                self.instance.mentors.filter(until=None).values_list("member", flat=True)
            )
            self.initial["seen"] = self.instance.updated_at.isoformat()
            self.initial["hire_pay_won"] = self.instance.hire_pay_won or None  # 0 says: not decided yet
        else:
            self.fields["call"].queryset = calls  # type: ignore[attr-defined]
            self.initial.setdefault("call", calls.first())

    def full_clean(self) -> None:
        """A draft's holes are asked for when it is handed in; what a field says about itself stays as it is."""
        needed = [self.fields[name] for name in Project.NEEDED] if self.draft else []
        for field in needed:
            field.required = False
        super().full_clean()
        for field in needed:
            field.required = True

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        minimum, places, pledged = (facts.get(name) for name in ("minimum", "places", "pledged_hires"))
        if minimum is not None and places is not None and minimum > places:
            self.add_error("minimum", ProjectRefusal.MINIMUM_ABOVE_PLACES.label)
        if pledged is not None and places is not None and pledged > places:
            self.add_error(
                "pledged_hires",
                _("최소 채용 인원은 모집 인원(%(places)d명)보다 클 수 없습니다.") % {"places": places},
            )
        return facts

    def groups(self) -> list[dict[str, Any]]:
        """Sections with their bound fields, for the template."""
        return [
            {"key": key, "heading": heading, "fields": [self[name] for name in names if name in self.fields]}
            for key, _label, heading, names in self.GROUPS
        ]

    def steps(self) -> list[dict[str, Any]]:
        """Where the saved project is complete and where it is not, with a way to each section."""
        done = self._done() if self.instance.pk else {}
        return [
            {"label": label, "url": f"#{key}", "state": "done" if done.get(key) else "next"}
            for key, label, _heading, _names in self.GROUPS
        ]

    def _done(self) -> dict[str, bool]:
        saved = Project.objects.get(pk=self.instance.pk)  # the instance holds what was typed
        named = {
            key: all(getattr(saved, name) for name in names if name in Project.NEEDED)
            for key, _label, _heading, names in self.GROUPS
        }
        return named | {
            "skills": saved.project_skills.filter(required=True).exists(),
            "mentor": saved.mentors.filter(until=None).exists(),
        }


def skill_choices() -> list[tuple[Any, Any]]:
    """All skills for a select, siblings together under their parent's name."""
    skills = list(Skill.objects.order_by("name"))
    children: dict[str, list[tuple[str, str]]] = {}
    for skill in skills:
        if skill.parent_id:
            children.setdefault(skill.parent_id, []).append((skill.pk, skill.name))
    return [
        ("", gettext_lazy("고르지 않음")),
        *(
            (skill.name, [(skill.pk, skill.name), *children[skill.pk]])
            if skill.pk in children
            else (skill.pk, skill.name)
            for skill in skills
            if not skill.parent_id
        ),
    ]


class ProjectSkillForm(forms.Form):
    """One line: a skill, how well, and whether one cannot do without it. An empty line says nothing."""

    mark_optional = False
    NEEDS = (("required", gettext_lazy("꼭 필요")), ("preferred", gettext_lazy("있으면 좋음")))

    skill = forms.ChoiceField(label=gettext_lazy("기술"), required=False)
    level = forms.TypedChoiceField(
        label=gettext_lazy("수준"), choices=Level.choices, coerce=int, initial=Level.USED.value
    )
    need = forms.ChoiceField(label=gettext_lazy("구분"), choices=NEEDS, initial="required")

    def __init__(self, *args: Any, choices: list[tuple[Any, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["skill"].choices = choices  # type: ignore[attr-defined]


class BaseProjectSkillFormSet(forms.BaseFormSet):
    def clean(self) -> None:
        """A skill stands on one line only."""
        seen: set[str] = set()
        for form in self.forms:
            skill = form.cleaned_data.get("skill") if form.is_valid() else None
            if skill in seen:
                form.add_error("skill", _("위에서 이미 고른 기술입니다. 한 줄만 남겨 주세요."))
            elif skill:
                seen.add(skill)

    def chosen(self) -> dict[str, tuple[int, bool]]:
        """Skill code -> (level, required), in the order of the lines."""
        return {
            line["skill"]: (line["level"], line["need"] == "required")
            for line in self.cleaned_data
            if line.get("skill")
        }


#: Lines shown beyond those in use; the page's 줄 더하기 button shows as many more.
EXTRA_LINES = 3
MAX_LINES = 20
ProjectSkillFormSet = forms.formset_factory(
    ProjectSkillForm,
    formset=BaseProjectSkillFormSet,
    extra=EXTRA_LINES,
    max_num=MAX_LINES,
    absolute_max=MAX_LINES,
    validate_max=True,
)


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("철회하는 까닭"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("운영사가 읽습니다. 300자까지 쓸 수 있습니다."),
    )

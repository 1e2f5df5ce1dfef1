"""What can be typed into a scenario. What cannot be is said beside the field, before anything is saved."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matching.engine import Market
from matching.engine.result import RULES
from matching.models import MatchRun
from matching.scenarios.actions import base_of
from matching.scenarios.models import Scenario
from matching.scenarios.states import rule_words
from matching.snapshot import company_name, project_name
from matching.states import Adjustment
from portal.companies.models import Company
from projects.applications.models import Application
from projects.models import Participation, Project

#: Lines shown beyond those in use, of each kind.
EXTRA_LINES = 1
MAX_LINES = 40
MOST_PLACES = 50
REFERENCE = re.compile(r"A-\d{2,}-(\d{1,18})")


class Bench:
    """What can be changed in a run: its projects, companies and people, as its lists were sealed."""

    def __init__(self, run: MatchRun) -> None:
        self.run, base = run, base_of(run)
        self.market = Market.from_json(base.market or {})
        rows = Project.objects.filter(call=run.call_id).select_related("company").order_by("title", "pk")
        self.projects = {row.pk: row for row in rows if project_name(row.pk) in self.market.projects}
        companies = Company.objects.filter(pk__in={row.company_id for row in self.projects.values()})
        self.companies = {row.pk: row for row in companies.order_by("name", "pk")}
        caps = Participation.objects.filter(call=run.call_id, cap__isnull=False)
        self.capped = set(caps.values_list("company", flat=True))

    def places(self, pk: int) -> int:
        return self.market.projects[project_name(pk)].capacity

    def minimum(self, pk: int) -> int:
        return self.market.projects[project_name(pk)].minimum

    def room(self, company: int) -> int:
        return self.market.companies[company_name(company)].capacity

    def person(self, reference: str) -> Application | None:
        """The applicant of that number, if the match knows them."""
        found = REFERENCE.fullmatch(reference.strip().upper())
        if found is None:
            return None
        row = Application.objects.filter(call=self.run.call_id, pk=int(found[1])).first()
        known = row is not None and row.reference == found[0] and row.pseudonym.hex in self.market.trainees
        return row if known else None

    @property
    def project_choices(self) -> list[tuple[Any, str]]:
        return [
            ("", _("과제 고르기")),
            *(
                (pk, _("%(project)s (%(company)s, %(places)d명)") % {
                    "project": row.title, "company": row.company, "places": self.places(pk),
                })
                for pk, row in self.projects.items()
            ),
        ]  # fmt: skip

    @property
    def company_choices(self) -> list[tuple[Any, str]]:
        return [
            ("", _("회사 고르기")),
            *(
                (pk, _("%(company)s (%(room)d명)") % {"company": row, "room": self.room(pk)})
                for pk, row in self.companies.items()
            ),
        ]


class ScenarioForm(forms.ModelForm):
    rule = forms.ChoiceField(
        label=gettext_lazy("동점 처리"),
        help_text=gettext_lazy("공고에서 알린 것과 다르면 비교만 할 수 있고 채택할 수 없습니다."),
    )

    class Meta:
        model = Scenario
        fields = ["name", "note", "rule"]
        help_texts = {"name": gettext_lazy("예: 영상 검사 한 자리 더")}

    def __init__(self, *args: Any, run: MatchRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.run = run
        self.fields["rule"].choices = [(rule, rule_words(rule)) for rule in RULES]  # type: ignore[attr-defined]
        self.initial.setdefault("rule", run.call.rule_set.tie_rule)

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if Scenario.objects.filter(run=self.run, name=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(
                _("이 매칭에 같은 이름의 모의 매칭이 이미 있습니다. 다른 이름을 정해 주세요.")
            )
        return name


class Line(forms.Form):
    """One line of changes; an empty one says nothing."""

    mark_optional = False

    def __init__(self, *args: Any, bench: Bench, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bench = bench
        for name, choices in (("project", bench.project_choices), ("company", bench.company_choices)):
            if name in self.fields:
                self.fields[name].choices = choices  # type: ignore[attr-defined]

    def typed(self, *names: str) -> bool:
        """Whether something stands in one of these fields; a zero is something."""
        values = (self.cleaned_data.get(name) for name in names)
        return any(value is not False and value not in (None, "") for value in values)


def _number(label: Any, least: int, most: int) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=least, max_value=most)


def _chooser(label: Any, unknown: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, required=False, coerce=int, empty_value=None, error_messages={"invalid_choice": unknown}
    )


_NO_PROJECT, _NO_COMPANY = (
    gettext_lazy("이 매칭에 없는 과제입니다. 목록에서 골라 주세요."),
    gettext_lazy("이 매칭에 없는 회사입니다. 목록에서 골라 주세요."),
)


class ProjectLine(Line):
    project = _chooser(gettext_lazy("과제"), _NO_PROJECT)
    places = _number(gettext_lazy("모집 인원"), 1, MOST_PLACES)
    minimum = _number(gettext_lazy("최소 인원"), 0, MOST_PLACES)
    out = forms.BooleanField(label=gettext_lazy("빼기"), required=False)
    note = forms.CharField(label=gettext_lazy("회사의 동의나 사유"), required=False, max_length=300)

    def clean(self) -> None:
        typed = self.typed("places", "minimum", "out", "note")
        project = self.cleaned_data.get("project")
        if project is None:
            if typed and "project" not in self.errors:
                self.add_error("project", _("과제를 골라 주세요."))
            return
        if self.cleaned_data.get("out"):
            if self.typed("places", "minimum"):
                self.add_error("out", _("뺄 과제의 인원은 바꿀 수 없습니다. 하나만 남겨 주세요."))
            return
        if not self.errors and not self.typed("places", "minimum"):
            self.add_error("places", _("무엇을 바꿀지 적거나 줄을 비워 주세요."))
            return
        places, minimum = self.numbers()
        if minimum > places and not self.errors:
            field = "minimum" if self.cleaned_data.get("minimum") is not None else "places"
            self.add_error(
                field,
                _("최소 인원(%(minimum)d명)이 모집 인원(%(places)d명)보다 클 수 없습니다.")
                % {"minimum": minimum, "places": places},
            )

    def numbers(self) -> tuple[int, int]:
        """Places and minimum as they would be."""
        facts: dict[str, Any] = self.cleaned_data
        pk, places, minimum = facts["project"], facts.get("places"), facts.get("minimum")
        return (
            self.bench.places(pk) if places is None else places,
            self.bench.minimum(pk) if minimum is None else minimum,
        )

    def changes(self) -> list[dict[str, Any]]:
        pk, note = self.cleaned_data.get("project"), self.cleaned_data.get("note", "").strip()
        if pk is None:
            return []
        if self.cleaned_data["out"]:
            return [{"kind": Adjustment.EXCLUDE.value, "project": pk, "note": note}]
        found: list[dict[str, Any]] = []
        if (places := self.cleaned_data["places"]) is not None:
            capped = self.bench.projects[pk].company_id in self.bench.capped
            found.append(
                {"kind": Adjustment.PLACES.value, "project": pk, "places": places, "capped": capped, "note": note}
            )  # fmt: skip
        if (minimum := self.cleaned_data["minimum"]) is not None:
            found.append({"kind": Adjustment.MINIMUM.value, "project": pk, "minimum": minimum, "note": note})
        return found


class FixLine(Line):
    reference = forms.CharField(label=gettext_lazy("접수 번호"), required=False, max_length=30)
    project = _chooser(gettext_lazy("과제"), _NO_PROJECT)
    reason = forms.CharField(label=gettext_lazy("사유"), required=False, max_length=300)
    note = forms.CharField(label=gettext_lazy("본인과 회사의 동의"), required=False, max_length=300)

    application: Application | None = None

    def clean(self) -> None:
        if not self.typed("reference", "project", "reason", "note"):
            return
        reference = self.cleaned_data.get("reference", "")
        self.application = self.bench.person(reference) if reference else None
        if not reference:
            self.add_error("reference", _("접수 번호를 입력해 주세요."))
        elif self.application is None:
            self.add_error("reference", _("이 매칭에 들어간 사람의 접수 번호가 아닙니다. 예: A-01-00012"))
        if self.cleaned_data.get("project") is None and "project" not in self.errors:
            self.add_error("project", _("과제를 골라 주세요."))
        if not self.cleaned_data.get("reason", "").strip() and "reason" not in self.errors:
            self.add_error("reason", _("왜 지정하는지 적어 주세요."))

    def changes(self) -> list[dict[str, Any]]:
        if self.application is None:
            return []
        facts = self.cleaned_data
        return [
            {
                "kind": Adjustment.FIX.value,
                "application": self.application.pk,
                "name": self.application.pseudonym.hex,
                "project": facts["project"],
                "reason": facts["reason"].strip(),
                "note": facts["note"].strip(),
            }
        ]


class CapLine(Line):
    company = _chooser(gettext_lazy("회사"), _NO_COMPANY)
    cap = _number(gettext_lazy("상한"), 0, 1000)
    note = forms.CharField(label=gettext_lazy("사유"), required=False, max_length=300)

    def clean(self) -> None:
        missing = self.cleaned_data.get("company") is None and "company" not in self.errors
        if missing and self.typed("note", "cap"):
            self.add_error("company", _("회사를 골라 주세요."))

    def changes(self) -> list[dict[str, Any]]:
        pk = self.cleaned_data.get("company")
        if pk is None:
            return []
        facts = self.cleaned_data
        return [
            {"kind": Adjustment.CAP.value, "company": pk, "cap": facts["cap"], "note": facts["note"].strip()}
        ]


def _lines(form: type[Line]) -> Any:
    return forms.formset_factory(
        form, extra=EXTRA_LINES, max_num=MAX_LINES, absolute_max=MAX_LINES, validate_max=True
    )


class Changes:
    """All lines of a scenario together: three kinds of lines, and what they say about each other."""

    KINDS: Mapping[str, type[Line]] = {"projects": ProjectLine, "fixes": FixLine, "caps": CapLine}

    def __init__(self, bench: Bench, data: Any = None, changes: Iterable[Mapping[str, Any]] = ()) -> None:
        self.bench = bench
        initial = _initial(bench, changes)
        self.sets = {
            prefix: _lines(form)(data, prefix=prefix, initial=initial[prefix], form_kwargs={"bench": bench})
            for prefix, form in self.KINDS.items()
        }

    @classmethod
    def with_more(cls, bench: Bench, data: Mapping[str, Any], more: str) -> "Changes":
        """What was typed so far, with one more line of a kind; nothing is judged yet."""
        self = cls(bench)
        for prefix, form in cls.KINDS.items():
            count = data.get(f"{prefix}-TOTAL_FORMS", "")
            count = min(int(count), MAX_LINES) if str(count).isdecimal() and len(str(count)) < 4 else 0
            typed = [
                {name: data.get(f"{prefix}-{number}-{name}", "") for name in form.base_fields}
                for number in range(count)
            ]
            typed = [line for line in typed if any(line.values())]
            made = _lines(form)
            made.extra = EXTRA_LINES + (1 if prefix == more else 0)
            self.sets[prefix] = made(prefix=prefix, initial=typed, form_kwargs={"bench": bench})
        return self

    def is_valid(self) -> bool:
        each = [one.is_valid() for one in self.sets.values()]  # all of them, so that all faults are said
        valid = all(each)
        return valid and self._agree()

    def _agree(self) -> bool:
        """No project, person or company twice; and everybody who is fixed has a seat."""
        for prefix, field, words in (
            ("projects", "project", _("위에 이미 있는 과제입니다. 한 줄에 모아 적어 주세요.")),
            ("fixes", "reference", _("위에 이미 있는 사람입니다. 한 사람은 한 곳에만 지정할 수 있습니다.")),
            ("caps", "company", _("위에 이미 있는 회사입니다. 한 줄만 남겨 주세요.")),
        ):
            seen: set[Any] = set()
            for line in self.sets[prefix]:
                value = (
                    line.application and line.application.pk
                    if field == "reference"
                    else line.cleaned_data.get(field)
                )
                if value is not None and value in seen:
                    line.add_error(field, words)
                seen.add(value)
        self._seat_the_fixed()
        return not any(line.errors for lines in self.sets.values() for line in lines)

    def _seat_the_fixed(self) -> None:
        bench = self.bench
        by_project = {line.cleaned_data.get("project"): line for line in self.sets["projects"]}
        caps = {line.cleaned_data.get("company"): line for line in self.sets["caps"]}
        fixed, of_company = Counter[int](), Counter[int]()
        for line in self.sets["fixes"]:
            pk = line.cleaned_data.get("project")
            if pk is None:
                continue
            company = bench.projects[pk].company_id
            fixed[pk] += 1
            of_company[company] += 1
            changed = by_project.get(pk)
            if changed is not None and changed.cleaned_data["out"]:
                line.add_error("project", _("빼기로 한 과제에는 지정할 수 없습니다."))
                continue
            places = bench.places(pk) if changed is None else changed.numbers()[0]
            if fixed[pk] > places:
                words = _("지정한 사람(%(fixed)d명)이 모집 인원(%(places)d명)보다 많습니다.")
                facts = {"fixed": fixed[pk], "places": places}
                if changed is not None and changed.typed("places"):
                    changed.add_error("places", words % facts)
                else:
                    line.add_error("project", words % facts)
            room = self._room(company, caps.get(company))
            if of_company[company] > room:
                words = _("지정한 사람(%(fixed)d명)이 회사의 상한(%(cap)d명)보다 많습니다.")
                facts = {"fixed": of_company[company], "cap": room}
                if company in caps:
                    caps[company].add_error("cap", words % facts)
                else:
                    line.add_error("project", words % facts)

    def _room(self, company: int, line: Any) -> int:
        """How many the company may have; without a cap of its own its places decide, which are looked at above."""
        if line is not None:
            cap = line.cleaned_data["cap"]
            return MOST_PLACES * MAX_LINES if cap is None else cap
        return self.bench.room(company) if company in self.bench.capped else MOST_PLACES * MAX_LINES

    def chosen(self) -> list[dict[str, Any]]:
        """What `matching.snapshot.adjust` takes, in the order of the page."""
        return [change for lines in self.sets.values() for line in lines for change in line.changes()]

    @property
    def all(self) -> Sequence[Any]:
        return list(self.sets.values())


def _initial(bench: Bench, changes: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    projects: dict[int, dict[str, Any]] = {}
    fixes, caps = [], []
    people = Application.objects.in_bulk(
        [change["application"] for change in changes if change["kind"] == Adjustment.FIX]
    )
    for change in changes:
        kind = change["kind"]
        if kind == Adjustment.FIX:
            person = people[change["application"]]
            fixes.append({**change, "reference": person.reference})
        elif kind == Adjustment.CAP:
            caps.append(dict(change))
        else:
            line = projects.setdefault(change["project"], {"project": change["project"]})
            line["note"] = change["note"]
            line.update({"out": True} if kind == Adjustment.EXCLUDE else {kind: change[kind]})
    return {"projects": list(projects.values()), "fixes": fixes, "caps": caps}

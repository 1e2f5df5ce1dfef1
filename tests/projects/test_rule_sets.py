"""The office types the programme's numbers, and beside each the clause it stands on."""

import pytest
from django.urls import reverse
from django.utils import timezone

from projects.models import RuleSet
from tests.factories import RuleSetFactory

NAMES = {"excellence_threshold": "우수 기준 점수", "hire_within_days": "채용 기한(프로젝트 종료 뒤 일수)"}


@pytest.fixture
def office(operator, log_in):
    return log_in(operator)


def page(rule_set):
    return reverse("admin:projects_ruleset_change", args=[rule_set.pk])


def typed(response, **changes):
    """The form as it stands on the page, with changes."""
    form = response.context["adminform"].form
    shown = {name: form[name].value() for name in form.fields}
    hidden = {name: value for name, value in [("seen", response.context.get("seen"))] if value}
    written = {
        name: ",".join(map(str, value)) if isinstance(value, list) else value for name, value in shown.items()
    }
    return {name: "" if value is None else value for name, value in {**written, **hidden, **changes}.items()}


def test_clauses_are_typed_in_lines_and_kept_by_rule(office):
    rule_set = RuleSetFactory(clauses={"rank_max": "공고 제3조"})
    form = office.get(page(rule_set))

    lines = form.context["adminform"].form["clauses"].value()
    more = "\n".join([lines, "", *(f" {label} :  공고 제5조: 2항" for label in NAMES.values())])
    answer = office.post(page(rule_set), typed(form, clauses=more))

    assert lines == "희망순위 최대 개수: 공고 제3조"
    assert answer.status_code == 302, answer.context["errors"]
    rule_set.refresh_from_db()
    assert rule_set.clauses == {"rank_max": "공고 제3조", **dict.fromkeys(NAMES, "공고 제5조: 2항")}


@pytest.mark.parametrize(
    "line", ["없는 기준: 제1조", "우수 기준 점수", "우수 기준 점수:", '{"rank_max": "제3조"}']
)
def test_a_line_that_names_no_rule_is_shown_back_and_changes_nothing(office, line):
    rule_set = RuleSetFactory()

    answer = office.post(page(rule_set), typed(office.get(page(rule_set)), clauses=line, rank_max="7"))

    assert answer.status_code == 422
    [error] = answer.context["adminform"].form.errors["clauses"]
    assert error.startswith(f"‘{line}’")
    assert RuleSet.objects.get() == rule_set
    assert RuleSet.objects.get().rank_max == rule_set.rank_max


def test_a_frozen_rule_set_tells_the_clause_of_each_rule_or_that_it_was_not_confirmed(office):
    rule_set = RuleSetFactory(frozen_at=timezone.now(), clauses={"hire_within_days": "공고 제5조"})

    tables = {str(table.heading): table.rows for table in office.get(page(rule_set)).context["tables"]}

    said = dict(tables["근거 조항"])
    assert said[NAMES["hire_within_days"]] == "공고 제5조"
    assert said[NAMES["excellence_threshold"]] == "기본값입니다. 조항을 확인해 주세요."


def test_fewer_interviews_advised_than_allowed_is_said_to_be_wrong(office):
    rule_set = RuleSetFactory()

    answer = office.post(
        page(rule_set),
        typed(office.get(page(rule_set)), interview_least_multiple="6", interview_most_multiple="5"),
    )

    assert answer.status_code == 422
    assert "권장 면접 인원은 최대 면접 인원보다 클 수 없습니다" in answer.text
    assert RuleSet.objects.get().interview_least_multiple == 3

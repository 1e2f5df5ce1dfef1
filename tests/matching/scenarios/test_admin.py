"""The bench in the admin: making, changing, comparing and promoting what-if scenarios."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from matching.actions import compute_run, queue_run
from matching.scenarios import actions, terms
from matching.scenarios.actions import make_scenario, promote_scenario
from matching.scenarios.models import Scenario
from portal.audit.models import Access
from projects.actions import withdraw_project
from projects.models import Participation
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    GraduateFactory,
    MatchRunFactory,
    ProjectFactory,
    TraineeFactory,
    certified_wishes,
)


def address(name, *arguments, **query):
    url = reverse(f"admin:scenarios_scenario_{name}", args=arguments)
    return url + ("?" + "&".join(f"{key}={value}" for key, value in query.items()) if query else "")


def typed(projects=(), fixes=(), caps=(), name="한 자리 더", rule="draw", **more):
    """What the form sends."""
    body = {"name": name, "note": "", "rule": rule, **more}
    for prefix, lines in (("projects", projects), ("fixes", fixes), ("caps", caps)):
        body |= {f"{prefix}-TOTAL_FORMS": len(lines), f"{prefix}-INITIAL_FORMS": 0}
        for number, line in enumerate(lines):
            body |= {f"{prefix}-{number}-{key}": value for key, value in line.items()}
    return body


@pytest.fixture
def desk(operator, log_in):
    return log_in(operator)


@pytest.fixture
def scenario(bench, operator):
    return bench.make(bench.places(bench.wide, 2, note="동의함"), by=operator)


# --- making -------------------------------------------------------------------------------------------


def test_making_one_solves_it_and_shows_it(bench, desk, operator):
    line = {"project": bench.wide.pk, "places": 2, "minimum": "", "note": "대표가 동의함"}

    response = desk.post(address("make", run=bench.run.pk), typed(projects=[line]), follow=True)

    scenario = Scenario.objects.get()
    assert (scenario.state, scenario.made_by, scenario.run) == ("verified", operator, bench.run)
    assert scenario.changes == [bench.places(bench.wide, 2, note="대표가 동의함")]
    for words in ("모의 결과입니다", "더 높은 지망으로", "2명으로", "대표가 동의함", "훈련비"):
        assert words in response.text


def test_all_kinds_of_lines_are_read(bench, desk):
    Participation.objects.filter(company=bench.other.company).update(cap=1)
    body = typed(
        projects=[
            {"project": bench.other.pk, "places": 3, "minimum": 0, "note": ""},
            {"project": bench.wide.pk, "out": "on", "note": "안전 점검"},
            {"project": "", "places": "", "minimum": "", "note": ""},
        ],
        fixes=[
            {"reference": f" {bench.silent.reference.lower()} ", "project": bench.short.pk, "reason": "지역 거주 요건", "note": "동의"}
        ],
        caps=[{"company": bench.short.company.pk, "cap": "", "note": ""}],
    )  # fmt: skip

    desk.post(address("make", run=bench.run.pk), body)

    assert Scenario.objects.get().changes == [
        bench.places(bench.other, 3, capped=True),
        bench.minimum(bench.other, 0),
        bench.exclude(bench.wide, note="안전 점검"),
        bench.fix(bench.silent, bench.short, note="동의"),
        bench.cap(bench.short.company, None),
    ]


@pytest.mark.parametrize(
    ("lines", "field", "words"),
    [
        (lambda b: {"projects": [{"project": 999_999, "places": 2}]}, "projects-0-project", "이 매칭에 없는 과제"),
        (lambda b: {"projects": [{"project": "1 OR 1", "places": 2}]}, "projects-0-project", "이 매칭에 없는 과제"),
        (lambda b: {"projects": [{"project": b.wide.pk, "places": -1}]}, "projects-0-places", "1 이상"),
        (lambda b: {"projects": [{"project": b.wide.pk, "places": 0}]}, "projects-0-places", "1 이상"),
        (lambda b: {"projects": [{"project": b.wide.pk, "places": 10**30}]}, "projects-0-places", "50 이하"),
        (lambda b: {"projects": [{"project": b.wide.pk, "minimum": -1}]}, "projects-0-minimum", "0 이상"),
        (lambda b: {"projects": [{"project": b.wide.pk, "places": "둘"}]}, "projects-0-places", "정수"),
        (lambda b: {"projects": [{"project": b.wide.pk, "minimum": 2}]}, "projects-0-minimum", "클 수 없습니다"),
        (lambda b: {"projects": [{"project": b.short.pk, "places": 1}]}, "projects-0-places", "클 수 없습니다"),
        (lambda b: {"projects": [{"project": b.wide.pk}]}, "projects-0-places", "무엇을 바꿀지"),
        (lambda b: {"projects": [{"places": 3}]}, "projects-0-project", "과제를 골라"),
        (lambda b: {"projects": [{"project": b.wide.pk, "places": 3, "out": "on"}]}, "projects-0-out", "하나만 남겨"),
        (
            lambda b: {"projects": [{"project": b.wide.pk, "places": 3}, {"project": b.wide.pk, "out": "on"}]},
            "projects-1-project", "위에 이미 있는 과제",
        ),
        (
            lambda b: {"fixes": [{"reference": "A-99-00001", "project": b.wide.pk, "reason": "까닭"}]},
            "fixes-0-reference", "접수 번호가 아닙니다",
        ),
        (
            lambda b: {"fixes": [{"reference": ApplicationFactory().reference, "project": b.wide.pk, "reason": "까닭"}]},
            "fixes-0-reference", "접수 번호가 아닙니다",
        ),
        (
            lambda b: {"fixes": [{"reference": b.third.reference, "project": b.wide.pk, "reason": " "}]},
            "fixes-0-reason", "왜 지정하는지",
        ),
        (
            lambda b: {"fixes": [{"reference": b.third.reference, "project": pk, "reason": "까닭"} for pk in (b.wide.pk, b.other.pk)]},
            "fixes-1-reference", "위에 이미 있는 사람",
        ),
        (
            lambda b: {"fixes": [{"reference": who.reference, "project": b.wide.pk, "reason": "까닭"} for who in (b.third, b.silent)]},
            "fixes-1-project", "모집 인원(1명)보다 많습니다",
        ),
        (
            lambda b: {
                "projects": [{"project": b.short.pk, "places": 1, "minimum": 0}],
                "fixes": [{"reference": who.reference, "project": b.short.pk, "reason": "까닭"} for who in (b.third, b.silent)],
            },
            "projects-0-places", "모집 인원(1명)보다 많습니다",
        ),
        (
            lambda b: {
                "projects": [{"project": b.wide.pk, "out": "on"}],
                "fixes": [{"reference": b.third.reference, "project": b.wide.pk, "reason": "까닭"}],
            },
            "fixes-0-project", "빼기로 한 과제",
        ),
        (
            lambda b: {
                "caps": [{"company": b.wide.company.pk, "cap": 0}],
                "fixes": [{"reference": b.third.reference, "project": b.wide.pk, "reason": "까닭"}],
            },
            "caps-0-cap", "상한(0명)보다 많습니다",
        ),
        (lambda b: {"caps": [{"cap": 0}]}, "caps-0-company", "회사를 골라"),
        (lambda b: {"caps": [{"company": b.wide.company.pk, "cap": n} for n in (1, 2)]}, "caps-1-company", "위에 이미 있는 회사"),
        (lambda b: {"caps": [{"company": 999_999, "cap": 1}]}, "caps-0-company", "이 매칭에 없는 회사"),
    ],
)  # fmt: skip
def test_bad_input_is_said_beside_its_field(bench, desk, lines, field, words):
    response = desk.post(address("make", run=bench.run.pk), typed(**lines(bench)))

    assert (response.status_code, Scenario.objects.count()) == (422, 0)
    said = {
        f"{lines_of.prefix}-{number}-{name}": " ".join(errors)
        for lines_of in response.context["changes"].all
        for number, line in enumerate(lines_of)
        for name, errors in line.errors.items()
    }
    assert list(said) == [field]
    assert words in said[field]
    assert "<title>오류:" in response.text


def test_names_and_rules_are_checked(bench, desk, scenario):
    response = desk.post(address("make", run=bench.run.pk), typed(rule="chance"))

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"name", "rule"}


def test_tampered_forms_are_answered(bench, desk):
    for spoil in ({"projects-TOTAL_FORMS": "9" * 9}, {"projects-TOTAL_FORMS": "x"}, {"name": "가\n나"}):
        response = desk.post(address("make", run=bench.run.pk), {**typed(), **spoil})
        assert (response.status_code, Scenario.objects.count()) == (422, 0)


@pytest.mark.parametrize("more", ["projects", "fixes", "caps", "nonsense"])
def test_more_lines_keep_what_was_typed_and_judge_nothing(bench, desk, more):
    line = {"project": bench.wide.pk, "places": -5, "note": "아직 쓰는 중"}

    response = desk.post(address("make", run=bench.run.pk), typed(projects=[line], name="쓰는 중", more=more))

    assert (response.status_code, Scenario.objects.count()) == (200, 0)
    assert "아직 쓰는 중" in response.text
    assert "<title>오류" not in response.text
    counts = {one.prefix: one.total_form_count() for one in response.context["changes"].all}
    plain = {"projects": 2, "fixes": 1, "caps": 1}
    assert counts == plain | ({more: plain[more] + 1} if more in plain else {})


def test_runs_without_a_market_are_explained(bench, desk):
    provisional = MatchRunFactory(call=CallFactory(), kind="provisional", state="verified", violations=[])

    response = desk.get(address("make", run=provisional.pk))

    assert response.status_code == 409
    assert "중간 점검에는 입력이 남지 않아" in response.text
    assert str(bench.run) in response.text


@pytest.mark.parametrize("run", ["999999", "9" * 30])
def test_unknown_runs_are_not_found(bench, desk, run):
    assert desk.get(address("make", run=run)).status_code in (404, 200)
    assert not Scenario.objects.exists()


# --- changing -----------------------------------------------------------------------------------------


def test_changing_keeps_what_was_there(bench, desk, operator):
    made = bench.make(
        bench.places(bench.wide, 2, note="동의함"),
        bench.fix(bench.silent, bench.other, note="둘 다 동의함"),
        bench.cap(bench.short.company, 2),
        by=operator,
    )

    page = desk.get(address("edit", made.pk))
    forms = {one.prefix: [form.initial for form in one] for one in page.context["changes"].all}

    assert forms["projects"][0] == {"project": bench.wide.pk, "places": 2, "note": "동의함"}
    assert forms["fixes"][0]["reference"] == bench.silent.reference
    assert forms["caps"][0]["cap"] == 2


def test_an_old_page_does_not_overwrite(bench, desk, scenario):
    seen = desk.get(address("edit", scenario.pk)).context["seen"]
    desk.post(address("edit", scenario.pk), typed(name="다른 이름", _seen=seen))

    response = desk.post(address("edit", scenario.pk), typed(name="또 다른 이름", _seen=seen))

    scenario.refresh_from_db()
    assert (response.status_code, scenario.name, scenario.changes) == (409, "다른 이름", [])


def test_what_was_promoted_is_not_edited(bench, scenario, log_in, agency):
    promote_scenario(scenario, reason="동의함", by=agency)

    response = log_in(agency).get(address("edit", scenario.pk), follow=True)

    assert "채택된 모의 매칭은 고치거나 지울 수 없습니다" in response.text


# --- looking ------------------------------------------------------------------------------------------


def test_a_waiting_one_shows_progress_until_it_is_done(bench, desk, operator, monkeypatch):
    monkeypatch.setattr(actions, "AT_ONCE", 0)
    waiting = bench.make(by=operator)

    assert "계산하고 있습니다" in desk.get(address("change", waiting.pk)).text
    assert "HX-Refresh" not in desk.get(address("progress", waiting.pk)).headers
    actions.compute_queued_scenarios()
    assert desk.get(address("progress", waiting.pk)).headers["HX-Refresh"] == "true"


def test_side_by_side_shows_the_run_and_up_to_three(bench, desk, operator):
    made = [bench.make(bench.places(bench.wide, n), by=operator, name=f"모의 {n}") for n in (2, 3, 4, 5)]
    query = "&".join(f"scenario={one.pk}" for one in made[:3])

    page = desk.get(f"{address('compare')}?{query}")
    too_many = desk.get(f"{address('compare')}?{query}&scenario={made[3].pk}")

    assert page.context["columns"] == ["바탕 매칭", "모의 2", "모의 3", "모의 4"]
    assert too_many.status_code == 422
    assert desk.get(f"{address('compare')}?scenario=999999").status_code == 404
    assert desk.get(f"{address('compare')}?scenario=x").status_code == 404


def test_every_number_leads_to_as_many_people(bench, desk, operator):
    made = bench.make(
        bench.places(bench.wide, 2),
        bench.minimum(bench.short, 0),
        bench.fix(bench.silent, bench.other),
        by=operator,
    )
    page = desk.get(f"{address('compare')}?scenario={made.pk}")

    checked = 0
    for table in page.context["comparisons"]:
        for row in (*table.rows, *table.rest):
            for cell in row.cells:
                if cell.url and not cell.url.startswith("#"):
                    count = int(cell.text.split()[0].removesuffix("명"))
                    assert desk.get(cell.url).context["page"].paginator.count == count, (row.label, cell)
                    checked += 1
    assert checked > 15


def test_lists_name_people_and_write_down_who_looked(bench, desk, scenario, operator):
    response = desk.get(address("people", scenario.pk, outcome="better"))

    assert str(bench.second.trainee) in response.text
    assert str(bench.best.trainee) not in response.text
    looked = Access.objects.get(what="matching.scenario.list")
    assert (looked.by, looked.subject) == (operator, bench.second.trainee.user)


def test_lists_say_no_more_of_a_wish_than_the_choice_somebody_got(bench, desk, scenario):
    """The best one ranked one project, the second two: neither the count nor the other wish is on the page."""
    page = desk.get(address("people", scenario.pk, outcome="same"))

    for line in page.context["lines"]:
        assert set(line) == {"reference", "person", "was", "now", "outcome"}
    assert bench.short.title not in page.text


@pytest.mark.parametrize("query", [{"outcome": "x"}, {"rank": "9" * 40}, {"school": "-1"}, {"project": "x"}, {"page": "0"}])  # fmt: skip
def test_nonsense_in_the_address_asks_for_nothing(bench, desk, scenario, query):
    assert desk.get(address("people", scenario.pk, **query)).status_code == 200


def test_small_groups_are_not_shown_by_number(bench, desk, scenario):
    tables = {table.key: table for table in desk.get(address("change", scenario.pk)).context["comparisons"]}

    assert [cell.text for row in tables["school"].rows for cell in row.cells] == ["<5", "<5"] * 4


def test_large_groups_are_counted_and_small_parts_hidden(db, operator, desk):
    call, cohort = CallFactory(sealed=True), GraduateFactory().cohort
    project = ProjectFactory(call=call, places=5)
    people = [
        ApplicationFactory(call=call, trainee=TraineeFactory(graduate__cohort=cohort)) for _ in range(7)
    ]
    for person in people:
        certified_wishes(person, project, state="sealed")
    run = compute_run(queue_run(call, on=timezone.localdate()))
    fewer = {"kind": "places", "project": project.pk, "places": 4, "capped": False, "note": ""}
    made = make_scenario(run, name="한 자리 적게", rule="draw", changes=[fewer], by=operator)

    tables = {table.key: table for table in desk.get(address("change", made.pk)).context["comparisons"]}

    for key in ("school", "cohort"):
        assert [cell.text for cell in tables[key].rows[0].cells] == ["5 / 7", "<5 / 7"]


def test_the_cost_is_an_estimate_and_says_so(bench, desk, scenario):
    call = bench.call
    days = terms.training_days(call.starts_on, call.ends_on, set())
    page = desk.get(address("change", scenario.pk))

    cost = next(row for row in page.context["comparisons"][0].rows if row.label == "훈련비 어림")
    daily = call.rule_set.daily_allowance_won
    holidays = days - int(cost.cells[0].text.replace(",", "").removesuffix("원")) // (2 * daily)
    assert 0 <= holidays < 15
    assert "예산이 아니라 어림" in page.text


def test_a_file_holds_the_same_and_runs_nothing(bench, desk, operator):
    made = bench.make(bench.places(bench.wide, 2), by=operator, name="=1+1")

    response = desk.get(f"{address('compare')}?scenario={made.pk}&as=csv")

    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[0] == ["한눈에", "바탕 매칭", "'=1+1"]
    assert ["배치", "2명 (자리 5개)", "2명 (자리 6개)"] in rows
    assert "attachment" in response["Content-Disposition"]


def test_pages_cost_the_same_for_few_and_many(bench, desk, operator):
    bench.make(bench.places(bench.wide, 2), by=operator)

    def counted(url):
        with CaptureQueriesContext(connection) as queries:
            desk.get(url)
        return len(queries)

    urls = [address("changelist"), address("change", Scenario.objects.get().pk), address("compare")]
    desk.get(urls[0])  # the session is written once
    before = [counted(url) for url in urls]
    for number in range(12):
        bench.make(bench.places(bench.wide, 2), by=operator, name=f"모의 {number}")

    assert [counted(url) for url in urls] == before


# --- promoting ----------------------------------------------------------------------------------------


def test_promoting_leads_to_the_new_run_which_shows_what_was_changed(bench, scenario, log_in, agency):
    client = log_in(agency)
    page = client.get(address("promote_scenario", scenario.pk))
    assert "두 명이 승인하고 발표해야 합니다" in page.text

    response = client.post(
        address("promote_scenario", scenario.pk), {"reason": "대기자가 많음", "seen": "verified"}, follow=True
    )

    scenario.refresh_from_db()
    run = reverse("admin:matching_matchrun_change", args=[scenario.promoted_to_id])
    assert run in response.text
    review = client.get(run)
    for words in ("조정한 매칭", "대기자가 많음", "2명으로", "동의함", "승인"):
        assert words in review.text


def test_what_cannot_be_promoted_says_why(bench, operator, log_in, agency):
    made = bench.make(bench.places(bench.wide, 2), by=operator)

    response = log_in(agency).post(
        address("promote_scenario", made.pk), {"reason": "대기자가 많음", "seen": "verified"}
    )

    assert response.status_code == 422
    assert "회사의 동의를 조정에 적어 주세요" in response.text


def test_a_promoted_run_that_no_longer_fits_says_so(bench, scenario, log_in, agency):
    run = promote_scenario(scenario, reason="동의함", by=agency).promoted_to
    withdraw_project(bench.other, reason="사정", by=agency)

    page = log_in(agency).get(reverse("admin:matching_matchrun_change", args=[run.pk]))

    assert "채택한 뒤에 공고가 바뀌었습니다" in page.text


def test_deleting_leads_back_to_the_others(bench, scenario, desk):
    response = desk.post(address("delete_scenario", scenario.pk), follow=True)

    assert (response.status_code, Scenario.objects.count()) == (200, 0)
    assert "모의 매칭을 지웠습니다" in response.text

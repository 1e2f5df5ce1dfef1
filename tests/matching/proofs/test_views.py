"""What everybody reads of a published result, and what each person takes along."""

import json

import pytest
from django.urls import reverse

from matching.actions import discard_run, run_matching
from matching.engine.prove import Proof, check_proof
from matching.proofs import actions
from tests.factories import ApplicationFactory, days
from tests.matching.engine.test_main import run


def page(call):
    return reverse("proofs:call-proof", args=[call.pk])


def mine(call):
    return reverse("proofs:personal-proof-file", args=[call.pk])


def published_values(published):
    return {
        "root": published.sealing.root,
        "lines": published.run.figures["lines_root"],
        "commitment": published.call.draw.commitment,
    }


# --- the certificate ----------------------------------------------------------------------------------


def test_certificate_is_public_once_the_result_is(computed, client):
    before = client.get(page(computed.call)).text
    computed.publish()
    after = client.get(page(computed.call)).text

    for said in (computed.run.market_sha256, computed.run.result_sha256, computed.run.figures["lines_root"]):
        assert said not in before
        assert said in after
    assert computed.sealing.root in before


def test_certificate_shows_the_figures(published, client):
    response = client.get(page(published.call))

    stats = {str(one["label"]): one["value"] for one in response.context["stats"]}
    assert stats == {"적격 지원자": 6, "순위를 낸 사람": 5, "모집 인원": 7, "배치된 사람": 4}
    assert [row["value"] for row in response.context["choices"]] == [3, 1, 2]
    closed = [(line["project"], line["reached"], line["minimum"]) for line in response.context["closed"]]
    assert closed == [(published.short, 1, 2)]
    assert "뿌리값과 합격선을 대조함" in response.text


def test_certificate_shows_lines_of_three_places_and_more_only(published, client):
    lines = client.get(page(published.call)).context["lines"]

    assert [(line["of"], line["full"], line["standing"]) for line in lines if not line["is_company"]] == [
        (published.wide, True, "기업 점수 88점")
    ]
    assert {line["of"] for line in lines if line["is_company"]} <= {published.owner.company}


def test_certificate_names_nobody(published, client):
    text = client.get(page(published.call)).text

    people = [person.trainee.user.name for person in published.people]
    for said in [
        *people,
        *(person.pseudonym.hex for person in published.people),
        published.agency.name,
        published.second.name,
    ]:
        assert said not in text


def test_page_offers_the_own_proof_to_who_has_one(published, client, log_in):
    url = mine(published.call)

    assert url not in client.get(page(published.call)).text
    assert url not in log_in(published.owner.user).get(page(published.call)).text
    assert url in log_in(published.people[0].trainee.user).get(page(published.call)).text


@pytest.mark.parametrize("people", [1, 5])
def test_page_costs_the_same_for_few_and_many(published, people, client, django_assert_num_queries):
    for _ in range(people):
        ApplicationFactory(call=published.call)

    with django_assert_num_queries(7):
        client.get(page(published.call))


# --- the personal proof -------------------------------------------------------------------------------


def test_everybodys_proof_proves_against_what_is_published(published, log_in):
    found = {}
    for person in published.people:
        response = log_in(person.trainee.user).get(mine(published.call))
        proof = Proof.from_json(response.content)
        assert check_proof(proof, **published_values(published)) == []
        found[person] = proof.matched

    wide, narrow = f"p{published.wide.pk}", f"p{published.narrow.pk}"
    assert sorted(map(str, found.values())) == sorted([wide, wide, wide, narrow, "None", "None"])
    assert found[published.silent] is None


def test_proof_is_ones_own_and_names_nobody_else(published, log_in):
    first, second = published.people[:2]

    text = log_in(first.trainee.user).get(mine(published.call)).text

    assert first.pseudonym.hex in text
    assert second.pseudonym.hex not in text
    assert published.owner.user.name not in text


def test_narrow_project_tells_only_whether_its_line_was_reached(published, log_in):
    document = log_in(published.people[4].trainee.user).get(mine(published.call)).json()

    assert [wish["state"] for wish in document["wishes"]] == ["closed", "open"]
    narrow = log_in(published.people[3].trainee.user).get(mine(published.call)).json()["wishes"][1]
    (line,) = (shown["line"] for shown in narrow["lines"])
    assert (line["last"], line["full"], line["capacity"]) == (None, None, 1)
    assert isinstance(narrow["admitted"], bool)


def test_project_that_left_the_match_keeps_its_line(computed, log_in):
    company = computed.owner.company
    type(company).objects.filter(pk=company.pk).update(
        state="suspended", suspended_until=computed.sealed_at.date() + days(30)
    )
    discard_run(computed.run, reason="회사 참여제한", by=computed.agency)
    computed.run = run_matching(computed.call, on=computed.sealed_at.date())
    published = computed.publish()

    document = log_in(published.people[0].trainee.user).get(mine(published.call)).json()

    assert [wish["state"] for wish in document["wishes"]] == ["absent", "absent"]
    assert check_proof(Proof.from_json(document), **published_values(published)) == []


@pytest.mark.parametrize("who", ["owner", "agency", "stranger"])
def test_proof_is_nobody_elses(published, log_in, trainee, who):
    user = {"owner": published.owner.user, "agency": published.agency, "stranger": trainee.user}[who]

    assert log_in(user).get(mine(published.call)).status_code == 404


def test_there_is_no_proof_before_publication(computed, log_in):
    assert log_in(computed.people[0].trainee.user).get(mine(computed.call)).status_code == 404


def test_visitor_is_asked_to_sign_in(published, client):
    assert client.get(mine(published.call)).status_code == 302


def test_downloaded_file_is_proved_by_the_command(published, log_in, tmp_path):
    path = tmp_path / "mine.json"
    path.write_bytes(log_in(published.people[0].trainee.user).get(mine(published.call)).content)
    options = [f"--{name}={value}" for name, value in published_values(published).items()]

    done = run("prove", path, *options)

    assert done.returncode == 0
    assert json.loads(done.stdout)["matched"] == f"p{published.wide.pk}"


def test_market_is_read_once_for_many(published, django_assert_num_queries):
    matches = [person.matches.select_related("run", "application").get() for person in published.people]
    actions._prover.cache_clear()
    actions.personal_proof(matches[0])

    with django_assert_num_queries(9):
        actions.personal_proof(matches[1])


def test_unknown_call_is_not_found(db, client):
    assert client.get(reverse("proofs:call-proof", args=[999])).status_code == 404

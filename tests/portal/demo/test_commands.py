import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from matching.actions import run_nightly_matching
from portal.accounts.models import User
from portal.audit.models import Event
from portal.demo.office import PASSWORD, address
from portal.notices.models import Notice

SMALL = {"trainees": 60, "companies": 6, "projects": 9}


def run(command, *arguments, **options):
    out = StringIO()
    call_command(command, *arguments, stdout=out, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def matching(seeded):
    with seeded("matching") as demo:
        run_nightly_matching(timezone.localdate())
        yield demo


@pytest.fixture
def demo(matching, db, settings):
    """A seeded portal after its first night; what the test changes is undone."""
    settings.DEMO = True
    return matching


def test_seeding_twice_changes_nothing(demo):
    rows = (Event.objects.count(), Notice.objects.count(), User.objects.count())

    again = run("seed", stage="published")

    assert again == "이미 있습니다. 아무것도 바꾸지 않았습니다.\n"
    assert (Event.objects.count(), Notice.objects.count(), User.objects.count()) == rows


def test_the_summary_is_one_screen(demo):
    lines = run("demo_summary").splitlines()

    assert len(lines) <= 24
    assert [line for line in lines if not line.startswith(" ")][-2:] == ["채용의무", "알림"]
    assert any(line.startswith("  참여 신청") and "적격" in line for line in lines)
    assert "None" not in "".join(lines)


def test_logins_are_people_of_every_kind_who_can_sign_in(demo):
    text = run("demo_logins")

    emails = re.findall(r"\S+@ieum\.example", text.split("\n인증 번호는")[0])
    assert len(emails) == len(set(emails)) >= 15
    for email in emails:
        assert User.objects.get(email=email).check_password(PASSWORD)
    for kind in (
        "방문자",
        "교육생",
        "기업 대표",
        "기업 담당자",
        "기업 멘토",
        "새 기업",
        "교육기관",
        "진흥원",
        "운영사",
    ):
        assert f"\n{kind} " in text
    assert PASSWORD in text


def test_a_company_signs_in_with_the_password(demo, client):
    client.post("/accounts/login/", {"login": address("owner"), "password": PASSWORD})

    assert client.session["_auth_user_id"] == str(User.objects.get(email=address("owner")).pk)

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from portal.accounts.actions import give_consents
from portal.audit.models import Event
from projects.applications.models import Application
from projects.applications.states import ApplicationState
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    CompanyMemberFactory,
    ConsentTextFactory,
    TraineeFactory,
    UserFactory,
)

MOTIVE = "제조 현장의 데이터로 불량을 줄이는 일을 해 보고 싶어 지원합니다."


@pytest.fixture
def call(db):
    return CallFactory(taking_applications=True)


@pytest.fixture
def text(db):
    return ConsentTextFactory()


def url(page, call, *more):
    return reverse(f"applications:application-{page}", args=[call.pk, *more])


def draft(call, trainee, **facts):
    return ApplicationFactory(
        call=call, trainee=trainee, **{"state": "draft", "submitted_at": None, "motive": MOTIVE, **facts}
    )


def test_looking_at_the_form_writes_nothing(log_in, call):
    user = UserFactory()

    response = log_in(user).get(url("edit", call, "motive"))

    assert response.status_code == 200
    assert not Application.objects.exists()
    assert not hasattr(user, "trainee")


def test_a_whole_application_is_handed_in(log_in, call, text, trainee):
    client = log_in(trainee.user)

    motive = client.post(url("edit", call, "motive"), {"motive": MOTIVE, "goal": ""})
    consents = client.post(url("edit", call, "consents"), {"share_with_company": "on"})
    check = client.get(url("check", call))
    submitted = client.post(url("check", call))
    done = client.get(url("done", call))

    application = Application.objects.get()
    assert (motive.status_code, motive.url) == (302, url("edit", call, "consents"))
    assert (consents.status_code, consents.url) == (302, url("check", call))
    assert MOTIVE in check.text
    assert (submitted.status_code, submitted.url) == (302, url("done", call))
    assert application.state == ApplicationState.SUBMITTED
    assert application.reference in done.text
    assert list(Event.objects.about(application).values_list("verb", flat=True)) == [
        "submit_application", "edit_application", "draft_application",
    ]  # fmt: skip


def test_the_first_answer_makes_the_person_a_trainee(log_in, call):
    user = UserFactory()

    log_in(user).post(url("edit", call, "motive"), {"motive": MOTIVE})

    assert Application.objects.get().trainee.user == user


@pytest.mark.parametrize("motive", ["", "  ", "가" * 2001])
def test_a_motive_missing_or_too_long_is_asked_for_again(log_in, call, trainee, motive):
    response = log_in(trainee.user).post(url("edit", call, "motive"), {"motive": motive, "goal": "로봇"})

    assert response.status_code == 422
    assert "오류:" in response.text
    assert "로봇" in response.text
    assert not Application.objects.exists()


def test_a_line_break_counts_as_one_character(log_in, call, trainee):
    """Browsers send two for one, and their own counter lets 2000 pass."""
    log_in(trainee.user).post(url("edit", call, "motive"), {"motive": "가" * 1000 + "\r\n" + "나" * 999})

    assert len(Application.objects.get().motive) == 2000


def test_autosave_keeps_an_unfinished_draft_and_says_when(log_in, call, trainee):
    with time_machine.travel(timezone.now().replace(hour=5, minute=2), tick=False):
        response = log_in(trainee.user).post(
            url("edit", call, "motive"),
            {"motive": "쓰다 만", "autosave": "1"},
            headers={"hx-request": "true"},
        )

    assert response.text.strip() == '<span id="saved">저장됨 14:02</span>'
    assert Application.objects.get().motive == "쓰다 만"


def test_autosaving_the_same_words_again_leaves_no_second_line_of_history(log_in, call, trainee):
    client = log_in(trainee.user)
    for _again in range(3):
        client.post(url("edit", call, "motive"), {"motive": "쓰다 만", "autosave": "1"})

    assert Event.objects.filter(verb="edit_application").count() == 1


def test_autosave_after_the_deadline_says_so_and_saves_nothing(log_in, call, trainee):
    with time_machine.travel(call.applications_due_at + dt.timedelta(seconds=1), tick=False):
        response = log_in(trainee.user).post(
            url("edit", call, "motive"), {"motive": "늦은 글", "autosave": "1"}
        )

    assert response.status_code == 422
    assert "마감" in response.text
    assert not Application.objects.exists()


def test_consent_is_necessary(log_in, call, text, trainee):
    response = log_in(trainee.user).post(url("edit", call, "consents"), {})

    assert response.status_code == 422
    assert "동의해야 신청할 수 있습니다" in response.text
    assert text.body in response.text


def test_free_consents_can_be_given_and_taken_back(log_in, call, text, trainee):
    ConsentTextFactory(kind="talent_pool", title="인재풀", required=False)
    client = log_in(trainee.user)

    client.post(url("edit", call, "consents"), {"share_with_company": "on", "talent_pool": "on"})
    given = set(trainee.user.consents.live().values_list("text__kind", flat=True))
    client.post(url("edit", call, "consents"), {"share_with_company": "on"})

    assert given == {"share_with_company", "talent_pool"}
    assert set(trainee.user.consents.live().values_list("text__kind", flat=True)) == {"share_with_company"}


def test_the_check_lists_what_is_missing_and_refuses(log_in, call, text):
    trainee = TraineeFactory(phone="", skills={})
    draft(call, trainee, motive="")
    client = log_in(trainee.user)

    seen = client.get(url("check", call))
    refused = client.post(url("check", call))

    assert [part["url"] for part in seen.context["missing"]] == [
        f"{reverse('trainees:profile-edit')}?next={url('check', call)}",
        url("edit", call, "motive"),
        url("edit", call, "consents"),
    ]
    assert refused.status_code == 422
    assert "프로필을 먼저 채워 주세요" in refused.text
    assert Application.objects.get().state == ApplicationState.DRAFT


@pytest.mark.parametrize(("late", "status", "state"), [(0, 302, "submitted"), (1, 422, "draft")])
def test_one_second_late_is_late(log_in, call, text, trainee, late, status, state):
    draft(call, trainee)
    give_consents(trainee.user, [text], by=trainee.user)

    with time_machine.travel(call.applications_due_at + dt.timedelta(seconds=late), tick=False):
        response = log_in(trainee.user).post(url("check", call))

    assert response.status_code == status
    assert Application.objects.get().state == state


def test_after_the_deadline_the_page_says_what_became_of_the_draft(log_in, trainee):
    closed, other = CallFactory(), CallFactory(taking_applications=True)
    draft(closed, trainee)
    client = log_in(trainee.user)

    pages = [client.get(url("edit", closed, "motive")), client.get(url("check", closed))]

    for page in pages:
        assert "지금은 참여 신청을 받지 않습니다" in page.text
        assert "제출하지 않은 초안입니다" in page.text
        assert other.title in page.text


def test_submitting_twice_has_one_effect_and_the_same_receipt(log_in, call, text, trainee):
    draft(call, trainee)
    give_consents(trainee.user, [text], by=trainee.user)
    client = log_in(trainee.user)

    answers = [client.post(url("check", call)) for _twice in range(2)]

    assert [answer.url for answer in answers] == [url("done", call)] * 2
    assert Event.objects.filter(verb="submit_application").count() == 1


@pytest.mark.parametrize(
    ("state", "name"), [("submitted", "edit"), ("eligible", "edit"), ("placed", "check")]
)
def test_what_was_handed_in_is_shown_not_edited(log_in, call, trainee, state, name):
    ApplicationFactory(call=call, trainee=trainee, state=state)
    more = ["motive"] if name == "edit" else []

    response = log_in(trainee.user).get(url(name, call, *more))

    assert (response.status_code, response.url) == (302, url("done", call))


def test_an_answer_to_an_application_already_handed_in_is_not_taken(log_in, call, trainee):
    application = ApplicationFactory(call=call, trainee=trainee, state="submitted")

    log_in(trainee.user).post(url("edit", call, "motive"), {"motive": MOTIVE})

    assert Application.objects.get(pk=application.pk).motive == application.motive


def test_a_returned_application_shows_the_comment_and_can_be_handed_in_after_the_deadline(
    log_in, trainee, text
):
    call = CallFactory()  # applications closed a week ago, lists are open
    give_consents(trainee.user, [text], by=trainee.user)
    ApplicationFactory(call=call, trainee=trainee, state="returned", comment="목표를 더 적어 주세요.")
    client = log_in(trainee.user)

    form = client.get(url("edit", call, "motive"))
    client.post(url("edit", call, "motive"), {"motive": MOTIVE, "goal": "이상음 탐지"})
    client.post(url("check", call))

    application = Application.objects.get()
    assert "목표를 더 적어 주세요." in form.text
    assert (application.state, application.goal) == ("submitted", "이상음 탐지")


@pytest.mark.parametrize("state", [state for state in ApplicationState.values if state != "draft"])
def test_the_receipt_page_shows_every_state(log_in, trainee, state):
    reason = "employed" if state == "ineligible" else ""
    application = ApplicationFactory(trainee=trainee, state=state, ineligible_reason=reason)

    response = log_in(trainee.user).get(url("done", application.call))

    assert response.status_code == 200
    out = state in ("placed", "reserve", "unmatched")  # told by the result, not before an offer's moment
    assert ("결과 발표" if out else application.get_state_display()) in response.text


def test_a_draft_has_no_receipt(log_in, call, trainee):
    draft(call, trainee)

    assert log_in(trainee.user).get(url("done", call)).url == url("check", call)


def test_withdrawing_says_first_what_is_lost(log_in, trainee):
    application = ApplicationFactory(trainee=trainee)
    client = log_in(trainee.user)

    asked = client.get(url("withdraw", application.call))
    state_before = Application.objects.get().state
    client.post(url("withdraw", application.call))

    assert "이번 매칭에서 빠집니다" in asked.text
    assert state_before == "eligible"
    assert Application.objects.get().state == "withdrawn"


def test_withdrawing_after_sealing_is_refused_with_the_state(log_in, trainee):
    application = ApplicationFactory(trainee=trainee, call=CallFactory(sealed=True))

    response = log_in(trainee.user).post(url("withdraw", application.call))

    assert response.status_code == 409
    assert "지나 취소할 수 없습니다" in response.text
    assert Application.objects.get().state == "eligible"


def test_a_withdrawn_application_is_begun_again_with_its_words(log_in, call, trainee):
    ApplicationFactory(call=call, trainee=trainee, state="withdrawn", motive=MOTIVE)
    client = log_in(trainee.user)

    form = client.get(url("edit", call, "motive"))
    client.post(url("edit", call, "motive"), {"motive": MOTIVE})

    assert MOTIVE in form.text
    assert Application.objects.get().state == "draft"


@pytest.mark.parametrize("name", ["check", "done", "withdraw"])
def test_somebody_elses_application_does_not_exist(log_in, call, name):
    ApplicationFactory(call=call, state="submitted", motive="남의 비밀 동기입니다")
    stranger = TraineeFactory()
    client = log_in(stranger.user)

    response = client.get(url(name, call))

    if name == "check":
        assert response.url == url("edit", call, "motive")
        assert "남의 비밀" not in client.get(response.url).text
    else:
        assert response.status_code == 404
        assert client.post(url(name, call)).status_code in (404, 405)


def test_members_of_companies_and_staff_find_no_form(log_in, call, operator):
    for user in (CompanyMemberFactory().user, operator):
        assert log_in(user).get(url("edit", call, "motive")).status_code == 404
        assert log_in(user).post(url("edit", call, "motive"), {"motive": MOTIVE}).status_code == 404


@pytest.mark.parametrize("state", ["draft", "cancelled"])
def test_a_call_that_is_not_public_has_no_form(log_in, trainee, state):
    hidden = CallFactory(state=state, taking_applications=True)

    assert log_in(trainee.user).get(url("edit", hidden, "motive")).status_code == 404


def test_an_unknown_step_is_not_found(log_in, call, trainee):
    assert log_in(trainee.user).get(url("edit", call, "salary")).status_code == 404


def test_visitors_are_asked_to_log_in(client, call):
    assert client.get(url("edit", call, "motive")).status_code == 302

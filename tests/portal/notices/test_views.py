import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.notices.models import Notice
from tests.factories import NoticeFactory, UserFactory

LIST = "/me/notices/"


@pytest.fixture
def notice(db):
    return NoticeFactory()


def url(notice, page="detail"):
    return reverse(f"notices:notice-{page}", args=[notice.pk])


def test_unread_notices_stand_first_and_the_newest_above(log_in, notice):
    now = timezone.now()
    read = NoticeFactory(recipient=notice.recipient, leaves_at=now, read_at=now)
    older = NoticeFactory(recipient=notice.recipient, leaves_at=now - dt.timedelta(days=2))

    response = log_in(notice.recipient).get(LIST)

    assert list(response.context["page"]) == [notice, older, read]
    assert response.context["unread_count"] == 2
    assert response.text.count("읽지 않음</span>") >= 2


def test_an_empty_inbox_says_so(log_in, db):
    assert "새 알림이 없습니다" in log_in(UserFactory()).get(LIST).text


@pytest.mark.parametrize(
    "facts",
    [
        {"leaves_at": timezone.now() + dt.timedelta(days=400)},
        {"state": "cancelled"},
        {
            "secret": True,
            "kind": "account_reset_password",
            "params": {},
            "link": "https://example.com/live-link",
        },
    ],
    ids=["not yet", "cancelled", "secret"],
)
def test_what_is_not_to_be_read_is_not_there(log_in, db, facts):
    notice = NoticeFactory(**facts)
    client = log_in(notice.recipient)

    assert list(client.get(LIST).context["page"]) == []
    assert client.get(url(notice)).status_code == 404


def test_in_the_demo_secret_messages_are_read_inside(log_in, db, settings):
    settings.DEMO = True
    notice = NoticeFactory(
        secret=True, kind="account_reset_password", params={}, link="https://example.com/live-link"
    )

    assert "https://example.com/live-link" in log_in(notice.recipient).get(url(notice)).text


def test_opening_writes_nothing_and_the_page_posts_that_it_was_read(log_in, notice):
    client = log_in(notice.recipient)

    response = client.get(url(notice))
    before = Notice.objects.get().read_at
    part = client.post(url(notice, "read"), headers={"hx-request": "true"})

    assert notice.subject in response.text
    assert f'hx-post="{url(notice, "read")}"' in response.text
    assert 'href="/start/"' in response.text
    assert before is None
    assert Notice.objects.get().read_at is not None
    assert "읽음" in part.text
    assert "<html" not in part.text


def test_the_bell_forgets_what_was_read(log_in, notice):
    NoticeFactory(recipient=notice.recipient, leaves_at=timezone.now())

    part = log_in(notice.recipient).post(url(notice, "read"), headers={"hx-request": "true"})

    assert '<span id="inbox-count" hx-swap-oob="innerHTML"><span class="i-count">1<' in part.text


def test_reading_again_keeps_the_first_moment(log_in, notice):
    client = log_in(notice.recipient)
    client.post(url(notice, "read"))
    first = Notice.objects.get().read_at

    client.post(url(notice, "read"))

    assert Notice.objects.get().read_at == first


def test_without_javascript_the_button_leads_back_to_the_list(log_in, notice):
    assert log_in(notice.recipient).post(url(notice, "read")).url == LIST


def test_all_are_read_at_once_and_only_ones_own(log_in, notice):
    own = NoticeFactory(recipient=notice.recipient)
    other = NoticeFactory()

    response = log_in(notice.recipient).post(reverse("notices:notice-read-all"), follow=True)

    assert "2건을 읽음으로" in response.text
    assert set(Notice.objects.filter(read_at=None)) == {other}
    assert Notice.objects.get(pk=own.pk).read_at is not None


@pytest.mark.parametrize("page_name", ["detail", "read"])
def test_somebody_elses_notice_does_not_exist(log_in, notice, page_name, operator):
    for stranger in (UserFactory(), operator):
        client = log_in(stranger)
        assert client.get(url(notice, page_name)).status_code in (404, 405)
        assert client.post(url(notice, page_name)).status_code in (404, 405)
    assert Notice.objects.get().read_at is None


@pytest.mark.parametrize("count", [1, 30])
def test_more_notices_cost_no_more_queries(log_in, db, django_assert_num_queries, count):
    user = UserFactory()
    NoticeFactory.create_batch(count, recipient=user)
    client = log_in(user)

    with django_assert_num_queries(8):
        page = client.get(LIST).context["page"]

    assert len(page) == min(count, 20)


def test_visitors_are_asked_to_log_in(client, notice):
    assert client.get(LIST).status_code == 302

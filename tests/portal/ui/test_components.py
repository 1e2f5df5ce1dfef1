from datetime import date
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from portal.ui import badges, icons

TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def in_korean():
    with translation.override("ko"):
        yield


def render(source, path="/", **context):
    return Template(source).render(Context({"request": RequestFactory().get(path), **context}))


class Texts(HTMLParser):
    """Tags, attributes and the text of a piece of HTML."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        if data.strip():
            self.words.append(data.strip())

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.mark.parametrize("state", sorted(badges.STATES))
def test_every_state_has_a_known_tone_and_a_drawn_icon(state):
    look = badges.look_of(state)

    assert look.tone in {"neutral", "info", "good", "warn", "danger"}
    assert "<svg" in icons.icon(look.icon)


def test_unknown_state_is_neutral():
    assert badges.look_of("never_heard_of") == badges.UNKNOWN


def test_state_badge_reads_the_object():
    obj = SimpleNamespace(state="overdue", get_state_display=lambda: "기한 지남")

    html = Texts(render("{% state_badge obj %}", obj=obj))

    assert html.all("span")[0]["class"] == "i-badge i-badge--danger"
    assert html.words == ["기한 지남"]


def test_state_badge_reads_another_field():
    obj = SimpleNamespace(answer="accepted", get_answer_display=lambda: "수락")

    html = Texts(render('{% state_badge obj "answer" %}', obj=obj))

    assert html.all("span")[0]["class"] == "i-badge i-badge--good"
    assert html.words == ["수락"]


@pytest.mark.parametrize(
    ("day", "tone", "words"),
    [
        (date(2026, 11, 21), "danger", "마감 1일 지남"),
        (date(2026, 11, 22), "danger", "마감 오늘"),
        (date(2026, 11, 29), "danger", "마감 D-7"),
        (date(2026, 11, 30), "warn", "마감 D-8"),
        (date(2026, 12, 22), "warn", "마감 D-30"),
        (date(2026, 12, 23), "info", "마감 D-31"),
    ],
)
def test_dday_badge_warms_up(day, tone, words):
    html = Texts(render('{% dday_badge day "마감" today %}', day=day, today=TODAY))

    assert html.all("span")[0]["class"] == f"i-badge i-badge--{tone}"
    assert html.words == [words]


def test_dday_badge_without_a_day_is_nothing():
    assert render("{% dday_badge day %}", day=None) == ""


@pytest.mark.parametrize(
    ("count", "shown"), [(0, []), (None, []), (3, ["3", "읽지 않음"]), (120, ["99+", "읽지 않음"])]
)
def test_count_badge_keeps_silent_about_nothing(count, shown):
    assert Texts(render('{% count_badge n "읽지 않음" %}', n=count)).words == shown


def test_icon_is_decoration_unless_named():
    plain, named = Texts(render('{% icon "clock" %}')), Texts(render('{% icon "clock" "" "마감" %}'))

    assert plain.all("svg")[0]["aria-hidden"] == "true"
    assert (named.all("svg")[0]["role"], named.all("svg")[0]["aria-label"]) == ("img", "마감")


@pytest.mark.parametrize("name", ["../../settings", "Clock", ""])
def test_icon_refuses_what_is_not_a_name(name):
    with pytest.raises(ValueError, match="not the name of an icon"):
        icons.icon(name)


def test_blocks_escape_what_they_are_told_and_keep_their_content():
    html = render("{% note 'warn' title=title %}<p>{{ text }}</p>{% endnote %}", title="<b>", text="<i>")

    assert "&lt;b&gt;" in html
    assert "<p>&lt;i&gt;</p>" in html


def test_bars_are_a_table_with_shares_of_the_longest():
    rows = [{"label": "지원", "value": 200, "url": "/a/"}, {"label": "매칭", "value": 50, "note": "25%"}]

    html = Texts(render('{% bars rows "단계별 인원" unit="명" %}', rows=rows))

    fills = [attrs["width"] for attrs in html.all("rect") if "i-bars__fill" in attrs["class"]]
    assert fills == ["100.00%", "25.00%"]
    assert html.words == [
        "단계별 인원",
        "구분",
        "그래프",
        "값",
        "참고",
        "지원",
        "200명",
        "매칭",
        "50명",
        "25%",
    ]
    assert html.all("a") == [{"href": "/a/"}]


def test_bars_of_nothing_do_not_divide_by_zero():
    html = Texts(render('{% bars rows "빈 표" %}', rows=[{"label": "지원", "value": 0}]))

    assert [attrs["width"] for attrs in html.all("rect")] == ["100%", "0%"]


def test_stacked_bars_stand_side_by_side():
    rows = [{"label": "가", "values": [6, 2]}, {"label": "나", "values": [3, 1]}]

    html = Texts(render('{% stacked_bars rows series "학교별" %}', rows=rows, series=["수료", "포기"]))

    parts = [(attrs["x"], attrs["width"]) for attrs in html.all("rect") if "x" in attrs]
    assert parts == [("0.00%", "75.00%"), ("75.00%", "25.00%"), ("0.00%", "37.50%"), ("37.50%", "12.50%")]


def test_progress_says_in_words_what_it_draws():
    html = Texts(render('{% progress 2 5 "준비한 항목" unit="개" %}'))

    assert html.all("progress") == [{"value": "2", "max": "5", "aria-label": "준비한 항목"}]
    assert html.words == ["준비한 항목", "2 / 5개", "40%"]


def test_breadcrumbs_start_at_home_and_end_here():
    html = Texts(render("{% breadcrumbs '프로젝트' '/projects/' '가온정밀' %}"))

    assert html.words == ["홈", "프로젝트", "가온정밀"]
    assert [attrs["href"] for attrs in html.all("a")] == ["/", "/projects/"]
    assert [attrs for attrs in html.all("li") if attrs.get("aria-current") == "page"] == [
        {"aria-current": "page"}
    ]


def test_pagination_keeps_the_filter():
    page = Paginator(range(60), 20).page(2)

    html = Texts(render("{% pagination page %}", path="/?q=a&page=2", page=page))

    assert [attrs["href"] for attrs in html.all("a")] == [
        "?q=a&page=1", "?q=a&page=1", "?q=a&page=2", "?q=a&page=3", "?q=a&page=3",
    ]  # fmt: skip
    assert [attrs["href"] for attrs in html.all("a") if "aria-current" in attrs] == ["?q=a&page=2"]


def test_pagination_of_one_page_is_nothing():
    page = Paginator(range(3), 20).page(1)

    assert render("{% pagination page %}", page=page).strip() == ""


def test_pagination_names_the_part_htmx_swaps():
    page = Paginator(range(40), 20).page(1)

    html = Texts(render('{% pagination page target="rows" %}', path="/list/?q=a", page=page))

    assert {attrs["hx-target"] for attrs in html.all("a")} == {"#rows"}
    assert html.all("a")[-1]["hx-get"] == "/list/?q=a&page=2"


def test_keyset_pagination_shows_only_where_one_can_go():
    html = Texts(render('{% keyset_pagination following="?after=9" %}'))

    assert [(attrs["rel"], attrs["href"]) for attrs in html.all("a")] == [("next", "?after=9")]


@pytest.mark.parametrize(
    ("state", "words", "tone"),
    [
        ("todo", "시작 전", "neutral"),
        ("progress", "작성 중", "neutral"),
        ("done", "완료", "good"),
        ("locked", "아직 할 수 없음", "neutral"),
        ("late", "기한 지남", "danger"),
    ],
)
def test_task_badge_tells_five_states_apart(state, words, tone):
    html = Texts(render("{% task_badge state %}", state=state))

    assert html.words == [words]
    assert html.all("span")[0]["class"] == f"i-badge i-badge--{tone}"


def test_rank_list_disables_the_moves_that_lead_nowhere():
    items = [SimpleNamespace(pk=pk, title=f"과제 {pk}", subtitle="", url="#") for pk in (7, 8)]

    html = Texts(render('{% include "components/rank_list.html" with version=4 focus="up-8" %}', items=items))

    assert [attrs["value"] for attrs in html.all("button") if "disabled" in attrs] == ["7:up", "8:down"]
    assert html.all("input") == [{"type": "hidden", "name": "version", "value": "4"}]
    assert html.all("ol")[0]["data-focus"] == "up-8"
    assert [attrs["data-id"] for attrs in html.all("li")] == ["7", "8"]

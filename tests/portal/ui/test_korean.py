from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.template import Context, Template
from django.utils import translation

from portal.ui import korean
from portal.ui.korean import (
    dday,
    josa,
    kdate,
    kdatetime,
    kperiod,
    kstamp,
    mask_name,
    mask_phone,
    points,
    unbroken,
    won,
)


@pytest.fixture(autouse=True)
def in_korean():
    with translation.override("ko"):
        yield


@pytest.mark.parametrize(
    ("word", "particle", "expected"),
    [
        # Hangul by its final consonant
        ("김민수", "을", "김민수를"),
        ("이재훈", "을", "이재훈을"),
        ("가온정밀", "이", "가온정밀이"),
        ("다올푸드테크", "이", "다올푸드테크가"),
        ("멘토", "은", "멘토는"),
        ("담당자", "와", "담당자와"),
        ("기업", "와", "기업과"),
        # ㄹ takes 로
        ("서울", "로", "서울로"),
        ("부산", "로", "부산으로"),
        ("김해", "으로/로", "김해로"),
        # the pair may be written out, also one we have no short form for
        ("학교", "이나/나", "학교나"),
        ("수료생", "아/야", "수료생아"),
        # digits as they are read
        ("1", "을", "1을"),
        ("2", "을", "2를"),
        ("3", "을", "3을"),
        ("4", "을", "4를"),
        ("7", "로", "7로"),
        ("6", "로", "6으로"),
        ("10", "을", "10을"),
        ("3,000", "이", "3,000이"),
        ("20000", "이", "20000이"),
        ("1000000000000", "이", "1000000000000가"),
        ("0", "이", "0이"),
        ("2.5", "을", "2.5를"),
        ("2026", "은", "2026은"),
        # Latin letters by their names
        ("PyTorch", "을", "PyTorch를"),
        ("SQL", "을", "SQL을"),
        ("SQL", "로", "SQL로"),
        ("LLM", "으로/로", "LLM으로"),
        ("Python", "은", "Python은"),
        ("AI", "와", "AI와"),
        ("R", "로", "R로"),
        ("C++", "을", "C++를"),
        ("97%", "로", "97%로"),
        # what stands in brackets at the end is passed over, and so are quotes and stops
        ("가온정밀(주)", "을", "가온정밀(주)을"),
        ("챗봇(RAG)", "을", "챗봇(RAG)을"),
        ("(주)나래", "이", "(주)나래가"),
        ("(주)", "이", "(주)가"),
        ("‘한빛’", "이", "‘한빛’이"),
        ('"바다"', "을", '"바다"를'),
        ("끝!", "이", "끝!이"),
        # nobody can tell
        ("株式", "을", "株式을(를)"),
        ("", "을", ""),
    ],
)
def test_josa_follows_the_sound(word, particle, expected):
    assert josa(word, particle) == expected


def test_josa_reads_decomposed_hangul():
    decomposed = "\u1100\u1175\u11b7"  # 김 in three code points

    assert josa(decomposed, "을") == decomposed + "을"


def test_josa_takes_numbers_and_lazy_texts():
    assert josa(3, "을") == "3을"
    assert josa(translation.gettext_lazy("기업"), "이") == "기업이"


@pytest.mark.parametrize(
    ("amount", "expected"), [(0, "0원"), (12345, "12,345원"), (-5000, "-5,000원"), (None, "")]
)
def test_won_groups_thousands(amount, expected):
    assert won(amount) == expected


@time_machine.travel(datetime(2026, 11, 22, 3, 0, tzinfo=UTC), tick=False)
@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 22), "11월 22일(일)"),
        (date(2027, 1, 4), "2027년 1월 4일(월)"),
        (datetime(2026, 11, 22, 15, 0, tzinfo=UTC), "11월 23일(월)"),  # midnight in Seoul has passed
        (None, ""),
    ],
)
def test_kdate_reads_in_seoul(day, expected):
    assert kdate(day) == expected


@time_machine.travel(datetime(2026, 11, 22, 3, 0, tzinfo=UTC), tick=False)
@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 11, 22, 9, 0, tzinfo=UTC), "11월 22일(일) 18:00"),
        (datetime(2026, 12, 31, 15, 0, tzinfo=UTC), "2027년 1월 1일(금) 00:00"),
        (date(2026, 12, 11), "12월 11일(금)"),
        (None, ""),
    ],
)
def test_kdatetime_names_another_year_only(moment, expected):
    assert kdatetime(moment) == expected


@time_machine.travel(datetime(2026, 11, 22, 3, 0, tzinfo=UTC), tick=False)
def test_kperiod_goes_from_one_day_to_another():
    assert kperiod(date(2026, 12, 21), date(2027, 11, 30)) == "12월 21일(월) ~ 2027년 11월 30일(화)"
    assert kperiod(None, None) == ""


@time_machine.travel(datetime(2026, 11, 22, 3, 0, tzinfo=UTC), tick=False)
@pytest.mark.parametrize(
    ("language", "moment", "stamp"),
    [
        ("ko", datetime(2026, 11, 22, 9, 0, tzinfo=UTC), "2026년 11월 22일(일) 18:00"),
        ("ko", datetime(2025, 11, 22, 9, 0, tzinfo=UTC), "2025년 11월 22일(토) 18:00"),
        ("en", datetime(2026, 11, 22, 9, 0, tzinfo=UTC), "Nov 22, 2026 (Sun) 18:00"),
        ("ko", None, ""),
    ],
)
def test_kstamp_always_names_the_year(language, moment, stamp):
    with translation.override(language):
        assert kstamp(moment) == stamp


@pytest.mark.parametrize(
    ("score", "written"),
    [(Decimal("82.40"), "82.4"), (Decimal(80), "80"), (Decimal("100.00"), "100"), (None, "")],
)
def test_points_are_written_without_idle_zeros(score, written):
    assert points(score) == written


@pytest.mark.parametrize(
    ("text", "glued"),
    [
        ("2027년 1월 4일(월)까지", "2027년\u00a01월\u00a04일\u2060(월)\u2060까지"),
        ("11월 25일(수) 18:00", "11월\u00a025일\u2060(수) 18:00"),
        ("Jan 4, 2027 (Mon) 10:00", "Jan\u00a04,\u00a02027\u00a0\u2060(Mon) 10:00"),
        ("마감 D-3", "마감 D-\u20603"),
        ("‘나 과제’를 뺐습니다.", "‘나 과제’\u2060를 뺐습니다."),
        ("ABCD-3 모델 (시험)", "ABCD-3 모델 (시험)"),
    ],
)
def test_unbroken_glues_what_belongs_together(text, glued):
    assert unbroken(text) == glued


@time_machine.travel(datetime(2026, 11, 22, 3, 0, tzinfo=UTC), tick=False)
def test_dates_are_glued_on_a_page_and_plain_in_a_mail():
    source = Template("{{ day|kdate }} {{ who|unbroken }}")
    facts = {"day": date(2026, 11, 22), "who": "<b>‘가’의"}

    page, mail = source.render(Context(facts)), source.render(Context(facts, autoescape=False))

    assert page == "11월\u00a022일\u2060(일)\u2060 &lt;b&gt;‘가’\u2060의"
    assert mail == "11월 22일(일) <b>‘가’의"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 25), "D-3"),
        (date(2026, 11, 22), "오늘"),
        (date(2026, 11, 21), "1일 지남"),
        (date(2026, 11, 19), "3일 지남"),
        (datetime(2026, 11, 22, 16, 0, tzinfo=UTC), "D-1"),
        (None, ""),
    ],
)
def test_dday_counts_days_in_seoul(day, expected):
    assert dday(day, date(2026, 11, 22)) == expected


@time_machine.travel(datetime(2026, 11, 22, 15, 30, tzinfo=UTC), tick=False)
def test_dday_asks_for_today_in_seoul():
    assert dday(date(2026, 11, 23)) == "오늘"


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("김민수", "김*수"),
        ("김수", "김*"),
        ("남궁민수", "남**수"),
        ("김", "김"),
        ("", ""),
        ("John Smith", "J*** S****"),
        (" 이재훈 ", "이*훈"),
    ],
)
def test_mask_name_keeps_the_edges(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("010-1234-5678", "010-****-5678"),
        ("01012345678", "010-****-5678"),
        ("+821012345678", "010-****-5678"),
        ("055-123-4567", "055-***-4567"),
        ("02-123-4567", "02-***-4567"),
        ("1234", "****"),
        (None, ""),
    ],
)
def test_mask_phone_hides_the_middle(number, masked):
    assert mask_phone(number) == masked


@time_machine.travel(datetime(2026, 11, 22, 3, 0, tzinfo=UTC), tick=False)
@pytest.mark.parametrize(
    ("function", "arguments", "expected"),
    [
        (josa, ("이재훈", "을"), "이재훈"),
        (won, (12345,), "KRW 12,345"),
        (kdate, (date(2026, 11, 22),), "Nov 22 (Sun)"),
        (kdate, (date(2027, 1, 4),), "Jan 4, 2027 (Mon)"),
        (kdatetime, (datetime(2026, 11, 22, 9, 0, tzinfo=UTC),), "Nov 22 (Sun) 18:00"),
        (kdatetime, (datetime(2027, 1, 4, 1, 0, tzinfo=UTC),), "Jan 4, 2027 (Mon) 10:00"),
        (dday, (date(2026, 11, 23),), "1 day left"),
        (dday, (date(2026, 11, 25),), "3 days left"),
        (dday, (date(2026, 11, 22),), "Today"),
        (dday, (date(2026, 11, 20),), "2 days past"),
    ],
)
def test_everything_speaks_english_when_asked(function, arguments, expected):
    with translation.override("en"):
        assert function(*arguments) == expected


def test_sound_ending_is_none_without_a_sound():
    assert korean.sound_ending("…") is None

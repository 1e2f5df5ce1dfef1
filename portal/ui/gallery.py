"""Every component on one page, for people who build and people who look."""

from datetime import datetime, timedelta
from types import SimpleNamespace

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from portal.ui.badges import STATES
from portal.ui.forms import FilterForm


class SampleForm(forms.Form):
    phone = forms.CharField(
        label="휴대전화 번호", help_text="매칭 결과를 문자로 알려 드립니다. 예: 010-1234-5678", max_length=20
    )
    school = forms.ChoiceField(
        label="출신 학교 또는 훈련기관",
        choices=[("", "선택하세요"), ("1", "동백AI아카데미"), ("2", "바다대학교")],
    )
    start_on = forms.DateField(
        label="시작할 수 있는 날", help_text="예: 2027-01-04", widget=forms.DateInput(attrs={"type": "date"})
    )
    wage = forms.IntegerField(label="희망 급여", required=False, min_value=0)
    mode = forms.ChoiceField(
        label="원하는 근무 방식",
        choices=[("any", "상관없음"), ("site", "현장"), ("remote", "원격")],
        widget=forms.RadioSelect,
    )
    skills = forms.MultipleChoiceField(
        label="다룰 수 있는 기술",
        help_text="해당하는 것을 모두 고르세요.",
        choices=[("py", "Python"), ("torch", "PyTorch"), ("sql", "SQL")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    motive = forms.CharField(
        label="지원 동기",
        help_text="이 사업에서 해 보고 싶은 일을 20자 이상 적어 주세요.",
        widget=forms.Textarea,
        min_length=20,
    )
    resume = forms.FileField(label="이력서", help_text="PDF, 10MB까지", required=False)
    agree = forms.BooleanField(label="개인정보 수집·이용에 동의합니다 (필수)")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["wage"].unit = "만원"  # type: ignore[attr-defined]  # read by components/field.html


class SampleFilter(FilterForm):
    q = forms.CharField(label="검색어", required=False, widget=forms.TextInput(attrs={"type": "search"}))
    region = forms.ChoiceField(
        label="지역", required=False, choices=[("", "전체"), ("cw", "창원"), ("gh", "김해")]
    )
    mode = forms.MultipleChoiceField(
        label="근무 방식",
        required=False,
        choices=[("site", "현장"), ("remote", "원격"), ("mixed", "혼합")],
        widget=forms.CheckboxSelectMultiple,
    )


PROJECTS = [
    (
        "사출 금형 불량 이미지 검출 모델 고도화",
        "가온정밀(주)",
        "창원 · 현장",
        3,
        ("컴퓨터비전", "제조", "PyTorch"),
    ),
    ("민원 상담 문서 검색 챗봇(RAG) 구축", "나래데이터랩", "김해 · 원격", 12, ("자연어처리", "공공", "RAG")),
    (
        "지역 농산물 수요 예측과 재고 자동 발주",
        "다올푸드테크",
        "진주 · 혼합",
        33,
        ("시계열", "유통", "LightGBM"),
    ),
]


def samples(today, now: datetime) -> dict:
    """Made-up content, relative to today."""
    day = timedelta(days=1)
    return {
        "states": [{"value": value, "text": value} for value in STATES],
        "stated": SimpleNamespace(state="certified", get_state_display=lambda: "최종 제출"),
        "deadlines": [today - 3 * day, today, today + 3 * day, today + 12 * day, today + 60 * day],
        "now": now,
        "projects": [
            {"title": title, "company": company, "where": where, "deadline": today + days * day, "tags": tags}
            for title, company, where, days, tags in PROJECTS
        ],
        "rank_items": [
            {"pk": number, "title": title, "subtitle": f"{company} · {where}", "url": "#"}
            for number, (title, company, where, *_rest) in enumerate(PROJECTS, start=1)
        ],
        "page": Paginator(range(400), 20).page(7),
        "stats": [
            {"label": "지원", "value": 286, "unit": "명", "url": "#", "note": "어제보다 12명 늘었습니다"},
            {"label": "매칭", "value": 120, "unit": "명"},
            {"label": "채용 이행", "value": 71, "unit": "명", "tone": "good"},
            {"label": "기한 지난 의무", "value": 4, "unit": "건", "tone": "danger", "url": "#"},
        ],
        "funnel": [
            {"label": label, "value": value, "note": note, "url": "#"}
            for label, value, note in [
                ("수료생", 483, ""), ("지원", 286, "59%"), ("매칭", 120, "42%"), ("수료", 102, "85%"), ("채용", 71, "70%"),
            ]
        ],
        "buckets": [
            {"label": "기한 지남", "value": 2, "tone": "danger"},
            {"label": "30일 이내", "value": 4, "tone": "warn"},
            {"label": "31~60일", "value": 2},
            {"label": "61~90일", "value": 3},
        ],
        "schools": [
            {"label": "동백AI아카데미", "values": [18, 6, 4]},
            {"label": "바다대학교", "values": [15, 5, 6]},
            {"label": "마루폴리텍", "values": [9, 3, 2]},
        ],
        "series": ["수료·채용", "진행 중", "중도 포기"],
        "steps": [
            {"label": "회원 가입", "note": "11월 23일~", "state": "done"},
            {"label": "지원·희망 순위", "note": "~12월 11일", "state": "now"},
            {"label": "기업 평가", "note": "12월 14일~18일", "state": "next"},
            {"label": "매칭 발표", "note": "12월 22일", "state": "next"},
            {"label": "프로젝트 시작", "note": "1월 4일", "state": "next"},
        ],
        "events": [
            {"at": now, "title": "증빙을 확인했습니다", "text": "근로계약서, 4대보험 가입자 명부", "tone": "good"},
            {"at": now - 3 * day, "title": "기업이 증빙을 올렸습니다", "tone": "info"},
            {"at": now - 20 * day, "title": "이행 기한 30일 전 알림을 보냈습니다", "tone": "warn"},
        ],
        "tasks": [
            {"label": "회원 정보", "url": "#", "state": "done"},
            {"label": "지원서 작성", "url": "#", "hint": "약 10분 걸립니다", "state": "progress"},
            {"label": "희망 순위 정하기", "url": "#", "hint": "4개 담음", "state": "todo"},
            {"label": "동의서 다시 확인", "url": "#", "hint": "기한이 이틀 지났습니다", "state": "late"},
            {"label": "확인하고 제출", "hint": "위 항목을 모두 마치면 열립니다", "state": "locked"},
        ],
        "facts": [
            {"label": "모집 인원", "value": "2명", "url": "#"},
            {"label": "근무 방식", "value": "현장", "url": "#"},
            {"label": "마감", "value": "12월 11일(금) 18:00", "url": "#"},
        ],
        "tabs": [
            {"label": "진행 중", "url": "#", "current": True, "count": 8},
            {"label": "끝난 의무", "url": "#", "count": 21},
            {"label": "면제·유예", "url": "#", "count": 0},
        ],
    }  # fmt: skip


@login_not_required
def gallery(request: HttpRequest) -> HttpResponse:
    filters = SampleFilter(request.GET or None)
    wrong = SampleForm({"phone": "010-12345678901234567890", "motive": "짧아요"}, prefix="wrong")
    wrong.is_valid()
    return render(
        request,
        "ui/gallery.html",
        {
            **samples(timezone.localdate(), timezone.now()),
            "filters": filters,
            "plain": SampleForm(prefix="plain"),
            "wrong": wrong,
        },
    )

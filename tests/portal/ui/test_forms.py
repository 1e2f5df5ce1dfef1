from html.parser import HTMLParser

import pytest
from django import forms
from django.utils import translation

from portal.ui.forms import FilterForm, FormRenderer, error_links, said_errors


class Survey(forms.Form):
    name = forms.CharField(label="이름", help_text="실명", max_length=3)
    school = forms.ChoiceField(label="학교", choices=[("", "선택"), ("a", "가")])
    mode = forms.ChoiceField(
        label="방식", choices=[("a", "가"), ("b", "나")], widget=forms.RadioSelect, help_text="하나만"
    )
    skills = forms.MultipleChoiceField(
        label="기술", choices=[("a", "가"), ("b", "나")], widget=forms.CheckboxSelectMultiple, required=False
    )
    wage = forms.IntegerField(label="급여", required=False)
    proof = forms.FileField(label="증빙")
    agree = forms.BooleanField(label="동의합니다")
    token = forms.CharField(widget=forms.HiddenInput, required=False)

    default_renderer = FormRenderer

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["wage"].unit = "만원"


class Elements(HTMLParser):
    """Every start tag with its attributes, in order."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def with_id(self, wanted):
        [one] = [attrs for _, attrs in self.found if attrs.get("id") == wanted]
        return one

    def tags(self, wanted):
        return [attrs for tag, attrs in self.found if tag == wanted]


@pytest.fixture(autouse=True)
def in_korean():
    with translation.override("ko"):
        yield


def test_field_ties_label_hint_and_error_to_the_input():
    form = Survey({"name": "네글자름"})

    page = Elements(form["name"].as_field_group())

    entry = page.with_id("id_name")
    assert entry["aria-describedby"] == "id_name_helptext id_name_error"
    assert entry["aria-invalid"] == "true"
    assert page.tags("label")[0]["for"] == "id_name"
    assert {"id_name_helptext", "id_name_error"} <= {attrs.get("id") for _, attrs in page.found}


def test_field_without_error_is_quiet():
    html = Survey()["school"].as_field_group()

    assert "i-field--error" not in html
    assert "aria-invalid" not in html


@pytest.mark.parametrize("name", ["mode", "skills"])
def test_choices_stand_in_a_fieldset_with_labelled_inputs(name):
    form = Survey({"mode": "zzz"})

    page = Elements(form[name].as_field_group())

    assert len(page.tags("fieldset")) == 1
    assert len(page.tags("legend")) == 1
    assert [label["for"] for label in page.tags("label")] == [entry["id"] for entry in page.tags("input")]


def test_fieldset_is_described_by_hint_and_error():
    form = Survey({"mode": "zzz"})

    page = Elements(form["mode"].as_field_group())

    assert page.tags("fieldset")[0]["aria-describedby"] == "id_mode_helptext id_mode_error"


def test_whole_form_renders_every_field_once():
    page = Elements(str(Survey()))

    assert [entry["name"] for entry in page.tags("input")] == [
        "token", "name", "mode", "mode", "skills", "skills", "wage", "proof", "agree",
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "expected"), [("name", False), ("wage", True), ("skills", True)])
def test_optional_fields_say_so(name, expected):
    assert ("(선택)" in Survey()[name].as_field_group()) is expected


def test_filter_fields_are_not_marked_optional():
    class Filter(FilterForm):
        q = forms.CharField(label="검색어", required=False)
        default_renderer = FormRenderer

    assert "(선택)" not in Filter()["q"].as_field_group()


@pytest.mark.parametrize(
    ("query", "chosen"), [({}, 0), ({"q": ""}, 0), ({"q": "비전"}, 1), ({"q": "비전", "open": "on"}, 2)]
)
def test_filter_counts_what_is_set(query, chosen):
    class Filter(FilterForm):
        q = forms.CharField(required=False)
        open = forms.BooleanField(required=False)

    assert Filter(query).chosen == chosen


def test_unit_stands_beside_the_input():
    assert '<span aria-hidden="true">만원</span>' in Survey()["wage"].as_field_group()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("name", "이름을 입력해 주세요."),
        ("school", "학교를 골라 주세요."),
        ("mode", "방식을 골라 주세요."),
        ("proof", "증빙을 올려 주세요."),
        ("agree", "‘동의합니다’에 표시해 주세요."),
    ],
)
def test_missing_answer_is_asked_for_by_name(name, sentence):
    form = Survey({})

    assert said_errors(form[name]) == [sentence]
    assert sentence in form[name].as_field_group()


def test_a_required_message_of_our_own_is_kept():
    class Own(forms.Form):
        name = forms.CharField(error_messages={"required": "부르는 이름을 알려 주세요."})

    assert said_errors(Own({})["name"]) == ["부르는 이름을 알려 주세요."]


def test_error_links_lead_to_the_first_input_of_each_field():
    form = Survey({"name": "네글자름", "school": "a", "agree": "on"}, files={})
    form.add_error(None, "함께 쓸 수 없습니다.")

    links = error_links(form)

    assert links == [
        {"target": "", "text": "함께 쓸 수 없습니다."},
        {"target": "id_name", "text": said_errors(form["name"])[0]},
        {"target": "id_mode_0", "text": "방식을 골라 주세요."},
        {"target": "id_proof", "text": "증빙을 올려 주세요."},
    ]


def test_error_links_reach_into_formsets():
    rows = forms.formset_factory(Survey, extra=0, min_num=2, validate_min=True)
    bound = rows({"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-name": "가나다라"})

    links = error_links(bound)

    assert links[0]["target"] == ""
    assert links[1]["target"] == "id_form-0-name"

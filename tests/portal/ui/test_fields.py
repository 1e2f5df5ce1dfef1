import pytest
from django.apps import apps
from django.core.exceptions import ValidationError

from portal.ui.fields import one_line


@pytest.mark.parametrize(
    "name", ["김하나", "Anne-Marie O’Neill", "(주)가온·정밀 2공장", "José Ñandú", "한 번에 읽는 📈 지표"]
)
def test_a_name_is_one_line(name):
    assert one_line(name) is None


@pytest.mark.parametrize(
    "char",
    ["\n", "\r", "\t", "\x07", "\x85", "\u202e", "\u200b", "\u2066", "\ufeff", "\u2028", "\u2029", "\u00ad"],
)
def test_a_name_with_what_is_not_seen_is_refused(char):
    with pytest.raises(ValidationError):
        one_line(f"김{char}하나")


#: Every name and title that mail, lists and certificates print in the midst of a line.
NAMED = {
    "accounts.User": ["name"],
    "companies.Company": ["name", "representative"],
    "projects.Call": ["title"],
    "projects.Project": ["title"],
    "schools.Cohort": ["name", "course"],
    "schools.Graduate": ["name"],
    "schools.School": ["name"],
    "trainees.Field": ["name"],
    "trainees.Skill": ["name"],
}


@pytest.mark.parametrize(
    ("model", "field"), [(model, field) for model, names in NAMED.items() for field in names]
)
def test_every_name_asks_for_one_line(model, field):
    with pytest.raises(ValidationError, match="줄 바꿈이나 보이지 않는 글자"):
        apps.get_model(model)._meta.get_field(field).clean("김\n하나", None)

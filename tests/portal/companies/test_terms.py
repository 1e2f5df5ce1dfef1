import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.companies.terms import is_registration_no, with_check_digit


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("9990000016", True),
        ("9001100220", True),
        ("1234567891", True),
        ("0000000000", True),
        ("9990000017", False),  # check digit
        ("9010100220", False),  # two digits exchanged
        ("999000001", False),
        ("99900000161", False),
        ("999-00-00016", False),
        ("９９９０００００１６", False),  # full-width digits
        ("²001100220", False),  # isdigit() is true of a superscript
        ("99900000 6", False),
        ("abcdefghij", False),
        ("", False),
    ],
)
def test_registration_number_is_judged_by_shape_and_check_digit(number, valid):
    assert is_registration_no(number) is valid


@given(st.text("0123456789", min_size=9, max_size=9))
def test_nine_digits_have_exactly_one_check_digit(nine):
    valid = [nine + str(last) for last in range(10) if is_registration_no(nine + str(last))]

    assert valid == [with_check_digit(nine)]


@given(st.text("0123456789", min_size=9, max_size=9), st.integers(0, 9), st.integers(1, 9))
def test_every_single_wrong_digit_is_noticed(nine, place, shift):
    number = with_check_digit(nine)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]

    # 5n + 5n // 10 differs mod 10 for every n, so the ninth digit is guarded as well as the others
    assert not is_registration_no(wrong)


@pytest.mark.parametrize("nine", ["", "12345678", "1234567890", "12345678x"])
def test_check_digit_of_something_else_is_refused(nine):
    with pytest.raises(ValueError, match="nine digits"):
        with_check_digit(nine)

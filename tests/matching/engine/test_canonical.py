import math

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from matching.engine import Market
from matching.engine.canonical import canonical_json
from tests.matching.engine.markets import documents

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53) + 1, 2**53 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | TEXT | NUMBERS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)


@given(VALUES)
@example({"\ue000": 1, "\U0001f600": 2, "é": 3, "\x7f": '\x00\x1f\b\t\n\f\r"\\/€'})
def test_canonical_json_agrees_with_an_independent_writer(value):
    assert canonical_json(value) == rfc8785.dumps(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(1e21)
@example(1e-7)
@example(5e-324)
@example(-0.0)
def test_canonical_number_agrees_with_an_independent_writer(number):
    assert canonical_json(number) == rfc8785.dumps(number)


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0.0, b"0"),
        (-0.0, b"0"),
        (87.0, b"87"),
        (87.5, b"87.5"),
        (333333333.33333329, b"333333333.3333333"),
        (1e30, b"1e+30"),
        (4.50, b"4.5"),
        (2e-3, b"0.002"),
        (1e-27, b"1e-27"),
        (123456789012345680000.0, b"123456789012345680000"),
        (1.5e21, b"1.5e+21"),
        (0.000001, b"0.000001"),
        (1e-7, b"1e-7"),
    ],
)
def test_canonical_number_follows_ecmascript(number, written):
    assert canonical_json(number) == written


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 2**53, -(2**53)])
def test_canonical_json_refuses_numbers_that_a_double_cannot_carry(number):
    with pytest.raises(ValueError, match=r"finite|exactly"):
        canonical_json(number)


def test_canonical_json_refuses_a_lone_surrogate():
    with pytest.raises(UnicodeEncodeError):
        canonical_json("\ud800")


@pytest.mark.parametrize("value", [object(), {1: 2}, b"bytes".hex])
def test_canonical_json_refuses_what_json_has_no_word_for(value):
    with pytest.raises(TypeError):
        canonical_json(value)


@given(documents(minimums=True))
def test_market_canonical_agrees_with_an_independent_writer(document):
    market = Market.from_json(document)

    assert market.canonical() == rfc8785.dumps(market.to_json())

"""Canonical JSON (RFC 8785): one byte sequence per value, so that a hash means the same everywhere."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from json.encoder import encode_basestring

__all__ = ["LARGEST_INTEGER", "canonical_json", "sha256_hex"]

LARGEST_INTEGER = 2**53 - 1  # beyond it a double cannot tell neighbours apart (RFC 7493 section 2.2)


def canonical_json(value: object) -> bytes:
    """Write a value as RFC 8785 says.

    Parameters
    ----------
    value : None, bool, int, float, str, sequence or mapping with str keys
        Nested to any depth that the interpreter's stack allows.

    Returns
    -------
    bytes
        UTF-8, no white space, keys sorted by their UTF-16 code units.

    Raises
    ------
    ValueError
        If a number is not finite, an integer exceeds 2**53 - 1 in size, or a text holds a lone surrogate
        (``UnicodeEncodeError`` is a ``ValueError``).
    TypeError
        If a value has no place in JSON.

    Notes
    -----
    O(size · log(largest mapping)).

    References
    ----------
    RFC 8785, JSON Canonicalization Scheme, section 3.2.
    """
    return _written(value).encode()


def sha256_hex(value: object) -> str:
    """SHA-256 of the canonical JSON, 64 lower-case hexadecimal digits."""
    return sha256(canonical_json(value)).hexdigest()


def _written(value: object) -> str:
    kind = type(value)
    if isinstance(value, str):
        return encode_basestring(value)  # escapes what RFC 8785 section 3.2.2.2 escapes, nothing else
    if kind is dict:
        return _written_object(value)  # type: ignore[arg-type]
    if kind is list or kind is tuple:
        return _written_array(value)  # type: ignore[arg-type]
    match value:  # the rarer kinds, and whatever only behaves like one of these
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return _number(value)
        case Mapping():
            return _written_object(value)
        case Sequence():
            return _written_array(value)
    raise TypeError(f"{kind.__name__} has no place in JSON")


def _written_object(value: Mapping[str, object]) -> str:
    keys = list(value)
    if set(map(type, keys)) <= {str} and "".join(keys).isascii():
        keys.sort()  # below U+0080 the order of code units is the order of Python's texts
    else:
        keys.sort(key=_utf16)
    return "{" + ",".join([f"{encode_basestring(key)}:{_written(value[key])}" for key in keys]) + "}"


def _written_array(value: Sequence[object]) -> str:
    if set(map(type, value)) == {str}:
        return "[" + ",".join(map(encode_basestring, value)) + "]"  # type: ignore[arg-type]  # texts only
    return "[" + ",".join(map(_written, value)) + "]"


def _utf16(key: object) -> bytes:
    if not isinstance(key, str):
        raise TypeError(f"a key is a text, not {type(key).__name__}")
    return key.encode("utf-16-be")


def _number(value: int | float) -> str:
    """Number::toString of ECMAScript; Python's ``repr`` already finds the shortest digits."""
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise ValueError(f"{value} does not fit a double exactly")
        return str(int(value))
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a finite number")
    if 1e-4 <= value < 1e16 and value != int(value):
        return repr(value)  # here Python and ECMAScript write the same
    sign = "-" if value < 0 else ""
    return sign + _positive(abs(float(value)))


def _positive(value: float) -> str:
    _, figures, exponent = Decimal(repr(value)).as_tuple()
    digits = "".join(map(str, figures)).lstrip("0")
    point = len(digits) + int(exponent)  # where the decimal point stands, counted from the first digit
    digits = digits.rstrip("0")
    if not digits:
        return "0"
    if len(digits) <= point <= 21:
        return digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{point - 1:+d}"

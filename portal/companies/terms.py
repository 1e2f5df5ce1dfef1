"""The business registration number, as a pure function."""

WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)


def is_registration_no(number: str) -> bool:
    """Whether ten digits are a possible 사업자등록번호.

    Parameters
    ----------
    number : str
        Exactly ten ASCII digits, no hyphens.

    Returns
    -------
    bool
        False for another shape or a wrong check digit.

    Notes
    -----
    The check digit makes the weighted sum of the first nine digits (1 3 7 1 3 7 1 3 5), plus the tens of five
    times the ninth, plus itself a multiple of ten. O(1).
    """
    if len(number) != 10 or not (number.isascii() and number.isdigit()):
        return False
    digits = [int(digit) for digit in number]
    total = sum(weight * digit for weight, digit in zip(WEIGHTS, digits, strict=False))
    return (total + 5 * digits[8] // 10 + digits[9]) % 10 == 0


def with_check_digit(nine: str) -> str:
    """The registration number that begins with nine given digits.

    Raises
    ------
    ValueError
        If ``nine`` is not nine digits.
    """
    found = [nine + str(last) for last in range(10) if is_registration_no(nine + str(last))]
    if not found:
        raise ValueError("nine digits needed")
    return found[0]

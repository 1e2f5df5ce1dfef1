"""A code typed as the next one begins is taken; an older one is not."""

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, validate_totp_code
from django.utils import timezone

SECRET = "JBSWY3DPEHPK3PXP"


@pytest.mark.parametrize(("late", "taken"), [(0, True), (1, True), (2, False)])
def test_a_code_is_taken_for_one_step_more(late, taken):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        step = int(timezone.now().timestamp()) // 30
        code = format_hotp_value(hotp_value(SECRET, step))
        clock.shift(30 * late)

        assert validate_totp_code(SECRET, code) is taken

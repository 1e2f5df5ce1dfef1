"""Names and titles: one line of what can be seen, because mail, lists and certificates print them in the midst of a line."""

import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

#: Control characters, invisible ones (among them those that turn the direction of writing), line and paragraph ends.
UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})


def one_line(text: str) -> None:
    """Refuse what would break the line the name is put into, or show it as something else.

    Raises
    ------
    ValidationError
        If ``text`` holds such a character.
    """
    if any(unicodedata.category(char) in UNSEEN for char in text):
        raise ValidationError(
            _("줄 바꿈이나 보이지 않는 글자가 들어 있습니다. 지우고 다시 입력해 주세요."), "unseen"
        )


class NameField(models.CharField):
    """A column like any other; every form of it, the admin's too, asks for one line."""

    default_validators = [one_line]

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

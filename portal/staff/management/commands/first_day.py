"""``manage.py first_day``: what a new portal needs before anybody can work in it."""

from typing import Any

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.accounts.actions import appoint_first
from portal.accounts.models import User
from portal.trainees.actions import add_lists
from portal.trainees.words import listed_fields, listed_skills
from portal.ui.refusals import sentence
from portal.workflow import Refused


class Command(BaseCommand):
    help = "Add the fixed lists and the agency's first member, and print the link that sets their password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address of the agency's first member")
        parser.add_argument("name", help="what they are called")

    def handle(self, *, email: str, name: str, **options: Any) -> None:
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(_("이메일 주소가 아닙니다: %(email)s") % {"email": email}) from error
        added = add_lists(listed_fields(), listed_skills(), by=None)
        self.stdout.write(_("목록에 더한 분야와 기술: %(count)d개") % {"count": added})
        try:
            user = appoint_first(email, name=name)
        except Refused as refused:
            raise CommandError(sentence(refused)) from refused
        self.stdout.write(
            _("%(name)s 님이 비밀번호를 정하는 주소(한 번만 쓸 수 있음):") % {"name": user.name}
        )
        self.stdout.write(settings.SITE_URL.rstrip("/") + _password_path(user))


def _password_path(user: User) -> str:
    """The same address a forgotten password is answered with."""
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.demo.figures import Login, logins, pad
from portal.demo.office import ERRANDS, OFFICE, PASSWORD, WITH_CODE, address, totp_code


class Command(BaseCommand):
    help = "One login per kind of person; staff with their current code. --otp EMAIL prints the next code of one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--otp", metavar="EMAIL", help="only the code of this member of staff")

    def handle(self, *, otp: str | None, **options: Any) -> None:
        if not (settings.DEMO or settings.DEBUG):
            raise CommandError("시연 계정은 DEMO=1 또는 DEBUG=1일 때만 보여 줍니다.")
        if otp:
            self._code(otp)
        else:
            self._all()

    def _code(self, email: str) -> None:
        if email not in {address(who) for who in WITH_CODE}:
            raise CommandError(f"{email}: 인증 번호를 쓰는 시연 계정이 아닙니다.")
        self.stdout.write("{}  ({}초 남음)".format(*totp_code(email)))

    def _all(self) -> None:
        self.stdout.write(f"비밀번호는 모두 {PASSWORD}\n\n")
        self._line(Login("방문자", "", "로그인하지 않고 프로젝트와 안내를 봅니다"))
        for login in logins():
            self._line(login)
        for who, name, office, title in OFFICE:
            self._line(Login(str(office.label), who, f"{name} {title}. {ERRANDS[who]}"))
        self.stdout.write(
            "\n인증 번호는 30초마다 바뀝니다. 다음 번호: "
            f"DEMO=1 .venv/bin/python manage.py demo_logins --otp {address('agency1')}"
        )

    def _line(self, login: Login) -> None:
        email = login.email if "@" in login.email or not login.email else address(login.email)
        code = "인증 번호 {} ({}초 남음) · ".format(*totp_code(email)) if login.email in WITH_CODE else ""
        self.stdout.write(f"{pad(login.kind, 12)} {pad(email, 24)} {code}{login.story}")

"""``manage.py check_receipts [--call N]``: does every certified list still give its receipt, and all of them the root?"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from projects.models import Call
from projects.rankings.actions import tampered_lists
from projects.rankings.models import Sealing


class Command(BaseCommand):
    help = (
        "Work out the receipts of certified lists and the roots over them again; exit 1 if one was touched."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--call", type=int, help="only this call, by its number")

    def handle(self, *args: Any, **options: Any) -> None:
        calls = Call.objects.order_by("pk")
        if options["call"] is not None:
            calls = calls.filter(pk=options["call"])
            if not calls:
                raise CommandError(_("%(call)s번 공고가 없습니다.") % {"call": options["call"]})
        found = 0
        for call in calls:
            sealing = Sealing.objects.filter(call=call).first()
            self.stdout.write(
                f"{call.pk}  {call}  {f'{sealing.count:,}  {sealing.root}' if sealing else '-'}"
            )
            for one in tampered_lists(call):
                found += 1
                self.stderr.write(f"{WORDS[one.code]()}: {one.about}")
        if found:
            raise CommandError(_("제출한 순위표가 이음 밖에서 바뀌었습니다."))
        self.stdout.write(_("모든 순위표가 제출한 그대로입니다."))


#: What is wrong with it, by code.
WORDS = {
    "rows": lambda: _("내용이 확인값과 다름"),
    "receipt": lambda: _("확인값이 제출 때와 다름"),
    "root": lambda: _("공고의 뿌리값이 맞지 않음"),
}

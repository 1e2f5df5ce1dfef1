"""``manage.py check_history``: is every row of the append-only tables still what it was when it was chained?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from portal.audit.actions import broken_links
from portal.audit.models import ChainLink


class Command(BaseCommand):
    help = "Read the append-only tables again and compare them with their chain; exit 1 if a row was touched."

    def handle(self, *args: Any, **options: Any) -> None:
        chained = ChainLink.objects.values("table").annotate(links=Count("pk"), rows=Sum("rows"))
        for line in chained.order_by("table"):
            last = ChainLink.objects.filter(table=line["table"]).last()
            self.stdout.write(f"{line['table']}  {line['rows']:,}  {last.digest if last else ''}")
        broken = broken_links()
        for link in broken:
            self.stderr.write(_("어긋남: %(link)s번까지의 줄") % {"link": link})
        if broken:
            raise CommandError(_("기록이 이음 밖에서 바뀌었습니다."))
        self.stdout.write(_("모든 기록이 그대로입니다."))

"""``manage.py nightly``: the two night jobs for one date, here and now instead of through beat and worker."""

from collections import Counter
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from matching.actions import JOB as MATCHING
from matching.actions import run_nightly_matching
from portal.audit.models import Event
from portal.jobs.actions import NightFailed, run_night
from portal.notices.models import Notice
from projects.obligations.actions import remind_due_obligations
from projects.obligations.tasks import JOB as OBLIGATIONS

JOBS = ((MATCHING, run_nightly_matching), (OBLIGATIONS, remind_due_obligations))


def read_date(text: str) -> date:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise CommandError(_("날짜를 2026-11-22처럼 적어 주세요: %(text)s") % {"text": text})
    return day


class Command(BaseCommand):
    help = "Run the night of a date: match, then remind. Running it twice changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--on", metavar="DATE", help="the business date, today by default")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what the night would do and change nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        on = read_date(options["on"]) if options["on"] else timezone.localdate()
        if on > timezone.localdate() and not options["dry_run"]:
            raise CommandError(
                _("아직 오지 않은 밤은 실행할 수 없습니다. --dry-run으로 미리 볼 수 있습니다.")
            )
        if options["dry_run"]:
            self.stdout.write(_("%(on)s 밤에 할 일(바꾸는 것 없음)") % {"on": on})
            with transaction.atomic():  # the night itself, taken back: nothing else could say so exactly
                failed = self.run(on)
                transaction.set_rollback(True)
        else:
            self.stdout.write(_("%(on)s 밤") % {"on": on})
            failed = self.run(on)
        if failed:
            raise CommandError(
                _("끝내지 못한 작업: %(jobs)s. 다시 실행하면 남은 것만 합니다.") % {"jobs": ", ".join(failed)}
            )

    def run(self, on: date) -> list[str]:
        """Both jobs; the second is done even if the first failed. Returns the names of the failed."""
        failed = []
        for job, work in JOBS:
            events, notices = _newest(Event), _newest(Notice)
            try:
                outcome = run_night(job, on, lambda work=work: work(on))  # type: ignore[misc]
            except NightFailed as error:
                failed.append(job)
                self.stdout.write(f"  {job}: {error}")
                outcome = {}
            if outcome is None:
                self.stdout.write(f"  {job}: " + _("이미 끝났습니다. 할 일이 없습니다."))
            else:
                self.stdout.write(f"  {job}")
            self._tell(events, notices)
        return failed

    def _tell(self, after_event: int, after_notice: int) -> None:
        """What was written since: moves by verb and object, messages by kind and stage."""
        moves = (
            Event.objects.filter(pk__gt=after_event).order_by("pk").values_list("verb", "label", "object_id")
        )
        found: dict[tuple[str, str], list[str]] = {}
        for verb, label, key in moves:
            found.setdefault((verb, label), []).append(key)
        for (verb, label), keys in found.items():
            shown = ", ".join(keys[:10]) + (" …" if len(keys) > 10 else "")
            self.stdout.write(f"    {verb} {len(keys)} ({label}: {shown})")
        owed = (
            Notice.objects.filter(pk__gt=after_notice)
            .order_by("pk")
            .values_list("kind", "params__stage", "params__days_left")
        )
        for (kind, stage), count in Counter(
            (kind, _stage(stage, left)) for kind, stage, left in owed
        ).items():
            self.stdout.write(
                "    "
                + _("알림 %(kind)s%(stage)s: %(count)d건") % {"kind": kind, "stage": stage, "count": count}
            )


def _stage(stage: int | None, days_left: int | None) -> str:
    """The stage of a reminder in days from the due date."""
    if stage is None and days_left is None:
        return ""
    return f" {stage if stage is not None else -(days_left or 0):+d}"


def _newest(model: type[Event] | type[Notice]) -> int:
    return model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0

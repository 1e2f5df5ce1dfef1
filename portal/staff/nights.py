"""How last night went: a job that did not run must be louder than one that failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_time
from django.utils.translation import gettext as _

from matching.actions import JOB as MATCHING
from portal.jobs import terms
from portal.jobs.actions import nights_due
from portal.jobs.admin import job_words
from portal.jobs.models import NightRun
from portal.ui.admin import list_url
from portal.ui.korean import kdate
from projects.obligations.tasks import JOB as OBLIGATIONS

#: The clock looks every hour for nights not done: one that has not begun by then will not begin by itself.
GRACE = timedelta(minutes=70)
#: A night that ends so long after its time was made up for, not on time.
LATE = timedelta(hours=2)

JOBS = ((MATCHING, "NIGHTLY_MATCHING_AT"), (OBLIGATIONS, "OBLIGATION_REMINDERS_AT"))


@dataclass(frozen=True)
class Verdict:
    """In a word; and, if somebody has to act, loudly what is wrong and what to do."""

    tone: str
    words: str
    loud: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Health:
    """One job's newest night that should have begun, and the older ones still owed."""

    name: str
    on: date
    url: str
    verdict: Verdict
    finished_at: datetime | None
    owed: Sequence[date]


def last_nights(now: datetime) -> list[Health]:
    return [_health(job, job_words(job), getattr(settings, at), timezone.localtime(now)) for job, at in JOBS]


def alarms(nights: Sequence[Health]) -> list[dict[str, str]]:
    """What is wrong, once however many jobs it struck."""
    found: dict[str, list[Health]] = {}
    for night in nights:
        if night.verdict.loud:
            found.setdefault(night.verdict.hint, []).append(night)
    return [
        {"title": " · ".join(night.verdict.loud for night in struck), "hint": hint, "url": struck[0].url}
        for hint, struck in found.items()
    ]


def _health(job: str, name: str, at: str, now: datetime) -> Health:
    moment = parse_time(at)
    assert moment is not None  # noqa: S101 -- settings are wrong, not data
    on = terms.last_night(now, moment)
    runs = list(NightRun.objects.filter(job=job, on=on).order_by("about"))
    whole = next((run for run in runs if run.about == ""), None)
    began_at = timezone.make_aware(datetime.combine(on, moment))
    return Health(
        name=name,
        on=on,
        url=reverse("admin:jobs_nightrun_change", args=[whole.pk]) if whole else list_url(NightRun, job=job),
        verdict=_verdict(whole, runs, began_at, now, {"name": name, "on": kdate(on)}),
        finished_at=whole.finished_at if whole else None,
        owed=[day for day in nights_due(job, moment) if day != on],
    )


def _verdict(
    whole: NightRun | None,
    runs: Sequence[NightRun],
    began_at: datetime,
    now: datetime,
    words: dict[str, str],
) -> Verdict:
    if whole is None and now < began_at + GRACE:
        return Verdict("neutral", _("곧 시작"))
    if whole is None:
        return Verdict(
            "danger",
            _("돌지 않음"),
            _("%(on)s 밤 %(name)s 작업이 돌지 않았습니다") % words,
            _(
                "예약 작업(beat)과 작업자(worker)가 떠 있는지 확인해 주세요. 다시 뜨면 밀린 밤을 오래된 것부터 스스로 합니다."
            ),
        )
    if whole.finished_at:
        late = whole.finished_at > began_at + LATE
        return Verdict("warn", _("늦게 끝남")) if late else Verdict("good", _("정상"))
    errors = [run.error for run in runs if run.error and not run.finished_at]
    if errors:
        return Verdict(
            "danger", _("실패"), _("%(on)s 밤 %(name)s 작업이 실패했습니다") % words, errors[0][:300]
        )
    if whole.locked_until is None or whole.locked_until < now:
        return Verdict(
            "danger",
            _("멈춤"),
            _("%(on)s 밤 %(name)s 작업이 하다가 멈추었습니다") % words,
            _("작업자(worker)가 죽은 것으로 보입니다. 다음 정시에 다시 시작합니다."),
        )
    return Verdict("info", _("진행 중"))

"""The two night jobs through a real beat and a real worker, as they run in production."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from matching.models import MatchRun
from portal.audit.models import Event
from portal.jobs.models import NightRun
from portal.notices.models import Notice
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    CompanyMemberFactory,
    HiringObligationFactory,
    ProjectFactory,
    StaffFactory,
    certified_wishes,
    days,
)
from tests.settings import WORKER

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
MATCHING, REMINDERS = "matching.run_nightly_matching", "obligations.remind_due_obligations"
PATIENCE = 60


def broker_url():
    """A database of the shared Valkey that no other test process uses."""
    base, separator = (
        (settings.REDIS_URL.partition("?")[0], "?db=")
        if "?db=" in settings.REDIS_URL
        else (settings.REDIS_URL.rpartition("/")[0], "/")
    )
    return f"{base}{separator}{WORKER % 5 + 6}"


def database_url():
    base, _, query = os.environ["DATABASE_URL"].partition("?")
    return base.rsplit("/", 1)[0] + "/" + connection.settings_dict["NAME"] + (f"?{query}" if query else "")


@contextmanager
def celery(*arguments, **environment):
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DEMO": "1",
        "DATABASE_URL": database_url(),
        "REDIS_URL": broker_url(),
        "NIGHTLY_MATCHING_AT": "00:00",
        "OBLIGATION_REMINDERS_AT": "00:00",
        "NIGHT_TICK_SECONDS": "1",
        **environment,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "portal", *arguments],
        env=env, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def clock_running(tmp_path, workers=1, **environment):
    with ExitStack() as stack:
        for number in range(workers):
            stack.enter_context(
                celery(
                    "worker",
                    "-c",
                    "1",
                    "-n",
                    f"w{number}-{os.getpid()}@%h",
                    "-l",
                    "ERROR",
                    "--without-gossip",
                    "--without-mingle",
                    **environment,
                )
            )
        stack.enter_context(
            celery("beat", "-l", "ERROR", "-s", str(tmp_path / "beat"), "--pidfile=", **environment)
        )
        yield


def until(happened):
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, (
            f"waited {PATIENCE} s: {list(NightRun.objects.values('job', 'on', 'about', 'error'))}"
        )
        time.sleep(0.2)


def night_is_done(on):
    return (
        NightRun.objects.filter(
            job__in=[MATCHING, REMINDERS], about="", on=on, finished_at__isnull=False
        ).count()
        == 2
    )


def counts():
    return {model.__name__: model.objects.count() for model in (NightRun, MatchRun, Notice, Event)}


@pytest.fixture
def programme(transactional_db):
    """A sealed call that waits for its match, and a hire due in thirty days."""
    StaffFactory(office="operator")
    call = CallFactory(sealed=True)
    project = ProjectFactory(call=call, places=1)
    for _ in range(2):
        certified_wishes(ApplicationFactory(call=call), project, state="sealed")
    obligation = HiringObligationFactory(due_on=timezone.localdate() + days(30))
    owner = CompanyMemberFactory(company=obligation.company).user
    return {"call": call, "owner": owner, "obligation": obligation}


def test_beat_and_worker_do_the_night_once(programme, tmp_path):
    today = timezone.localdate()

    with clock_running(tmp_path, workers=2):
        until(lambda: night_is_done(today))
        until(lambda: not Notice.objects.filter(state="owed", leaves_at__lte=timezone.now()).exists())
        before = counts()
        time.sleep(4)  # several more ticks

    assert counts() == before
    run = MatchRun.objects.get(call=programme["call"])
    assert (run.kind, run.state, run.figures["size"]) == ("final", "verified", 1)
    reminders = Notice.objects.filter(kind="obligation_due")
    assert [
        (notice.recipient, notice.params["stage"])
        for notice in reminders.filter(recipient=programme["owner"])
    ] == [(programme["owner"], -30)]


def test_three_missed_nights_send_one_reminder(programme, tmp_path):
    today = timezone.localdate()
    # the reminder of thirty days was reached the night before last; the last night that ran is four days ago
    programme["obligation"].due_on = today + days(28)
    programme["obligation"].save()
    for job in (MATCHING, REMINDERS):
        NightRun.objects.create(job=job, on=today - dt.timedelta(days=4), finished_at=timezone.now())

    with clock_running(tmp_path, NIGHT_TICK_SECONDS="3600"):  # beat's start is enough
        until(lambda: night_is_done(today))

    nights = NightRun.objects.filter(job=REMINDERS, about="").order_by("pk").values_list("on", flat=True)
    assert list(nights) == [today - days(back) for back in (4, 3, 2, 1, 0)]
    assert Notice.objects.filter(kind="obligation_due", recipient=programme["owner"]).count() == 1

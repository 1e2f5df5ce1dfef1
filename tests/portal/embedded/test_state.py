import os
from pathlib import Path

import pytest

from portal.embedded import account as accounts
from portal.embedded import state as states
from portal.embedded.account import Account, service_account
from portal.embedded.problem import SetupError
from portal.embedded.state import InUseError, State, borrow_environment, checkout_state


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State(tmp_path / "data", service_account())
    state.prepare()
    return state


def test_lock_is_refused_while_its_holder_lives(state: State):
    with state.lock("make demo"), pytest.raises(InUseError, match=rf"make demo \(process {os.getpid()}\)"):
        state.lock("another")


def test_lock_is_free_after_its_holder(state: State):
    state.lock("first").close()

    with state.lock("second"):
        pass


def test_lock_waits_for_the_keeper_of_a_killed_supervisor(state: State, monkeypatch: pytest.MonkeyPatch):
    file = state.lock("make demo")
    state.mark_as_ending()
    monkeypatch.setattr(states.time, "sleep", lambda seconds: file.close())  # the keeper finishes

    with state.lock("make demo"):
        pass


def test_published_addresses_are_found_until_withdrawn(state: State):
    state.publish({"DATABASE_URL": "postgres://here"})

    found = state.published()
    state.withdraw()

    assert found == {"DATABASE_URL": "postgres://here"}
    assert state.published() is None


def test_addresses_of_a_dead_process_are_not_believed(state: State, monkeypatch: pytest.MonkeyPatch):
    state.publish({"DATABASE_URL": "postgres://gone"})
    monkeypatch.setattr(states, "is_alive", lambda pid: False)

    assert state.published() is None


def test_published_addresses_are_for_their_owner_only(state: State):
    state.publish({"DATABASE_URL": "postgres://user:password@db.example/x"})

    assert (state.home / "running.json").stat().st_mode & 0o777 == 0o600


def test_forgetting_drops_the_data_but_not_the_lock(state: State):
    for kept in (state.postgres, state.valkey, state.media, state.logs):
        kept.mkdir(exist_ok=True)
        (kept / "content").touch()
    state.schedule.touch()

    with state.lock("make demo"):
        state.forget()

    assert sorted(path.name for path in state.home.rglob("*")) == ["lock", "logs", "media"]


def test_borrowed_environment_is_that_of_the_running_services(state: State, monkeypatch: pytest.MonkeyPatch):
    for name in ("DATABASE_URL", "REDIS_URL", "DEMO"):
        monkeypatch.setenv(name, "x")  # so that it is put back afterwards
        monkeypatch.delenv(name)
    monkeypatch.setenv("IEUM_DATA", str(state.home))
    state.publish({"DATABASE_URL": "postgres://here", "REDIS_URL": "unix://here"})

    borrow_environment()

    assert [os.environ[name] for name in ("DATABASE_URL", "REDIS_URL", "DEMO")] == [
        "postgres://here",
        "unix://here",
        "1",
    ]


def test_configured_machine_borrows_nothing(state: State, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://db.example/x")
    monkeypatch.delenv("DEMO", raising=False)
    monkeypatch.setenv("IEUM_DATA", str(state.home))
    state.publish({"DATABASE_URL": "postgres://here"})

    borrow_environment()

    assert os.environ["DATABASE_URL"] == "postgres://db.example/x"
    assert "DEMO" not in os.environ


def test_data_stands_in_the_checkout_or_where_the_servers_can_reach_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("IEUM_DATA", raising=False)

    monkeypatch.setattr(Account, "can_enter", lambda self, folder: True)
    inside = checkout_state().home
    monkeypatch.setattr(Account, "can_enter", lambda self, folder: False)
    outside = checkout_state().home

    assert inside == states.CHECKOUT / ".data"
    assert outside.parent == accounts.SYSTEM_HOME


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folder_of_another_account_is_refused_with_a_way_out(tmp_path: Path):
    tmp_path.chmod(0o500)

    with pytest.raises(SetupError, match="name another one in IEUM_DATA"):
        State(tmp_path / "data", service_account()).prepare()

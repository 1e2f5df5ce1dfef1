import pytest


def test_healthz_asks_nobody(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok")


def test_readyz_is_ready_when_database_and_cache_are(client, db):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"database": True, "cache": True})


@pytest.mark.parametrize("broken", ["_database", "_cache"])
def test_readyz_says_what_is_broken(client, db, monkeypatch, broken):
    monkeypatch.setattr(f"portal.health.{broken}", lambda: 1 / 0)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()[broken.strip("_")] is False

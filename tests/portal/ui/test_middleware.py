import pytest
from django.core.cache import caches
from redis.exceptions import ConnectionError  # noqa: A004


@pytest.fixture
def dead_cache(settings, tmp_path):
    settings.CACHES = {
        "default": settings.CACHES["default"] | {"LOCATION": f"unix://{tmp_path}/nothing.sock?db=0"}
    }
    with pytest.raises(ConnectionError):
        caches["default"].get("anything")


def test_a_page_needs_no_cache(client, db, dead_cache):
    assert client.get("/accounts/login/").status_code == 200


def test_what_needs_the_cache_while_it_is_away_is_503(client, db, dead_cache):
    answer = client.post("/accounts/login/", {"login": "a@example.com", "password": "wrong"})

    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "조금 뒤에 다시 열어 주세요" in answer.text


def test_a_part_that_needs_the_cache_while_it_is_away_says_one_sentence(client, db, dead_cache):
    answer = client.post("/accounts/login/", {"login": "a@example.com"}, headers={"hx-request": "true"})

    assert answer.status_code == 503
    assert answer.text == "지금은 처리하지 못했습니다. 조금 뒤에 다시 시도해 주세요."

"""Fixtures every test may ask for. Real PostgreSQL and Valkey; no other network."""

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import override_settings

from tests.factories import CompanyMemberFactory, StaffFactory, TraineeFactory
from tests.visiting import open_doors
from tests.world import World, build


@pytest.fixture(autouse=True)
def _fresh_cache(request):
    """Rate limits and cached texts of one test never reach the next."""
    if "django_db_setup" in request.fixturenames or "db" in request.fixturenames:
        cache.clear()


@pytest.fixture(autouse=True)
def _private_uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def operator(db):
    return StaffFactory(office="operator").user


@pytest.fixture
def agency(db):
    return StaffFactory(office="agency").user


@pytest.fixture
def second_agency(db):
    return StaffFactory(office="agency").user


@pytest.fixture
def trainee(db):
    return TraineeFactory()


@pytest.fixture
def owner(db):
    """The owner of a verified company."""
    return CompanyMemberFactory().user


@pytest.fixture
def log_in(client):
    """``log_in(user)``: sign in as the pages see it; staff with their second factor passed."""

    def log_in(user):
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        if user.is_staff:
            session = client.session
            session["staff_mfa"] = True
            session.save()
        return client

    return log_in


@pytest.fixture(scope="module")
def _built_world(django_db_setup, django_db_blocker, tmp_path_factory):
    media = tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=media), transaction.atomic():
        world = build()
        open_doors(world)
        yield world, media
        transaction.set_rollback(True)


@pytest.fixture
def world(_built_world, db, _private_uploads, settings) -> World:
    """The small world of :mod:`tests.world`, built once for a file; what a test does to it is undone."""
    world, settings.MEDIA_ROOT = _built_world
    return world

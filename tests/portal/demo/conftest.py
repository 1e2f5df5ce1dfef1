import pytest
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from portal.demo.seed import Size, analyze, seed

SMALL = Size(trainees=60, companies=6, projects=9)


@pytest.fixture(scope="module")
def seeded(django_db_setup, django_db_blocker, tmp_path_factory):
    """``with seeded(stage): …``: a small demo that is gone afterwards."""

    class Seeded:
        def __init__(self, stage, number=1, size=SMALL):
            self.stage, self.number, self.size = stage, number, size
            self.media = tmp_path_factory.mktemp("media")

        def __enter__(self):
            self._blocker = django_db_blocker.unblock()
            self._blocker.__enter__()
            self._atomic = transaction.atomic()
            self._atomic.__enter__()
            with override_settings(MEDIA_ROOT=self.media):
                seed(self.stage, self.size, self.number, timezone.localdate())
            analyze()
            return self

        def __exit__(self, *error):
            transaction.set_rollback(True)
            self._atomic.__exit__(*error)
            self._blocker.__exit__(*error)

    return Seeded

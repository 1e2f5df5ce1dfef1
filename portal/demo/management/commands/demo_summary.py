from typing import Any

from django.core.management.base import BaseCommand

from portal.demo.figures import summary
from portal.demo.seed import is_seeded


class Command(BaseCommand):
    help = "One screen: people, applications, match figures, obligations, messages."

    def handle(self, **options: Any) -> None:
        if not is_seeded():
            self.stdout.write("아직 시연 자료가 없습니다. manage.py seed")
            return
        for line in summary():
            self.stdout.write(line)

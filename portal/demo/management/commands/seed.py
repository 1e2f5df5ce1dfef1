import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from portal.demo.seed import STAGES, Size, analyze, is_seeded
from portal.demo.seed import seed as fill

#: A part that takes so many seconds is told by itself.
SLOW = 5


class Command(BaseCommand):
    help = "Fills an empty portal with the demo: made-up people and companies, dates relative to today."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--stage", choices=STAGES, default="matching", help="how far this year's call has come"
        )
        parser.add_argument("--trainees", type=int, default=Size.trainees, help="graduates of this year")
        parser.add_argument(
            "--companies", type=int, default=Size.companies, help="companies of this year's call"
        )
        parser.add_argument(
            "--projects", type=int, default=Size.projects, help="projects of this year's call"
        )
        parser.add_argument("--seed", type=int, default=1, help="the same number gives the same demo")

    def handle(
        self, *, stage: str, trainees: int, companies: int, projects: int, seed: int, **options: Any
    ) -> None:
        if not (settings.DEMO or settings.DEBUG):
            raise CommandError("시연 자료는 DEMO=1 또는 DEBUG=1일 때만 만듭니다.")
        if is_seeded():
            self.stdout.write("이미 있습니다. 아무것도 바꾸지 않았습니다.")
            return
        size = self._size(trainees, companies, projects)
        began = time.monotonic()
        fill(stage, size, seed, timezone.localdate(), self._tell)
        filled = time.monotonic()
        analyze()
        self._tell("통계", time.monotonic() - filled)
        self.stdout.write(
            f"수료생 {trainees:,}명, 기업 {companies:,}곳, 과제 {projects:,}건을 만들었습니다"
            f"({stage} 단계, {time.monotonic() - began:.1f}초)."
        )

    def _tell(self, part: str, seconds: float) -> None:
        """A load of minutes shows that it goes on; a small one is over before it would."""
        if seconds >= SLOW:
            self.stdout.write(f"  {part} {seconds:.1f}초")
            self.stdout.flush()

    def _size(self, trainees: int, companies: int, projects: int) -> Size:
        if trainees < 40 or companies < 5 or projects < companies + 3:
            raise CommandError("수료생은 40명, 기업은 5곳부터이고 과제는 기업 수보다 3건 이상 많아야 합니다.")
        return Size(trainees, companies, projects)

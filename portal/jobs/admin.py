from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.jobs.models import NightRun
from portal.ui.admin import WorkAdmin
from portal.ui.templatetags.components import value_badge

#: The two jobs by name; whoever adds a third adds a line.
JOB_NAMES: Mapping[str, Any] = {
    "matching.run_nightly_matching": gettext_lazy("매칭"),
    "obligations.remind_due_obligations": gettext_lazy("채용 기한 알림"),
}
#: The steps of a night, as its outcome counts them.
STEP_NAMES: Mapping[str, Any] = {
    "closed": gettext_lazy("모집을 마감한 공고"),
    "sealed": gettext_lazy("마감한 순위"),
    "reminded_to_answer": gettext_lazy("응답을 재촉한 사람"),
    "expired": gettext_lazy("기한이 지난 배치 제안"),
    "called_from_reserve": gettext_lazy("예비순번에서 부른 사람"),
    "calls_started": gettext_lazy("시작한 공고"),
    "started": gettext_lazy("시작한 배치"),
    "finished": gettext_lazy("종료한 공고"),
    "matched": gettext_lazy("계산한 매칭"),
    "fits": gettext_lazy("고친 적합도"),
    "owed": gettext_lazy("새 채용의무"),
    "overdue": gettext_lazy("기한이 지난 채용의무"),
    "reminded": gettext_lazy("만든 기한 알림"),
    "astray": gettext_lazy("맞지 않는 채용의무"),
}
#: The parts a night has for itself and for each call.
PART_NAMES: Mapping[str, Any] = {
    "advance": gettext_lazy("단계 진행"),
    "match": gettext_lazy("매칭"),
    "remind": gettext_lazy("순위 제출 알림"),
    "fit": gettext_lazy("적합도"),
}


def part_words(about: str) -> str:
    """``match:3`` → 매칭(공고 3); the night as a whole is about nothing in particular."""
    name, _colon, call = about.partition(":")
    words = str(PART_NAMES.get(name, name))
    return _("%(part)s(공고 %(call)s)") % {"part": words, "call": call} if call else words


def job_words(job: str) -> str:
    """A job of an older version is told by its name."""
    return str(JOB_NAMES.get(job, job))


class JobFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("작업"), "job"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(JOB_NAMES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[NightRun]) -> QuerySet[NightRun]:
        return queryset.filter(job=self.value()) if self.value() else queryset


class EndFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("상태"), "end"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("done", _("끝남")),
            ("failed", _("실패, 다시 시도 예정")),
            ("running", _("진행 중")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[NightRun]) -> QuerySet[NightRun]:
        match self.value():
            case "done":
                return queryset.exclude(finished_at=None)
            case "failed":
                return queryset.filter(finished_at=None).exclude(error="")
            case "running":
                return queryset.filter(finished_at=None, error="")
        return queryset


@admin.register(NightRun)
class NightRunAdmin(WorkAdmin):
    list_display = ["on", "job_shown", "part_shown", "how_it_went", "started_at", "finished_at", "attempts"]
    list_display_links = ["job_shown"]
    list_filter = [EndFilter, JobFilter, ("on", admin.DateFieldListFilter)]
    fields = [
        "job_shown",
        "on",
        "part_shown",
        "how_it_went",
        "started_at",
        "finished_at",
        "attempts",
        "outcome_shown",
        "error",
    ]

    @admin.display(description=gettext_lazy("작업"), ordering="job")
    def job_shown(self, run: NightRun) -> str:
        return job_words(run.job)

    @admin.display(description=gettext_lazy("대상"), ordering="about")
    def part_shown(self, run: NightRun) -> str:
        return part_words(run.about) or _("전체")

    @admin.display(description=gettext_lazy("상태"), ordering="finished_at")
    def how_it_went(self, run: NightRun) -> str:
        return night_badge(run)

    @admin.display(description=gettext_lazy("한 일"))
    def outcome_shown(self, run: NightRun) -> str:
        return format_html_join("", "<div>{}: {}</div>", _lines(run.outcome)) or "-"

    def work_context(self, request: HttpRequest, obj: NightRun) -> dict[str, Any]:
        return {"title": f"{job_words(obj.job)} {obj.on}"}


def _lines(outcome: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """What was done, step by step; the whole night holds what its parts did."""
    found: list[tuple[str, Any]] = []
    for step, value in outcome.items():
        if isinstance(value, dict):
            found += _lines(value, f"{part_words(step)} · ")
        elif value:
            found.append((before + str(STEP_NAMES.get(step, step)), value))
    return found


def night_badge(run: NightRun) -> str:
    """Done, failed and waiting for its next try, or under way."""
    if run.finished_at:
        return value_badge("done", _("끝남"))
    if run.error:
        return value_badge("failed", _("실패, 다시 시도 예정"))
    return value_badge("running", _("진행 중"))

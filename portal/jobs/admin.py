from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.jobs.models import NightRun
from portal.ui.admin import WorkAdmin, day_column, moment_column
from portal.ui.templatetags.components import value_badge


@admin.register(NightRun)
class NightRunAdmin(WorkAdmin):
    list_display = [
        day_column("on", gettext_lazy("기준일")),
        "job",
        "about",
        "how_it_went",
        moment_column("started_at", gettext_lazy("시작")),
        moment_column("finished_at", gettext_lazy("끝")),
        "attempts",
    ]
    list_display_links = ["job"]
    list_filter = ["job", ("on", admin.DateFieldListFilter)]
    fields = [
        "job",
        "on",
        "about",
        "how_it_went",
        "started_at",
        "finished_at",
        "attempts",
        "outcome",
        "error",
    ]

    @admin.display(description=gettext_lazy("상태"), ordering="finished_at")
    def how_it_went(self, run: NightRun) -> str:
        return night_badge(run)


def night_badge(run: NightRun) -> str:
    """Done, failed and waiting for its next try, or under way."""
    if run.finished_at:
        return value_badge("done", _("끝남"))
    if run.error:
        return value_badge("failed", _("실패, 다시 시도 예정"))
    return value_badge("running", _("진행 중"))

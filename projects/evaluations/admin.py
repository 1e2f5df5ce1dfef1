from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from portal.audit.admin import PersonalAdmin
from portal.ui.admin import Verb, asks, day_column, moment_column, reason_field
from portal.ui.korean import points
from portal.ui.templatetags.components import badge
from projects.evaluations.actions import lock_evaluation, return_evaluation
from projects.evaluations.models import Evaluation
from projects.evaluations.states import EVALUATION


def _lock_consequences(evaluation: Evaluation) -> list[str]:
    days = evaluation.placement.call.rule_set.appeal_days
    return [
        _("점수 %(score)s점이 확정되고, 그 뒤에는 아무도 고칠 수 없습니다.")
        % {"score": points(evaluation.score)},
        _("%(days)d일의 이의신청 기간이 시작되고 참여자에게 알림이 갑니다.") % {"days": days},
        _("우수 기준 %(threshold)s점 이상이므로, 이의신청 기간이 지난 밤에 회사의 채용의무가 생깁니다.")
        % {"threshold": points(evaluation.placement.threshold)}
        if evaluation.is_excellent
        else _("우수 기준 %(threshold)s점보다 낮아 채용의무는 생기지 않습니다.")
        % {"threshold": points(evaluation.placement.threshold)},
    ]


@admin.register(Evaluation)
class EvaluationAdmin(PersonalAdmin):
    workflow = EVALUATION
    verbs = [
        Verb(
            "lock_evaluation",
            pgettext_lazy("verb", "확정"),
            lock_evaluation,
            gettext_lazy("평가를 확정합니다. 자신이 쓴 평가나 자신의 회사에 관한 평가는 확정할 수 없습니다."),
            consequences=_lock_consequences,
            done=gettext_lazy("평가를 확정했습니다."),
        ),
        Verb(
            "return_evaluation",
            gettext_lazy("다시 쓰게 하기"),
            return_evaluation,
            gettext_lazy("회사가 고쳐서 다시 낼 수 있게 되돌립니다. 이유를 회사에 알립니다."),
            form=asks(reason=reason_field(gettext_lazy("고칠 것"))),
            done=gettext_lazy("되돌렸습니다."),
        ),
    ]
    list_display = [
        "placement",
        "score",
        "threshold_shown",
        "excellent_shown",
        "state_shown",
        "rater",
        moment_column("submitted_at", gettext_lazy("제출 시각")),
        day_column("appeal_until", gettext_lazy("이의신청 기한")),
    ]
    list_select_related = [
        "placement__trainee__user",
        "placement__project",
        "placement__call__rule_set",
        "rater",
    ]
    list_filter = ["state", "placement__call"]
    search_fields = [
        "placement__trainee__user__name",
        "placement__trainee__user__email",
        "placement__project__title",
        "placement__company__name",
    ]
    search_help_text = gettext_lazy("참여자 이름이나 이메일, 과제, 회사")
    fields = [
        "placement",
        "rater",
        "score",
        "threshold_shown",
        "excellent_shown",
        "comment",
        "submitted_at",
        "locked_at",
        "locked_by",
        "appeal_until",
    ]

    def subjects_of(self, rows: Iterable[Evaluation]) -> Iterable[Any]:
        return [row.placement.trainee.user for row in rows]

    @admin.display(description=gettext_lazy("우수 기준"), ordering="placement__threshold")
    def threshold_shown(self, evaluation: Evaluation) -> str:
        return points(evaluation.placement.threshold) or "-"

    @admin.display(description=gettext_lazy("우수"))
    def excellent_shown(self, evaluation: Evaluation) -> str:
        return badge(_("우수"), "good", "star") if evaluation.is_excellent else "-"

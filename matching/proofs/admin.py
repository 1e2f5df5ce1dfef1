from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matching.models import MatchRun
from matching.proofs.actions import name_auditor, revoke_auditor
from matching.proofs.models import Auditor
from matching.proofs.states import AUDITOR
from matching.states import RunState
from portal.ui.admin import Verb, WorkAdmin, asks, day_column, day_field, moment_column, reason_field
from projects.models import Call


class NameForm(forms.Form):
    call = forms.ModelChoiceField(Call.objects.none(), label=gettext_lazy("모집 공고"), empty_label=None)
    email = forms.EmailField(
        label=gettext_lazy("감사인의 이메일"),
        help_text=gettext_lazy(
            "이음에 가입한 사람. 이 공고의 참여자, 참여기업, 진흥원과 운영사 사람은 될 수 없습니다."
        ),
    )
    until = day_field(gettext_lazy("기한"))
    reason = reason_field(gettext_lazy("지정 사유"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        published = MatchRun.objects.filter(state=RunState.PUBLISHED).values("call")
        self.fields["call"].queryset = Call.objects.filter(pk__in=published)  # type: ignore[attr-defined]
        if not published:
            self.fields["call"].help_text = _("결과가 발표된 공고가 없습니다.")


@admin.register(Auditor)
class AuditorAdmin(WorkAdmin):
    """Who from outside may re-prove a published result on the whole pseudonymised market."""

    workflow = AUDITOR
    conflicts = {
        "auditor_once": gettext_lazy(
            "이미 이 공고의 감사인입니다. 기한을 바꾸려면 먼저 지정을 취소해 주세요."
        )
    }
    verbs = [
        Verb(
            "name_auditor",
            gettext_lazy("감사인 지정"),
            name_auditor,
            gettext_lazy(
                "가명으로 된 매칭 입력 전체와 결과를 내려받아 이음 밖에서 다시 증명할 사람을 지정합니다. 모두의 순위가 들어 있으니 믿을 수 있는 바깥 사람에게만 맡기세요. 내려받을 때마다 열람 기록이 남습니다."
            ),
            form=NameForm,
            done=gettext_lazy("감사인을 지정하고 알렸습니다."),
            of_list=True,
        ),
        Verb(
            "revoke_auditor",
            gettext_lazy("지정 취소"),
            revoke_auditor,
            gettext_lazy("지금부터 아무것도 내려받을 수 없습니다. 이미 내려받은 것은 거둘 수 없습니다."),
            form=asks(reason=reason_field()),
            done=gettext_lazy("지정을 취소했습니다."),
            danger=True,
        ),
    ]
    list_display = [
        "user",
        "call",
        "state_shown",
        day_column("until", gettext_lazy("기한")),
        "named_by",
        moment_column("named_at", gettext_lazy("지정 시각")),
    ]
    list_select_related = ["user", "call", "named_by"]
    list_filter = ["state", "call"]
    search_fields = ["user__name", "user__email"]
    fields = ["user", "call", "until", "reason", "named_by", "named_at", "revoked_at"]

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, F, Prefetch, QuerySet, Sum
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from portal.ui.admin import (
    Table,
    Verb,
    WorkAdmin,
    asks,
    day_column,
    day_field,
    link,
    list_url,
    moment_column,
    moment_field,
    reason_field,
    titled,
)
from portal.ui.fields import one_line
from portal.ui.korean import kdate, kdatetime
from portal.ui.templatetags.components import state_badge
from projects.actions import (
    add_call,
    add_rule_set,
    archive_call,
    change_call,
    change_rule_set,
    confirm_draw_value,
    enter_draw_value,
    extend_deadline,
    finish_call,
    name_draw_source,
    open_call,
    postpone_results,
    reject_draw_value,
    reject_project,
    reserve_project,
    return_project,
    revise_rule_set,
    select_project,
    set_company_cap,
    withdraw_project,
)
from projects.models import (
    Call,
    Deadline,
    Draw,
    DrawSource,
    Participation,
    Project,
    ProjectMentor,
    ProjectSkill,
    RuleSet,
)
from projects.states import (
    BEFORE_RESULTS,
    CALL,
    DRAW,
    FILLING,
    PROJECT,
    UNSEALED,
    CallState,
    DeadlineKind,
    ProjectState,
)
from projects.words import pledge_fact

# --- rule sets ----------------------------------------------------------------------------------------


def _rules() -> dict[str, str]:
    """What a rule is called -> its field; everything a clause can stand behind."""
    beside = ("id", "name", "version", "frozen_at", "clauses")
    fields = (field for field in RuleSet._meta.concrete_fields if field.name not in beside)
    return {str(field.verbose_name): field.name for field in fields}


class RuleSetForm(forms.ModelForm):
    #: One line per rule, because people copy them out of the call: "채용 기한: 공고 제5조".
    clauses = forms.CharField(
        label=gettext_lazy("근거 조항"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy(
            "한 줄에 하나씩, 이 화면의 기준 이름과 조항을 적습니다. 예: 우수 기준 점수: 공고 제12조 2항"
        ),
    )

    class Meta:
        model = RuleSet
        exclude = ["version", "frozen_at"]  # noqa: DJ006 -- every number of the programme is typed here

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = self.instance.clauses or {}
        self.initial["clauses"] = "\n".join(
            f"{label}: {kept[name]}" for label, name in _rules().items() if name in kept
        )

    def clean_fit_weights(self) -> dict[str, int]:
        weights = self.cleaned_data["fit_weights"] or {}
        whole = isinstance(weights, dict) and all(
            type(points) is int and points >= 0 for points in weights.values()
        )
        if not whole or (weights and not any(weights.values())):
            raise forms.ValidationError(
                _(
                    '이름과 0 이상의 정수로 적어 주세요. 모두 0일 수는 없습니다. 예: {"required": 45, "preferred": 15}'
                )
            )
        return weights

    def clean_clauses(self) -> dict[str, str]:
        rules, clauses = _rules(), {}
        for line in filter(None, map(str.strip, self.cleaned_data["clauses"].splitlines())):
            label, _colon, text = (part.strip() for part in line.partition(":"))
            if label not in rules or not text:
                raise forms.ValidationError(
                    _("‘%(line)s’: 이 화면의 기준 이름, 쌍점(:), 조항의 차례로 적어 주세요.") % {"line": line}
                )
            clauses[rules[label]] = text
        return clauses


@admin.register(RuleSet)
class RuleSetAdmin(WorkAdmin):
    form = RuleSetForm
    add_by, change_by = staticmethod(add_rule_set), staticmethod(change_rule_set)
    conflicts = {
        "rule_set_version_once": gettext_lazy(
            "같은 이름의 운영 기준이 이미 있습니다. 그 기준의 새 판을 만들어 주세요."
        ),
    }
    verbs = [
        Verb(
            "revise_rule_set",
            gettext_lazy("새 판 만들기"),
            revise_rule_set,
            gettext_lazy(
                "이 판의 값을 그대로 이어받는 새 판을 만듭니다. 새 판은 공고가 열릴 때까지 고칠 수 있고, 이 판은 그대로 남습니다."
            ),
            legal=lambda rule_set: rule_set.frozen_at is not None,
            done=gettext_lazy("새 판을 만들었습니다. 바꿀 값을 고치고 저장해 주세요."),
            bulk=False,
        )
    ]
    list_display = [
        "name",
        "version",
        "rank_max",
        "answer_working_days",
        "excellence_threshold",
        "hire_within_days",
        moment_column("frozen_at", gettext_lazy("확정 시각")),
    ]
    list_filter = [("frozen_at", admin.EmptyFieldListFilter)]
    search_fields = ["name"]

    def may_change(self, obj: RuleSet) -> bool:
        return obj.frozen_at is None

    def work_context(self, request: HttpRequest, obj: RuleSet) -> dict[str, Any]:
        calls = [[link(call), state_badge(call)] for call in obj.calls.all()]
        kept = obj.clauses or {}
        unread = _("기본값입니다. 조항을 확인해 주세요.")
        clauses = [[label, kept.get(name) or unread] for label, name in _rules().items()]
        return {
            "tables": [
                Table(_("이 기준을 쓰는 공고"), [_("공고"), _("상태")], calls),
                Table(_("근거 조항"), [_("기준"), _("조항")], clauses),
            ]
        }

    def get_fieldsets(self, request: HttpRequest, obj: RuleSet | None = None) -> Any:
        """Where nothing is typed, clauses stand in a table of their own."""
        sets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return sets
        return [
            (name, {**options, "fields": [field for field in options["fields"] if field != "clauses"]})
            for name, options in sets
        ]


# --- calls --------------------------------------------------------------------------------------------

_DATE_HELP = {
    "projects_due_at": gettext_lazy("이 시각까지 회사가 과제를 냅니다. 1초라도 늦으면 받지 않습니다."),
    "applications_due_at": gettext_lazy(
        "과제 신청 마감과 같거나 뒤. 다음 날 밤에 공고가 모집 마감으로 바뀝니다."
    ),
    "rankings_open_at": gettext_lazy(
        "마감보다 적어도 운영 기준의 날수(기본 3일)만큼 앞서야 합니다. 그래야 늦게 면접을 본 사람도 순위를 정할 시간이 남습니다."
    ),
    "rankings_due_at": gettext_lazy("이 시각 뒤 첫 밤에 순위를 마감하고 최종 매칭을 계산합니다."),
    "announce_on": gettext_lazy("발표는 두 사람이 승인해야 나갑니다. 이 날짜는 안내용입니다."),
    "starts_on": gettext_lazy("발표 예정일보다 뒤. 이날 수락한 배치가 진행 중으로 바뀝니다."),
    "ends_on": gettext_lazy("채용 기한은 이 날부터 셉니다."),
}


def _open_consequences(call: Call) -> list[str]:
    return [
        _("공고가 모두에게 보이고, 회사가 과제를 낼 수 있습니다."),
        _("추첨의 출처와 약속값이 ‘추첨과 검증’ 화면에 공개됩니다."),
        _("운영 기준 %(rules)s이(가) 확정되어 더는 고칠 수 없습니다.") % {"rules": call.rule_set},
        _(
            "과제 신청 %(projects)s, 참여 신청 %(applications)s, 희망순위 %(rankings)s까지. 마감은 늦추는 것만 할 수 있습니다."
        )
        % {
            "projects": kdatetime(call.projects_due_at) or "-",
            "applications": kdatetime(call.applications_due_at) or "-",
            "rankings": kdatetime(call.rankings_due_at) or "-",
        },
    ]


@admin.register(Call)
class CallAdmin(WorkAdmin):
    add_by, change_by = staticmethod(add_call), staticmethod(change_call)
    conflicts = {"call_title_once_a_year": gettext_lazy("같은 해에 같은 이름의 공고가 이미 있습니다.")}
    workflow = CALL
    verbs = [
        Verb(
            "open_call",
            gettext_lazy("공고 열기"),
            open_call,
            gettext_lazy("모집을 시작합니다."),
            consequences=_open_consequences,
            done=gettext_lazy("공고를 열었습니다."),
            bulk=False,
        ),
        Verb(
            "extend_deadline",
            gettext_lazy("마감 연장"),
            extend_deadline,
            gettext_lazy(
                "모두에게 똑같이 늦춥니다. 참여하는 사람 모두에게 알림이 가고, 앞선 마감과 사유는 기록에 남습니다. 모집이 마감된 뒤에는 희망순위 제출 마감만 늦출 수 있습니다."
            ),
            form=asks(
                kind=forms.ChoiceField(label=gettext_lazy("마감"), choices=DeadlineKind.choices),
                at=moment_field(gettext_lazy("새 마감"), hint=gettext_lazy("한국 시각")),
                reason=reason_field(),
            ),
            legal=lambda call: call.state in UNSEALED,
            done=gettext_lazy("마감을 늦추고 알렸습니다."),
            bulk=False,
        ),
        Verb(
            "postpone_results",
            gettext_lazy("결과 발표일 늦추기"),
            postpone_results,
            gettext_lazy(
                "참여하는 사람 모두에게 알림이 갑니다. 희망순위 제출 마감을 발표일 뒤로 늦추려면 발표일부터 늦추세요."
            ),
            form=asks(
                on=day_field(gettext_lazy("새 발표일")),
                reason=reason_field(),
            ),
            legal=lambda call: call.state in BEFORE_RESULTS,
            done=gettext_lazy("발표일을 늦추고 알렸습니다."),
            bulk=False,
        ),
        Verb(
            "finish_call",
            pgettext_lazy("verb", "종료"),
            finish_call,
            gettext_lazy(
                "진행 중인 과제를 모두 종료로 바꿉니다. 종료일 다음 날 밤에 저절로 되므로, 앞당길 때만 쓰세요."
            ),
            done=gettext_lazy("공고를 종료했습니다."),
            danger=True,
            bulk=False,
        ),
        Verb(
            "archive_call",
            pgettext_lazy("verb", "보관"),
            archive_call,
            gettext_lazy("끝난 공고를 보관합니다. 기록은 그대로 볼 수 있습니다."),
            done=gettext_lazy("공고를 보관했습니다."),
        ),
    ]
    list_display = [
        "title",
        "year",
        "state_shown",
        moment_column("projects_due_at", gettext_lazy("과제 마감")),
        moment_column("applications_due_at", gettext_lazy("신청 마감")),
        moment_column("rankings_due_at", gettext_lazy("순위 마감")),
        day_column("announce_on", gettext_lazy("발표")),
    ]
    list_filter = ["state", "year"]
    search_fields = ["title"]
    fields = [
        "title",
        "year",
        "summary",
        "rule_set",
        "operator_company",
        "projects_due_at",
        "applications_due_at",
        "rankings_open_at",
        "rankings_due_at",
        "announce_on",
        "starts_on",
        "ends_on",
    ]

    def may_change(self, obj: Call) -> bool:
        return obj.state == CallState.DRAFT

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name in _DATE_HELP:
            field.help_text = _DATE_HELP[db_field.name]
        return field

    def work_context(self, request: HttpRequest, obj: Call) -> dict[str, Any]:
        counts = dict(obj.projects.values_list("state").annotate(count=Count("pk")).order_by())
        participations = obj.participations.select_related("company").order_by("company__name")
        deadlines = obj.deadlines.select_related("by")
        draws = Draw.objects.filter(call=obj)
        return {
            "stats": [
                {
                    "label": state.label,
                    "value": counts[state.value],
                    "unit": pgettext("unit", "과제"),
                    "url": list_url(Project, call__id__exact=obj.pk, state__exact=state.value),
                }
                for state in ProjectState
                if counts.get(state.value)
            ],
            "tables": [
                Table(
                    pgettext("noun", "추첨"),
                    [_("공개 난수의 출처"), _("값이 나오는 날"), _("상태")],
                    [
                        [
                            link(draw, draw.source or _("출처를 정해 주세요")),
                            kdate(draw.known_on) or "-",
                            state_badge(draw),
                        ]
                        for draw in draws
                    ],
                ),
                Table(
                    _("마감 기록"),
                    [_("종류"), _("마감"), _("사유"), _("정한 사람"), _("정한 시각")],
                    [
                        [
                            row.get_kind_display(),
                            kdatetime(row.at),
                            row.reason or "-",
                            row.by or "-",
                            kdatetime(row.created_at),
                        ]
                        for row in deadlines
                    ],
                    _("공고를 열면 첫 마감이 기록됩니다."),
                ),
                Table(
                    _("기업별 상한"),
                    [_("회사"), _("상한"), _("배치된 인원")],
                    [
                        [link(row, row.company), _("과제 인원 합") if row.cap is None else row.cap, row.taken]
                        for row in participations
                    ],
                    _("과제를 선정하면 회사가 여기에 나타납니다."),
                ),
            ],
        }


def _source_consequences(draw: Draw) -> list[str]:
    if draw.call.state == CallState.DRAFT:
        return [_("공고를 열면 출처와 약속값이 모두에게 공개됩니다.")]
    return [
        _("이미 공개된 출처를 바꿉니다. 앞의 출처, 바꾼 시각과 사유가 ‘추첨과 검증’ 화면에 그대로 남습니다."),
    ]


def _confirm_consequences(draw: Draw) -> list[str]:
    return [
        _("출처(%(source)s)를 직접 보고 값을 입력해 주세요. 먼저 입력된 값과 같아야 확인됩니다.")
        % {"source": draw.source},
        _(
            "확인하면 추첨 씨앗이 정해지고 비밀 값과 함께 모두에게 공개됩니다. 그 뒤에는 누구도 바꿀 수 없습니다."
        ),
        _("다음 밤이나 ‘지금 매칭 실행’이 최종 매칭을 계산합니다."),
    ]


def _value_field(hint: Any) -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("공개 난수 값"), max_length=200, help_text=hint, validators=[one_line]
    )


@admin.register(Draw)
class DrawAdmin(WorkAdmin):
    """How the ties of a call will fall: the secret half is never shown here, only what is public of it."""

    workflow = DRAW
    conflicts = {
        "draw_two_people": gettext_lazy(
            "값을 입력한 사람은 확인할 수 없습니다. 다른 담당자에게 확인을 부탁해 주세요."
        )
    }
    verbs = [
        Verb(
            "name_draw_source",
            gettext_lazy("출처 정하기"),
            name_draw_source,
            gettext_lazy(
                "동점을 가를 공개 난수를 어디서 언제 읽을지 미리 정합니다. 희망순위 제출 마감 다음 날부터 결과 발표 예정일 사이에 값이 나와야 합니다."
            ),
            form=asks(
                source=forms.CharField(
                    label=gettext_lazy("공개 난수의 출처"),
                    max_length=200,
                    validators=[one_line],
                    help_text=gettext_lazy(
                        "누구나 확인할 수 있고 아무도 정할 수 없는 값. 예: 동행복권 로또 6/45 제1234회 당첨번호 여섯 개, 작은 수부터(2027-03-06 추첨)"
                    ),
                ),
                known_on=day_field(gettext_lazy("값이 나오는 날")),
                reason=reason_field(
                    required=False,
                    hint=gettext_lazy("공고가 열린 뒤에 바꿀 때는 꼭 적어 주세요. 모두에게 공개됩니다."),
                ),
            ),
            initial=lambda draw: {"source": draw.source, "known_on": draw.known_on},
            consequences=_source_consequences,
            legal=lambda draw: (
                DRAW.may(draw, "name_draw_source") and draw.call.state in BEFORE_RESULTS | {CallState.DRAFT}
            ),
            done=gettext_lazy("출처를 정했습니다."),
            bulk=False,
        ),
        Verb(
            "enter_draw_value",
            gettext_lazy("값 입력"),
            enter_draw_value,
            gettext_lazy(
                "출처에 나온 값을 그대로 입력합니다. 앞뒤 빈칸은 지우고 여러 빈칸은 하나로 봅니다. 다른 담당자가 같은 값을 입력해 확인합니다."
            ),
            form=asks(
                value=_value_field(gettext_lazy("예: 3 11 15 29 35 44")),
                read_from=forms.CharField(
                    label=gettext_lazy("값을 읽은 곳"),
                    max_length=300,
                    validators=[one_line],
                    help_text=gettext_lazy(
                        "누구나 다시 볼 수 있는 주소나 공고. 예: https://www.dhlottery.co.kr/ 제1234회"
                    ),
                ),
            ),
            legal=lambda draw: DRAW.may(draw, "enter_draw_value") and draw.call.state == CallState.MATCHING,
            done=gettext_lazy("값을 입력했습니다. 다른 담당자가 확인해야 합니다."),
            bulk=False,
        ),
        Verb(
            "confirm_draw_value",
            gettext_lazy("값 확인"),
            confirm_draw_value,
            gettext_lazy("값을 입력하지 않은 담당자가 출처를 보고 확인합니다."),
            form=asks(value=_value_field(gettext_lazy("출처에서 직접 읽은 값을 입력해 주세요."))),
            consequences=_confirm_consequences,
            done=gettext_lazy("값을 확정했습니다. 최종 매칭을 계산할 수 있습니다."),
            bulk=False,
        ),
        Verb(
            "reject_draw_value",
            gettext_lazy("값 되돌리기"),
            reject_draw_value,
            gettext_lazy("잘못 입력한 값을 지우고 다시 입력하게 합니다. 지운 값과 사유는 이력에 남습니다."),
            form=asks(reason=reason_field()),
            done=gettext_lazy("값을 지웠습니다. 다시 입력해 주세요."),
            danger=True,
            bulk=False,
        ),
    ]
    list_display = [
        "call",
        "state_shown",
        "source",
        day_column("known_on", gettext_lazy("값이 나오는 날")),
        moment_column("confirmed_at", gettext_lazy("확인 시각")),
    ]
    list_select_related = ["call"]
    list_filter = ["state", "call"]
    link_lookups = ["call__state__exact", "known_on__lte"]
    fields = [
        "call",
        "source",
        "known_on",
        "commitment_shown",
        "value_shown",
        "read_from",
        "entered_by",
        "entered_at",
        "confirmed_by",
        "confirmed_at",
        "secret_shown",
        "seed_shown",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Draw]:
        return super().get_queryset(request).select_related("call", "entered_by", "confirmed_by")

    def get_fields(self, request: HttpRequest, obj: Draw | None = None) -> Any:
        """What has been decided; what has not leaves no empty line, and the secret stays one."""
        if obj is None:
            return self.fields
        later = {
            "value_shown": bool(obj.value),
            "secret_shown": obj.is_confirmed,
            "seed_shown": obj.is_confirmed,
        }
        return [name for name in self.fields if later.get(str(name), getattr(obj, str(name), True))]

    @admin.display(description=gettext_lazy("약속값(비밀 값의 SHA-256)"))
    def commitment_shown(self, draw: Draw) -> str:
        return draw.commitment

    @admin.display(description=gettext_lazy("공개 난수 값"))
    def value_shown(self, draw: Draw) -> str:
        """Not before it is confirmed: whoever confirms reads the source, not this page."""
        return draw.value if draw.is_confirmed else _("입력됨. 확인하는 사람이 출처를 보고 따로 입력합니다.")

    @admin.display(description=gettext_lazy("비밀 값"))
    def secret_shown(self, draw: Draw) -> str:
        return draw.secret

    @admin.display(description=gettext_lazy("추첨 씨앗"))
    def seed_shown(self, draw: Draw) -> str:
        return draw.seed

    def work_context(self, request: HttpRequest, obj: Draw) -> dict[str, Any]:
        rows = [
            [row.source, kdate(row.known_on), row.reason or "-", row.by or "-", kdatetime(row.created_at)]
            for row in DrawSource.objects.filter(draw=obj).select_related("by")
        ]
        columns = [_("출처"), _("값이 나오는 날"), _("사유"), _("정한 사람"), _("정한 시각")]
        return {"tables": [Table(_("출처 기록"), columns, rows, _("아직 출처를 정하지 않았습니다."))]}


@admin.register(Deadline)
class DeadlineAdmin(WorkAdmin):
    list_display = [
        "call",
        "kind",
        moment_column("at", gettext_lazy("마감")),
        "reason",
        "by",
        moment_column("created_at", gettext_lazy("정한 시각")),
    ]
    list_select_related = ["call", "by"]
    list_filter = ["kind", "call"]


@admin.register(Participation)
class ParticipationAdmin(WorkAdmin):
    conflicts = {
        "participation_taken_within_cap": gettext_lazy(
            "그사이 배치된 사람이 늘어 이 상한으로는 정할 수 없습니다. 배치된 인원을 확인하고 다시 정해 주세요."
        )
    }
    verbs = [
        Verb(
            "set_company_cap",
            gettext_lazy("상한 정하기"),
            set_company_cap,
            gettext_lazy(
                "이 회사가 공고에서 모든 과제를 합해 받을 수 있는 인원을 정합니다. 다음 매칭과 예비순번 충원부터 적용됩니다. 순위 마감부터 발표까지는 바꿀 수 없습니다."
            ),
            form=asks(
                cap=forms.IntegerField(
                    label=gettext_lazy("상한"),
                    min_value=0,
                    max_value=1000,
                    required=False,
                    help_text=gettext_lazy("비워 두면 과제 모집 인원의 합까지입니다."),
                ),
                reason=reason_field(),
            ),
            initial=lambda participation: {"cap": participation.cap},
            legal=lambda participation: participation.call.state in UNSEALED | FILLING,
            done=gettext_lazy("상한을 정했습니다."),
        )
    ]
    list_display = ["company", "call", "cap", "taken"]
    list_select_related = ["company", "call"]
    list_filter = ["call", ("cap", admin.EmptyFieldListFilter)]
    search_fields = ["company__name"]


# --- projects -----------------------------------------------------------------------------------------


def _select_consequences(project: Project) -> list[str]:
    return [
        _("과제가 모두에게 보이고, 지원자가 희망순위에 담을 수 있습니다."),
        _("%(minimum)d~%(places)d명을 뽑습니다. 최소 인원에 못 미치면 열지 않습니다.")
        % {"minimum": project.minimum, "places": project.places}
        if project.minimum
        else _("%(places)d명까지 뽑습니다.") % {"places": project.places},
        _("회사 담당자에게 알림이 갑니다."),
    ]


def _withdraw_consequences(project: Project) -> list[str]:
    if project.state != ProjectState.SELECTED:
        return [_("회사 담당자에게 알림이 갑니다.")]
    if project.call.state in FILLING:
        return [_("결과가 발표된 과제는 철회할 수 없습니다. 중단으로 처리해 주세요.")]
    lines = [_("과제가 공개 목록에서 사라집니다."), _("회사 담당자에게 알림이 갑니다.")]
    if project.call.state == CallState.MATCHING:
        lines.append(_("이미 계산한 매칭 결과는 쓸 수 없게 됩니다. 버리고 다시 계산해야 발표할 수 있습니다."))
    return lines


class SeatsFilter(admin.SimpleListFilter):
    """Projects that will run, by who sits in them."""

    title, parameter_name = gettext_lazy("자리"), "seats"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("short", _("최소 인원에 못 미침")),
            ("empty", _("아무도 없음")),
            ("vacant", _("빈자리 있음")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Project]) -> QuerySet[Project]:
        live = queryset.filter(state__in=[ProjectState.SELECTED, ProjectState.RUNNING])
        match self.value():
            case "short":
                return live.filter(taken__lt=F("minimum"))
            case "empty":
                return live.filter(taken=0)
            case "vacant":
                return live.filter(taken__lt=F("places"))
        return queryset


@admin.register(Project)
class ProjectAdmin(WorkAdmin):
    """With ``?state__exact=submitted``: the queue from which projects are selected."""

    workflow = PROJECT
    verbs = [
        Verb(
            "select_project",
            pgettext_lazy("verb", "선정"),
            select_project,
            gettext_lazy(
                "과제를 선정합니다. 확인되지 않았거나 참여제한 중인 회사의 과제는 선정할 수 없습니다."
            ),
            form=asks(reason=reason_field(gettext_lazy("의견"), required=False, most=500)),
            consequences=_select_consequences,
            done=gettext_lazy("선정했습니다."),
        ),
        Verb(
            "reserve_project",
            pgettext_lazy("verb", "예비 선정"),
            reserve_project,
            gettext_lazy("자리가 나면 선정합니다. 회사 담당자에게 알림이 갑니다."),
            form=asks(reason=reason_field(gettext_lazy("의견"), required=False, most=500)),
            done=gettext_lazy("예비 선정했습니다."),
        ),
        Verb(
            "return_project",
            pgettext_lazy("verb", "보완 요청"),
            return_project,
            gettext_lazy(
                "작성 중으로 되돌립니다. 회사는 희망순위 제출이 시작되기 전까지 고쳐서 다시 낼 수 있습니다."
            ),
            form=asks(reason=reason_field(gettext_lazy("고칠 것"), most=500)),
            done=gettext_lazy("보완을 요청했습니다."),
        ),
        Verb(
            "reject_project",
            pgettext_lazy("verb", "미선정"),
            reject_project,
            gettext_lazy("선정하지 않습니다. 사유가 회사 담당자에게 갑니다."),
            form=asks(reason=reason_field(most=500)),
            done=gettext_lazy("미선정으로 처리했습니다."),
            danger=True,
        ),
        Verb(
            "withdraw_project",
            pgettext_lazy("verb", "철회"),
            withdraw_project,
            gettext_lazy(
                "회사의 요청으로 과제를 거두어들입니다. 이미 담은 지원자의 목록에서는 계산에서 빠집니다."
            ),
            form=asks(reason=reason_field(most=500)),
            consequences=_withdraw_consequences,
            done=gettext_lazy("철회로 처리했습니다."),
            danger=True,
            bulk=False,
        ),
    ]
    list_display = [
        "title",
        "company",
        "company_state",
        "size_shown",
        "skills_shown",
        "mentor_shown",
        "state_shown",
        moment_column("submitted_at", gettext_lazy("제출 시각")),
    ]
    list_select_related = ["company", "field"]
    list_filter = [
        "state",
        SeatsFilter,
        "call",
        ("company__state", titled(gettext_lazy("회사 상태"))),
        "field",
        "region",
    ]
    link_lookups = ["company__id__exact"]
    search_fields = ["title", "company__name", "company__registration_no"]
    search_help_text = gettext_lazy("과제 이름, 회사 이름, 사업자등록번호")
    ordering = ["-call", "submitted_at"]
    fields = [
        "call",
        "company",
        "company_state",
        "title",
        "summary",
        "description",
        "data_used",
        "field",
        "region",
        "work_mode",
        "size_shown",
        "taken",
        "pledge_shown",
        "hire_type",
        "hire_pay_won",
        "hire_place",
        "decision_reason",
        "submitted_at",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Project]:
        return (
            super()
            .get_queryset(request)
            .select_related("company")
            .prefetch_related(
                Prefetch("project_skills", ProjectSkill.objects.select_related("skill")),
                Prefetch("mentors", ProjectMentor.objects.filter(until=None).select_related("member__user")),
            )
        )

    def list_context(self, request: HttpRequest) -> dict[str, Any]:
        chosen = request.GET.get("call__id__exact", "")
        rows = (
            Project.objects.filter(call=int(chosen))
            if chosen.isdecimal() and len(chosen) < 19
            else Project.objects
        )
        found = {
            row["state"]: row
            for row in rows.values("state").annotate(count=Count("pk"), places=Sum("places")).order_by()
        }
        query = {"call__id__exact": chosen} if chosen else {}
        shown = (ProjectState.SUBMITTED, ProjectState.SELECTED, ProjectState.RESERVE, ProjectState.REJECTED)
        return {
            "title": _("과제 선정")
            if request.GET.get("state__exact") == ProjectState.SUBMITTED
            else pgettext("menu", "프로젝트"),
            "stats": [
                {
                    "label": state.label,
                    "value": found.get(state, {}).get("count", 0),
                    "unit": pgettext("unit", "과제"),
                    "note": _("%(places)d자리") % {"places": found.get(state, {}).get("places") or 0},
                    "url": list_url(Project, **query, state__exact=state.value),
                }
                for state in shown
            ],
        }

    @admin.display(description=gettext_lazy("회사 상태"), ordering="company__state")
    def company_state(self, project: Project) -> str:
        return state_badge(project.company)

    @admin.display(description=gettext_lazy("인원"), ordering="places")
    def size_shown(self, project: Project) -> str:
        return f"{project.minimum}~{project.places}" if project.minimum else str(project.places)

    @admin.display(description=gettext_lazy("필수 기술"))
    def skills_shown(self, project: Project) -> str:
        return ", ".join(str(row.skill) for row in project.project_skills.all() if row.required) or "-"

    @admin.display(description=gettext_lazy("멘토"))
    def mentor_shown(self, project: Project) -> str:
        return ", ".join(str(row.member.user) for row in project.mentors.all()) or "-"

    @admin.display(description=gettext_lazy("채용 약정"))
    def pledge_shown(self, project: Project) -> str:
        return pledge_fact(project)

    def work_context(self, request: HttpRequest, obj: Project) -> dict[str, Any]:
        skills = obj.project_skills.all()
        return {
            "tables": [
                Table(
                    _("필요 기술"),
                    [_("기술"), _("수준"), _("구분")],
                    [
                        [row.skill, row.get_level_display(), _("필수") if row.required else _("우대")]
                        for row in skills
                    ],
                ),
                Table(
                    _("멘토"),
                    [_("이름"), _("시작일")],
                    [[link(row.member, row.member.user), kdate(row.since)] for row in obj.mentors.all()],
                ),
            ]
        }

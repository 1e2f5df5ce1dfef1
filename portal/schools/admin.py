from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from portal.audit.admin import PersonalAdmin, contact_verb
from portal.schools.actions import (
    add_cohort,
    add_school,
    add_school_member,
    change_cohort,
    change_school,
    confirm_completion,
    refuse_completion,
    register_graduate,
    remove_school_member,
    withdraw_graduate,
)
from portal.schools.models import Cohort, Graduate, School, SchoolMember
from portal.schools.states import GRADUATE, GraduateState
from portal.ui.admin import Table, Verb, WorkAdmin, asks, day_column, day_field, link, list_url, reason_field
from portal.ui.korean import kdate, mask_email


@admin.register(School)
class SchoolAdmin(WorkAdmin):
    add_by, change_by = staticmethod(add_school), staticmethod(change_school)
    verbs = [
        Verb(
            "add_school_member",
            _("담당자 더하기"),
            lambda school, **facts: add_school_member(school, **facts).school,
            _(
                "이 사람이 교육기관을 대신해 수료생을 등록하고 수료를 확인합니다. 지금 열려 있는 로그인은 끊기고, 다음에 들어올 때 2단계 인증을 설정해야 합니다."
            ),
            form=asks(email=forms.EmailField(label=_("가입한 이메일"))),
            legal=lambda school: True,
            done=_("담당자를 더했습니다."),
            bulk=False,
        ),
        Verb(
            "remove_school_member",
            _("담당자 빼기"),
            remove_school_member,
            _(
                "이 사람은 더는 교육기관을 대신하지 못하고, 지금 열려 있는 로그인도 바로 끊깁니다. 기록은 남습니다."
            ),
            form=asks(email=forms.EmailField(label=_("담당자의 이메일")), reason=reason_field()),
            legal=lambda school: school.members.exists(),
            done=_("담당자를 뺐습니다."),
            danger=True,
            bulk=False,
        ),
    ]
    list_display = ["name", "region", "cohorts_shown", "graduates_shown", "contact_email"]
    list_filter = ["region"]
    search_fields = ["name"]
    fields = ["name", "region", "contact_email"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[School]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                cohort_count=Count("cohorts", distinct=True),
                graduate_count=Count("cohorts__graduates", distinct=True),
            )
        )

    @admin.display(description=_("기수"), ordering="cohort_count")
    def cohorts_shown(self, school: Any) -> int:
        return school.cohort_count

    @admin.display(description=_("수료생"), ordering="graduate_count")
    def graduates_shown(self, school: Any) -> int:
        return school.graduate_count

    def work_context(self, request: HttpRequest, obj: School) -> dict[str, Any]:
        return {
            "tables": [
                Table(
                    _("기수"),
                    [_("기수"), _("과정"), _("시작일"), _("종료일")],
                    [
                        [link(row, row.name), row.course, kdate(row.starts_on), kdate(row.ends_on)]
                        for row in obj.cohorts.all()
                    ],
                ),
                Table(
                    _("담당자"),
                    [_("이름"), _("이메일")],
                    [[link(row.user), row.user.email] for row in obj.members.select_related("user")],
                ),
            ]
        }


@admin.register(SchoolMember)
class SchoolMemberAdmin(WorkAdmin):
    list_display = ["user", "school"]
    list_select_related = ["user", "school"]
    list_filter = ["school"]
    search_fields = ["user__name", "user__email", "school__name"]


@admin.register(Cohort)
class CohortAdmin(WorkAdmin):
    add_by, change_by = staticmethod(add_cohort), staticmethod(change_cohort)
    conflicts = {"cohort_name_once": _("이 교육기관에 같은 이름의 기수가 이미 있습니다.")}
    list_display = [
        "name",
        "school",
        "course",
        day_column("ends_on", _("종료일")),
        "expected_shown",
        "confirmed_shown",
    ]
    list_select_related = ["school"]
    list_filter = ["school"]
    search_fields = ["name", "course", "school__name"]
    fields = ["school", "name", "course", "course_hours", "starts_on", "ends_on"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cohort]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                expected_count=Count("graduates", filter=Q(graduates__state=GraduateState.EXPECTED)),
                confirmed_count=Count("graduates", filter=Q(graduates__state=GraduateState.CONFIRMED)),
            )
        )

    @admin.display(description=_("수료 예정"), ordering="expected_count")
    def expected_shown(self, cohort: Any) -> int:
        return cohort.expected_count

    @admin.display(description=_("수료 확인"), ordering="confirmed_count")
    def confirmed_shown(self, cohort: Any) -> int:
        return cohort.confirmed_count

    def work_context(self, request: HttpRequest, obj: Cohort) -> dict[str, Any]:
        counts = dict(obj.graduates.values_list("state").annotate(count=Count("pk")).order_by())
        return {
            "stats": [
                {
                    "label": state.label,
                    "value": counts.get(state.value, 0),
                    "unit": _("명"),
                    "url": list_url(Graduate, cohort__id__exact=obj.pk, state__exact=state.value),
                }
                for state in GraduateState
            ]
        }


class CohortFilter(admin.RelatedFieldListFilter):
    """Cohorts with their school's name, in one query."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        return [(cohort.pk, str(cohort)) for cohort in Cohort.objects.select_related("school")]


@admin.register(Graduate)
class GraduateAdmin(PersonalAdmin):
    add_by = staticmethod(register_graduate)
    conflicts = {
        "graduate_external_id_once": _("이 기수에 같은 번호의 수료생이 이미 있습니다."),
        "graduate_email_once": _("이 기수에 같은 이메일의 수료생이 이미 있습니다."),
    }
    workflow = GRADUATE
    verbs = [
        Verb(
            "confirm_completion",
            pgettext_lazy("verb", "수료 확인"),
            confirm_completion,
            _("과정을 마쳤음을 확인합니다. 수료가 확인된 사람만 매칭에 들어갑니다."),
            form=asks(
                hours=forms.IntegerField(label=_("이수 시간"), min_value=1, max_value=10_000),
                on=day_field(_("수료일")),
            ),
            initial=lambda graduate: {
                "hours": graduate.cohort.course_hours or None,
                "on": graduate.cohort.ends_on,
            },
            done=_("수료를 확인했습니다."),
        ),
        Verb(
            "refuse_completion",
            _("미수료 처리"),
            refuse_completion,
            _("과정을 마치지 못했습니다. 순위가 마감될 때 매칭에서 빠집니다."),
            form=asks(reason=reason_field()),
            done=_("미수료로 처리했습니다."),
            danger=True,
        ),
        Verb(
            "withdraw_graduate",
            pgettext_lazy("verb", "등록 취소"),
            withdraw_graduate,
            _("잘못 등록한 사람을 명단에서 뺍니다. 기록은 남습니다."),
            form=asks(reason=reason_field()),
            done=_("등록을 취소했습니다."),
            danger=True,
        ),
        contact_verb(
            "schools.graduate", lambda graduate: [{"label": gettext("이메일"), "value": graduate.email}]
        ),
    ]
    list_display = [
        "name",
        "cohort",
        "external_id",
        "state_shown",
        "hours",
        day_column("confirmed_on", _("수료일")),
        "joined",
    ]
    list_select_related = ["cohort__school", "user"]
    list_filter = ["state", "cohort__school", ("cohort", CohortFilter), ("user", admin.EmptyFieldListFilter)]
    link_lookups = ["cohort__ends_on__gte", "cohort__ends_on__lt"]
    search_fields = ["name", "email", "external_id"]
    search_help_text = _("이름, 이메일, 학교의 번호")

    def get_fields(self, request: HttpRequest, obj: Graduate | None = None) -> Any:
        known = ["cohort", "external_id", "name"]
        if obj is None:
            return [*known, "email"]
        return [*known, "email_shown", "hours", "confirmed_on", "user", "created_at"]

    @admin.display(description=_("이메일"))
    def email_shown(self, graduate: Graduate) -> str:
        return mask_email(graduate.email)

    @admin.display(description=_("가입"), ordering="user")
    def joined(self, graduate: Graduate) -> str:
        return gettext("예") if graduate.user_id else gettext("아니요")

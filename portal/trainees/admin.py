from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.audit.admin import PersonalAdmin, contact_verb
from portal.schools.admin import CohortFilter
from portal.trainees.actions import add_field, add_skill, change_field, change_skill
from portal.trainees.models import Field, PoolMember, Skill, Trainee
from portal.ui.admin import Table, WorkAdmin, link, moment_column
from portal.ui.korean import mask_email, mask_phone


@admin.register(Trainee)
class TraineeAdmin(PersonalAdmin):
    verbs = [
        contact_verb(
            "trainees.trainee",
            lambda trainee: [
                {"label": gettext("휴대전화"), "value": trainee.phone.as_national if trainee.phone else "-"},
                {"label": gettext("이메일"), "value": trainee.user.email},
            ],
        )
    ]
    list_display = [
        "user",
        "graduate",
        "region",
        "work_mode",
        "employment",
        moment_column("updated_at", _("고친 시각")),
    ]
    list_select_related = ["user", "graduate__cohort__school"]
    list_filter = [
        "employment",
        "work_mode",
        ("graduate", admin.EmptyFieldListFilter),
        ("graduate__cohort", CohortFilter),
    ]
    search_fields = ["user__name", "user__email", "graduate__name"]
    search_help_text = _("이름이나 이메일")
    ordering = ["-pk"]
    fields = [
        "user",
        "graduate",
        "phone_shown",
        "email_shown",
        "region",
        "work_mode",
        "available_from",
        "weekly_hours",
        "employment",
        "intro",
        "portfolio",
        "interests_shown",
        "updated_at",
    ]

    def subjects_of(self, rows: Iterable[Trainee]) -> Iterable[Any]:
        return [row.user for row in rows]

    @admin.display(description=_("휴대전화"))
    def phone_shown(self, trainee: Trainee) -> str:
        return mask_phone(trainee.phone) if trainee.phone else "-"

    @admin.display(description=_("이메일"))
    def email_shown(self, trainee: Trainee) -> str:
        return mask_email(trainee.user.email)

    @admin.display(description=_("관심 분야"))
    def interests_shown(self, trainee: Trainee) -> str:
        return ", ".join(map(str, trainee.interests.all())) or "-"

    def work_context(self, request: HttpRequest, obj: Trainee) -> dict[str, Any]:
        skills = obj.skills.select_related("skill").order_by("-level", "skill")
        return {
            "tables": [
                Table(
                    _("보유 기술"),
                    [_("기술"), _("수준")],
                    [[link(row.skill), row.get_level_display()] for row in skills],
                )
            ]
        }


@admin.register(PoolMember)
class PoolMemberAdmin(PersonalAdmin):
    """Who may be introduced to companies: for that, and to tell of free seats and new calls, and for nothing else.

    Who looked is written down like everywhere; seeing how somebody is reached asks for the reason.
    """

    verbs = [
        contact_verb(
            "trainees.poolmember",
            lambda trainee: [
                {"label": gettext("휴대전화"), "value": trainee.phone.as_national if trainee.phone else "-"},
                {"label": gettext("이메일"), "value": trainee.user.email},
            ],
        )
    ]
    list_display = [
        "user",
        "region",
        "work_mode",
        "available_from",
        "skills_shown",
        moment_column("agreed_at", _("인재풀 동의")),
    ]
    list_select_related = ["user"]
    list_filter = ["work_mode", "region"]
    search_fields = ["user__name", "skills__skill__name"]
    search_help_text = _("이름이나 기술")
    ordering = ["-pk"]
    fields: ClassVar[Any] = [  # columns write days and moments, which the stubs do not expect here
        "user",
        "region",
        "work_mode",
        "available_from",
        "weekly_hours",
        "intro",
        "portfolio",
        "skills_shown",
        moment_column("agreed_at", _("인재풀 동의")),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("skills__skill")

    def subjects_of(self, rows: Iterable[PoolMember]) -> Iterable[Any]:
        return [row.user for row in rows]

    @admin.display(description=_("보유 기술"))
    def skills_shown(self, member: PoolMember) -> str:
        skills = sorted(member.skills.all(), key=lambda row: (-row.level, row.skill_id))
        return ", ".join(f"{row.skill} {row.level}" for row in skills) or "-"


class ListAdmin(WorkAdmin):
    """A fixed list: lines are added and renamed, never taken away, since people and projects refer to them."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj is not None else []


@admin.register(Skill)
class SkillAdmin(ListAdmin):
    add_by, change_by = staticmethod(add_skill), staticmethod(change_skill)
    list_display = ["name", "name_en", "code", "parent", "since_version"]
    list_select_related = ["parent"]
    list_filter = ["parent"]
    search_fields = ["name", "name_en", "code"]
    search_help_text = _("이름이나 코드")
    fields = ["code", "name", "name_en", "parent", "since_version"]

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        return super().formfield_for_foreignkey(
            db_field, request, queryset=Skill.objects.filter(parent=None), **kwargs
        )


@admin.register(Field)
class FieldAdmin(ListAdmin):
    add_by, change_by = staticmethod(add_field), staticmethod(change_field)
    list_display = ["name", "name_en", "code"]
    search_fields = ["name", "name_en", "code"]
    search_help_text = _("이름이나 코드")
    fields = ["code", "name", "name_en"]

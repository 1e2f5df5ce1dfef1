from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.accounts.actions import (
    appoint_staff,
    disable_user,
    dismiss_staff,
    enable_user,
    publish_consent_text,
)
from portal.accounts.models import Consent, ConsentText, StaffMember, User
from portal.accounts.states import ConsentKind, Office
from portal.audit.admin import PersonalAdmin, contact_verb
from portal.ui.admin import Table, Verb, WorkAdmin, asks, day_column, link, moment_column, reason_field
from portal.ui.korean import kdate, kdatetime, mask_email


@admin.register(User)
class UserAdmin(PersonalAdmin):
    conflicts = {"staff_member_one_office": _("이미 운영 담당자입니다. 먼저 지금 소속을 끝내 주세요.")}
    verbs = [
        Verb(
            "disable_user",
            _("사용 중지"),
            disable_user,
            _("이 계정으로 더는 로그인할 수 없고, 지금 열려 있는 로그인도 바로 끊깁니다. 기록은 남습니다."),
            form=asks(reason=reason_field()),
            legal=lambda user: user.is_active,
            done=_("계정을 사용 중지했습니다."),
            danger=True,
        ),
        Verb(
            "enable_user",
            _("다시 사용"),
            enable_user,
            _("이 계정으로 다시 로그인할 수 있습니다."),
            form=asks(reason=reason_field()),
            legal=lambda user: not user.is_active,
            done=_("계정을 다시 쓸 수 있습니다."),
        ),
        Verb(
            "appoint_staff",
            _("운영 담당자로 정하기"),
            lambda user, **facts: appoint_staff(user, **facts).user,
            _("이 사람이 관리자 화면에서 일합니다. 다음에 들어올 때 2단계 인증을 설정해야 합니다."),
            form=asks(
                office=forms.ChoiceField(label=_("소속"), choices=Office.choices),
                title=forms.CharField(label=_("직책"), max_length=40, required=False),
            ),
            legal=lambda user: user.is_active and not user.office,
            done=_("운영 담당자로 정했습니다."),
            bulk=False,
            superuser=True,
        ),
        contact_verb("accounts.user", lambda user: [{"label": gettext("이메일"), "value": user.email}]),
    ]
    list_display = [
        "name",
        "email_shown",
        "is_active",
        "is_staff",
        moment_column("date_joined", _("가입 시각")),
    ]
    list_filter = ["is_active", "is_staff", ("date_joined", admin.DateFieldListFilter)]
    search_fields = ["name", "email"]
    search_help_text = _("이름이나 이메일")
    ordering = ["-pk"]
    fields = ["name", "email_shown", "language", "is_active", "is_staff", "date_joined", "last_login"]

    def subjects_of(self, rows: Iterable[User]) -> Iterable[User]:
        return rows

    @admin.display(description=_("이메일"), ordering="email")
    def email_shown(self, user: User) -> str:
        return mask_email(user.email)

    def work_context(self, request: HttpRequest, obj: User) -> dict[str, Any]:
        offices = obj.staff_memberships.order_by("-pk")
        consents = obj.consents.select_related("text").order_by("-pk")
        return {
            "tables": [
                Table(
                    _("운영 담당 이력"),
                    [_("소속"), _("직책"), _("시작일"), _("종료일")],
                    [
                        [
                            link(row, row.get_office_display()),
                            row.title or "-",
                            kdate(row.appointed_on),
                            kdate(row.ended_on) or "-",
                        ]
                        for row in offices
                    ],
                ),
                Table(
                    _("동의"),
                    [_("동의문"), _("동의 시각"), _("철회 시각")],
                    [
                        [link(row.text), kdatetime(row.given_at), kdatetime(row.withdrawn_at) or "-"]
                        for row in consents
                    ],
                ),
            ]
        }


@admin.register(StaffMember)
class StaffMemberAdmin(WorkAdmin):
    verbs = [
        Verb(
            "dismiss_staff",
            _("담당 끝내기"),
            dismiss_staff,
            _("오늘로 담당이 끝나고, 관리자 화면을 쓸 수 없으며, 지금 열려 있는 로그인도 끊깁니다."),
            legal=lambda member: member.ended_on is None,
            done=_("담당을 끝냈습니다."),
            danger=True,
        )
    ]
    list_display = [
        "user",
        "office",
        "title",
        day_column("appointed_on", _("시작일")),
        day_column("ended_on", _("종료일")),
    ]
    list_select_related = ["user"]
    list_filter = ["office", ("ended_on", admin.EmptyFieldListFilter)]
    search_fields = ["user__name", "user__email"]
    search_help_text = _("이름이나 이메일")

    def list_context(self, request: HttpRequest) -> dict[str, Any]:
        return {"list_lead": _("새 담당자는 계정 목록에서 그 사람을 열고 ‘운영 담당자로 정하기’를 누르세요.")}


_CONSENT_FORM = asks(
    kind=forms.ChoiceField(label=_("종류"), choices=ConsentKind.choices),
    title=forms.CharField(label=_("제목"), max_length=100),
    body=forms.CharField(
        label=_("내용"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_("한 글자만 달라도 새 판입니다."),
    ),
    required=forms.BooleanField(label=_("필수 동의"), required=False),
)


@admin.register(ConsentText)
class ConsentTextAdmin(WorkAdmin):
    conflicts = {
        "consent_text_version_once": _(
            "그사이 같은 종류의 새 판이 나왔습니다. 그 판을 확인하고 다시 내 주세요."
        )
    }
    verbs = [
        Verb(
            "publish_consent_text",
            _("새 동의문 내기"),
            publish_consent_text,
            _(
                "같은 종류의 다음 판이 됩니다. 앞선 판에 동의한 사람에게는 필요할 때 다시 묻습니다. 낸 뒤에는 고칠 수 없습니다."
            ),
            form=_CONSENT_FORM,
            done=_("새 동의문을 냈습니다."),
            of_list=True,
        )
    ]
    list_display = ["title", "kind", "version", "required", moment_column("created_at", _("낸 시각"))]
    list_filter = ["kind", "required"]
    search_fields = ["title"]
    fields = ["kind", "version", "title", "body", "required", "sha256", "created_at"]


@admin.register(Consent)
class ConsentAdmin(PersonalAdmin):
    list_display = [
        "user",
        "text",
        moment_column("given_at", _("동의 시각")),
        moment_column("withdrawn_at", _("철회 시각")),
    ]
    list_select_related = ["user", "text"]
    list_filter = ["text__kind", ("withdrawn_at", admin.EmptyFieldListFilter)]
    search_fields = ["user__name", "user__email"]
    search_help_text = _("이름이나 이메일")
    fields = ["user", "text", "given_at", "withdrawn_at"]

    def work_context(self, request: HttpRequest, obj: Consent) -> dict[str, Any]:
        return {"title": f"{obj.user} · {obj.text}"}

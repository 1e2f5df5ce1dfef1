from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from portal.companies.actions import reinstate_company, reject_company, suspend_company, verify_company
from portal.companies.models import Company, CompanyMember
from portal.companies.states import COMPANY
from portal.ui.admin import Table, Verb, WorkAdmin, asks, day_field, link, moment_column, reason_field
from portal.ui.korean import kdate, kdatetime


def _verify_consequences(company: Company) -> list[str]:
    return [
        _(
            "사업자등록번호 %(number)s, 회사 이름 %(name)s, 대표자 %(who)s를 국세청 등록 내용과 견주었다는 뜻입니다."
        )
        % {"number": company.registration_no_shown, "name": company.name, "who": company.representative},
        _("이 회사의 과제를 선정할 수 있게 되고, 회사 담당자에게 알림이 갑니다."),
    ]


@admin.register(Company)
class CompanyAdmin(WorkAdmin):
    workflow = COMPANY
    verbs = [
        Verb(
            "verify_company",
            pgettext_lazy("verb", "확인"),
            verify_company,
            gettext_lazy("등록 내용이 맞는 회사임을 확인합니다."),
            consequences=_verify_consequences,
            done=gettext_lazy("회사를 확인했습니다."),
        ),
        Verb(
            "reject_company",
            pgettext_lazy("verb", "확인 거절"),
            reject_company,
            gettext_lazy(
                "등록 내용이 맞지 않습니다. 사유가 회사 담당자에게 갑니다. 회사가 정보를 고치면 확인할 회사로 다시 올라옵니다."
            ),
            form=asks(
                reason=reason_field(hint=gettext_lazy("무엇이 맞지 않는지, 무엇을 내면 되는지 적어 주세요."))
            ),
            done=gettext_lazy("확인을 거절했습니다."),
            danger=True,
        ),
        Verb(
            "suspend_company",
            pgettext_lazy("verb", "참여제한"),
            suspend_company,
            gettext_lazy("정한 날까지 과제를 내거나 순위를 정할 수 없습니다. 사유가 회사 담당자에게 갑니다."),
            form=asks(until=day_field(gettext_lazy("제한이 끝나는 날")), reason=reason_field()),
            done=gettext_lazy("참여를 제한했습니다."),
            danger=True,
        ),
        Verb(
            "reinstate_company",
            gettext_lazy("참여제한 해제"),
            reinstate_company,
            gettext_lazy("다시 과제를 내고 순위를 정할 수 있습니다. 회사 담당자에게 알림이 갑니다."),
            form=asks(reason=reason_field()),
            done=gettext_lazy("참여제한을 풀었습니다."),
        ),
    ]
    list_display = [
        "name",
        "number_shown",
        "representative",
        "region",
        "field",
        "state_shown",
        moment_column("created_at", gettext_lazy("등록 시각")),
    ]
    list_filter = ["state", "region"]
    search_fields = ["name", "registration_no", "representative"]
    search_help_text = gettext_lazy("회사 이름, 사업자등록번호(숫자만), 대표자")
    ordering = ["-created_at"]
    fields = [
        "name",
        "number_shown",
        "representative",
        "region",
        "address",
        "field",
        "employees",
        "website",
        "about",
        "suspended_until",
        "decision_reason",
        "created_at",
    ]

    @admin.display(description=gettext_lazy("사업자등록번호"), ordering="registration_no")
    def number_shown(self, company: Company) -> str:
        return company.registration_no_shown

    def work_context(self, request: HttpRequest, obj: Company) -> dict[str, Any]:
        left = (obj.suspended_until - timezone.localdate()).days if obj.suspended_until else None
        return {
            "warning": _("참여제한 중입니다. %(until)s까지(%(left)d일 남음)")
            % {"until": kdate(obj.suspended_until), "left": max(left, 0)}
            if left is not None
            else _("확인을 거절한 뒤 회사가 정보를 고쳤습니다. 거절한 사유: %(reason)s")
            % {"reason": obj.decision_reason}
            if obj.is_corrected
            else "",
            "tables": [
                Table(
                    _("담당자"),
                    [_("이름"), _("역할"), _("이메일"), _("시작")],
                    [
                        [link(row.user), row.get_role_display(), row.user.email, kdatetime(row.since)]
                        for row in obj.members.select_related("user")
                    ],
                )
            ],
        }


@admin.register(CompanyMember)
class CompanyMemberAdmin(WorkAdmin):
    list_display = ["user", "company", "role", moment_column("since", gettext_lazy("시작"))]
    list_select_related = ["user", "company"]
    list_filter = ["role"]
    link_lookups = ["company__id__exact"]
    search_fields = ["user__name", "user__email", "company__name"]
    search_help_text = gettext_lazy("이름, 이메일, 회사")

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.workflow import Workflow


class CompanyState(TextChoices):
    UNVERIFIED = "unverified", _("확인 전")
    VERIFIED = "verified", _("확인됨")
    REJECTED = "rejected", _("확인 거절")
    SUSPENDED = "suspended", _("참여제한")


class MemberRole(TextChoices):
    OWNER = "owner", _("대표 담당자")
    MANAGER = "manager", pgettext_lazy("role", "담당자")
    MENTOR = "mentor", _("멘토")
    ACCOUNTANT = "accountant", _("회계")


COMPANY = Workflow(
    {
        "verify_company": ({CompanyState.UNVERIFIED, CompanyState.REJECTED}, CompanyState.VERIFIED),
        "reject_company": ({CompanyState.UNVERIFIED}, CompanyState.REJECTED),
        "ask_verification": ({CompanyState.REJECTED}, CompanyState.UNVERIFIED),
        "suspend_company": ({CompanyState.VERIFIED}, CompanyState.SUSPENDED),
        "reinstate_company": ({CompanyState.SUSPENDED}, CompanyState.VERIFIED),
    }
)


class CompanyRefusal(TextChoices):
    WRONG_NUMBER = "wrong_number", _("사업자등록번호가 올바르지 않습니다. 10자리 번호를 다시 확인해 주세요.")
    NUMBER_TAKEN = (
        "number_taken",
        _("이미 등록된 사업자등록번호입니다. 회사의 대표 담당자에게 초대를 부탁해 주세요."),
    )
    LAST_OWNER = (
        "last_owner",
        _("대표 담당자가 한 명뿐입니다. 다른 사람을 대표 담당자로 정한 뒤 다시 해 주세요."),
    )
    IS_MENTOR = (
        "is_mentor",
        _(
            "과제의 멘토로 기록된 사람은 뺄 수 없습니다. 역할을 멘토로 바꾸면 과제와 채용의무를 다루지 못합니다."
        ),
    )
    ALREADY_MEMBER = "already_member", _("이미 이 회사의 담당자입니다.")
    NOT_VERIFIED = "not_verified", _("운영사가 회사를 확인한 뒤에 담당자를 더할 수 있습니다.")
    NO_ACCOUNT = "no_account", _("이 이메일로 가입한 사람이 없습니다. 먼저 가입한 뒤 다시 초대해 주세요.")
    PAST_DATE = "past_date", _("제한이 끝나는 날은 오늘보다 뒤여야 합니다.")

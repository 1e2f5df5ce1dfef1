from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

#: In a session: its owner works for a school (asked at login), and has shown a second factor (asked until true).
SCHOOL_ROLE, SECOND_FACTOR_SHOWN = "school_role", "staff_mfa"


class Office(TextChoices):
    AGENCY = "agency", _("진흥원")
    OPERATOR = "operator", _("운영사")


class ConsentKind(TextChoices):
    TERMS = "terms", _("이용약관")
    PERSONAL_DATA = "personal_data", _("개인정보 수집·이용")
    SHARE_WITH_COMPANY = "share_with_company", _("참여기업에 개인정보 제공")
    SHARE_WITH_SCHOOL = "share_with_school", _("교육기관에 진행 상황 제공")
    TALENT_POOL = "talent_pool", _("인재풀 등록")


#: What nobody can have an account without; everything else can be taken back.
TO_JOIN = frozenset({ConsentKind.TERMS, ConsentKind.PERSONAL_DATA})


class AccountRefusal(TextChoices):
    CONSENT_REQUIRED = "consent_required", _("필수 동의가 빠졌습니다: %(titles)s. 내용을 읽고 동의해 주세요.")
    ALREADY_APPOINTED = "already_appointed", _("이미 운영 담당자입니다. 먼저 지금 소속을 끝내 주세요.")
    ALREADY_DISMISSED = "already_dismissed", _("이미 담당이 끝난 사람입니다.")
    ALREADY_DISABLED = "already_disabled", _("이미 사용 중지한 계정입니다.")
    NOT_DISABLED = "not_disabled", _("지금 쓰고 있는 계정입니다.")
    OWN_ACCOUNT = "own_account", _("자기 계정에는 할 수 없습니다. 다른 담당자에게 부탁해 주세요.")
    AGENCY_THERE = (
        "agency_there",
        _("이미 진흥원 담당자가 있습니다. 다른 담당자는 그 사람이 관리자 화면의 계정 목록에서 정합니다."),
    )

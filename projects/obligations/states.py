from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from portal.workflow import Move, Workflow


class ObligationState(TextChoices):
    OWED = "owed", _("이행 전")
    OVERDUE = "overdue", _("기한 경과")
    EVIDENCE_SUBMITTED = "evidence_submitted", _("증빙 확인 중")
    FULFILLED = "fulfilled", _("이행 완료")
    WAIVED = "waived", _("면제")


OPEN = frozenset({ObligationState.OWED, ObligationState.OVERDUE, ObligationState.EVIDENCE_SUBMITTED})
#: The company has to act.
WAITING = frozenset({ObligationState.OWED, ObligationState.OVERDUE})

OBLIGATION = Workflow(
    {
        "mark_obligation_overdue": ({ObligationState.OWED}, ObligationState.OVERDUE),
        "submit_evidence": (WAITING, ObligationState.EVIDENCE_SUBMITTED),
        "return_evidence": ({ObligationState.EVIDENCE_SUBMITTED}, ObligationState.OWED),
        "verify_evidence": ({ObligationState.EVIDENCE_SUBMITTED}, ObligationState.FULFILLED),
        "waive_obligation": (OPEN, ObligationState.WAIVED),
    }
)
#: What may stand in the ledger: every move, and the beginning out of nothing.
LEDGER = {"owe_obligation": Move(frozenset({""}), ObligationState.OWED), **OBLIGATION.moves}


class LedgerVerb(TextChoices):
    """What may stand in the ledger, as people read it."""

    OWE = "owe_obligation", _("채용의무가 생겼습니다")
    OVERDUE = "mark_obligation_overdue", _("이행 기한이 지났습니다")
    SUBMIT = "submit_evidence", _("회사가 증빙을 올렸습니다")
    RETURN = "return_evidence", _("운영사가 보완을 요청했습니다")
    VERIFY = "verify_evidence", _("채용을 확인했습니다")
    WAIVE = "waive_obligation", _("면제되었습니다")


class EvidenceKind(TextChoices):
    CONTRACT = "contract", _("근로계약서")
    INSURANCE = "insurance", _("4대보험 가입자 명부")


#: How many files one paper may come in: pages photographed one by one.
MOST_FILES = 5


class WaiverReason(TextChoices):
    TRAINEE_DECLINED = "trainee_declined", _("참여자가 채용을 사양함(본인 서명 확인)")
    TRAINEE_EMPLOYED = "trainee_employed", _("참여자가 다른 곳에 취업함(본인 서명 확인)")
    COMPANY_CLOSED = "company_closed", _("폐업(폐업사실증명 확인)")
    OTHER = "other", _("그 밖의 사유(진흥원 결정)")


class ObligationRefusal(TextChoices):
    FILES_MISSING = "files_missing", _("근로계약서와 4대보험 가입자 명부를 모두 올려 주세요.")
    TOO_MANY_FILES = "too_many_files", _("서류마다 파일은 %(most)s개까지 올릴 수 있습니다.")
    HIRED_IN_FUTURE = "hired_in_future", _("채용일이 오늘보다 뒤입니다. 입사한 뒤에 증빙을 올려 주세요.")
    HIRED_TOO_EARLY = "hired_too_early", _("채용일은 프로젝트 시작일(%(starts)s)보다 뒤여야 합니다.")
    NO_REASON = "no_reason", _("사유를 적어 주세요.")
    OWN_SUBMISSION = "own_submission", _("증빙을 올린 사람은 그 증빙이나 면제를 결정할 수 없습니다.")
    CONFLICT = (
        "conflict",
        _("자신이 담당자로 있는 회사의 채용의무는 처리할 수 없습니다. 다른 담당자에게 부탁해 주세요."),
    )

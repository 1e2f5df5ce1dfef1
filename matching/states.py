from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from portal.workflow import Workflow


class RunKind(TextChoices):
    PROVISIONAL = "provisional", _("중간 점검")
    FINAL = "final", _("최종")


class RunState(TextChoices):
    QUEUED = "queued", _("대기 중")
    COMPUTED = "computed", _("계산됨")
    VERIFIED = "verified", _("검증됨")
    FAILED = "failed", _("실패")
    APPROVED = "approved", _("승인됨")
    PUBLISHED = "published", _("발표됨")
    DISCARDED = "discarded", _("버림")


MATCH_RUN = Workflow(
    {
        "compute_run": ({RunState.QUEUED}, RunState.COMPUTED),
        "verify_run": ({RunState.COMPUTED}, RunState.VERIFIED),
        "fail_run": ({RunState.QUEUED, RunState.COMPUTED}, RunState.FAILED),
        "approve_run": ({RunState.VERIFIED}, RunState.APPROVED),
        "publish_run": ({RunState.APPROVED}, RunState.PUBLISHED),
        "discard_run": ({RunState.VERIFIED, RunState.APPROVED, RunState.FAILED}, RunState.DISCARDED),
    }
)

#: A final run in one of these is the answer, or on its way to be: the night makes no second one.
STANDING = frozenset(
    {RunState.QUEUED, RunState.COMPUTED, RunState.VERIFIED, RunState.APPROVED, RunState.PUBLISHED}
)


class Outlook(TextChoices):
    """What a provisional run lets staff see of a project: a band, never a number."""

    DANGER = "danger", _("최소 인원 미달 위험")
    NOBODY = "nobody", _("배치될 사람 없음")
    ROOM = "room", _("자리 남음")
    FILLED = "filled", _("거의 채움")
    WANTED = "wanted", _("자리보다 희망이 많음")


class Adjustment(TextChoices):
    """What can be changed in a market before it is solved."""

    PLACES = "places", _("모집 인원")
    MINIMUM = "minimum", _("최소 인원")
    EXCLUDE = "exclude", _("과제 빼기")
    FIX = "fix", _("배치 지정")
    CAP = "cap", _("기업 상한")


class Examined(TextChoices):
    """What somebody who approves or publishes says they looked at; the certificate tells which."""

    ROOT = "root", _("제출확인서 뿌리값이 저장된 순위와 맞음(check_receipts)")
    SEED = "seed", _("추첨 씨앗이 약속값과 공개 난수에서 나온 값임")
    CLOSED = "closed", _("열지 않는 과제와 모인 인원")
    LINES = "lines", _("과제별 합격선과 결과 수치")
    HASHES = "hashes", _("입력·결과 해시가 검증서와 같음")


class MatchRefusal(TextChoices):
    NOT_AGENCY = "not_agency", _("진흥원 담당자만 할 수 있습니다.")
    SAME_PERSON = (
        "same_person",
        _("승인한 사람과 발표하는 사람은 달라야 합니다. 다른 진흥원 담당자에게 부탁해 주세요."),
    )
    NOT_PROVED = "not_proved", _("검증서가 이 결과를 증명하지 못합니다. 다시 계산해 주세요.")
    PROVISIONAL = "provisional", _("중간 점검 결과는 승인하거나 발표할 수 없습니다.")
    NO_NOTE = "no_note", _("무엇을 확인했는지 적어 주세요.")
    NOT_OPEN = "not_open", _("희망순위 제출이 시작된 공고만 매칭할 수 있습니다.")
    RUNNING = "running", _("이미 계산을 기다리는 매칭이 있습니다.")
    STANDS = "stands", _("이미 검증된 최종 결과가 있습니다. 다시 계산하려면 먼저 그 결과를 버려 주세요.")
    OUTDATED = (
        "outdated",
        _("계산한 뒤에 지원자, 과제 또는 회사 상한이 바뀌었습니다. 이 결과를 버리고 다시 계산해 주세요."),
    )
    UNDECIDED = (
        "undecided",
        _("아직 심사하지 않은 참여 신청이 %(count)s건 있습니다. 먼저 적격이나 부적격으로 정해 주세요."),
    )
    NO_DRAW_VALUE = (
        "no_draw_value",
        _(
            "추첨 값이 확정되지 않았습니다. 한 사람이 공개 난수를 입력하고 다른 사람이 확인한 뒤에 "
            "최종 매칭을 계산할 수 있습니다(‘추첨’ 화면)."
        ),
    )
    TAMPERED = (
        "tampered",
        _(
            "제출한 순위표 가운데 저장된 뒤에 바뀐 것이 있습니다: %(references)s. "
            "시스템 담당자가 확인할 때까지 승인하거나 발표할 수 없습니다."
        ),
    )
    NOT_SEALED = "not_sealed", _("순위가 마감된 공고만 발표할 수 있습니다.")

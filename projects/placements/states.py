from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from portal.workflow import Workflow


class PlacementState(TextChoices):
    OFFERED = "offered", _("수락 대기")
    ACCEPTED = "accepted", _("수락")
    DECLINED = "declined", _("거절")
    EXPIRED = "expired", _("기한 만료")
    WITHDRAWN = "withdrawn", _("참여 철회")
    RUNNING = "running", _("진행 중")
    COMPLETED = "completed", _("수료")
    NOT_COMPLETED = "not_completed", _("미수료")
    DROPPED_OUT = "dropped_out", _("중도 포기")
    TERMINATED = "terminated", _("프로젝트 중단")
    MOVED = "moved", _("다른 자리로 옮김")
    SUPERSEDED = "superseded", _("더 희망한 자리로 바뀜")


class PlacementSource(TextChoices):
    MATCH = "match", _("매칭")
    RESERVE = "reserve", _("예비순번")


class ReserveEnd(TextChoices):
    """Why somebody does not wait for a project any more."""

    ACCEPTED = "accepted", _("다른 자리를 수락함")
    LEFT = "left", _("스스로 빠짐")
    TERMINATED = "terminated", _("프로젝트 중단")
    OVER = "over", _("충원 기간이 끝남")
    WITHDREW = "withdrew", _("참여를 철회함")


class PassedOver(TextChoices):
    """What became of those with a smaller number, so that it was somebody else's turn."""

    SEATED = "seated", _("다른 자리를 수락")
    HERE = "here", _("먼저 차례를 받음")
    ELSEWHERE = "elsewhere", _("더 희망한 자리를 제안받음")
    DECLINED = "declined", _("거절하거나 답하지 않음")
    LEFT = "left", _("예비에서 빠짐")
    PAUSED = "paused", _("정보 제공 동의를 거둠")
    FULL = "full", _("회사가 더 받을 수 있는 인원이 없음")


LIVE = frozenset({PlacementState.OFFERED, PlacementState.ACCEPTED, PlacementState.RUNNING})
#: Gave the seat back, or let it go.
GIVEN_UP = frozenset({PlacementState.DECLINED, PlacementState.EXPIRED, PlacementState.WITHDRAWN})
#: The seat was there for somebody and is no more, by their own doing or the project's.
LOST = GIVEN_UP | {PlacementState.TERMINATED}
#: Left for a place the person would rather have, or was never answered because of one.
BETTERED = frozenset({PlacementState.MOVED, PlacementState.SUPERSEDED})
#: Keeps its seat for the count of places: those who are there, and those who stayed to the end.
SEATED = LIVE | {PlacementState.COMPLETED, PlacementState.NOT_COMPLETED}

PLACEMENT = Workflow(
    {
        "accept_placement": ({PlacementState.OFFERED}, PlacementState.ACCEPTED),
        "decline_placement": ({PlacementState.OFFERED}, PlacementState.DECLINED),
        "expire_placement": ({PlacementState.OFFERED}, PlacementState.EXPIRED),
        "withdraw_placement": ({PlacementState.ACCEPTED}, PlacementState.WITHDRAWN),
        "start_placement": ({PlacementState.ACCEPTED}, PlacementState.RUNNING),
        "complete_placement": ({PlacementState.RUNNING}, PlacementState.COMPLETED),
        "fail_placement": ({PlacementState.RUNNING}, PlacementState.NOT_COMPLETED),
        "drop_out": ({PlacementState.RUNNING}, PlacementState.DROPPED_OUT),
        "terminate_placement": (LIVE, PlacementState.TERMINATED),
        "move_placement": ({PlacementState.ACCEPTED}, PlacementState.MOVED),
        "supersede_placement": ({PlacementState.OFFERED}, PlacementState.SUPERSEDED),
    }
)


class DeclineReason(TextChoices):
    JOB = "job", _("취업했습니다")
    OTHER_PROGRAMME = "other_programme", _("다른 사업에 참여합니다")
    DISTANCE = "distance", _("거리·시간이 맞지 않습니다")
    HEALTH = "health", _("개인 사정이 있습니다")
    OTHER = "other", _("그 밖의 이유")


class PlacementRefusal(TextChoices):
    TOO_LATE = "too_late", _("응답 기한(%(deadline)s)이 지났습니다. 자리는 다음 예비순번에게 갑니다.")
    STARTED = (
        "started",
        _("프로젝트가 %(starts)s에 시작되어 철회할 수 없습니다. 그만두려면 운영사에 알려 주세요."),
    )
    NOT_ENDED = "not_ended", _("프로젝트가 끝난 뒤에 할 수 있습니다(종료일 %(ends)s).")
    PROJECT_OVER = (
        "project_over",
        _("회사 사정으로 지금은 이 자리를 수락할 수 없습니다. 운영사에 문의해 주세요."),
    )
    NOT_TAKING = (
        "not_taking",
        _(
            "‘%(project)s’에는 지금 사람을 배치할 수 없습니다. "
            "과제가 선정 상태가 아니거나 회사가 참여제한 중입니다."
        ),
    )
    NO_ROOM = (
        "no_room",
        _("자리가 모자라거나 이미 배치된 사람이 있어 아무에게도 제안하지 않았습니다. 다시 계산해 주세요."),
    )
    NOT_WAITING = "not_waiting", _("기다리는 예비순번이 없습니다.")

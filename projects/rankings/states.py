from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.workflow import Workflow


class RankListState(TextChoices):
    DRAFT = "draft", _("작성 중")
    CERTIFIED = "certified", _("최종 제출")
    REPLACED = "replaced", _("새 제출로 바뀜")
    SEALED = "sealed", pgettext_lazy("state", "마감")
    VOID = "void", _("무효")


RANK_LIST = Workflow(
    {
        "certify_rank_list": ({RankListState.DRAFT}, RankListState.CERTIFIED),
        "replace_rank_list": ({RankListState.CERTIFIED}, RankListState.REPLACED),
        "seal_rank_list": ({RankListState.CERTIFIED}, RankListState.SEALED),
        "void_rank_list": ({RankListState.DRAFT, RankListState.CERTIFIED}, RankListState.VOID),
    }
)


class RefusalCode(TextChoices):
    """Why a company would not take a person; looks, sex, age, region or family are no reasons."""

    SKILL = "skill", _("필수 기술이 부족함")
    FIELD = "field", _("과제 분야와 맞지 않음")
    TIME = "time", _("참여 시간이 맞지 않음")
    NO_SHOW = "no_show", _("면접에 오지 않음")
    OWN_WISH = "own_wish", _("본인이 원하지 않음")


class RankRefusal(TextChoices):
    NOT_YET = "not_yet", _("희망순위는 %(opens)s부터 정할 수 있습니다.")
    TOO_LATE = "too_late", _("희망순위 제출 마감(%(deadline)s)이 지나 바꿀 수 없습니다.")
    NOT_APPLIED = "not_applied", _("참여 신청을 먼저 제출해 주세요.")
    TOO_MANY = "too_many", _("희망순위는 %(limit)s개까지 담을 수 있습니다. 하나를 빼고 다시 담아 주세요.")
    ALREADY_LISTED = "already_listed", _("이미 담은 프로젝트입니다.")
    NOT_OFFERED = "not_offered", _("이 공고에서 모집하는 프로젝트가 아닙니다.")
    EMPTY = "empty", _("프로젝트를 한 개 이상 담은 뒤 제출해 주세요.")
    NOT_CANDIDATE = "not_candidate", _("이 공고의 적격 지원자가 아닙니다.")
    SCORE_RANGE = "score_range", _("점수는 0부터 100까지 입력해 주세요.")
    SCORE_OR_REFUSAL = (
        "score_or_refusal",
        _("점수를 주거나 받을 수 없는 이유를 고르거나, 둘 중 하나만 해 주세요."),
    )

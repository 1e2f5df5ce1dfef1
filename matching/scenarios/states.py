from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from portal.workflow import Workflow
from projects.states import TieRule


class ScenarioState(TextChoices):
    QUEUED = "queued", _("대기 중")
    VERIFIED = "verified", _("검증됨")
    FAILED = "failed", _("실패")
    PROMOTED = "promoted", _("채택됨")


SCENARIO = Workflow(
    {
        "compute_scenario": ({ScenarioState.QUEUED}, ScenarioState.VERIFIED),
        "fail_scenario": ({ScenarioState.QUEUED}, ScenarioState.FAILED),
        "change_scenario": (
            {ScenarioState.QUEUED, ScenarioState.VERIFIED, ScenarioState.FAILED},
            ScenarioState.QUEUED,
        ),
        "promote_scenario": ({ScenarioState.VERIFIED}, ScenarioState.PROMOTED),
    }
)


class Outcome(TextChoices):
    """What a scenario means for one person, against the run it was made from."""

    SAME = "same", _("그대로")
    BETTER = "better", _("더 높은 지망으로")
    WORSE = "worse", _("더 낮은 지망으로")
    ELSEWHERE = "elsewhere", _("다른 과제로")
    PLACED = "placed", _("새로 배치")
    LOST = "lost", _("배치되지 않게 됨")


def rule_words(rule: str) -> str:
    """A rule's name, as it stands on pages."""
    return str(dict(TieRule.choices).get(rule, rule))


class ScenarioRefusal(TextChoices):
    NO_MARKET = (
        "no_market",
        _("중간 점검에는 입력이 남지 않아 모의 매칭을 만들 수 없습니다. 최종 매칭에서 만들어 주세요."),
    )
    UNFIT = "unfit", _("조정을 이 매칭에 적용할 수 없습니다. 과제와 사람, 자리 수를 다시 살펴 주세요.")
    UNKNOWN_RULE = "unknown_rule", _("계산기가 모르는 동점 처리 방법입니다.")
    NAME_TAKEN = "name_taken", _("이 매칭에 같은 이름의 모의 매칭이 이미 있습니다. 다른 이름을 정해 주세요.")
    NOT_MAKER = "not_maker", _("모의 매칭은 만든 사람만 지울 수 있습니다.")
    PROMOTED = "promoted", _("채택된 모의 매칭은 고치거나 지울 수 없습니다.")
    NOT_AGENCY = "not_agency", _("진흥원 담당자만 채택할 수 있습니다.")
    NO_REASON = "no_reason", _("채택하는 까닭을 적어 주세요.")
    UNCHANGED = "unchanged", _("바꾼 것이 없습니다. 원래 매칭을 그대로 승인하면 됩니다.")
    PUBLISHED = (
        "published",
        _("이미 발표한 공고입니다. 발표한 결과는 바뀌지 않으므로 모의 매칭은 비교만 할 수 있습니다."),
    )
    NOT_STANDING = (
        "not_standing",
        _("모의 매칭의 바탕이 된 매칭이 지금 쓰는 매칭이 아닙니다. 지금 쓰는 매칭에서 다시 만들어 주세요."),
    )
    ANNOUNCED_RULE = (
        "announced_rule",
        _(
            "공고에서 알린 동점 처리(%(rule)s)와 다릅니다. 사람들은 그 약속을 믿고 순위를 냈으므로 비교만 할 수 있습니다."
        ),
    )
    NO_CONSENT = (
        "no_consent",
        _(
            "‘%(project)s’의 모집 인원이 회사가 낸 %(offered)s명보다 많습니다. 회사의 동의를 조정에 적어 주세요."
        ),
    )
    NO_GROUND = (
        "no_ground",
        _("‘%(project)s’에 지정한 배치에 본인과 회사의 동의를 적어 주세요. 예외로 기록됩니다."),
    )
    OUTDATED = (
        "outdated",
        _(
            "매칭을 계산한 뒤에 지원자나 과제가 바뀌었습니다. 매칭을 새로 계산하고 모의 매칭도 다시 만들어 주세요."
        ),
    )
    UNPROVED = "unproved", _("이 모의 매칭은 증명되지 않았습니다. 다시 계산해 주세요.")

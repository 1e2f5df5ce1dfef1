"""What two people who got no place ask about their result; one has an answer."""

from datetime import timedelta
from random import Random
from uuid import UUID

from django.utils import timezone

from matching.models import Match
from matching.reviews.actions import answer_review, ask_review
from matching.reviews.states import ReviewKind
from matching.states import RunState
from portal.demo.acting import Cast, user
from portal.demo.clock import Dates, at
from projects.models import Call

QUESTIONS = [
    (
        ReviewKind.EXPLANATION,
        "1순위 과제에서 적합도가 높은데도 점수를 받은 사람 다음에 섰다고 나옵니다. 왜 그런지 알고 싶습니다.",
        "회사가 점수를 매긴 사람은 점수 순서로 먼저 서고, 매기지 않은 사람은 그다음에 적합도 순서로 섭니다. 이 과제는 점수를 받은 "
        "사람만으로 자리가 모두 찼습니다. 저장된 입력으로 다시 계산해도 결과는 같았습니다.",
    ),
    (
        ReviewKind.HUMAN,
        "보유 기술에 올린 자격증이 반영되지 않은 것 같습니다. 사람이 다시 살펴 주세요.",
        "",
    ),
]


def ask_about_results(call: Call, dates: Dates, cast: Cast) -> None:
    without = Match.objects.filter(run__call=call, run__state=RunState.PUBLISHED, project=None)
    people = [
        match for match in without.select_related("application__trainee").order_by("pk") if match.reasons
    ]
    for hours, match, (kind, text, reply) in zip((5, 7), people, QUESTIONS, strict=False):
        asked_at = dates.published_at + timedelta(hours=hours)
        if asked_at >= timezone.now():
            continue
        name = match.application.pseudonym
        token = UUID(int=Random(f"review {name}").getrandbits(128), version=4)
        with at(asked_at):
            by = user(match.application.trainee.user_id)
            asked = ask_review(match.application, kind=kind, text=text, token=token, by=by)
        answered_at = asked_at + timedelta(days=1)
        if reply and answered_at < timezone.now():
            with at(answered_at):
                answer_review(asked, reply=reply, by=cast.operator)

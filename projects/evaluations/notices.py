from django.urls import reverse

from portal.notices.actions import notice, owe
from projects.evaluations.models import Evaluation


def evaluation_locked(evaluation: Evaluation) -> None:
    placement = evaluation.placement
    owe(
        [
            notice(
                placement.trainee.user,
                "evaluation_locked",
                f"evaluation-locked:{evaluation.pk}",
                link=reverse("placements:placement-detail", args=[placement.pk]),
                project=placement.project.title,
                appeal_until=evaluation.appeal_until.isoformat() if evaluation.appeal_until else "",
            )
        ]
    )


def evaluation_returned(evaluation: Evaluation, event_id: int, reason: str) -> None:
    owe(
        [
            notice(
                evaluation.rater,
                "evaluation_returned",
                f"evaluation-returned:{evaluation.pk}:{event_id}",
                link=reverse("evaluations:evaluation-edit", args=[evaluation.placement_id]),
                project=evaluation.placement.project.title,
                reason=reason,
            )
        ]
    )

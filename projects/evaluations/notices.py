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


def evaluation_returned(evaluation: Evaluation, event_id: int) -> None:
    """That it came back, not why: the reason tells of a person and stays inside."""
    placement = evaluation.placement
    owe(
        [
            notice(
                evaluation.rater,
                "evaluation_returned",
                f"evaluation-returned:{evaluation.pk}:{event_id}",
                link=reverse("evaluations:evaluation-edit", args=[placement.pk]),
                name=placement.trainee.user.name,
                project=placement.project.title,
            )
        ]
    )

from collections.abc import Iterable

from django.urls import reverse

from matching.models import MatchRun
from portal.accounts.models import StaffMember
from portal.companies.models import Company
from portal.companies.notices import members_of
from portal.notices.actions import notice, owe
from projects.applications.models import Application
from projects.models import Call, Project


def run_finished(run: MatchRun) -> None:
    """Tell the office that a run waits for it, or failed."""
    link = reverse("admin:matching_matchrun_change", args=[run.pk])
    figures = run.figures or {}
    owe(
        notice(
            member.user,
            "match_run_finished",
            f"match-run-finished:{run.pk}",
            link=link,
            call=run.call.title,
            kind=run.kind,
            state=run.state,
            size=figures.get("size", 0),
            applicants=figures.get("applicants", 0),
            closed=len(figures.get("closed", [])),
        )
        for member in StaffMember.objects.filter(ended_on=None, user__is_active=True).select_related("user")
    )


def results_unmatched(call: Call, people: Iterable[tuple[Application, int | None]]) -> None:
    """Everybody who was not placed reads so at the same moment as those who were, with the best reserve number."""
    link = reverse("matching:match-detail", args=[call.pk])
    owe(
        notice(
            application.trainee.user,
            "result_unmatched",
            f"result-unmatched:{application.pk}",
            link=link,
            call=call.title,
            reserve_no=reserve_no,
        )
        for application, reserve_no in people
    )


def results_for_companies(
    call: Call, companies: Iterable[Company], placed: dict[int, int], closed: dict[int, list[Project]]
) -> None:
    """How many people come to each company, and which of its projects do not open."""
    owe(
        notice(
            user,
            "result_company",
            f"result-company:{call.pk}:{company.pk}",
            link=reverse("placements:placement-list"),
            call=call.title,
            placed=placed.get(company.pk, 0),
            closed=[project.title for project in closed.get(company.pk, [])],
        )
        for company in companies
        for user in members_of(company)
    )

"""What a company has to do and how its projects stand: facts for one page, nothing is written."""

from datetime import timedelta
from itertools import groupby
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.companies.models import Company
from portal.companies.states import CompanyState
from portal.ui.korean import kdate
from projects.applications.models import Application
from projects.applications.states import ApplicationState
from projects.models import Call, Project
from projects.obligations.models import HiringObligation
from projects.placements.models import Placement
from projects.placements.states import LIVE, PlacementState
from projects.rankings.models import RankItem, RankList
from projects.states import ProjectState

#: Obligations this near are shown one by one.
SOON = timedelta(days=30)
#: How many rows of a kind the first page shows; the rest is one link away.
SHOWN = 6


def standing_of(company: Company) -> dict[str, str] | None:
    """Why a company cannot take part now, if it cannot."""
    if company.state == CompanyState.UNVERIFIED:
        text = _(
            "운영사가 사업자등록 정보를 확인하고 있습니다. 과제는 미리 써 둘 수 있고, 확인이 끝나면 제출할 수 있습니다."
        )
        return {"tone": "info", "title": _("회사 확인을 기다리고 있습니다"), "text": text}
    if company.state == CompanyState.REJECTED:
        return {"tone": "danger", "title": _("회사를 확인하지 못했습니다"), "text": company.decision_reason}
    if company.state == CompanyState.SUSPENDED:
        until = kdate(company.suspended_until)
        title = _("%(until)s까지 참여가 제한되었습니다") % {"until": until}
        return {"tone": "danger", "title": title, "text": company.decision_reason}
    return None


def urgent_of(company: Company) -> list[dict[str, Any]]:
    """Hires that are overdue or due within a month, the most pressing first."""
    near = timezone.localdate() + SOON
    owed = HiringObligation.objects.waiting().filter(company=company, due_on__lte=near).with_names()
    return [
        {
            "person": obligation.placement.trainee.user.name,
            "project": obligation.placement.project.title,
            "due_on": obligation.due_on,
            "url": reverse("obligations:obligation-detail", args=[obligation.pk]),
        }
        for obligation in owed.order_by("due_on", "pk")[:SHOWN]
    ]


def stats_of(company: Company) -> list[dict[str, Any]]:
    today = timezone.localdate()
    owed = HiringObligation.objects.filter(company=company).by_urgency(today)
    waiting = HiringObligation.objects.waiting().filter(company=company).count()
    placed = dict(
        Placement.objects.filter(company=company, state__in=LIVE)
        .values_list("state")
        .annotate(count=Count("pk"))
        .order_by()
    )
    unanswered = placed.get(PlacementState.OFFERED, 0)
    coming = placed.get(PlacementState.ACCEPTED, 0) + placed.get(PlacementState.RUNNING, 0)
    selected = Project.objects.filter(
        company=company, state__in=[ProjectState.SELECTED, ProjectState.RUNNING]
    )
    overdue = owed["overdue"]
    people, projects = reverse("placements:placement-list"), reverse("projects:project-manage-list")
    return [
        {"label": _("선정·진행 중인 프로젝트"), "value": selected.count(), "unit": _("건"), "url": projects},
        {"label": _("참여가 확정된 사람"), "value": coming, "unit": _("명"), "url": people},
        {"label": _("수락을 기다리는 사람"), "value": unanswered, "unit": _("명"), "url": people},
        {
            "label": _("이행할 채용의무"),
            "value": waiting,
            "unit": _("건"),
            "note": _("기한 지남 %(count)s건") % {"count": overdue} if overdue else "",
            "tone": "danger" if overdue else "",
            "url": reverse("obligations:obligation-list"),
        },
    ]


def reviews_of(company: Company) -> list[dict[str, Any]]:
    """Per call whose lists are open: how many candidates of each project have been reviewed, and until when."""
    projects = list(
        Project.objects.filter(
            company=company, state=ProjectState.SELECTED, call__in=Call.objects.ranking(timezone.now())
        )
        .select_related("call__rule_set")
        .order_by("call_id", "title")
    )
    calls = {project.call_id for project in projects}
    lists = {
        row.call_id: row
        for row in RankList.objects.filter(company=company, call__in=calls).working().reverse()
    }
    bound = dict(
        RankList.objects.filter(company=company, call__in=calls).binding().values_list("call_id", "pk")
    )
    reviewed = dict(
        RankItem.objects.filter(rank_list__in=lists.values())
        .values_list("project")
        .annotate(count=Count("pk"))
        .order_by()
    )
    eligible = dict(
        Application.objects.filter(call__in=calls, state=ApplicationState.ELIGIBLE)
        .values_list("call")
        .annotate(count=Count("pk"))
        .order_by()
    )
    return [
        {
            "call": group[0].call,
            "certified": call in bound,
            "changed": call in bound and lists[call].pk != bound[call],
            "projects": [
                {
                    "project": project,
                    "reviewed": reviewed.get(project.pk, 0),
                    "goal": min(
                        project.places * project.call.rule_set.review_multiple, eligible.get(call, 0)
                    ),
                }
                for project in group
            ],
        }
        for call, found in groupby(projects, key=lambda project: project.call_id)
        if (group := list(found))
    ]

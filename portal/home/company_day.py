"""What a company has to do, by when, and how its projects stand: facts for one page, nothing is written."""

from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.accounts.models import User
from portal.companies.models import Company
from portal.companies.rules import is_manager
from portal.companies.states import CompanyState
from portal.home.trainee_panel import say
from portal.ui.korean import kdate, kdatetime
from projects.applications.models import Application
from projects.evaluations.states import EvaluationState
from projects.interviews.models import Interview
from projects.interviews.states import InterviewState
from projects.models import Call, Project
from projects.obligations.models import HiringObligation
from projects.placements.models import Placement
from projects.placements.states import LIVE, PlacementState
from projects.rankings.actions import review_progress
from projects.rankings.models import RankList
from projects.states import BEFORE_RESULTS, CallState, ProjectState

Task = dict[str, Any]

#: Hires due this soon are things to do now; later ones are counted.
SOON = timedelta(days=30)
#: Within so many days a deadline presses.
PRESSING = 7
#: How many rows of a kind the first page shows; the rest is one link away. So many projects decide what comes next.
SHOWN, KNOWN = 6, 100


# --- what to do -----------------------------------------------------------------------------------------


def tasks_of(company: Company, user: User) -> list[Task]:
    """What this member can do for the company now, the earliest deadline first; what has none comes last."""
    tasks = [
        *_hires(company, user), *_drafts(company, user), *_reviews(company, user), *_interviews(company, user),
        *_ratings(company, user),
    ]  # fmt: skip
    return sorted(tasks, key=lambda task: task["due_on"] or date.max)


def _task(
    title: str, url: str, action: str, *hints: str, due: date | datetime | None = None, late: bool = False
) -> Task:
    due_on = timezone.localtime(due).date() if isinstance(due, datetime) else due
    said = [hint for hint in hints if hint]
    return {"title": title, "url": url, "action": action, "hints": said, "due": due, "due_on": due_on} | {
        "late": late,
        "pressing": due_on is not None and due_on <= timezone.localdate() + timedelta(days=PRESSING),
    }


def _hires(company: Company, user: User) -> list[Task]:
    if not user.has_perm("obligations.submit_evidence", company):
        return []
    today = timezone.localdate()
    owed = HiringObligation.objects.waiting().filter(company=company, due_on__lte=today + SOON).with_names()
    return [
        _task(
            _("%(person)s 님 채용 증빙 올리기") % {"person": obligation.placement.trainee.user.name},
            reverse("obligations:obligation-detail", args=[obligation.pk]),
            _("채용 증빙 올리기"),
            obligation.placement.project.title,
            due=obligation.due_on,
            late=obligation.due_on < today,
        )
        for obligation in owed.order_by("due_on", "pk")[:SHOWN]
    ]


def _drafts(company: Company, user: User) -> list[Task]:
    """Projects that are still to be handed in; only a verified company can."""
    if company.state != CompanyState.VERIFIED or not user.has_perm("projects.submit_project", company):
        return []
    drafts = Project.objects.to_hand_in(timezone.now()).filter(company=company).select_related("call")
    tasks = []
    for project in drafts.order_by("call__projects_due_at", "title"):
        words = {"project": project.title}
        returned = project.is_returned
        tasks.append(
            _task(
                _("‘%(project)s’ 보완해서 다시 제출하기") % words
                if returned
                else _("‘%(project)s’ 마저 쓰고 제출하기") % words,
                reverse("projects:project-manage", args=[project.pk]),
                _("보완하기") if returned else _("이어 쓰기"),
                _("운영사 의견: %(reason)s") % {"reason": project.decision_reason} if returned else "",
                due=project.hand_in_due_at,
            )
        )
    return tasks


def _interviews(company: Company, user: User) -> list[Task]:
    """Interviews that have been and of which nothing is written down yet, one thing to do per project."""
    if not user.has_perm("interviews.hold_interview", company):
        return []
    open_calls = Project.objects.in_match().filter(call__in=Call.objects.ranking(timezone.now()))
    been = Interview.objects.filter(
        Q(state=InterviewState.BOOKED, ends_at__lt=timezone.now()) | Q(state=InterviewState.HELD, form=None),
        company=company,
        project__in=open_calls,
        application__in=Application.objects.candidates().values("pk"),
    )
    counted = been.values_list("project", "project__title", "project__call__rankings_due_at")
    return [
        _task(
            _("‘%(project)s’ 면접 결과와 평가지 적기") % {"project": title},
            reverse("interviews:interview-board", args=[pk]),
            _("면접 보기"),
            _("면접 %(count)s건의 결과를 적지 않았습니다.") % {"count": count},
            due=due_at,
        )
        for pk, title, due_at, count in counted.annotate(count=Count("pk")).order_by(
            "project__title", "project"
        )
    ]


def _reviews(company: Company, user: User) -> list[Task]:
    """One thing to do per call whose lists are open and not yet certified as they stand."""
    if not user.has_perm("rankings.score_candidates", company):
        return []
    may_certify = user.has_perm("rankings.certify_company_list", company)
    return [
        _review(company, review, may_certify)
        for review in reviews_of(company)
        if review["changed"] or not review["certified"]
    ]


def _review(company: Company, review: dict[str, Any], may_certify: bool) -> Task:
    call = review["call"]
    unfinished = next((row for row in review["projects"] if row["reviewed"] < row["goal"]), None)
    progress = " · ".join(
        _("‘%(project)s’ %(reviewed)d/%(goal)d명 검토")
        % {"project": row["project"].title, "reviewed": row["reviewed"], "goal": row["goal"]}
        for row in review["projects"]
    )
    certify = reverse("rankings:scores-certify", args=[company.pk, call.pk])
    if review["changed"]:
        title = _("바꾼 지원자 평가 다시 제출하기")
        why = _("제출한 뒤 평가를 바꾸었습니다. 다시 제출해야 바뀐 평가가 쓰입니다.")
        return _task(title, certify, _("확인하고 제출"), why, due=call.rankings_due_at)
    if unfinished:
        candidates = reverse("rankings:candidate-list", args=[unfinished["project"].pk])
        title = _("지원자 평가하고 최종 제출하기") if may_certify else _("지원자 평가하기")
        return _task(title, candidates, _("지원자 평가하기"), progress, due=call.rankings_due_at)
    if may_certify:
        title = _("지원자 평가 최종 제출하기")
        return _task(title, certify, _("확인하고 최종 제출"), progress, due=call.rankings_due_at)
    title, why = _("지원자 평가 확인하기"), _("최종 제출은 대표 담당자가 합니다. 마쳤다고 알려 주세요.")
    return _task(title, certify, _("평가 확인하기"), progress, why, due=call.rankings_due_at)


def _ratings(company: Company, user: User) -> list[Task]:
    """People who completed and whose evaluation is not handed in."""
    waiting = Placement.objects.filter(
        Q(evaluation=None) | Q(evaluation__state=EvaluationState.DRAFT),
        company=company,
        state=PlacementState.COMPLETED,
    ).exclude(trainee__user=user)
    found = list(waiting.with_names().order_by("-call_id", "ends_on", "pk"))
    if not found or not user.has_perm("evaluations.change_evaluation", found[0]):
        return []
    why = _("평가를 제출해야 우수 여부가 정해집니다.")
    if len(found) == 1:
        title = _("%(person)s 님 평가하기") % {"person": found[0].trainee.user.name}
        url = reverse("evaluations:evaluation-edit", args=[found[0].pk])
        return [_task(title, url, _("평가하기"), found[0].project.title, why)]
    title = _("수료한 %(count)d명 평가하기") % {"count": len(found)}
    url = f"{reverse('placements:placement-list')}?company={company.pk}&call={found[0].call_id}"
    return [_task(title, url, _("평가하기"), why)]


def reviews_of(company: Company) -> list[dict[str, Any]]:
    """Per call whose lists are open: how many candidates of each project have been reviewed, and until when."""
    projects = list(
        Project.objects.in_match()
        .filter(company=company, call__in=Call.objects.ranking(timezone.now()))
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
    progress = review_progress(projects)
    return [
        {
            "call": group[0].call,
            "certified": call in bound,
            "changed": call in bound and lists[call].pk != bound[call],
            "projects": [{"project": project, **progress[project.pk]} for project in group],
        }
        for call, found in groupby(projects, key=lambda project: project.call_id)
        if (group := list(found))
    ]


# --- where the company stands -----------------------------------------------------------------------------


def panel_of(
    company: Company, user: User, tasks: list[Task], projects: list[Project], call: Call | None
) -> dict[str, Any]:
    """The one thing to do now and by when; if there is none, what comes next. ``call`` takes projects now."""
    profile = f"{reverse('companies:company-detail')}?company={company.pk}"
    may_manage = is_manager(user, company)
    if company.state == CompanyState.REJECTED:
        edit = f"{reverse('companies:company-edit')}?company={company.pk}"
        action = (_("회사 정보 고치기"), edit) if may_manage else (_("기업 정보 보기"), profile)
        text = _("회사 정보를 고쳐 저장하면 운영사가 다시 확인하고 결과를 알려 드립니다.")
        return say(
            _("회사를 확인하지 못했습니다"), company.decision_reason, text, tone="danger", action=action
        )
    if tasks:
        return _first_task(tasks[0])
    may_write = may_manage and company.state != CompanyState.SUSPENDED
    first = _first_project(company, projects, call) if may_write else None
    if company.state == CompanyState.UNVERIFIED:
        text = _(
            "운영사가 사업자등록 정보를 확인하고 있습니다. 보통 근무일 2일 안에 끝나고, 이메일과 알림으로 알려 드립니다."
        )
        return say(
            _("회사 확인을 기다리고 있습니다"),
            text,
            _("그동안 과제를 써 둘 수 있습니다. 확인이 끝나면 제출합니다.") if first else "",
            action=first or (_("기업 정보 보기"), profile),
        )  # fmt: skip
    if not projects:
        texts = [
            _("함께할 사람 수, 필요한 기술, 채용 조건을 적어 제출하면 심사를 거쳐 참여자에게 공개됩니다.")
        ]
        if call is None:
            texts = [_("지금은 과제를 받는 공고가 없습니다. 새 공고가 열리면 이곳에서 바로 쓸 수 있습니다.")]
        elif call.projects_due_at:
            texts += [_("%(due)s까지 제출하세요.") % {"due": kdatetime(call.projects_due_at)}]
        browse = (_("다른 회사의 프로젝트 보기"), reverse("projects:project-list"))
        return say(_("아직 과제가 없습니다"), *texts, action=first or browse)
    people = (_("참여자 보기"), f"{reverse('placements:placement-list')}?company={company.pk}")
    own = (_("내 프로젝트 보기"), f"{reverse('projects:project-manage-list')}?company={company.pk}")
    begun = any(project.call.state in (CallState.ANNOUNCED, CallState.RUNNING) for project in projects)
    action = people if begun else own
    return say(_("지금 할 일이 없습니다"), *next_of(company, projects), tone="good", action=action)


def _first_task(task: Task) -> dict[str, Any]:
    due = task["due"]
    until = (
        _("%(due)s까지") % {"due": kdatetime(due) if isinstance(due, datetime) else kdate(due)} if due else ""
    )
    if task["late"]:
        until = _("기한이 %(due)s이었습니다. 지금 바로 올려 주세요.") % {"due": kdate(due)}
    tone = "danger" if task["late"] else "warn" if task["pressing"] else "info"
    panel = say(task["title"], *task["hints"], until, tone=tone, action=(task["action"], task["url"]))
    return panel | {"due_on": task["due_on"]}


def _first_project(company: Company, projects: list[Project], call: Call | None) -> tuple[str, str] | None:
    """Where writing begins or goes on, while a call takes projects."""
    if call is None:
        return None
    draft = next((project for project in projects if project.state == ProjectState.DRAFT), None)
    if draft is not None:
        return _("쓰던 과제 이어 쓰기"), reverse("projects:project-manage", args=[draft.pk])
    return _("과제 쓰기"), f"{reverse('projects:project-add')}?company={company.pk}"


def next_of(company: Company, projects: list[Project]) -> list[str]:
    """What the company waits for, in one sentence per call."""
    now, said, barred = timezone.now(), [], company.state != CompanyState.VERIFIED
    certified = set(RankList.objects.binding().filter(company=company).values_list("call", flat=True))
    for _call, group in groupby(projects, key=lambda project: project.call_id):
        found = list(group)
        call, states = found[0].call, {project.state for project in found}
        if ProjectState.SUBMITTED in states and call.state == CallState.OPEN:
            count = sum(project.state == ProjectState.SUBMITTED for project in found)
            said.append(
                ngettext(
                    "과제 %(count)d건을 심사하고 있습니다.", "과제 %(count)d건을 심사하고 있습니다.", count
                )
                % {"count": count}
            )
        if ProjectState.SELECTED not in states and ProjectState.RUNNING not in states:
            continue
        if barred and call.state in BEFORE_RESULTS:
            continue  # the bar is told above; the match goes on without the company
        words = {"call": call.title}
        if call.rankings_open_at and now < call.rankings_open_at:
            words["moment"] = kdatetime(call.rankings_open_at)
            said.append(_("%(call)s: %(moment)s부터 지원자를 평가합니다.") % words)
        elif call.takes_rankings:
            words["moment"] = kdatetime(call.rankings_due_at)
            done = _("%(call)s: 평가를 제출했습니다. %(moment)s까지 바꿔서 다시 제출할 수 있습니다.")
            todo = _("%(call)s: 대표 담당자가 %(moment)s까지 평가를 제출합니다.")
            said.append((done if call.pk in certified else todo) % words)
        elif call.state in BEFORE_RESULTS:
            words["moment"] = kdate(call.announce_on)
            said.append(_("%(call)s: %(moment)s에 결과를 발표할 예정입니다.") % words)
        elif call.state == CallState.ANNOUNCED:
            words["moment"] = kdate(call.starts_on)
            said.append(_("%(call)s: %(moment)s에 프로젝트를 시작합니다.") % words)
        elif call.state == CallState.RUNNING:
            words["moment"] = kdate(call.ends_on)
            said.append(_("%(call)s: %(moment)s까지 프로젝트를 진행합니다.") % words)
    return said


def barred_of(company: Company) -> dict[str, str] | None:
    """That the company may not take part for a while; what it owes it still does."""
    if company.state != CompanyState.SUSPENDED:
        return None
    title = _("%(until)s까지 참여가 제한되었습니다") % {"until": kdate(company.suspended_until)}
    return {"title": title, "text": company.decision_reason}


def stats_of(company: Company) -> list[dict[str, Any]]:
    today = timezone.localdate()
    owed = HiringObligation.objects.filter(company=company).by_urgency(today)
    waiting = HiringObligation.objects.waiting().filter(company=company).count()
    placed = dict(
        Placement.objects.filter(company=company, state__in=LIVE, offered_at__lte=timezone.now())
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

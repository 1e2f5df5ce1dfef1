"""What the demo holds, in numbers and in logins. Reads only."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from unicodedata import east_asian_width

from django.db.models import Count, QuerySet, TextChoices
from django.utils import timezone

from matching.models import Match, MatchRun
from matching.proofs.models import Auditor
from matching.states import STANDING, RunKind, RunState
from portal.accounts.models import StaffMember, User
from portal.audit.models import Event
from portal.companies.models import Company
from portal.companies.states import CompanyState, MemberRole
from portal.demo.office import address
from portal.notices.models import Notice
from portal.notices.states import NoticeState
from portal.schools.models import Graduate
from portal.trainees.models import Trainee
from projects.applications.models import Application
from projects.applications.states import ApplicationState
from projects.interviews.models import Interview
from projects.interviews.states import InterviewState
from projects.models import Call, Project
from projects.obligations.models import HiringObligation
from projects.obligations.states import WAITING, ObligationState
from projects.placements.models import Placement, Reserve
from projects.placements.states import PlacementSource, PlacementState
from projects.rankings.models import RankList
from projects.rankings.states import RankListState
from projects.states import ProjectState

#: Projects whose places nobody can get.
NOT_CHOSEN = ("draft", "submitted", "reserve", "rejected", "withdrawn")
REMINDERS = ("obligation_due", "ranking_due", "placement_answer_due")


def pad(text: str, width: int) -> str:
    """Text and blanks up to a width in which a Korean letter counts two."""
    return text + " " * (width - sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text))


def by_state(rows: QuerySet[Any], states: type[TextChoices]) -> str:
    """``적격 296 · 부적격 8``, in the order of the states."""
    counts = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    return " · ".join(f"{state.label} {counts[state]:,}" for state in states if state in counts) or "없음"


def seeded_call() -> Call:
    """This year's call, as the seed wrote it down."""
    return Call.objects.get(pk=Event.objects.filter(verb="seed_demo").latest("pk").object_id)


# --- one screen of numbers ------------------------------------------------------------------------------


def summary() -> Iterator[str]:
    yield from _lines("사람", [
        ("수료생", f"{Graduate.objects.count():,}명 (계정을 만든 교육생 {Trainee.objects.count():,}명)"),
        ("참여기업", by_state(Company.objects.all(), CompanyState)),
        ("진흥원·운영사", f"{StaffMember.objects.filter(ended_on=None).count()}명"),
    ])  # fmt: skip
    for call in Call.objects.order_by("rankings_due_at"):
        yield from _lines(f"{call} ({call.get_state_display()})", _of_call(call))
    yield from _lines("채용의무", [("상태", by_state(HiringObligation.objects.all(), ObligationState))])
    owed = Notice.objects.filter(kind__in=REMINDERS, state=NoticeState.OWED)
    yield from _lines("알림", [
        ("보낼 독촉", f"{owed.count()}건 (채용 기한 {owed.filter(kind='obligation_due').count()}, "
                   f"순위 제출 {owed.filter(kind='ranking_due').count()}, "
                   f"배치 응답 {owed.filter(kind='placement_answer_due').count()})"),
        ("전체", by_state(Notice.objects.all(), NoticeState)),
    ])  # fmt: skip


def _lines(title: str, facts: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield title
    for name, text in facts:
        yield f"  {pad(name, 14)} {text}"


def _answer(figures: Mapping[str, Any]) -> str:
    """A final run in numbers; a provisional one as roughly as staff see it."""
    if "size" not in figures:
        about = figures["about"]
        return f"자리 {figures['places']:,}개, 순위를 낸 사람 {figures['with_list']:,}명" + (
            "" if about is None else f", 지금대로면 약 {about:,}명 배치"
        )
    first, second, third = [*figures["rank_profile"], 0, 0, 0][:3]
    return (
        f"자리 {figures['places']:,}개에 {figures['size']:,}명 배치, "
        f"1순위 {first:,} · 2순위 {second:,} · 3순위 {third:,}, 미개설 과제 {len(figures['closed'])}건"
    )


def _of_call(call: Call) -> Iterator[tuple[str, str]]:
    projects = Project.objects.filter(call=call)
    offering = projects.values("company").distinct().count()
    places = sum(projects.exclude(state__in=NOT_CHOSEN).values_list("places", flat=True))
    yield "과제", f"{projects.count():,}건, 기업 {offering:,}곳, 자리 {places:,}개"
    yield "참여 신청", by_state(Application.objects.filter(call=call), ApplicationState)
    interviews = Interview.objects.filter(project__call=call)
    if interviews:
        yield "면접", by_state(interviews, InterviewState)
    run = MatchRun.objects.filter(call=call).exclude(figures=None).light().order_by("-pk").first()
    if run is None:
        yield "매칭", "아직 없음"
        return
    figures = run.figures
    assert figures is not None  # noqa: S101 -- excluded above
    yield f"매칭 ({run.get_kind_display()})", f"{run.get_state_display()}: {_answer(figures)}"
    placements = Placement.objects.filter(call=call)
    if placements:
        yield "배치", by_state(placements, PlacementState)


# --- one login per kind of person -------------------------------------------------------------------------


@dataclass(frozen=True)
class Login:
    kind: str
    email: str
    story: str


def logins() -> Iterator[Login]:
    """One person of every kind the demo's stage has."""
    yield from _trainees()
    yield Login("기업 대표", "owner", "기한이 지난 채용의무부터, 현황의 ‘지금 할 일’을 차례로 따라가 보세요")
    yield Login("기업 담당자", "manager", "같은 회사. 점수를 적을 수 있지만 최종 제출은 대표만 합니다")
    yield Login("기업 멘토", "mentor", "같은 회사. 지원자를 보고 수료한 사람을 평가합니다")
    yield from _companies()
    yield Login("새 기업", "new1", "등록을 마치고 운영사의 확인을 기다립니다")
    yield Login("새 기업", "new4", "확인을 거절당했습니다. 회사 정보를 고칩니다")
    if Auditor.objects.live(timezone.localdate()).exists():
        yield Login("감사인", "auditor", "알림을 따라가 결과를 내려받고 이음 밖에서 다시 증명합니다")
    yield Login("교육기관", "school", "수료생을 보낸 학교의 담당자(학교 화면은 아직 없습니다)")


def _companies() -> Iterator[Login]:
    """Owners who see what the first company does not."""
    owners = User.objects.filter(company_memberships__role=MemberRole.OWNER).exclude(email=address("owner"))
    returned = Project.objects.filter(state=ProjectState.DRAFT).exclude(decision_reason="")
    for kind, users, story in [
        (
            "기업 대표",
            owners.filter(company_memberships__company__projects__in=returned),
            "보완 요청을 받은 과제를 고쳐 다시 제출합니다",
        ),
        (
            "제한된 기업",
            owners.filter(company_memberships__company__state=CompanyState.SUSPENDED),
            "참여제한 중에도 채용의무는 이행해야 합니다",
        ),
    ]:
        user = users.order_by("pk").first()
        if user is not None:
            yield Login(kind, user.email, story)


def _trainees() -> Iterator[Login]:
    call = seeded_call()
    people: list[tuple[QuerySet[User], str]] = [
        *_after_match(call),
        (
            User.objects.filter(
                trainee__interviews__project__call=call, trainee__interviews__state=InterviewState.INVITED
            ),
            "면접 초대를 받아 시간을 고릅니다",
        ),
        (User.objects.filter(trainee__reports__project__call=call), "면접에서 순위를 물어 신고했습니다"),
        (_by_list(call, RankListState.CERTIFIED), "희망순위를 최종 제출했습니다"),
        (_by_list(None, RankListState.DRAFT), "희망순위를 정하는 중입니다"),
        (_applied(ApplicationState.RETURNED), "보완 요청을 받은 신청서를 고쳐 다시 냅니다"),
        (_applied(ApplicationState.INELIGIBLE), "참여 자격이 없다는 결과와 이유를 읽습니다"),
        (User.objects.filter(trainee__isnull=False, trainee__applications=None), "아직 신청하지 않았습니다"),
        (_promised(WAITING), "지난 공고를 마치고 채용을 기다립니다"),
        (_promised([ObligationState.FULFILLED]), "지난 공고를 마치고 채용되었습니다"),
    ]
    for users, story in people:
        user = users.order_by("pk").first()
        if user is not None:
            yield Login("교육생", user.email, story)


def _after_match(call: Call) -> Iterator[tuple[QuerySet[User], str]]:
    """The answer's lines, whether they are published or wait for it."""
    run = MatchRun.objects.filter(call=call, kind=RunKind.FINAL, state__in=STANDING).light().first()
    if run is None:
        return
    if run.state == RunState.PUBLISHED:
        asked = Placement.objects.filter(
            call=call, state=PlacementState.OFFERED, source=PlacementSource.RESERVE
        )
        for offers, story in [
            (asked.filter(moves_from__isnull=False), "자리를 둔 채 더 희망한 자리를 제안받았습니다"),
            (asked.filter(moves_from=None), "예비순번이 돌아와 빈자리를 제안받았습니다"),
            (
                call.placements.filter(state=PlacementState.ACCEPTED, moves_from__isnull=False),
                "더 희망한 자리로 옮겼습니다",
            ),
        ]:
            yield User.objects.filter(trainee__placements__in=offers), story
        for state, story in [
            (PlacementState.OFFERED, "배치되어 응답을 기다립니다"),
            (PlacementState.ACCEPTED, "배치를 수락했습니다"),
            (PlacementState.RUNNING, "프로젝트에 참여하고 있습니다"),
            (PlacementState.COMPLETED, "프로젝트를 수료했습니다"),
        ]:
            yield User.objects.filter(trainee__placements__call=call, trainee__placements__state=state), story
        waiting = Reserve.objects.waiting().filter(
            application__call=call, application__state=ApplicationState.RESERVE
        )
        yield (
            User.objects.filter(trainee__applications__in=waiting.values("application")),
            "예비순번으로 기다립니다",
        )
        unmatched = Application.objects.filter(call=call, state=ApplicationState.UNMATCHED)
        yield User.objects.filter(trainee__applications__in=unmatched), "배치되지 않았습니다"
        return
    lines = Match.objects.filter(run=run)
    for found, story in [
        (lines.filter(rank=2), "발표하면 2순위에 배치됩니다(지금은 발표 전)"),
        (lines.filter(project=None).exclude(reasons=[]), "발표하면 예비순번을 받습니다(지금은 발표 전)"),
        (lines.filter(project=None, reasons=[]), "순위를 제출하지 않아 배치되지 않습니다(지금은 발표 전)"),
    ]:
        yield User.objects.filter(trainee__applications__in=found.values("application")), story


def _by_list(call: Call | None, state: str) -> QuerySet[User]:
    """Owners of a list in one state, of one call or of any that takes lists."""
    calls = [call.pk] if call else [one.pk for one in Call.objects.all() if one.takes_rankings]
    lists = RankList.objects.filter(call__in=calls, state=state, application__isnull=False)
    return User.objects.filter(trainee__applications__in=lists.values("application"))


def _applied(state: str) -> QuerySet[User]:
    return User.objects.filter(trainee__applications__state=state)


def _promised(states: Iterable[str]) -> QuerySet[User]:
    return User.objects.filter(trainee__placements__obligation__state__in=list(states))

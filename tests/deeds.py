"""Every form of the portal, filled in so that it works: where, by whom, with what, and what others are answered.

The tests of access, bad input, double clicks and CSRF all walk over this table. A page that accepts POST and has no
line here fails ``test_every_form_has_a_deed``.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from matching.reviews.actions import withdraw_review
from portal.companies.terms import with_check_digit
from projects.interviews.actions import shortlist_candidate
from projects.rankings.actions import add_wish, score_candidate
from projects.rankings.models import RankList
from tests.factories import ApplicationFactory
from tests.visiting import PEOPLE
from tests.world import PDF, World

Body = dict[str, Any]


def nothing(world: World) -> None:
    """The world is ready as it stands."""


class Deed(NamedTuple):
    """One form.

    ``answers`` says what each of :data:`PEOPLE` gets for the very same request: 302 somebody who may (or a visitor,
    sent to sign in), 404 a stranger, 403 who may know of it. ``again`` is what the second of two clicks gets.
    """

    page: str
    by: str
    answers: str
    arguments: Callable[[World], list[Any]] = lambda world: []
    body: Callable[[World], Body] = lambda world: {}
    query: Callable[[World], str] = lambda world: ""
    arrange: Callable[[World], None] = nothing
    again: int = 302

    def url(self, world: World) -> str:
        query = self.query(world)
        return reverse(self.page, args=self.arguments(world)) + (f"?{query}" if query else "")

    def answer_of(self, who: str) -> int:
        return int(self.answers.split()[PEOPLE.index(who)])


# --- what is typed ------------------------------------------------------------------------------------


def project_body(world: World, **changes: Any) -> Body:
    return {
        "call": world.fresh.pk, "title": "새 과제", "summary": "한 줄", "description": "하는 일", "data_used": "영상 12만 장",
        "field": world.draft.field_id, "region": "창원", "work_mode": "hybrid", "minimum": "1", "places": "2",
        "mentors": [world.mentor_member.pk], "pledged_hires": "1", "hire_type": "정규직", "hire_pay_won": "2800000",
        "hire_place": "창원", "skills-TOTAL_FORMS": "1", "skills-INITIAL_FORMS": "0", "skills-MIN_NUM_FORMS": "0",
        "skills-MAX_NUM_FORMS": "20", "skills-0-skill": "python", "skills-0-level": "3", "skills-0-need": "required",
        **changes,
    }  # fmt: skip


def edited_project(world: World) -> Body:
    world.draft.refresh_from_db()
    return project_body(world, title="고친 과제", seen=world.draft.updated_at.isoformat())


COMPANY = {
    "name": "새기업", "representative": "박대표", "region": "창원", "address": "창원시 1", "field": "제조", "employees": "12",
    "website": "https://example.com/", "about": "소개",
}  # fmt: skip

PROFILE = {
    "phone": "010-1234-5678", "region": "김해", "available_from": "2027-01-04", "weekly_hours": "20", "work_mode": "onsite",
    "employment": "unemployed", "intro": "소개", "portfolio": "https://example.com/me", "skill_python": "4", "interests": ["nlp"],
}  # fmt: skip


def papers(world: World) -> Body:
    return {
        "hired_on": timezone.localdate().isoformat(),
        "contract": SimpleUploadedFile("계약서.pdf", PDF, "application/pdf"),
        "insurance": SimpleUploadedFile("가입내역.pdf", PDF, "application/pdf"),
    }


def next_week(world: World) -> Body:
    day = timezone.localdate() + timedelta(days=5)
    return {
        "day": day.isoformat(),
        "hour": "10:00",
        "minutes": "30",
        "count": "2",
        "video_url": "https://meet.example.com/1",
        "place": "",
    }


NOTED = {
    "technique": "4",
    "solving": "3",
    "teamwork": "5",
    "grasp": "4",
    "time": "2",
    "notes": "차분함",
    "revision": "0",
    "finish": "1",
}


def told(world: World) -> Body:
    return {
        "project": world.project.pk, "kind": "ranking", "happened_on": timezone.localdate().isoformat(),
        "text": "몇 순위로 적을지 말해 달라고 했습니다.", "token": "0b7c4bd2-9c3e-4d1f-8a5b-2f6f0f3b9c11",
        "upload": SimpleUploadedFile("대화.pdf", PDF, "application/pdf"),
    }  # fmt: skip


def asked(world: World) -> Body:
    return {
        "kind": "explanation", "text": "왜 2순위에 배치되었는지 알고 싶습니다.",
        "token": "0b7c4bd2-9c3e-4d1f-8a5b-2f6f0f3b9c12",
    }  # fmt: skip


# --- what must have happened before -------------------------------------------------------------------


def answered(world: World) -> None:
    """What was asked before is not open any more."""
    withdraw_review(world.asked, by=world.trainee.user)


def wish_drafted(world: World) -> None:
    add_wish(world.application, world.foreign, by=world.people["trainee"])


def scores_drafted(world: World) -> None:
    score_candidate(world.company, world.project, world.application, score=70, by=world.people["owner"])


def somebody_listed(world: World) -> None:
    """A candidate on the shortlist whom nobody has invited yet."""
    world.things["listed"] = ApplicationFactory(call=world.call)
    shortlist_candidate(world.project, world.listed, by=world.people["owner"])


def revision(world: World, **owner: Any) -> int:
    return RankList.objects.filter(call=world.call, **owner).working()[0].revision


def wish_version(world: World) -> int:
    return revision(world, application=world.application)


def own_company(world: World) -> str:
    return f"company={world.company.pk}"


def in_call(world: World) -> list[Any]:
    return [world.company.pk, world.call.pk]


# fmt: off
DEEDS = (
    #                                     nobody newcomer trainee other owner mentor rival school operator agency
    Deed("home:trainee-start", "newcomer", "302 302 302 302 403 403 403 403 403 403"),
    Deed("home:role-choose", "owner", "302 403 403 403 302 302 302 403 403 403", body=lambda w: {"role": "company"}),
    Deed("set_language", "trainee", "302 302 302 302 302 302 302 302 302 302", body=lambda w: {"language": "en", "next": "/"}),
    Deed("ui:mode-set", "trainee", "302 302 302 302 302 302 302 302 302 302", body=lambda w: {"mode": "hc", "next": "/"}),
    Deed("accounts:settings", "trainee", "302 302 302 302 302 302 302 302 302 302", body=lambda w: {"name": "새이름", "language": "en"}),
    Deed("accounts:sessions-end", "trainee", "302 302 302 302 302 302 302 302 302 302"),
    Deed("accounts:consent-change", "trainee", "302 404 302 302 404 404 404 404 404 404", lambda w: ["share_with_company"]),
    Deed("accounts:consent-withdraw", "trainee", "302 404 302 302 404 404 404 404 404 404", lambda w: ["share_with_company"]),
    Deed("notices:notice-read", "trainee", "302 404 302 404 404 404 404 404 404 404", lambda w: [w.notice.pk]),
    Deed("notices:notice-read-all", "trainee", "302 302 302 302 302 302 302 302 302 302"),
    Deed("projects:project-add", "owner", "302 404 404 404 302 403 404 404 404 404", body=project_body, query=own_company, again=422),
    Deed("projects:project-edit", "owner", "302 404 404 404 302 403 404 404 404 404", lambda w: [w.draft.pk], edited_project, again=409),
    Deed("projects:project-submit", "owner", "302 404 404 404 302 403 404 404 404 404", lambda w: [w.draft.pk], again=409),
    Deed("projects:project-withdraw", "owner", "302 404 404 404 302 403 404 404 404 404", lambda w: [w.draft.pk], lambda w: {"reason": "사정이 생겼습니다"}, again=409),
    Deed("trainees:profile-edit", "trainee", "302 302 302 302 404 404 404 404 404 404", body=lambda w: PROFILE),
    Deed("trainees:graduate-claim", "trainee", "302 302 302 302 404 404 404 404 404 404"),
    Deed("applications:application-edit", "trainee", "302 302 302 302 404 404 404 404 404 404", lambda w: [w.fresh.pk, "motive"], lambda w: {"motive": "새 동기", "goal": "새 일"}),
    Deed("applications:application-edit", "trainee", "302 302 302 302 404 404 404 404 404 404", lambda w: [w.fresh.pk, "consents"], lambda w: {"share_with_company": "on"}),
    Deed("applications:application-check", "trainee", "302 302 302 302 404 404 404 404 404 404", lambda w: [w.fresh.pk]),
    Deed("applications:application-withdraw", "trainee", "302 404 302 404 404 404 404 404 404 404", lambda w: [w.fresh.pk], again=409),
    Deed("rankings:wish-add", "trainee", "302 404 302 302 404 404 404 404 404 404", lambda w: [w.foreign.pk]),
    Deed("rankings:wish-remove", "trainee", "302 404 302 302 404 404 404 404 404 404", lambda w: [w.project.pk]),
    Deed("rankings:rank-list-edit", "trainee", "302 404 302 409 404 404 404 404 404 404", lambda w: [w.call.pk], lambda w: {"version": wish_version(w), "move": f"{w.foreign.pk}:up"}, arrange=wish_drafted, again=409),
    Deed("rankings:rank-list-certify", "trainee", "302 404 302 302 404 404 404 404 404 404", lambda w: [w.call.pk], lambda w: {"version": wish_version(w)}, arrange=wish_drafted),
    Deed("rankings:interest-mark", "trainee", "302 404 302 302 404 404 404 404 404 404", lambda w: [w.foreign.pk]),
    Deed("rankings:interest-unmark", "trainee", "302 404 302 302 404 404 404 404 404 404", lambda w: [w.project.pk]),
    Deed("rankings:candidate-score", "owner", "302 404 404 404 302 403 404 404 404 404", lambda w: [w.project.pk, w.application.pk], lambda w: {"score": "55"}),
    Deed("rankings:scores-certify", "owner", "302 404 404 404 302 403 404 404 404 404", in_call, lambda w: {"version": revision(w, company=w.company)}, arrange=scores_drafted),
    Deed("rankings:candidate-shortlist", "owner", "302 404 404 404 302 403 404 404 404 404", lambda w: [w.project.pk, w.invited.application_id], lambda w: {"listed": "on"}),
    Deed("interviews:interview-book", "other", "302 404 404 302 404 404 404 404 404 404", lambda w: [w.invited.pk], lambda w: {"slot": w.slot.pk}),
    Deed("interviews:interview-release", "trainee", "302 404 302 404 404 404 404 404 404 404", lambda w: [w.interview.pk], again=409),
    Deed("interviews:interview-decline", "trainee", "302 404 302 404 404 404 404 404 404 404", lambda w: [w.interview.pk], lambda w: {"word": "시간이 맞지 않습니다"}, again=409),
    Deed("interviews:slot-add", "owner", "302 404 404 404 302 403 404 404 404 404", lambda w: [w.project.pk], next_week, again=422),
    Deed("interviews:slot-edit", "owner", "302 404 404 404 302 403 404 404 404 404", lambda w: [w.slot.pk], lambda w: {"video_url": "", "place": "창원 3층"}),
    Deed("interviews:slot-cancel", "owner", "302 404 404 404 302 403 404 404 404 404", lambda w: [w.slot.pk], again=409),
    Deed("interviews:interview-invite", "owner", "302 404 404 404 302 403 404 404 404 404", lambda w: [w.project.pk, w.listed.pk], arrange=somebody_listed),
    Deed("interviews:interview-withdraw", "owner", "302 404 404 404 302 403 404 404 404 404", lambda w: [w.interview.pk], again=409),
    Deed("interviews:interview-hold", "owner", "302 404 404 404 302 302 404 404 404 404", lambda w: [w.begun_interview.pk], again=409),
    Deed("interviews:interview-miss", "owner", "302 404 404 404 302 302 404 404 404 404", lambda w: [w.begun_interview.pk], again=409),
    Deed("interviews:interview-correct", "owner", "302 404 404 404 302 302 404 404 404 404", lambda w: [w.missed.pk], lambda w: {"reason": "다른 방에서 기다림"}, again=409),
    Deed("interviews:form-edit", "mentor", "302 404 404 404 302 302 404 404 404 404", lambda w: [w.begun_interview.pk], lambda w: NOTED, again=409),
    Deed("interviews:report-add", "trainee", "302 404 302 302 404 404 404 404 404 404", body=told),
    Deed("reviews:review-add", "trainee", "302 404 302 404 404 404 404 404 404 404", lambda w: [w.announced.pk], asked, arrange=answered),
    Deed("reviews:review-withdraw", "trainee", "302 404 302 404 404 404 404 404 404 404", lambda w: [w.asked.pk]),
    Deed("interviews:report-withdraw", "trainee", "302 404 302 404 404 404 404 404 404 404", lambda w: [w.report.pk]),
    Deed("placements:placement-accept", "trainee", "302 404 302 404 403 403 404 404 403 403", lambda w: [w.placement.pk]),
    Deed("placements:placement-decline", "trainee", "302 404 302 404 403 403 404 404 403 403", lambda w: [w.placement.pk], lambda w: {"reason": "distance"}, again=409),
    Deed("placements:placement-withdraw", "trainee", "302 404 302 404 403 403 404 404 403 403", lambda w: [w.accepted.pk], lambda w: {"reason": "job"}, again=409),
    Deed("placements:reserve-leave", "other", "302 404 302 302 404 404 404 404 404 404", lambda w: [w.announced.pk, w.offered.pk]),
    Deed("placements:reserve-leave-all", "other", "302 404 302 302 404 404 404 404 404 404", lambda w: [w.announced.pk]),
    Deed("evaluations:evaluation-edit", "owner", "302 404 403 404 302 302 404 404 403 403", lambda w: [w.unrated.pk], lambda w: {"score": "88", "comment": "잘했습니다"}),
    Deed("evaluations:evaluation-submit", "owner", "302 404 403 404 302 302 404 404 403 403", lambda w: [w.drafted.pk]),
    Deed("obligations:evidence-submit", "owner", "302 404 403 404 302 403 404 404 403 403", lambda w: [w.obligation.pk], papers, again=409),
    Deed("companies:company-register", "newcomer", "302 302 302 302 302 302 302 302 302 302", body=lambda w: {**COMPANY, "registration_no": with_check_digit("987654321")}, again=422),
    Deed("companies:company-edit", "owner", "302 404 404 404 302 403 404 404 404 404", body=lambda w: COMPANY, query=own_company),
    Deed("companies:member-add", "owner", "302 404 404 404 302 403 404 404 404 404", body=lambda w: {"email": w.people["newcomer"].email, "role": "manager"}, query=own_company, again=422),
    Deed("companies:member-change", "owner", "302 404 404 404 302 403 404 404 404 404", lambda w: [w.mentor_member.pk], lambda w: {f"member-{w.mentor_member.pk}-role": "manager"}),
    Deed("companies:member-remove", "owner", "302 404 404 404 302 302 404 404 404 404", lambda w: [w.mentor_member.pk], again=404),
)
# fmt: on

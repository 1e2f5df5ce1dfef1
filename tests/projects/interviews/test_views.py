import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import Access
from portal.notices.models import Notice
from projects.interviews.models import Interview, InterviewForm, InterviewSlot, Report, ShortlistEntry
from projects.models import Call
from projects.rankings.models import RankItem
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    CompanyMemberFactory,
    InterviewFactory,
    InterviewFormFactory,
    InterviewSlotFactory,
    ProjectFactory,
    ReportFactory,
    StaffFactory,
    TraineeFactory,
    days,
)
from tests.projects.interviews.test_terms import values

HTMX = {"HX-Request": "true"}
HOUR = dt.timedelta(hours=1)


def page(name, *arguments):
    return reverse(f"interviews:{name}", args=[getattr(one, "pk", one) for one in arguments])


@pytest.fixture
def call(db):
    return CallFactory()


@pytest.fixture
def project(call):
    return ProjectFactory(call=call, title="소리로 고장 찾기", places=1)


@pytest.fixture
def company(project, log_in, client):
    return log_in(project.company.members.get().user)


@pytest.fixture
def person(call):
    return ApplicationFactory(call=call, trainee__user__name="나지원")


@pytest.fixture
def me(person, log_in):
    return log_in(person.trainee.user)


@pytest.fixture
def invited(project, person):
    return InterviewFactory(project=project, application=person)


# --- a trainee ----------------------------------------------------------------------------------------


def test_a_trainee_books_moves_and_reads_where_it_is(me, invited, project):
    first, second = (
        InterviewSlotFactory(project=project, starts_at=timezone.now() + days(n)) for n in (2, 3)
    )
    assert "meet.example.com" not in me.get(page("interview-detail", invited)).text

    booked = me.post(page("interview-book", invited), {"slot": first.pk}, follow=True)
    moved = me.post(page("interview-book", invited), {"slot": second.pk}, follow=True)

    assert "https://meet.example.com/abc" in booked.text
    assert "면접을 예약했습니다" in moved.text
    assert Interview.objects.get().slot == second


def test_a_slot_that_was_quicker_taken_is_said_on_the_page_as_it_is_now(me, invited, project):
    slot = InterviewSlotFactory(project=project)
    InterviewFactory(project=project, booked=True, slot=slot)

    response = me.post(page("interview-book", invited), {"slot": slot.pk})

    assert response.status_code == 409
    assert "방금 다른 사람이 고른 시간입니다" in response.text
    assert "지금 고를 수 있는 시간이 없습니다" in response.text


@pytest.mark.parametrize("slot", ["", "x", "99999999999999999999", "-1"])
def test_no_slot_or_none_that_is_there_is_asked_again(me, invited, project, slot):
    InterviewSlotFactory(project=project)

    response = me.post(page("interview-book", invited), {"slot": slot})

    assert response.status_code == 422
    assert "i-errors" in response.text
    assert Interview.objects.get().state == "invited"


def test_a_slot_of_another_project_is_no_choice(me, invited):
    response = me.post(page("interview-book", invited), {"slot": InterviewSlotFactory().pk})

    assert response.status_code == 422


def test_a_booked_interview_is_taken_into_the_calendar_and_out_again(me, project, person):
    interview = InterviewFactory(project=project, application=person, booked=True)

    response = me.get(page("interview-calendar", interview))
    me.post(page("interview-release", interview))
    gone = me.get(page("interview-calendar", interview))

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="interview-{interview.pk}.ics"'
    into, out = values(response.content.decode()), values(gone.content.decode())
    assert (into["METHOD"], out["METHOD"]) == ("PUBLISH", "CANCEL")
    assert into["UID"] == out["UID"]
    assert int(out["SEQUENCE"]) > int(into["SEQUENCE"])
    assert "meet.example.com" in into["DESCRIPTION"]
    assert "meet.example.com" not in gone.content.decode()


def test_who_never_booked_has_no_calendar_file(me, invited):
    assert me.get(page("interview-calendar", invited)).status_code == 404


def test_the_last_day_leaves_no_buttons(me, project, person):
    interview = InterviewFactory(
        project=project,
        application=person,
        booked=True,
        slot__starts_at=timezone.now() + dt.timedelta(hours=23),
    )

    text = me.get(page("interview-detail", interview)).text
    refused = me.post(page("interview-release", interview))

    assert "24시간이 남지 않아" in text
    assert page("interview-release", interview) not in text
    assert (refused.status_code, Interview.objects.get().state) == (409, "booked")


def test_no_page_of_a_trainee_says_what_the_company_noted(me, project, person):
    interview = InterviewFactory(project=project, application=person, booked=True, state="held")
    InterviewFormFactory(interview=interview, notes="카나리아 메모")
    ShortlistEntry.objects.create(project=project, application=person, by=interview.invited_by)

    for address in (page("interview-list"), page("interview-detail", interview), "/my/"):
        text = me.get(address).text
        assert "카나리아" not in text
        assert "평가지" not in text
        assert "후보 명단" not in text


def test_an_empty_list_says_what_to_do(me):
    assert "아직 받은 면접 초대가 없습니다" in me.get(page("interview-list")).text


def test_an_invitation_is_a_task_and_a_booked_one_a_date(me, invited, project):
    assert "면접 시간 고르기" in me.get("/my/").text
    slot = InterviewSlotFactory(project=project)

    me.post(page("interview-book", invited), {"slot": slot.pk})

    tasks = me.get("/my/")
    assert next(row["label"] for row in tasks.context["agenda"]).startswith("면접:")
    Interview.objects.update(state="declined")
    done = next(row for row in me.get("/my/").context["tasks"] if row["label"] == "면접")
    assert (done["state"], done["hint"]) == ("done", "초대 1건")


@pytest.mark.parametrize(
    "address",
    [
        lambda one: page("interview-list"),
        lambda one: page("interview-detail", one),
        lambda one: "/rankings/mine/",
    ],
)
def test_where_both_meet_it_says_that_rankings_are_not_asked(me, invited, address):
    text = me.get(address(invited), follow=True).text

    assert "회사는 희망 순위를 묻거나" in text
    assert page("report-add") in text


# --- a company ----------------------------------------------------------------------------------------


def test_a_company_shortlists_opens_invites_and_notes(company, project, person):
    shortlist = reverse("rankings:candidate-shortlist", args=[project.pk, person.pk])
    day = timezone.localdate() + days(3)
    slot = {
        "day": day.isoformat(),
        "hour": "14:00",
        "minutes": "30",
        "count": "2",
        "video_url": "https://meet.example.com/1",
    }

    company.post(shortlist, {"listed": "on"})
    opened = company.post(page("slot-add", project), slot, follow=True)
    sent = company.post(page("interview-invite", project, person), follow=True)

    assert "면접 시간 2개를 열었습니다" in opened.text
    assert "나지원 님을 면접에 초대했습니다" in sent.text
    interview = Interview.objects.get()
    interview.slot = InterviewSlotFactory(project=project, starts_at=timezone.now() - HOUR)
    interview.state, interview.booked_at = "booked", timezone.now() - days(1)
    interview.save()
    form = {
        "technique": "5",
        "solving": "4",
        "teamwork": "3",
        "grasp": "2",
        "time": "1",
        "notes": "차분함",
        "revision": "0",
    }

    unfinished = company.post(page("form-edit", interview), {**form, "time": "", "finish": "1"})
    company.post(page("form-edit", interview), {**form, "finish": "1"})

    assert unfinished.status_code == 422
    assert "다섯 항목을 모두" in unfinished.text
    assert InterviewForm.objects.get().state == "final"
    assert Interview.objects.get().state == "held"


def test_the_button_of_the_shortlist_answers_htmx_with_itself(company, project, person):
    address = reverse("rankings:candidate-shortlist", args=[project.pk, person.pk])

    on = company.post(address, {"listed": "on"}, headers=HTMX)
    off = company.post(address, {"listed": "off"}, headers=HTMX)

    assert 'aria-pressed="true"' in on.text
    assert 'aria-pressed="false"' in off.text
    assert "<html" not in on.text
    assert company.post(address, {"listed": "maybe"}).status_code == 400
    assert not ShortlistEntry.objects.exists()


def test_the_shortlist_is_a_view_of_the_candidates(company, project, person):
    ApplicationFactory(call=project.call)
    ShortlistEntry.objects.create(project=project, application=person, by=project.company.members.get().user)

    response = company.get(reverse("rankings:candidate-list", args=[project.pk]), {"show": "shortlisted"})

    assert [row["application"] for row in response.context["rows"]] == [person]
    assert [row["listed"] for row in response.context["rows"]] == [True]


def test_a_finished_form_stands_beside_the_candidate_and_makes_no_score(company, project, person):
    interview = InterviewFactory(project=project, application=person, booked=True, state="held")
    kept = InterviewFormFactory(interview=interview, state="draft", notes="카나리아 메모")
    candidates = reverse("rankings:candidate-list", args=[project.pk])
    assert "카나리아" not in company.get(candidates).text

    kept.state = "final"
    kept.save()
    text = company.get(candidates).text

    assert "카나리아 메모" in text
    assert "저절로 점수가 되지 않습니다" in text
    assert not RankItem.objects.exists()


def test_another_company_sees_nothing_of_an_interview(log_in, project, person):
    rival = ProjectFactory(call=project.call)
    interview = InterviewFactory(
        project=project, application=person, booked=True, state="held", word="카나리아 말"
    )
    InterviewFormFactory(interview=interview, notes="카나리아 메모")
    client = log_in(rival.company.members.get().user)

    pages = [reverse("rankings:candidate-list", args=[rival.pk]), page("interview-board", rival)]

    assert [client.get(address).status_code for address in pages] == [200, 200]
    assert not any("카나리아" in client.get(address).text for address in pages)
    assert client.get(page("interview-manage", interview)).status_code == 404
    assert client.get(page("form-edit", interview)).status_code == 404


def test_results_close_interviews_and_forms(company, project, person):
    interview = InterviewFactory(project=project, application=person, booked=True, state="held")
    Call.objects.filter(pk=project.call_id).update(state="announced")

    board = company.get(page("interview-board", project))

    assert "결과가 발표되어" in board.text
    assert "나지원" not in board.text
    assert company.get(page("interview-manage", interview)).status_code == 404


def test_a_mentor_notes_and_does_not_choose(log_in, project, person):
    mentor = CompanyMemberFactory(company=project.company, role="mentor").user
    interview = InterviewFactory(
        project=project, application=person, booked=True, slot__starts_at=timezone.now() - HOUR
    )
    client = log_in(mentor)

    board = client.get(page("interview-board", project)).text

    assert "면접 시간 열기" not in board
    assert client.get(page("form-edit", interview)).status_code == 200
    assert client.post(page("interview-invite", project, person)).status_code == 403


def test_who_keeps_the_books_has_no_business_here(log_in, project, person):
    member = CompanyMemberFactory(company=project.company, role="accountant").user
    interview = InterviewFactory(project=project, application=person, booked=True)
    client = log_in(member)

    pages = [
        page("interview-board", project), page("interview-manage", interview), page("interview-calendar", interview),
        page("form-edit", interview),
    ]  # fmt: skip
    assert {client.get(address).status_code for address in pages} == {403}


def test_who_is_looked_at_is_written_down(company, project, person):
    interview = InterviewFactory(project=project, application=person, booked=True)

    company.get(page("interview-board", project))
    company.get(page("interview-manage", interview))

    assert set(Access.objects.values_list("what", "subject")) == {
        ("interviews", person.trainee.user_id), ("interview", person.trainee.user_id),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"video_url": "http://meet.example.com"}, "https://로 시작하는"),
        ({"video_url": "javascript:alert(1)"}, "https://로 시작하는"),
        ({"video_url": "", "place": ""}, "가운데 하나는"),
        ({"hour": "07:55"}, "오전 8시부터"),
        ({"hour": "21:00"}, "오전 8시부터"),
        ({"minutes": "7"}, "올바"),
        ({"count": "13"}, "12"),
        ({"day": "9999-12-31", "count": "12", "minutes": "90", "hour": "20:55"}, "전에 끝나야"),
        ({"day": "0001-01-01"}, "지난 시각"),
    ],
)
def test_a_slot_that_cannot_be_is_refused_in_words(company, project, changes, said):
    body = {
        "day": (timezone.localdate() + days(2)).isoformat(), "hour": "14:00", "minutes": "30", "count": "1",
        "video_url": "https://meet.example.com/1", "place": "", **changes,
    }  # fmt: skip

    response = company.post(page("slot-add", project), body)

    assert response.status_code == 422
    assert said in response.text
    assert not InterviewSlot.objects.exists()


def test_interviews_to_write_down_are_a_task_of_the_company(company, project, person):
    InterviewFactory(project=project, application=person, booked=True, slot__starts_at=timezone.now() - HOUR)

    assert "면접 1건의 결과를 적지 않았습니다" in company.get("/company/").text


# --- reports ------------------------------------------------------------------------------------------


def told(offered, form, **changes):
    return {
        "project": offered.pk, "kind": "ranking", "happened_on": timezone.localdate().isoformat(),
        "text": "카나리아: 몇 순위로 적을지 물었습니다.", "token": form["token"].value(), **changes,
    }  # fmt: skip


def test_a_report_is_filed_from_a_project_and_gets_a_number(me, project):
    assert (
        f"{page('report-add')}?project={project.pk}"
        in me.get(reverse("projects:project-detail", args=[project.pk])).text
    )
    form = me.get(page("report-add"), {"project": project.pk}).context["form"]

    response = me.post(page("report-add"), told(project, form), follow=True)
    again = me.post(page("report-add"), told(project, form), follow=True)

    report = Report.objects.get()
    assert report.reference in response.text
    assert again.redirect_chain == response.redirect_chain
    assert report.reference in me.get(page("report-list")).text


def test_a_report_of_a_project_of_a_call_one_never_applied_to(log_in, project):
    client = log_in(TraineeFactory().user)
    assert "신고할 과제를 먼저 골라 주세요" in client.get(page("report-add")).text

    form = client.get(page("report-add"), {"project": project.pk}).context["form"]
    client.post(page("report-add"), told(project, form))

    assert Report.objects.get().company == project.company


@pytest.mark.parametrize(
    "changes", [{"text": "짧음"}, {"kind": "x"}, {"project": "999999"}, {"happened_on": "2999-01-01"}]
)
def test_a_report_that_says_too_little_is_asked_again(me, project, changes):
    form = me.get(page("report-add"), {"project": project.pk}).context["form"]

    response = me.post(page("report-add"), told(project, form, **changes))

    assert response.status_code == 422
    assert not Report.objects.exists()


def test_the_company_learns_nothing_of_a_report(company, project, person):
    before = {address: company.get(address).text for address in company_pages(project)}
    ReportFactory(project=project, trainee=person.trainee, text="카나리아 신고")

    after = {address: company.get(address).text for address in company_pages(project)}

    assert "카나리아" not in "".join(after.values())
    assert [len(text) for text in before.values()] == [len(text) for text in after.values()]
    assert not Notice.objects.filter(recipient=project.company.members.get().user).exists()


def company_pages(project):
    return [
        "/company/", "/notices/", page("interview-board", project), reverse("rankings:candidate-list", args=[project.pk]),
        reverse("projects:project-manage", args=[project.pk]),
    ]  # fmt: skip


def test_the_office_reads_answers_and_the_reporter_reads_it(log_in, operator, project, person, client):
    report = ReportFactory(project=project, trainee=person.trainee, text="카나리아 신고")
    office = log_in(operator)
    change = reverse("admin:interviews_report_change", args=[report.pk])

    shown = office.get(change)
    done = office.post(
        reverse("admin:interviews_report_uphold_report", args=[report.pk]), {"reply": "회사에 경고했습니다."}
    )

    assert "카나리아 신고" in shown.text
    assert Access.objects.filter(by=operator, subject=person.trainee.user, what="interviews.report").exists()
    assert done.status_code == 302
    mine = log_in(person.trainee.user).get(page("report-detail", report))
    assert "회사에 경고했습니다." in mine.text
    assert "사실로 확인" in mine.text


def test_an_office_member_of_the_company_finds_no_report_about_it(log_in, project):
    inside = StaffFactory().user
    CompanyMemberFactory(company=project.company, user=inside, role="mentor")
    report = ReportFactory(project=project)
    office = log_in(inside)

    listed = office.get(reverse("admin:interviews_report_changelist"))

    assert report.reference not in listed.text
    assert office.get(reverse("admin:interviews_report_change", args=[report.pk])).status_code in (302, 404)
    assert "답할 신고" not in office.get("/admin/").text


def test_the_dashboard_counts_open_reports_and_names_overdue_ones(log_in, operator):
    ReportFactory(due_on=timezone.localdate() - days(1))
    ReportFactory()
    ReportFactory(state="withdrawn", closed_at=timezone.now())

    line = next(
        line for line in log_in(operator).get("/admin/").context["decisions"] if line["label"] == "답할 신고"
    )

    assert (line["count"], line["hint"]) == (2, "답변 기한 지난 것 1건")
    assert len(log_in(operator).get(line["url"]).context["cl"].result_list) == 2
    overdue = log_in(operator).get(reverse("admin:interviews_report_changelist"), {"due": "overdue"})
    assert len(overdue.context["cl"].result_list) == 1


def test_late_is_late_to_the_second(company, project, person):
    due = project.call.rankings_due_at
    with time_machine.travel(due + dt.timedelta(seconds=1), tick=False):
        board = company.get(page("interview-board", project))
        asked = company.post(
            reverse("rankings:candidate-shortlist", args=[project.pk, person.pk]), {"listed": "on"}
        )

    assert "마감되어 면접을 더 열거나" in board.text
    assert asked.status_code == 409

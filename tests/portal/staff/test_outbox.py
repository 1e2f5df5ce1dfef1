"""The outbox, and the evidence the office opens."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import Access
from portal.notices.models import Notice
from portal.staff.dashboard import outbox
from projects.obligations.actions import submit_evidence
from projects.obligations.models import Evidence
from tests.factories import CompanyMemberFactory, HiringObligationFactory, NoticeFactory

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def page(notice, name="change"):
    return reverse(f"admin:notices_notice_{name}", args=[notice.pk])


def test_what_could_not_be_sent_stands_first(office):
    dead = NoticeFactory(state="failed", attempts=6)
    NoticeFactory()

    rows = office.get(reverse("admin:notices_notice_changelist")).context["cl"].result_list

    assert rows[0] == dead


def test_what_is_owed_for_too_long_is_found_at_a_glance(office):
    now = timezone.now()
    late = NoticeFactory(leaves_at=now - dt.timedelta(minutes=31), error="ConnectionRefusedError: no server")
    for minutes in (29, -60):
        NoticeFactory(leaves_at=now - dt.timedelta(minutes=minutes))
    NoticeFactory(leaves_at=now - dt.timedelta(days=1), state="sent", sent_at=now)

    found = outbox(now)
    rows = office.get(found["late_url"]).context["cl"].result_list

    assert (found["late"], list(rows)) == (1, [late])


def test_message_is_read_as_text_and_as_a_page_of_its_own(office):
    notice = NoticeFactory(params={"company": "<script>alert(1)</script>"})

    text, html = office.get(page(notice)), office.get(page(notice, "html"))

    assert "<script>alert(1)" not in text.text + html.text
    assert html["Content-Security-Policy"].startswith("default-src 'none'")
    assert "sandbox" in html["Content-Security-Policy"]


@pytest.mark.parametrize(("demo", "status"), [(False, 403), (True, 200)])
def test_secret_message_is_its_readers_alone_but_in_the_demo(office, settings, demo, status):
    settings.DEMO = demo
    notice = NoticeFactory(secret=True, params={"company": "비밀기업"})

    assert office.get(page(notice, "html")).status_code == status
    assert ("비밀기업" in office.get(page(notice)).text) is demo


def test_message_of_a_kind_nobody_knows_any_more_does_not_break_the_list(office):
    NoticeFactory(kind="long_gone")

    response = office.get(reverse("admin:notices_notice_changelist"))

    assert "long_gone" in response.text


def test_dead_message_is_tried_again_or_given_up(office):
    again, never = [NoticeFactory(state="failed", attempts=6, error="x") for _ in range(2)]

    office.post(page(again, "retry_notice"))
    office.post(page(never, "cancel_notice"), {"reason": "주소가 없어짐"})

    assert dict(Notice.objects.values_list("pk", "state")) == {again.pk: "owed", never.pk: "cancelled"}


def test_opening_evidence_is_written_down(office, operator):
    member = CompanyMemberFactory()
    obligation = HiringObligationFactory(company=member.company)
    other = HiringObligationFactory()
    files = {kind: [SimpleUploadedFile(f"{kind}.pdf", PDF)] for kind in ("contract", "insurance")}
    submit_evidence(obligation, hired_on=timezone.localdate(), files=files, by=member.user)
    evidence = Evidence.objects.get(kind="contract")

    sent = office.get(
        reverse("admin:obligations_hiringobligation_evidence", args=[obligation.pk, evidence.pk])
    )
    strange = office.get(reverse("admin:obligations_hiringobligation_evidence", args=[other.pk, evidence.pk]))

    assert b"".join(sent.streaming_content) == PDF
    assert sent["Content-Disposition"].startswith("attachment")
    assert strange.status_code == 404
    row = Access.objects.get(what="obligations.evidence.contract")
    assert (row.by, row.subject) == (operator, obligation.placement.trainee.user)

"""What the two who decide examined, and what they cannot decide over."""

import pytest
import time_machine
from django.db import connection, transaction
from django.urls import reverse

from matching.actions import approve_run, publish_run
from portal.audit.models import Event
from portal.workflow import Refused
from tests.factories import days


def test_what_was_ticked_is_kept_and_public(computed, client):
    with time_machine.travel(computed.sealed_at + days(1), tick=False):
        approve_run(computed.run, note="대조함", checks=["seed", "root", "root"], by=computed.agency)
        run = publish_run(computed.run, note="확인함", checks=["closed"], by=computed.second)

    assert (run.approval_checks, run.publication_checks) == (["root", "seed"], ["closed"])
    assert Event.objects.get(verb="approve_run").data["checks"] == ["root", "seed"]
    text = client.get(reverse("proofs:call-proof", args=[computed.call.pk])).text
    assert "추첨 씨앗이 약속값과 공개 난수에서 나온 값임" in text
    assert "과제별 합격선과 결과 수치" not in text


def test_nothing_unknown_is_ticked(computed):
    with pytest.raises(ValueError, match="nothing"):
        approve_run(computed.run, note="대조함", checks=["nothing"], by=computed.agency)


def test_admin_asks_what_was_examined(computed, log_in):
    url = reverse("admin:matching_matchrun_approve_run", args=[computed.run.pk])
    with time_machine.travel(computed.sealed_at + days(1), tick=False):
        asked = log_in(computed.agency).get(url).text
        unknown = log_in(computed.agency).post(url, {"note": "대조함", "checks": ["nothing"]})
        done = log_in(computed.agency).post(url, {"note": "대조함", "checks": ["root", "lines"]})

    assert "살펴본 것" in asked
    assert (unknown.status_code, done.status_code) == (422, 302)
    computed.run.refresh_from_db()
    assert computed.run.approval_checks == ["lines", "root"]
    page = log_in(computed.agency).get(reverse("admin:matching_matchrun_change", args=[computed.run.pk])).text
    assert "과제별 합격선과 결과 수치" in page


@pytest.mark.parametrize("step", ["approve", "publish"])
def test_nobody_decides_over_touched_lists(computed, step):
    rank_list = computed.people[0].rank_lists.get(state="sealed")

    def touch():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            # what the market does not read: only the receipt shows it
            cursor.execute("UPDATE rankings_ranklist SET nonce = 'x' WHERE id = %s", [rank_list.pk])
            cursor.execute("SET LOCAL session_replication_role = origin")

    with time_machine.travel(computed.sealed_at + days(1), tick=False):
        if step == "publish":
            approve_run(computed.run, note="대조함", by=computed.agency)
        touch()
        act, by = (approve_run, computed.agency) if step == "approve" else (publish_run, computed.second)
        with pytest.raises(Refused) as refused:
            act(computed.run, note="대조함", by=by)

    assert (refused.value.code, refused.value.facts["references"]) == ("tampered", rank_list.reference)

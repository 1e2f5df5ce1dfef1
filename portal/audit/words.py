"""What the history says happened, in words: one line per verb. A test keeps the table complete."""

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.korean import kdatetime

VERBS: Mapping[str, object] = {
    # calls and rules
    "add_call": gettext_lazy("공고를 만듦"),
    "change_call": gettext_lazy("공고를 고침"),
    "open_call": gettext_lazy("공고를 엶"),
    "extend_deadline": gettext_lazy("마감을 연장함"),
    "close_call": gettext_lazy("모집을 마감함"),
    "start_matching": gettext_lazy("매칭을 시작함"),
    "announce_call": gettext_lazy("결과를 발표함"),
    "start_call": gettext_lazy("공고의 진행을 시작함"),
    "finish_call": gettext_lazy("공고를 종료함"),
    "archive_call": gettext_lazy("공고를 보관함"),
    "cancel_call": gettext_lazy("공고를 취소함"),
    "add_rule_set": gettext_lazy("운영 기준을 만듦"),
    "change_rule_set": gettext_lazy("운영 기준을 고침"),
    "revise_rule_set": gettext_lazy("운영 기준의 새 판을 만듦"),
    "set_company_cap": gettext_lazy("기업별 상한을 정함"),
    "name_draw_source": gettext_lazy("추첨 출처를 정함"),
    "enter_draw_value": gettext_lazy("추첨 값을 입력함"),
    "reject_draw_value": gettext_lazy("추첨 값을 되돌림"),
    "confirm_draw_value": gettext_lazy("추첨 값을 확인함"),
    # projects
    "draft_project": gettext_lazy("과제를 쓰기 시작함"),
    "edit_project": gettext_lazy("과제를 고침"),
    "submit_project": gettext_lazy("과제를 제출함"),
    "return_project": gettext_lazy("과제 보완을 요청함"),
    "select_project": gettext_lazy("과제를 선정함"),
    "reserve_project": gettext_lazy("과제를 예비 선정함"),
    "reject_project": gettext_lazy("과제를 미선정함"),
    "pass_over_project": gettext_lazy("순위 마감까지 선정되지 않은 과제를 닫음"),
    "postpone_results": gettext_lazy("결과 발표일을 늦춤"),
    "withdraw_project": gettext_lazy("과제를 철회함"),
    "close_project": gettext_lazy("과제를 열지 않음"),
    "exclude_project": gettext_lazy("과제를 매칭에서 제외"),
    "adjust_project": gettext_lazy("발표한 매칭대로 모집 인원과 최소 인원을 바꿈"),
    "adjust_company_cap": gettext_lazy("발표한 매칭대로 기업별 상한을 바꿈"),
    "start_project": gettext_lazy("과제를 시작함"),
    "finish_project": gettext_lazy("과제를 종료함"),
    "terminate_project": gettext_lazy("과제를 중단함"),
    "cancel_project": gettext_lazy("공고 취소로 과제를 닫음"),
    # companies and schools
    "register_company": gettext_lazy("회사를 등록함"),
    "edit_company": gettext_lazy("회사 정보를 고침"),
    "verify_company": gettext_lazy("회사를 확인함"),
    "reject_company": gettext_lazy("회사 확인을 거절함"),
    "ask_verification": gettext_lazy("고친 회사의 확인을 다시 요청함"),
    "suspend_company": gettext_lazy("참여를 제한함"),
    "reinstate_company": gettext_lazy("참여제한을 풂"),
    "add_member": gettext_lazy("기업 담당자를 더함"),
    "change_role": gettext_lazy("기업 담당자의 역할을 바꿈"),
    "remove_member": gettext_lazy("기업 담당자를 뺌"),
    "add_school": gettext_lazy("교육기관을 더함"),
    "add_school_member": gettext_lazy("교육기관 담당자를 더함"),
    "remove_school_member": gettext_lazy("교육기관 담당자를 뺌"),
    "change_school": gettext_lazy("교육기관을 고침"),
    "add_cohort": gettext_lazy("기수를 더함"),
    "change_cohort": gettext_lazy("기수를 고침"),
    "register_graduate": gettext_lazy("수료생을 등록함"),
    "confirm_completion": gettext_lazy("수료를 확인함"),
    "refuse_completion": gettext_lazy("미수료로 처리함"),
    "withdraw_graduate": gettext_lazy("수료생 등록을 취소함"),
    "claim_graduate": gettext_lazy("수료 정보를 연결함"),
    # people
    "become_trainee": gettext_lazy("참여자가 됨"),
    "update_profile": gettext_lazy("프로필을 고침"),
    "add_skill": gettext_lazy("기술을 목록에 더함"),
    "change_skill": gettext_lazy("목록의 기술을 고침"),
    "add_field": gettext_lazy("분야를 목록에 더함"),
    "change_field": gettext_lazy("목록의 분야를 고침"),
    "give_consent": gettext_lazy("동의함"),
    "withdraw_consent": gettext_lazy("동의를 철회함"),
    "publish_consent_text": gettext_lazy("동의문을 냄"),
    "change_settings": gettext_lazy("계정 설정을 고침"),
    "log_in": gettext_lazy("로그인함"),
    "log_out": gettext_lazy("로그아웃함"),
    "fail_log_in": gettext_lazy("로그인에 실패함"),
    "fail_second_factor": gettext_lazy("2단계 인증에 실패함"),
    "end_other_sessions": gettext_lazy("다른 기기를 로그아웃함"),
    "appoint_staff": gettext_lazy("운영 담당자로 정함"),
    "dismiss_staff": gettext_lazy("담당을 끝냄"),
    "disable_user": gettext_lazy("계정을 사용 중지함"),
    "enable_user": gettext_lazy("계정을 다시 쓰게 함"),
    # applications
    "draft_application": gettext_lazy("참여 신청을 쓰기 시작함"),
    "edit_application": gettext_lazy("참여 신청을 고침"),
    "submit_application": gettext_lazy("참여 신청을 제출함"),
    "return_application": gettext_lazy("참여 신청 보완을 요청함"),
    "accept_application": gettext_lazy("적격으로 처리함"),
    "refuse_application": gettext_lazy("부적격으로 처리함"),
    "withdraw_application": gettext_lazy("참여 신청을 취소함"),
    "reopen_application": gettext_lazy("참여 신청을 다시 엶"),
    "cancel_application": gettext_lazy("공고 취소로 참여 신청을 닫음"),
    "place_application": gettext_lazy("신청자를 배치함"),
    "hold_application": gettext_lazy("신청자를 예비로 둠"),
    "leave_application_unmatched": gettext_lazy("신청자를 미배치로 둠"),
    # interviews
    "shortlist_candidate": gettext_lazy("후보 명단에 올림"),
    "unlist_candidate": gettext_lazy("후보 명단에서 내림"),
    "open_slots": gettext_lazy("면접 시간을 엶"),
    "change_slot": gettext_lazy("면접 장소를 바꿈"),
    "cancel_slot": gettext_lazy("면접 시간을 취소함"),
    "invite_candidate": gettext_lazy("면접에 초대함"),
    "book_interview": gettext_lazy("면접을 예약함"),
    "release_interview": gettext_lazy("예약한 면접 시간을 비움"),
    "call_off_interview": gettext_lazy("면접 시간이 취소됨"),
    "decline_interview": gettext_lazy("면접을 거절함"),
    "withdraw_interview": gettext_lazy("면접 초대를 취소함"),
    "hold_interview": gettext_lazy("면접을 본 것으로 적음"),
    "miss_interview": gettext_lazy("면접 불참으로 적음"),
    "correct_interview": gettext_lazy("면접 불참을 바로잡음"),
    "lapse_interview": gettext_lazy("면접 초대의 기한이 지남"),
    "draft_form": gettext_lazy("면접 평가지를 적음"),
    "finish_form": gettext_lazy("면접 평가지를 마침"),
    "ask_review": gettext_lazy("설명·재검토를 요청함"),
    "answer_review": gettext_lazy("설명·재검토에 답함"),
    "withdraw_review": gettext_lazy("설명·재검토 요청을 취소함"),
    "file_report": gettext_lazy("신고함"),
    "withdraw_report": gettext_lazy("신고를 취소함"),
    "uphold_report": gettext_lazy("신고를 사실로 확인함"),
    "dismiss_report": gettext_lazy("신고를 사실로 확인하지 못함"),
    # rankings
    "mark_interest": gettext_lazy("관심 프로젝트로 표시함"),
    "unmark_interest": gettext_lazy("관심 표시를 지움"),
    "score_candidate": gettext_lazy("후보를 평가함"),
    "certify_rank_list": gettext_lazy("순위를 최종 제출함"),
    "replace_rank_list": gettext_lazy("새로 낸 순위로 바꿈"),
    "seal_rankings": gettext_lazy("제출확인서를 봉인함"),
    "seal_rank_list": gettext_lazy("순위를 마감함"),
    "void_rank_list": gettext_lazy("순위를 무효로 함"),
    # the match
    "queue_run": gettext_lazy("매칭을 맡김"),
    "compute_run": gettext_lazy("매칭을 계산함"),
    "verify_run": gettext_lazy("매칭을 검증함"),
    "fail_run": gettext_lazy("매칭이 실패함"),
    "approve_run": gettext_lazy("매칭을 승인함"),
    "publish_run": gettext_lazy("매칭을 발표함"),
    "make_scenario": gettext_lazy("모의 매칭을 만듦"),
    "change_scenario": gettext_lazy("모의 매칭을 고침"),
    "compute_scenario": gettext_lazy("모의 매칭을 계산함"),
    "fail_scenario": gettext_lazy("모의 매칭을 계산하지 못함"),
    "promote_scenario": gettext_lazy("모의 매칭을 채택함"),
    "delete_scenario": gettext_lazy("모의 매칭을 지움"),
    "discard_run": gettext_lazy("매칭을 버림"),
    "name_auditor": gettext_lazy("감사인을 지정함"),
    "revoke_auditor": gettext_lazy("감사인 지정을 취소함"),
    # placements and evaluations
    "offer_placement": gettext_lazy("배치를 제안함"),
    "accept_placement": gettext_lazy("배치를 수락함"),
    "decline_placement": gettext_lazy("배치를 거절함"),
    "expire_placement": gettext_lazy("응답 없이 기한이 지남"),
    "withdraw_placement": gettext_lazy("참여를 철회함"),
    "start_placement": gettext_lazy("참여를 시작함"),
    "complete_placement": gettext_lazy("프로젝트 수료로 처리함"),
    "fail_placement": gettext_lazy("프로젝트 미수료로 처리함"),
    "drop_out": gettext_lazy("중도 포기로 처리함"),
    "terminate_placement": gettext_lazy("과제 중단으로 배치를 끝냄"),
    "move_placement": gettext_lazy("더 희망한 자리로 옮김"),
    "supersede_placement": gettext_lazy("더 희망한 자리로 제안이 바뀜"),
    "close_reserves": gettext_lazy("예비순번을 닫음"),
    "leave_reserves": gettext_lazy("예비순번에서 빠짐"),
    "draft_evaluation": gettext_lazy("평가를 쓰기 시작함"),
    "submit_evaluation": gettext_lazy("평가를 제출함"),
    "return_evaluation": gettext_lazy("평가를 다시 쓰게 함"),
    "lock_evaluation": gettext_lazy("평가를 확정함"),
    # obligations
    "owe_obligation": gettext_lazy("채용의무가 생김"),
    "mark_obligation_overdue": gettext_lazy("채용 기한이 지남"),
    "submit_evidence": gettext_lazy("채용 증빙을 냄"),
    "return_evidence": gettext_lazy("증빙 보완을 요청함"),
    "verify_evidence": gettext_lazy("채용을 확인함"),
    "waive_obligation": gettext_lazy("채용의무를 면제함"),
    # messages and files
    "send_notice": gettext_lazy("알림을 보냄"),
    "give_up_notice": gettext_lazy("알림을 보내지 못함"),
    "retry_notice": gettext_lazy("알림을 다시 보냄"),
    "cancel_notice": gettext_lazy("알림을 보내지 않기로 함"),
    "store_file": gettext_lazy("파일을 올림"),
    "open_contact": gettext_lazy("연락처를 봄"),
    "seed_demo": gettext_lazy("시연 자료를 만듦"),
}

#: What people other than staff may have looked at.
SEEN: Mapping[str, object] = {
    "candidates": gettext_lazy("후보 목록"),
    "interviews": gettext_lazy("면접 목록"),
    "interview": gettext_lazy("면접"),
    "interviews.report.file": gettext_lazy("신고에 붙인 파일"),
    "placement": gettext_lazy("배치된 사람"),
    "placements": gettext_lazy("배치된 사람 목록"),
    "evaluation": gettext_lazy("평가"),
    "evidence": gettext_lazy("채용 증빙"),
    "obligations.evidence": gettext_lazy("채용 증빙"),
    "matching.match.list": gettext_lazy("배정표"),
    "audit.market": gettext_lazy("감사인이 받은 매칭 입력"),
    "audit.result": gettext_lazy("감사인이 받은 매칭 결과"),
    "matching.scenario.list": gettext_lazy("모의 매칭의 명단"),
}


def verb_words(verb: str) -> str:
    """A verb of an older version is told by its name."""
    return str(VERBS.get(verb, verb))


def noun_words(label: str) -> str:
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):  # a noun of an older version
        return label


def seen_words(what: str) -> str:
    """``trainees.trainee.list`` → 참여자 목록; ``trainees.trainee.contact`` → 참여자 연락처."""
    for known in (what, what.partition(":")[0], what.rpartition(".")[0]):
        if known in SEEN:
            return str(SEEN[known])
    noun, _dot, part = what.rpartition(".")
    if part == "list":
        return _("%(noun)s 목록") % {"noun": noun_words(noun)}
    if part == "contact":
        return _("%(noun)s 연락처") % {"noun": noun_words(noun)}
    return noun_words(what)


def field_words(label: str, name: str, value: Any = None) -> str:
    """A field of a noun by its name; with ``value``, what that value is called."""
    try:
        field: Any = apps.get_model(label)._meta.get_field(name)
    except (LookupError, ValueError, FieldDoesNotExist):
        return name if value is None else str(value)
    if value is None:
        return str(getattr(field, "verbose_name", name))
    return str(dict(field.flatchoices).get(value, value))


#: What the facts of an event are called; the others stand under their own names.
FACTS: Mapping[str, object] = {
    "reason": gettext_lazy("사유"),
    "comment": gettext_lazy("의견"),
    "note": gettext_lazy("확인한 것"),
    "changed": gettext_lazy("고친 것"),
    "kind": gettext_lazy("종류"),
    "until": gettext_lazy("까지"),
    "at": gettext_lazy("시각"),
    "cap": gettext_lazy("상한"),
    "score": gettext_lazy("점수"),
    "due_on": gettext_lazy("기한"),
    "hired_on": gettext_lazy("채용일"),
    "office": gettext_lazy("소속"),
    "version": gettext_lazy("판"),
    "hours": gettext_lazy("이수 시간"),
    "checks": gettext_lazy("짚은 것"),
    "commitment": gettext_lazy("약속값"),
    "source": gettext_lazy("출처"),
    "known_on": gettext_lazy("값이 나오는 날"),
    "value": gettext_lazy("값"),
    "read_from": gettext_lazy("값을 읽은 곳"),
    "seed": gettext_lazy("추첨 씨앗"),
    "root": gettext_lazy("뿌리값"),
    "count": gettext_lazy("수"),
}


def event_facts(label: str, data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What an event holds beside its verb: name and value, the move first."""
    found = []
    if "was" in data:
        was, now = (field_words(label, "state", data.get(key) or "") or "-" for key in ("was", "now"))
        found.append((_("상태"), f"{was} → {now}"))
    for key, value in data.items():
        if key in ("was", "now", "event") or value in (None, "", [], {}):
            continue
        if key == "changed" and isinstance(value, list):
            value = ", ".join(field_words(label, name) for name in value)
        elif isinstance(value, list):
            value = ", ".join(map(str, value))
        found.append((str(FACTS.get(key, key)), _read(value)))
    return found


def _read(value: Any) -> str:
    """Dates and moments come back from the text JSON keeps them as."""
    text = str(value)
    try:
        moment = parse_datetime(text) if "T" in text else parse_date(text)
    except ValueError:  # looks like a date and is none
        moment = None
    return kdatetime(moment) if moment is not None else text

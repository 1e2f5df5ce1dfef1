"""What each kind of message is called, in lists and filters. A test keeps the table as long as the templates are many."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

KINDS: Mapping[str, object] = {
    "account_changed": _("계정 설정 변경"),
    "account_confirm_email": _("이메일 확인"),
    "account_exists": _("이미 있는 계정"),
    "account_reset_password": _("비밀번호 다시 정하기"),
    "account_unknown": _("없는 계정"),
    "application_accepted": _("참여 신청 적격"),
    "application_refused": _("참여 신청 부적격"),
    "application_returned": _("참여 신청 보완 요청"),
    "application_submitted": _("참여 신청 접수"),
    "application_withdrawn": _("참여 신청 취소"),
    "call_cancelled": _("공고 취소"),
    "company_reinstated": _("참여제한 해제"),
    "company_rejected": _("회사 확인 거절"),
    "company_suspended": _("참여제한"),
    "company_verified": _("회사 확인"),
    "deadline_extended": _("마감 연장"),
    "draw_value_due": _("추첨 값 입력"),
    "draw_value_entered": _("추첨 값 확인"),
    "evaluation_due": _("수료한 참여자 평가"),
    "evaluation_locked": _("평가 확정"),
    "evaluation_returned": _("평가 다시 쓰기"),
    "evidence_returned": _("채용 증빙 보완 요청"),
    "evidence_submitted": _("채용 증빙 제출"),
    "history_broken": _("기록 어긋남"),
    "ledger_astray": _("맞지 않는 채용의무"),
    "match_run_finished": _("매칭 계산 끝"),
    "obligation_due": _("채용 기한 알림"),
    "obligation_fulfilled": _("채용의무 이행 완료"),
    "obligation_owed": _("새 채용의무(회사)"),
    "obligation_owed_trainee": _("새 채용의무(참여자)"),
    "obligation_waived": _("채용의무 면제"),
    "placement_accepted": _("배치 수락"),
    "placement_answer_due": _("배치 응답 기한"),
    "placement_ended": _("참여 결과 기록"),
    "placement_expired": _("배치 응답 기한 지남"),
    "placement_joined": _("참여자 확정"),
    "placement_left": _("참여자 변동"),
    "placement_offered": _("배치 제안"),
    "placement_terminated": _("과제 중단으로 끝난 배치"),
    "project_decided": _("과제 처리 결과"),
    "project_returned": _("과제 보완 요청"),
    "project_submitted": _("과제 접수"),
    "project_terminated": _("과제 중단"),
    "rank_list_certified": _("순위표 제출확인서"),
    "ranking_due": _("순위표 제출 마감"),
    "reserve_ended": _("예비순번 변동"),
    "reserves_closed": _("예비순번 기간 끝"),
    "result_company": _("매칭 결과(회사)"),
    "result_unmatched": _("매칭 결과(미배치)"),
    "results_postponed": _("결과 발표일 변경"),
    "wish_lost": _("희망 순위에서 빠진 과제"),
}


def kind_words(kind: str) -> str:
    """A kind of an older version is told by its name."""
    return str(KINDS.get(kind, kind))

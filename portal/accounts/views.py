from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.actions import (
    change_settings,
    current_texts,
    end_other_sessions,
    give_consents,
    withdraw_consent,
)
from portal.accounts.forms import SettingsForm
from portal.accounts.models import Consent, SignedIn, User
from portal.accounts.states import TO_JOIN, ConsentKind

YEAR = 365 * 24 * 60 * 60
#: What no longer happens once a consent is withdrawn.
CONSEQUENCES = {
    ConsentKind.SHARE_WITH_COMPANY: [
        gettext_lazy("참여기업은 내 프로필과 지원 내용을 더 볼 수 없습니다."),
        gettext_lazy("새로 신청할 수 없고, 진행 중인 참여 신청은 다시 동의할 때까지 매칭에서 빠집니다."),
        gettext_lazy("희망 순위 마감까지 다시 동의하지 않으면 그 공고에서는 부적격으로 처리됩니다."),
        gettext_lazy("신청서와 희망 순위는 지워지지 않습니다. 그 전에 다시 동의하면 그대로 쓰입니다."),
    ],
    ConsentKind.SHARE_WITH_SCHOOL: [
        gettext_lazy("수료한 교육기관은 내 진행 상황을 더 볼 수 없습니다."),
        gettext_lazy("참여 신청과 매칭은 그대로입니다."),
    ],
    ConsentKind.TALENT_POOL: [
        gettext_lazy("인재풀에서 빠지고, 다음 사업의 기업에 소개되지 않습니다."),
        gettext_lazy("참여 신청과 매칭은 그대로입니다."),
    ],
}


@require_http_methods(["GET", "POST"])
def settings_page(request: SignedIn) -> HttpResponse:
    user = request.user
    initial = {"name": user.name, "language": user.language}
    form = SettingsForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        change_settings(user, **form.cleaned_data, by=user)
        language = form.cleaned_data["language"]
        with translation.override(language):
            messages.success(request, _("설정을 저장했습니다."))
        response = redirect("accounts:settings")
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=YEAR,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
        return response
    context = {"form": form, "sign_in": _sign_in_facts(user), "consents": _consents(user)}
    return render(
        request,
        "portal/accounts/settings.html",
        context,
        status=422 if form.errors else 200,
    )


def _sign_in_facts(user: User) -> list[dict[str, Any]]:
    has_password, has_second = user.has_usable_password(), is_mfa_enabled(user)
    facts = [
        {"label": _("이메일"), "value": user.email, "url": reverse("account_email")},
        {
            "label": _("비밀번호"),
            "value": _("정해져 있음") if has_password else _("정하지 않음"),
            "url": reverse("account_change_password" if has_password else "account_set_password"),
            "action": "" if has_password else _("정하기"),
        },
        {
            "label": _("2단계 인증"),
            "value": _("사용 중") if has_second else _("사용 안 함"),
            "url": reverse("mfa_index"),
            "action": _("관리") if has_second else _("켜기"),
        },
    ]
    if settings.SOCIALACCOUNT_PROVIDERS:
        count = SocialAccount.objects.filter(user=user).count()
        facts.append(
            {
                "label": _("연결한 계정"),
                "value": _("%(count)s개") % {"count": count} if count else _("없음"),
                "url": reverse("socialaccount_connections"),
                "action": _("관리"),
            }
        )
    return facts


def _consents(user: User) -> list[dict[str, Any]]:
    """What concerns this person, and since when they agree: to the version in force, or to an older one."""
    live = Consent.objects.live().filter(user=user).select_related("text").order_by("text__version")
    given = {consent.text.kind: consent for consent in live}
    rows = []
    for text in current_texts():
        consent = given.get(text.kind)
        if not (text.kind in TO_JOIN or consent or hasattr(user, "trainee")):
            continue  # what only trainees are asked
        rows.append(
            {
                "text": text,
                "consent": consent,
                "outdated": consent is not None and consent.text_id != text.pk,
                "may_withdraw": consent is not None and text.kind not in TO_JOIN,
                "url": reverse("accounts:consent-change", args=[text.kind]),
            }
        )
    return rows


def _consent(user: User, kind: str) -> dict[str, Any]:
    row = next((row for row in _consents(user) if row["text"].kind == kind), None)
    if row is None:
        raise Http404
    return row


@require_http_methods(["GET", "POST"])
def consent_change(request: SignedIn, kind: str) -> HttpResponse:
    """Read what one agrees to, and agree to the version in force."""
    row = _consent(request.user, kind)
    if request.method == "POST":
        give_consents(request.user, [row["text"]], by=request.user)
        messages.success(request, _("동의했습니다."))
        return redirect("accounts:settings")
    context = {**row, "agreeing": row["consent"] is None or row["outdated"]}
    return render(request, "portal/accounts/consent_change.html", context)


@require_http_methods(["GET", "POST"])
def consent_withdraw(request: SignedIn, kind: str) -> HttpResponse:
    """Says what follows before the agreement is taken back."""
    row = _consent(request.user, kind)
    if not row["may_withdraw"]:
        return redirect("accounts:consent-change", kind)
    if request.method == "POST":
        withdraw_consent(request.user, kind, by=request.user)
        messages.success(request, _("동의를 철회했습니다."))
        return redirect("accounts:settings")
    context = {
        "heading": _("동의를 철회할까요?"),
        "text": row["text"],
        "consequences": CONSEQUENCES[ConsentKind(kind)],
        "submit": _("동의 철회하기"),
        "cancel_url": row["url"],
        "danger": True,
    }
    return render(request, "portal/accounts/consent_withdraw.html", context)


@require_POST
def sessions_end(request: SignedIn) -> HttpResponse:
    user = request.user
    ended = end_other_sessions(user, keep=request.session.session_key)
    if ended:
        messages.success(request, _("다른 기기 %(count)s곳에서 로그아웃했습니다.") % {"count": ended})
    else:
        messages.info(request, _("다른 기기에서 로그인한 곳이 없습니다."))
    return redirect("accounts:settings")

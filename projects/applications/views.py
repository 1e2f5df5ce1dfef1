"""Applying to a call: two pages of questions, a check, a receipt that stays the page of the application."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from portal.accounts.actions import choose_consents, has_consent
from portal.accounts.models import SignedIn
from portal.accounts.states import ConsentKind
from portal.trainees.models import Trainee
from portal.ui.korean import kdate
from portal.ui.refusals import sentence
from portal.workflow import IllegalMove, Refused
from projects.applications.actions import answer_application, submit_application, withdraw_application
from projects.applications.forms import ConsentsForm, MotiveForm
from projects.applications.models import Application
from projects.applications.states import APPLICATION, ApplicationState
from projects.models import Call
from projects.states import CallState

#: The pages of the form, in order.
STEPS = {"motive": gettext_lazy("지원 동기"), "consents": gettext_lazy("정보 제공 동의")}
WRITING = (ApplicationState.DRAFT, ApplicationState.RETURNED, ApplicationState.WITHDRAWN)


def _call(request: SignedIn, call: int) -> Call:
    """The call, for people who may apply; to others the page does not exist."""
    if not request.user.has_perm("trainees.become_trainee"):
        raise Http404
    return get_object_or_404(Call.objects.visible_to(request.user), pk=call)


def _own(request: SignedIn, call: int) -> Application:
    own = Application.objects.filter(trainee__user=request.user)
    return get_object_or_404(own.select_related("call", "trainee__user", "trainee__graduate"), call=call)


def _own_or_none(request: SignedIn, call: Call) -> Application | None:
    try:
        return _own(request, call.pk)
    except Http404:
        return None


def _steps(request: SignedIn, call: Call, application: Application | None, now: str) -> list[dict[str, Any]]:
    trainee = application.trainee if application else Trainee.objects.filter(user=request.user).first()
    done = {
        "profile": bool(trainee and trainee.is_complete),
        "motive": bool(application and application.motive),
        "consents": has_consent(request.user, ConsentKind.SHARE_WITH_COMPANY),
        "check": False,
    }
    urls = {step: reverse("applications:application-edit", args=[call.pk, step]) for step in STEPS}
    labels = {"profile": _("프로필"), **STEPS, "check": _("확인하고 제출")}
    urls["profile"] = f"{reverse('trainees:profile-edit')}?next={urls['motive']}"
    urls["check"] = reverse("applications:application-check", args=[call.pk])
    return [
        {
            "label": label,
            "url": "" if step == now else urls[step],
            "state": "now" if step == now else "done" if done[step] else "next",
        }
        for step, label in labels.items()
    ]


def _closed(request: SignedIn, call: Call, application: Application | None) -> HttpResponse:
    """Before it opens or after the deadline: when that is, what becomes of a draft, where else to look."""
    others = Call.objects.visible_to(request.user).filter(
        state=CallState.OPEN, applications_due_at__gte=timezone.now()
    )
    context = {"call": call, "application": application, "other_calls": others.exclude(pk=call.pk)}
    return render(request, "projects/applications/application_closed.html", context)


def _is_open(call: Call, application: Application | None) -> bool:
    return application.is_editable if application else call.takes_applications


@require_http_methods(["GET", "POST"])
def application_edit(request: SignedIn, call: int, step: str) -> HttpResponse:
    """One group of questions. While one types, htmx posts the same form as ``autosave``."""
    asked = _call(request, call)
    if step not in STEPS:
        raise Http404
    application = _own_or_none(request, asked)
    if application and application.state not in WRITING:
        return redirect("applications:application-done", asked.pk)
    if request.method == "GET" and not _is_open(asked, application):
        return _closed(request, asked, application)
    return (_edit_motive if step == "motive" else _edit_consents)(request, asked, application)


def _edit_motive(request: SignedIn, call: Call, application: Application | None) -> HttpResponse:
    autosave = "autosave" in request.POST
    form = MotiveForm(request.POST or None, instance=application, draft=autosave)
    if request.method == "POST" and form.is_valid():
        try:
            answer_application(call, by=request.user, **form.cleaned_data)
        except (IllegalMove, Refused) as refusal:
            form.add_error(None, sentence(refusal))
        else:
            if not autosave:
                return redirect("applications:application-edit", call.pk, "consents")
    if autosave:
        saved = {"saved_at": timezone.localtime(), "form": form}
        status = 422 if form.errors else 200
        return render(request, "projects/applications/application_edit.html#saved", saved, status=status)
    return _step_page(request, call, application, form, "motive")


def _edit_consents(request: SignedIn, call: Call, application: Application | None) -> HttpResponse:
    form = ConsentsForm(request.POST if request.method == "POST" else None, user=request.user)
    if form.is_valid():
        choose_consents(request.user, form.texts, form.chosen, by=request.user)
        return redirect("applications:application-check", call.pk)
    return _step_page(request, call, application, form, "consents")


def _step_page(
    request: SignedIn, call: Call, application: Application | None, form: BaseForm, step: str
) -> HttpResponse:
    completing = application is not None and application.state == ApplicationState.RETURNED
    context = {
        "call": call,
        "application": application,
        "form": form,
        "step": step,
        "steps": _steps(request, call, application, step),
        "due_at": call.rankings_due_at if completing else call.applications_due_at,
    }
    status = 422 if form.errors else 200
    return render(request, "projects/applications/application_edit.html", context, status=status)


@require_http_methods(["GET", "POST"])
def application_check(request: SignedIn, call: int) -> HttpResponse:
    """Everything once more, what is missing, and the button that hands it in."""
    asked = _call(request, call)
    application = _own_or_none(request, asked)
    if application is None:
        return redirect("applications:application-edit", asked.pk, "motive")
    if application.state not in WRITING:
        return redirect("applications:application-done", asked.pk)
    refused = ""
    if request.method == "POST":
        if not request.user.has_perm("applications.submit_application", application):
            raise PermissionDenied
        try:
            submit_application(application, by=request.user)
        except Refused as refusal:
            refused = sentence(refusal)
        except (
            IllegalMove
        ) as illegal:  # the same button in another tab was faster: one effect, the same receipt
            if illegal.state != ApplicationState.SUBMITTED:
                raise
        if not refused:
            return redirect("applications:application-done", asked.pk)
    elif not application.is_editable:
        return _closed(request, asked, application)
    context = {
        "call": asked,
        "application": application,
        "refused": refused,
        "missing": _missing(request, application),
        "profile_facts": _profile_facts(application.trainee),
        "facts": _answers(request, application),
        "steps": _steps(request, asked, application, "check"),
        "due_at": asked.rankings_due_at if application.may_be_completed else asked.applications_due_at,
    }
    template = "projects/applications/application_check.html"
    return render(request, template, context, status=422 if refused else 200)


def _missing(request: SignedIn, application: Application) -> list[dict[str, str]]:
    call = application.call_id
    parts = [
        (
            application.trainee.is_complete,
            _("프로필: 연락처, 사는 지역, 시작할 수 있는 날, 기술 한 가지"),
            _profile_url(call),
        ),
        (
            bool(application.motive),
            _("지원 동기"),
            reverse("applications:application-edit", args=[call, "motive"]),
        ),
        (
            has_consent(request.user, ConsentKind.SHARE_WITH_COMPANY),
            _("참여기업에 정보를 제공하는 데 대한 동의"),
            reverse("applications:application-edit", args=[call, "consents"]),
        ),
    ]
    return [{"text": text, "url": url} for there, text, url in parts if not there]


def _profile_url(call: int) -> str:
    return f"{reverse('trainees:profile-edit')}?next={reverse('applications:application-check', args=[call])}"


def _profile_facts(trainee: Trainee) -> list[dict[str, str]]:
    return [
        {"label": _("이름"), "value": trainee.user.name},
        {
            "label": _("수료"),
            "value": str(trainee.graduate.cohort) if trainee.graduate else _("연결되지 않음"),
        },
        {
            "label": _("휴대전화"),
            "value": str(trainee.phone.as_national) if trainee.phone else _("비어 있음"),
        },
        {"label": _("사는 지역"), "value": trainee.region or _("비어 있음")},
        {
            "label": _("시작할 수 있는 날"),
            "value": kdate(trainee.available_from) if trainee.available_from else _("비어 있음"),
        },
        {
            "label": _("기술"),
            "value": ", ".join(
                f"{row.skill} ({row.get_level_display()})"
                for row in trainee.skills.select_related("skill").order_by("-level", "skill__name")
            )
            or _("비어 있음"),
        },
    ]


def _answers(request: SignedIn, application: Application) -> list[dict[str, str]]:
    edit = reverse("applications:application-edit", args=[application.call_id, "motive"])
    form = ConsentsForm(user=request.user)
    agreed = [text.title for text, box in form.with_texts if box.initial]
    return [
        {"label": _("지원 동기"), "value": application.motive or _("비어 있음"), "url": edit},
        {"label": _("해 보고 싶은 일"), "value": application.goal or _("적지 않음"), "url": edit},
        {
            "label": _("동의한 내용"),
            "value": ", ".join(agreed) or _("없음"),
            "url": reverse("applications:application-edit", args=[application.call_id, "consents"]),
        },
    ]


@require_GET
def application_done(request: SignedIn, call: int) -> HttpResponse:
    """The receipt, and from then on where the application stands."""
    application = _own(request, call)
    if application.state == ApplicationState.DRAFT:
        return redirect("applications:application-check", call)
    context = {
        "application": application,
        "call": application.call,
        "may_withdraw": _may_withdraw(application),
        "is_paused": application.is_paused,
        "may_rank": not application.call.is_ranked,
        "facts": [
            {"label": _("공고"), "value": application.call.title},
            {"label": _("이름"), "value": application.trainee.user.name},
        ],
    }
    return render(request, "projects/applications/application_done.html", context)


def _may_withdraw(application: Application) -> bool:
    return not application.call.is_ranked and APPLICATION.may(application, "withdraw_application")


@require_http_methods(["GET", "POST"])
def application_withdraw(request: SignedIn, call: int) -> HttpResponse:
    """Says what is lost before it is lost."""
    application = _own(request, call)
    if not request.user.has_perm("applications.withdraw_application", application):
        raise PermissionDenied
    if request.method == "POST":
        withdraw_application(application, by=request.user)
        return redirect("applications:application-done", call)
    if not APPLICATION.may(application, "withdraw_application"):
        raise IllegalMove(application, "withdraw_application")
    context = {
        "heading": _("참여 신청을 취소할까요?"),
        "application": application,
        "call": application.call,
        "submit": _("신청 취소하기"),
        "cancel_url": reverse("applications:application-done", args=[call]),
        "danger": True,
    }
    return render(request, "projects/applications/application_withdraw.html", context)

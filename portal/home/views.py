"""What each kind of person sees first."""

from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Count, F, Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.actions import current_texts
from portal.accounts.states import ConsentKind
from portal.companies.models import Company
from portal.companies.rules import is_manager
from portal.companies.states import CompanyState
from portal.home import menu
from portal.home.forms import RoleForm
from portal.trainees.actions import become_trainee
from portal.trainees.models import Trainee
from portal.ui.korean import dday, josa, kdate, kdatetime
from projects.applications.models import Application
from projects.applications.states import RANKING, ApplicationState
from projects.models import Call, Project
from projects.obligations.models import HiringObligation
from projects.obligations.states import WAITING, ObligationState
from projects.placements.models import Placement, Reserve
from projects.placements.states import LIVE, PlacementState
from projects.rankings.actions import order_of
from projects.rankings.models import RankItem, RankList
from projects.states import PUBLISHED, CallState, ProjectState

# --- for everybody ------------------------------------------------------------------------------------

#: A call somebody may still take part in, or is waiting for.
CURRENT = (CallState.OPEN, CallState.CLOSED, CallState.MATCHING)
#: Placements that came about: people who really were, or are, on a project.
CAME = (
    PlacementState.ACCEPTED,
    PlacementState.RUNNING,
    PlacementState.COMPLETED,
    PlacementState.NOT_COMPLETED,
    PlacementState.DROPPED_OUT,
)


@login_not_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The call that is on, how a match is made, and what became of the last one."""
    call = Call.objects.filter(state__in=CURRENT).first()
    last = Call.objects.filter(state__in=[CallState.FINISHED, CallState.ARCHIVED]).first()
    context = {
        "call": call,
        "news": _news(call) if call else "",
        "offered": _offered(call) if call else None,
        "steps": _steps(call) if call else [],
        "last": last,
        "outcome": _outcome(last) if last else [],
    }
    return render(request, "portal/home/home.html", context)


def _news(call: Call) -> str:
    """Where the call stands, in one line."""
    if call.takes_applications:
        due = kdatetime(call.applications_due_at)
        return _("%(call)s 모집 중 · %(due)s 신청 마감") % {"call": call, "due": due}
    if call.takes_rankings:
        due = kdatetime(call.rankings_due_at)
        return _("%(call)s 희망 순위 제출 중 · %(due)s 마감") % {"call": call, "due": due}
    if call.rankings_open_at and timezone.now() < call.rankings_open_at:
        opens = kdatetime(call.rankings_open_at)
        return _("%(call)s 참여 신청 마감 · %(opens)s 희망 순위 시작") % {"call": call, "opens": opens}
    return _("%(call)s 매칭 중 · %(day)s 발표 예정") % {"call": call, "day": kdate(call.announce_on)}


def _offered(call: Call) -> dict[str, int]:
    """Projects, companies and places of a call that everybody may see."""
    selected = Project.objects.filter(call=call, state=ProjectState.SELECTED)
    found = selected.aggregate(
        projects=Count("pk"), companies=Count("company", distinct=True), places=Sum("places", default=0)
    )
    return {name: int(value) for name, value in found.items()}


def _steps(call: Call) -> list[dict[str, Any]]:
    """The year of a call; the first step whose end has not passed is the one we are in."""
    today = timezone.localdate()
    rows: list[tuple[str, str, date | datetime | None]] = [
        (_("과제 신청"), _until(call.projects_due_at), call.projects_due_at),
        (_("참여 신청"), _until(call.applications_due_at), call.applications_due_at),
        (_("희망 순위"), _until(call.rankings_due_at), call.rankings_due_at),
        (_("결과 발표"), _short(call.announce_on), call.announce_on),
        (_("프로젝트"), _("%(day)s 시작") % {"day": _short(call.starts_on)}, call.ends_on),
        (_("채용"), _("우수 수료자 채용"), None),
    ]
    steps, now_given = [], False
    for label, note, end in rows:
        last_day = timezone.localtime(end).date() if isinstance(end, datetime) else end
        state = "done" if last_day is not None and last_day < today else "next"
        if state == "next" and not now_given:
            state, now_given = "now", True
        steps.append({"label": label, "note": note, "state": state})
    return steps


def _short(day: date | datetime | None) -> str:
    """``11월 22일(일)``, without the hour."""
    return kdatetime(timezone.localtime(day).date() if isinstance(day, datetime) else day)


def _until(moment: datetime | None) -> str:
    return _("%(day)s까지") % {"day": _short(moment)}


def _outcome(call: Call) -> list[dict[str, Any]]:
    """How many applied, came, completed and were hired: the bars of a finished call."""
    applied = Application.objects.filter(call=call, submitted_at__isnull=False).count()
    placements = Placement.objects.filter(call=call).aggregate(
        came=Count("trainee", filter=Q(state__in=CAME), distinct=True),
        completed=Count("trainee", filter=Q(state=PlacementState.COMPLETED), distinct=True),
    )
    hired = HiringObligation.objects.filter(placement__call=call, state=ObligationState.FULFILLED).count()
    rows = [
        (_("참여 신청"), applied),
        (_("배치"), placements["came"]),
        (_("수료"), placements["completed"]),
        (_("채용"), hired),
    ]
    outcome: list[dict[str, Any]] = []
    for label, value in rows:
        before = outcome[-1]["value"] if outcome else 0
        note = _("앞 단계의 %(share)s%%") % {"share": round(100 * value / before)} if before else ""
        outcome.append({"label": label, "value": value, "note": note})
    return outcome


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """The door everybody comes through after signing in."""
    role = menu.role_of(request)
    if role == menu.STAFF:
        return redirect("admin:index")
    if role == menu.COMPANY:
        return redirect("home:company-home")
    if role == menu.TRAINEE:
        return redirect("home:trainee-tasks")
    return render(request, "portal/home/start.html")


@require_POST
def trainee_start(request: HttpRequest) -> HttpResponse:
    """참여자로 시작: the account gets a trainee's profile."""
    if not request.user.has_perm("trainees.become_trainee"):
        raise PermissionDenied
    become_trainee(by=request.user)
    return redirect("trainees:profile-edit")


@require_POST
def role_choose(request: HttpRequest) -> HttpResponse:
    """A person with two roles looks through the other one."""
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    role = form.cleaned_data["role"]
    if role not in menu.roles_of(request.user):
        raise PermissionDenied
    request.session[menu.CHOSEN] = role
    return redirect("home:start")


@login_not_required
@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/home/help.html")


@login_not_required
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about whom, with the texts people agree to as they are in force."""
    kinds = [kind for kind in ConsentKind.values if kind != ConsentKind.TERMS]
    return render(request, "portal/home/privacy.html", {"texts": current_texts(kinds)})


@login_not_required
@require_GET
def terms(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/home/terms.html", {"texts": current_texts([ConsentKind.TERMS])})


@login_not_required
@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/home/accessibility.html")


# --- a trainee's day ----------------------------------------------------------------------------------


@require_GET
def trainee_tasks(request: HttpRequest) -> HttpResponse:
    """What to do next, until when, and how things stand."""
    if not hasattr(request.user, "trainee"):
        raise Http404
    trainee: Trainee = request.user.trainee
    application = _application(trainee)
    call = application.call if application else _open_call()
    lists = _lists(application)
    placement = _placement(application)
    tasks = _tasks(trainee, call, application, lists, placement) if call else []
    done = sum(task["state"] == "done" for task in tasks)
    context = {
        "trainee": trainee,
        "call": call,
        "tasks": tasks,
        "done": done,
        "panel": _panel(call, application, lists, placement),
        "agenda": _agenda(call, placement) if call else [],
        "owed": _owed_to(trainee),
        "graduate_missing": trainee.graduate_id is None,
    }
    return render(request, "portal/home/trainee_tasks.html", context)


def _application(trainee: Trainee) -> Application | None:
    """The newest application; one that was withdrawn or whose call is over makes room for an open call."""
    own = Application.objects.filter(trainee=trainee, call__state__in=PUBLISHED)
    application = own.exclude(state=ApplicationState.WITHDRAWN).select_related("call__rule_set").first()
    over = application is not None and application.call.state in (CallState.FINISHED, CallState.ARCHIVED)
    return None if over and _open_call() else application


def _open_call() -> Call | None:
    """A call one can apply to now, else one that is on."""
    calls = list(Call.objects.filter(state__in=CURRENT).select_related("rule_set"))
    return next((call for call in calls if call.takes_applications), calls[0] if calls else None)


def _lists(application: Application | None) -> dict[str, Any]:
    """The wishes of an application: how many are drafted, what is certified, whether they differ."""
    if application is None:
        return {"count": 0, "binding": None, "changed": False}
    own = RankList.objects.filter(application=application)
    working, binding = own.working().first(), own.binding().first()
    order = order_of(working)
    changed = binding is not None and working != binding and order_of(binding) != order
    return {"count": len(order), "binding": binding, "changed": changed}


def _placement(application: Application | None) -> Placement | None:
    if application is None:
        return None
    return Placement.objects.filter(application=application).with_names().first()


def _tasks(
    trainee: Trainee,
    call: Call,
    application: Application | None,
    lists: dict[str, Any],
    placement: Placement | None,
) -> list[dict[str, Any]]:
    profile = {
        "label": _("프로필 채우기"),
        "state": "done" if trainee.is_complete else "progress" if trainee.phone or trainee.region else "todo",
        "url": reverse("trainees:profile-edit"),
        "hint": "" if trainee.is_complete else _("연락처, 사는 지역, 시작할 수 있는 날, 기술 한 가지"),
    }
    return [
        profile,
        _apply_task(call, application),
        _rank_task(call, application, lists),
        _result_task(call, application, placement),
    ]


def _apply_task(call: Call, application: Application | None) -> dict[str, Any]:
    task: dict[str, Any] = {"label": _("참여 신청"), "hint": "", "url": ""}
    edit = reverse("applications:application-edit", args=[call.pk, "motive"])
    due = kdatetime(call.applications_due_at)
    if application is not None and application.state == ApplicationState.RETURNED:
        return task | {"state": "progress", "url": edit, "hint": _("보완 요청을 받았습니다. 고쳐서 다시 제출하세요.")}
    if application is not None and application.state != ApplicationState.DRAFT:
        done = reverse("applications:application-done", args=[call.pk])
        return task | {"state": "done", "url": done, "hint": str(application.get_state_display())}
    if not call.takes_applications:
        return task | {"state": "late", "hint": _("%(due)s에 마감되었습니다.") % {"due": due}}
    hint = _("%(due)s까지 제출하세요. 10분쯤 걸립니다.") % {"due": due}
    return task | {"state": "progress" if application else "todo", "url": edit, "hint": hint}


def _rank_task(call: Call, application: Application | None, lists: dict[str, Any]) -> dict[str, Any]:
    task: dict[str, Any] = {"label": _("희망 순위 정하고 제출"), "url": reverse("rankings:rank-list-edit")}
    count = _("%(count)s개 담음") % {"count": lists["count"]}
    if lists["binding"] and not lists["changed"]:
        return task | {"state": "done", "hint": _("%(count)s · 제출함") % {"count": count}}
    if call.takes_rankings and application is not None and application.state in RANKING:
        said = _("제출한 뒤 바꾸었습니다. 다시 제출해야 바뀐 순위가 쓰입니다.") if lists["changed"] else ""
        until = _("%(count)s · %(due)s까지 제출하세요.") % {"count": count, "due": kdatetime(call.rankings_due_at)}
        return task | {"state": "progress" if lists["count"] else "todo", "hint": said or until}
    if call.rankings_due_at and timezone.now() > call.rankings_due_at:
        state = "done" if lists["binding"] else "late"
        hint = _("%(due)s에 마감되었습니다.") % {"due": kdatetime(call.rankings_due_at)}
        return task | {"state": state, "hint": hint, "url": task["url"] if application else ""}
    opens = _("%(opens)s부터 정할 수 있습니다.") % {"opens": kdatetime(call.rankings_open_at)}
    if call.takes_rankings:
        opens = _("참여 신청을 제출하면 정할 수 있습니다.")
    return task | {"state": "locked", "url": "", "hint": opens}


def _result_task(call: Call, application: Application | None, placement: Placement | None) -> dict[str, Any]:
    task: dict[str, Any] = {"label": _("결과 확인하고 답하기"), "url": reverse("matching:match-detail", args=[call.pk])}
    if placement is not None and placement.state == PlacementState.OFFERED:
        url = reverse("placements:placement-detail", args=[placement.pk])
        due = kdatetime(placement.answer_due_at)
        return task | {"state": "todo", "url": url, "hint": _("%(due)s까지 답해 주세요.") % {"due": due}}
    decided = (ApplicationState.PLACED, ApplicationState.RESERVE, ApplicationState.UNMATCHED)
    if application is not None and application.state in decided:
        return task | {"state": "done", "hint": str(application.get_state_display())}
    hint = _("%(day)s 발표 예정") % {"day": kdate(call.announce_on)}
    return task | {"state": "locked", "url": "", "hint": hint}


def _say(
    title: str, *texts: str, tone: str = "info", action: str = "", url: str = "", more: tuple[str, str] = ("", "")
) -> dict[str, Any]:
    """The panel on top: how it stands and the one thing to do."""
    return {
        "title": title,
        "texts": [text for text in texts if text],
        "tone": tone,
        "action": action,
        "url": url,
        "more": {"label": more[0], "url": more[1]},
    }


def _panel(
    call: Call | None, application: Application | None, lists: dict[str, Any], placement: Placement | None
) -> dict[str, Any]:
    """The state of a person's year in words; every state has one panel."""
    browse = (_("프로젝트 둘러보기"), reverse("projects:project-list"))
    if call is None:
        text = _("새 모집이 시작되면 이곳에서 바로 신청할 수 있습니다. 그동안 프로필을 채워 두세요.")
        return _say(
            _("지금은 모집 중인 공고가 없습니다"), text, action=_("프로필 채우기"), url=reverse("trainees:profile-edit")
        )
    if application is None or application.state == ApplicationState.DRAFT:
        return _not_applied(call, application, browse)
    if placement is not None and placement.state not in (PlacementState.DECLINED, PlacementState.EXPIRED):
        return _placed(placement)
    edit = reverse("applications:application-edit", args=[call.pk, "motive"])
    if application.state == ApplicationState.RETURNED:
        return _say(
            _("참여 신청에 보완할 것이 있습니다"),
            _("운영사 의견: %(comment)s") % {"comment": application.comment},
            tone="warn", action=_("고쳐서 다시 제출하기"), url=edit,
        )  # fmt: skip
    if application.state == ApplicationState.INELIGIBLE:
        return _say(
            _("이번 공고에는 참여할 수 없습니다"),
            _("심사 결과: %(reason)s") % {"reason": application.get_ineligible_reason_display()},
            application.comment,
            _("사실과 다르면 운영사에 알려 주세요. 다시 심사할 수 있습니다."),
            tone="danger",
        )
    if application.state == ApplicationState.RESERVE:
        return _waiting(application)
    if application.state in (ApplicationState.UNMATCHED, ApplicationState.PLACED):
        return _say(
            _("이번에는 배치되지 않았습니다"),
            _("신청한 사람이 모집 인원보다 많았습니다. 프로젝트마다 이유를 결과 화면에 적어 두었습니다."),
            _("프로필을 그대로 두면 다음 모집 때 바로 다시 신청할 수 있습니다."),
            action=_("결과와 이유 보기"), url=reverse("matching:match-detail", args=[call.pk]), more=browse,
        )  # fmt: skip
    return _ranking(call, application, lists, browse)


def _not_applied(call: Call, application: Application | None, browse: tuple[str, str]) -> dict[str, Any]:
    if not call.takes_applications:
        return _say(
            _("이번 모집은 신청이 끝났습니다"),
            _("%(due)s에 마감되었습니다. 다음 모집을 기다려 주세요.") % {"due": kdatetime(call.applications_due_at)},
            action=browse[0], url=browse[1],
        )  # fmt: skip
    return _say(
        _("쓰던 신청서를 제출해 주세요") if application else _("‘%(call)s’에 신청하세요") % {"call": call},
        _("신청 마감은 %(due)s입니다 (%(left)s).")
        % {"due": kdatetime(call.applications_due_at), "left": dday(call.applications_due_at)},
        action=_("이어서 쓰기") if application else _("신청서 쓰기"),
        url=reverse("applications:application-edit", args=[call.pk, "motive"]),
        more=browse,
    )


def _ranking(
    call: Call, application: Application, lists: dict[str, Any], browse: tuple[str, str]
) -> dict[str, Any]:
    """Handed in or eligible: rank now, wait, or too late."""
    edit, due = reverse("rankings:rank-list-edit"), kdatetime(call.rankings_due_at)
    review = "" if application.state == ApplicationState.ELIGIBLE else _("참여 신청은 심사하고 있습니다.")
    result = _("결과는 %(day)s에 발표할 예정입니다.") % {"day": kdate(call.announce_on)}
    if call.takes_rankings and lists["changed"]:
        return _say(
            _("바꾼 순위를 아직 제출하지 않았습니다"),
            _("제출한 순위가 그대로 유효합니다. 바꾼 순위를 쓰려면 다시 제출하세요."),
            _("마감은 %(due)s입니다 (%(left)s).") % {"due": due, "left": dday(call.rankings_due_at)},
            tone="warn", action=_("희망 순위 보기"), url=edit,
        )  # fmt: skip
    if lists["binding"]:
        again = _("%(due)s까지 바꿔서 다시 제출할 수 있습니다.") % {"due": due} if call.takes_rankings else ""
        return _say(
            _("희망 순위를 제출했습니다"), review, again, result, tone="good",
            action=_("제출확인서 보기"), url=reverse("rankings:rank-list-receipt"), more=(_("희망 순위 보기"), edit),
        )  # fmt: skip
    if call.takes_rankings:
        return _say(
            _("희망 순위를 정해서 제출하세요"),
            review,
            _("마감은 %(due)s입니다 (%(left)s). 제출하지 않으면 매칭에 들어가지 않습니다.")
            % {"due": due, "left": dday(call.rankings_due_at)},
            tone="warn", action=_("희망 순위 정하기"), url=edit, more=browse,
        )  # fmt: skip
    if call.rankings_open_at and timezone.now() < call.rankings_open_at:
        return _say(
            _("참여 신청을 제출했습니다") if review else _("참여 자격이 확인되었습니다"),
            review,
            _("%(opens)s부터 희망 순위를 정합니다. 그때까지 관심 가는 프로젝트에 표시해 두세요.")
            % {"opens": kdatetime(call.rankings_open_at)},
            tone="good", action=browse[0], url=browse[1],
        )  # fmt: skip
    return _say(
        _("희망 순위를 제출하지 않아 매칭에 들어가지 않습니다"),
        _("마감은 %(due)s이었습니다. 다음 모집 때 다시 신청해 주세요.") % {"due": due},
        tone="danger", action=browse[0], url=browse[1],
    )  # fmt: skip


def _placed(placement: Placement) -> dict[str, Any]:
    """From the offer to the end of the project."""
    project = placement.project.title
    where = f"{placement.company} · {kdate(placement.starts_on)} ~ {kdate(placement.ends_on)}"
    detail = reverse("placements:placement-detail", args=[placement.pk])
    result = (_("결과와 이유 보기"), reverse("matching:match-detail", args=[placement.call_id]))
    if placement.state == PlacementState.OFFERED:
        return _say(
            _("‘%(project)s’에 배치되었습니다") % {"project": project},
            where,
            _("%(due)s까지 수락하거나 거절해 주세요 (%(left)s). 답이 없으면 자리가 다음 사람에게 갑니다.")
            % {"due": kdatetime(placement.answer_due_at), "left": dday(placement.answer_due_at)},
            tone="warn", action=_("보고 답하기"), url=detail, more=result,
        )  # fmt: skip
    if placement.state == PlacementState.ACCEPTED:
        starts = _("%(day)s에 시작합니다 (%(left)s).") % {
            "day": kdate(placement.starts_on),
            "left": dday(placement.starts_on),
        }
        title = _("‘%(project)s’에 참여하기로 했습니다") % {"project": project}
        return _say(title, where, starts, tone="good", action=_("내 배치 보기"), url=detail, more=result)
    if placement.state == PlacementState.RUNNING:
        title = _("%(project)s 하고 있습니다") % {"project": josa(f"‘{project}’", "을")}
        return _say(title, where, tone="good", action=_("내 배치 보기"), url=detail)
    state = placement.get_state_display()
    title = _("%(project)s 끝났습니다: %(state)s") % {"project": josa(f"‘{project}’", "이"), "state": state}
    tone = "good" if placement.state == PlacementState.COMPLETED else "info"
    return _say(title, where, tone=tone, action=_("내 배치 보기"), url=detail)


def _waiting(application: Application) -> dict[str, Any]:
    """On reserve lists: which number, and how many are before one."""
    lines = []
    rows = Reserve.objects.waiting().filter(application=application).select_related("project__company")
    rows = rows.annotate(
        before=Count(
            "project__reserves",
            filter=Q(
                project__reserves__called_at=None,
                project__reserves__left_at=None,
                project__reserves__reserve_no__lt=F("reserve_no"),
            ),
        )
    )
    for row in rows.order_by("before", "reserve_no"):
        facts = {"project": row.project.title, "number": row.reserve_no, "before": row.before}
        lines.append(_("%(project)s: 예비 %(number)s번, 앞에 %(before)s명") % facts)
    return _say(
        _("예비 순번을 받았습니다"),
        *lines,
        _("자리가 나면 순번대로 다음 근무일 오전에 제안하고, 이메일과 알림함으로 알려 드립니다."),
        action=_("결과와 이유 보기"),
        url=reverse("matching:match-detail", args=[application.call_id]),
    )


def _agenda(call: Call, placement: Placement | None) -> list[dict[str, Any]]:
    """What is still to come, soonest first."""
    rows: list[tuple[date | datetime | None, str]] = [
        (call.applications_due_at, _("참여 신청 마감")),
        (call.rankings_open_at, _("희망 순위 제출 시작")),
        (call.rankings_due_at, _("희망 순위 제출 마감")),
        (call.announce_on, _("결과 발표 예정")),
        (call.starts_on, _("프로젝트 시작")),
        (call.ends_on, _("프로젝트 종료")),
    ]
    if placement is not None and placement.state == PlacementState.OFFERED:
        rows.append((placement.answer_due_at, _("배치 수락 마감")))
    now, today = timezone.now(), timezone.localdate()
    coming = [
        {"at": at, "label": label}
        for at, label in rows
        if at is not None and (at >= now if isinstance(at, datetime) else at >= today)
    ]
    return sorted(coming, key=lambda row: _day(row["at"]))


def _day(at: date | datetime) -> datetime:
    if isinstance(at, datetime):
        return timezone.localtime(at)
    return datetime.combine(at, datetime.min.time(), tzinfo=timezone.get_current_timezone())


def _owed_to(trainee: Trainee) -> HiringObligation | None:
    """A hire that a company owes this person."""
    owed = HiringObligation.objects.open().filter(placement__trainee=trainee)
    return owed.with_names().first()


# --- a company's day ----------------------------------------------------------------------------------

#: Obligations this near are shown one by one.
SOON = timedelta(days=30)
#: How many rows of a kind the first page shows; the rest is one link away.
SHOWN = 6


@require_GET
def company_home(request: HttpRequest) -> HttpResponse:
    """The most urgent first: hires owed, candidates to review, people who come, projects by state."""
    own = Company.objects.filter(members__user=request.user).order_by("members__pk")
    if request.GET.get("company", "").isdecimal():
        company = get_object_or_404(own, pk=request.GET["company"])
    else:
        company = own.first()
    if company is None:
        raise Http404
    projects = Project.objects.filter(company=company).select_related("call").order_by("-call__year", "-call_id", "title")
    placements = Placement.objects.filter(company=company, state__in=LIVE).with_names().order_by("starts_on", "pk")
    context = {
        "company": company,
        "others": [other for other in own if other != company],
        "may_manage": is_manager(request.user, company),
        "notice": _standing(company),
        "urgent": _urgent(company),
        "reviews": _reviews(company),
        "stats": _stats(company),
        "projects": projects[:SHOWN],
        "people": placements[:SHOWN],
    }
    return render(request, "portal/home/company_home.html", context)


def _standing(company: Company) -> dict[str, str] | None:
    """Why a company cannot take part now, if it cannot."""
    if company.state == CompanyState.UNVERIFIED:
        text = _("운영사가 사업자등록 정보를 확인하고 있습니다. 과제는 미리 써 둘 수 있고, 확인이 끝나면 제출할 수 있습니다.")
        return {"tone": "info", "title": _("회사 확인을 기다리고 있습니다"), "text": text}
    if company.state == CompanyState.REJECTED:
        return {"tone": "danger", "title": _("회사를 확인하지 못했습니다"), "text": company.decision_reason}
    if company.state == CompanyState.SUSPENDED:
        until = kdate(company.suspended_until)
        title = _("%(until)s까지 참여가 제한되었습니다") % {"until": until}
        return {"tone": "danger", "title": title, "text": company.decision_reason}
    return None


def _urgent(company: Company) -> list[dict[str, Any]]:
    """Hires that are overdue or due within a month, the most pressing first."""
    near = timezone.localdate() + SOON
    owed = HiringObligation.objects.waiting().filter(company=company, due_on__lte=near).with_names()
    return [
        {
            "person": obligation.placement.trainee.user.name,
            "project": obligation.placement.project.title,
            "due_on": obligation.due_on,
            "url": reverse("obligations:obligation-detail", args=[obligation.pk]),
        }
        for obligation in owed.order_by("due_on", "pk")[:SHOWN]
    ]


def _stats(company: Company) -> list[dict[str, Any]]:
    today = timezone.localdate()
    owed = HiringObligation.objects.filter(company=company).by_urgency(today)
    waiting = HiringObligation.objects.waiting().filter(company=company).count()
    placed = dict(
        Placement.objects.filter(company=company, state__in=LIVE)
        .values_list("state")
        .annotate(count=Count("pk"))
        .order_by()
    )
    unanswered = placed.get(PlacementState.OFFERED, 0)
    coming = placed.get(PlacementState.ACCEPTED, 0) + placed.get(PlacementState.RUNNING, 0)
    selected = Project.objects.filter(company=company, state__in=[ProjectState.SELECTED, ProjectState.RUNNING])
    overdue = owed["overdue"]
    people, projects = reverse("placements:placement-list"), reverse("projects:project-manage-list")
    return [
        {"label": _("선정·진행 중인 프로젝트"), "value": selected.count(), "unit": _("건"), "url": projects},
        {"label": _("참여가 확정된 사람"), "value": coming, "unit": _("명"), "url": people},
        {"label": _("수락을 기다리는 사람"), "value": unanswered, "unit": _("명"), "url": people},
        {
            "label": _("이행할 채용 의무"),
            "value": waiting,
            "unit": _("건"),
            "note": _("기한 지남 %(count)s건") % {"count": overdue} if overdue else "",
            "tone": "danger" if overdue else "",
            "url": reverse("obligations:obligation-list"),
        },
    ]


def _reviews(company: Company) -> list[dict[str, Any]]:
    """Per call whose lists are open: how many candidates of each project have been reviewed, and until when."""
    projects = list(
        Project.objects.filter(company=company, state=ProjectState.SELECTED, call__in=Call.objects.ranking(timezone.now()))
        .select_related("call__rule_set")
        .order_by("call_id", "title")
    )
    calls = {project.call_id for project in projects}
    lists = {row.call_id: row for row in RankList.objects.filter(company=company, call__in=calls).working().reverse()}
    bound = dict(RankList.objects.filter(company=company, call__in=calls).binding().values_list("call_id", "pk"))
    reviewed = dict(
        RankItem.objects.filter(rank_list__in=lists.values())
        .values_list("project")
        .annotate(count=Count("pk"))
        .order_by()
    )
    eligible = dict(
        Application.objects.filter(call__in=calls, state=ApplicationState.ELIGIBLE)
        .values_list("call")
        .annotate(count=Count("pk"))
        .order_by()
    )
    return [
        {
            "call": group[0].call,
            "certified": call in bound,
            "changed": call in bound and lists[call].pk != bound[call],
            "projects": [
                {
                    "project": project,
                    "reviewed": reviewed.get(project.pk, 0),
                    "goal": min(project.places * project.call.rule_set.review_multiple, eligible.get(call, 0)),
                }
                for project in group
            ],
        }
        for call, found in groupby(projects, key=lambda project: project.call_id)
        if (group := list(found))
    ]

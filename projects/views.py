from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from portal.accounts.models import SignedIn, User
from portal.accounts.rules import is_office
from portal.audit.models import Event
from portal.companies.models import Company
from portal.companies.views import own_companies, own_company
from portal.trainees.models import TraineeSkill
from portal.ui.htmx import render_page
from portal.ui.korean import kdatetime, kperiod, won
from portal.ui.refusals import sentence
from portal.workflow import Refused, Stale
from projects import actions
from projects.forms import (
    EXTRA_LINES,
    MAX_LINES,
    ProjectFilterForm,
    ProjectForm,
    ProjectSkillFormSet,
    WithdrawForm,
    skill_choices,
)
from projects.models import Call, Project
from projects.states import PROJECT, PUBLIC, UNSEALED, CallState, ProjectRefusal, ProjectState
from projects.words import pledge_fact, pledge_sentence

Person = User | AnonymousUser
PER_PAGE = 12
SIMILAR = 3


# --- for everybody ------------------------------------------------------------------------------------


def _own_skills(user: Person) -> frozenset[str]:
    """Codes of the skills a trainee named, so that a card can show what fits."""
    if not user.is_authenticated or is_office(user):
        return frozenset()
    return frozenset(TraineeSkill.objects.filter(trainee__user=user).values_list("skill", flat=True))


def _card(project: Project, own_skills: frozenset[str]) -> dict[str, Any]:
    """What a card says about a project, besides its own fields."""
    return {
        "project": project,
        "people": people_sentence(project),
        "pledge": pledge_sentence(project),
        "skills": [
            {"name": str(asked.skill), "own": asked.skill_id in own_skills}
            for asked in project.project_skills.all()
        ],
        "due_on": project.call.rankings_due_at if project.is_offered else None,
    }


def people_sentence(project: Project) -> str:
    if 0 < project.minimum < project.places:
        return _("%(minimum)d~%(places)d명") % {"minimum": project.minimum, "places": project.places}
    return ngettext("%(count)d명", "%(count)d명", project.places) % {"count": project.places}


@login_not_required
@require_GET
def project_list(request: HttpRequest) -> HttpResponse:
    """Projects everybody may see, under filters that are part of the address."""
    form = ProjectFilterForm(request.GET)
    found = form.filtered(Project.objects.public()).offered_first(timezone.now()).values_list("pk", flat=True)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    own_skills = _own_skills(request.user)
    context = {
        "filters": form,
        "chips": form.chips(),
        "page": page,
        "cards": [_card(project, own_skills) for project in Project.objects.cards(page)],
    }
    return render_page(request, "projects/project_list.html", context, partial="rows")


@login_not_required
@require_GET
def project_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one project; its own company sees a draft as it will look."""
    project = get_object_or_404(Project.objects.visible_to(request.user).with_card(), pk=pk)
    own_skills = _own_skills(request.user)
    asked = list(project.project_skills.all())
    context = {
        "project": project,
        "is_public": project.is_public,
        "may_manage": request.user.is_authenticated
        and Project.objects.managed_by(request.user).filter(pk=pk).exists(),
        "required": [line for line in asked if line.required],
        "preferred": [line for line in asked if not line.required],
        "own_skills": own_skills,
        "mentor_count": sum(mentor.until is None for mentor in project.mentors.all()),
        # many begin with the summary, which stands above already
        "description": project.description.removeprefix(project.summary).lstrip(),
        "facts": _facts(project),
        "similar": [_card(other, own_skills) for other in Project.objects.similar_to(project, SIMILAR)],
    }
    return render(request, "projects/project_detail.html", context)


def _where(project: Project) -> str:
    """Region and working mode, as far as they are decided."""
    return " · ".join(part for part in (project.region, str(project.get_work_mode_display())) if part)


def _facts(project: Project) -> list[dict[str, Any]]:
    """The panel beside a project."""
    call = project.call
    facts = [
        (_("모집 인원"), people_sentence(project)),
        (_("근무"), _where(project)),
        (_("기간"), kperiod(call.starts_on, call.ends_on)),
        (_("순위 제출 마감"), kdatetime(call.rankings_due_at)),
        (_("채용 약정"), pledge_fact(project)),
        (_("채용 형태"), project.hire_type),
        (_("채용 뒤 월 급여"), won(project.hire_pay_won) if project.hire_pay_won else ""),
        (_("채용 뒤 근무지"), project.hire_place),
    ]
    return [{"label": label, "value": value} for label, value in facts if value]


# --- for the company ----------------------------------------------------------------------------------

#: What each recorded move is called on the project's timeline, and its colour.
TOLD = {
    "draft_project": (gettext_lazy("작성을 시작했습니다"), ""),
    "submit_project": (gettext_lazy("제출했습니다"), "info"),
    "return_project": (gettext_lazy("운영사가 보완을 요청했습니다"), "warn"),
    "select_project": (gettext_lazy("선정되었습니다"), "good"),
    "reserve_project": (gettext_lazy("예비로 선정되었습니다"), "info"),
    "reject_project": (gettext_lazy("선정되지 않았습니다"), "danger"),
    "pass_over_project": (gettext_lazy("순위 제출이 마감될 때까지 선정되지 않았습니다"), "danger"),
    "start_project": (gettext_lazy("프로젝트를 시작했습니다"), "good"),
    "finish_project": (gettext_lazy("프로젝트를 마쳤습니다"), "good"),
    "close_project": (gettext_lazy("최소 인원에 이르지 못해 열지 않았습니다"), ""),
    "exclude_project": (gettext_lazy("참여제한 중에 매칭이 발표되어 열지 않았습니다"), ""),
    "withdraw_project": (gettext_lazy("철회했습니다"), ""),
    "terminate_project": (gettext_lazy("중단되었습니다"), "danger"),
    "cancel_project": (gettext_lazy("공고가 취소되어 닫혔습니다"), ""),
}


def _own_project(request: SignedIn, pk: int) -> Project:
    """A project of a company the person acts for; the office works in its own place."""
    projects = Project.objects.managed_by(request.user).select_related("call__rule_set", "company", "field")
    return get_object_or_404(projects, pk=pk)


@require_GET
def project_manage_list(request: SignedIn) -> HttpResponse:
    company = own_company(request)
    projects = company.projects.select_related("call").newest_first()
    context = {
        "company": company,
        "company_tabs": own_companies(request, company),
        "page": Paginator(projects, PER_PAGE).get_page(request.GET.get("page")),
        "open_calls": Call.objects.taking_projects(timezone.now()),
        "may_add": request.user.has_perm("projects.add_project", company),
    }
    return render(request, "projects/project_manage_list.html", context)


@require_GET
def project_manage(request: SignedIn, pk: int) -> HttpResponse:
    """Where a project stands, what happened to it and what can be done now."""
    project = _own_project(request, pk)
    user, editable = request.user, project.state == ProjectState.DRAFT
    events = Event.objects.about(project).filter(verb__in=TOLD)
    context = {
        "project": project,
        "returned": project.is_returned,
        "late": editable and not project.may_be_handed_in,
        "missing": project.missing if editable else [],
        "is_public": project.is_public,
        "may_edit": editable and user.has_perm("projects.change_project", project),
        "may_submit": editable and user.has_perm("projects.submit_project", project),
        "may_withdraw": PROJECT.may(project, "withdraw_project")
        and user.has_perm("projects.withdraw_project", project),
        "is_reviewed": project.state == ProjectState.SELECTED and project.call.state in UNSEALED,
        "is_filled": project.has_people or project.state == ProjectState.RUNNING,
        "taken": project.taken,
        "facts": _facts(project),
        "events": [
            {
                "at": event.at,
                "title": TOLD[event.verb][0],
                "tone": TOLD[event.verb][1],
                "text": event.data.get("reason", ""),
            }
            for event in events
        ],
    }
    return render(request, "projects/project_manage.html", context)


@require_http_methods(["GET", "POST"])
def project_add(request: SignedIn) -> HttpResponse:
    company = own_company(request)
    if not request.user.has_perm("projects.add_project", company):
        raise PermissionDenied
    calls = Call.objects.taking_projects(timezone.now())
    if not calls and request.method == "GET":
        return render(request, "projects/project_form.html", {"company": company, "no_call": True})
    if request.method == "POST":  # who is a moment late is told by the action when the deadline was
        calls = Call.objects.filter(state__in=[CallState.OPEN, CallState.CLOSED])
    return _edit(request, Project(company=company), company, calls)


@require_http_methods(["GET", "POST"])
def project_edit(request: SignedIn, pk: int) -> HttpResponse:
    project = _own_project(request, pk)
    if not request.user.has_perm("projects.change_project", project):
        raise PermissionDenied
    if project.state != ProjectState.DRAFT:
        raise Refused(ProjectRefusal.NOT_EDITABLE)
    return _edit(request, project, project.company, None)


def _edit(request: SignedIn, project: Project, company: Company, calls: Any) -> HttpResponse:
    """The form of a new project (``calls`` to choose from) or of a draft (None)."""
    bound: dict[str, Any] = {"instance": project, "company": company, "calls": calls}
    lines: dict[str, Any] = {"prefix": "skills", "form_kwargs": {"choices": skill_choices()}}
    if request.method == "POST" and "more" not in request.POST:
        form = ProjectForm(request.POST, draft="save" in request.POST, **bound)
        skills, status = ProjectSkillFormSet(request.POST, **lines), 422
        if form.is_valid() and skills.is_valid():
            saved, status = _save(request, form, skills)
            if saved is not None:
                messages.success(request, _("저장했습니다. 아직 제출한 것은 아닙니다."))
                return redirect(_after_saving(request), saved.pk)
    else:
        status = 200
        if request.method == "POST":
            form = ProjectForm(initial=_typed(request, ProjectForm.base_fields), **bound)
            skills = ProjectSkillFormSet(initial=_typed_lines(request), **lines)
        else:
            form = ProjectForm(**bound)
            skills = ProjectSkillFormSet(initial=_lines_of(project), **lines)
    context = {
        "form": form,
        "skills": skills,
        "project": project,
        "company": company,
        "is_new": not project.pk,
    }
    return render(request, "projects/project_form.html", context, status=status)


def _after_saving(request: SignedIn) -> str:
    """On with writing, or on to checking and handing in."""
    if "save" in request.POST:
        return "projects:project-edit"
    return "projects:project-submit" if "check" in request.POST else "projects:project-manage"


def _save(request: SignedIn, form: ProjectForm, skills: Any) -> tuple[Project | None, int]:
    """Draft or change; what was refused becomes the form's error and the status of the answer."""
    facts = {
        name: form.cleaned_data[name] for name in form.cleaned_data if name not in ("call", "mentors", "seen")
    }
    facts["hire_pay_won"] = facts["hire_pay_won"] or 0  # a draft that does not say
    parts = {"skills": skills.chosen(), "mentors": list(form.cleaned_data["mentors"]), "by": request.user}
    try:
        if form.instance.pk:
            seen = form.cleaned_data["seen"]
            return actions.edit_project(form.instance, seen=seen, **parts, **facts), 200
        return actions.draft_project(form.cleaned_data["call"], form.company, **parts, **facts), 200
    except Stale as stale:
        # the next press of the button is a choice made after reading this
        form.data = typed = request.POST.copy()
        typed["seen"] = Project.objects.get(pk=form.instance.pk).updated_at.isoformat()
        form.add_error(None, sentence(stale))
        return None, 409
    except Refused as refused:
        field = "title" if refused.code == ProjectRefusal.TITLE_TAKEN else None
        form.add_error(field, sentence(refused))
        return None, 422


def _typed(request: SignedIn, fields: Any) -> dict[str, Any]:
    """What stands in the form now, unjudged: the button that adds lines must not complain."""
    many = forms.ModelMultipleChoiceField
    return {
        name: request.POST.getlist(name) if isinstance(field, many) else request.POST.get(name, "")
        for name, field in fields.items()
    }


def _typed_lines(request: SignedIn) -> list[dict[str, str]]:
    count = request.POST.get("skills-TOTAL_FORMS", "")
    total = min(int(count) if count.isdecimal() else 0, MAX_LINES - EXTRA_LINES)
    return [
        {name: request.POST.get(f"skills-{line}-{name}", "") for name in ("skill", "level", "need")}
        for line in range(total)
    ]


def _lines_of(project: Project) -> list[dict[str, Any]]:
    if not project.pk:
        return []
    return [
        {"skill": line.skill_id, "level": line.level, "need": "required" if line.required else "preferred"}
        for line in project.project_skills.all()
    ]


@require_http_methods(["GET", "POST"])
def project_submit(request: SignedIn, pk: int) -> HttpResponse:
    """Check your answers, then hand in."""
    project = _own_project(request, pk)
    if not request.user.has_perm("projects.submit_project", project):
        raise PermissionDenied
    form, status = forms.Form(request.POST if request.method == "POST" else None), 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.submit_project(project, by=request.user)
        except Refused as refused:
            form.add_error(None, sentence(refused))
            status = 422
        else:
            messages.success(request, _("제출했습니다. 심사 결과가 나오면 알려 드립니다."))
            return redirect("projects:project-manage", project.pk)
    elif project.state != ProjectState.DRAFT:
        return redirect("projects:project-manage", project.pk)
    context = {"project": project, "form": form, "facts": _answers(project)}
    return render(request, "projects/project_submit.html", context, status=status)


def _answers(project: Project) -> list[dict[str, Any]]:
    """Every answer of the form with a way back to it; what is still open says so."""
    edit = reverse("projects:project-edit", args=[project.pk])
    lines = list(project.project_skills.select_related("skill"))
    mentors = project.mentors.filter(until=None).select_related("member__user")
    named = [f"{line.skill} ({line.get_level_display()})" for line in lines if line.required]
    liked = [f"{line.skill} ({line.get_level_display()})" for line in lines if not line.required]
    nothing, open_yet = _("정하지 않음"), _("아직 적지 않음")
    rows = [
        ("id_title", _("과제 이름"), project.title),
        ("id_summary", _("한 줄 소개"), project.summary or open_yet),
        ("id_description", _("하는 일"), project.description or open_yet),
        ("id_data_used", _("쓰는 데이터"), project.data_used or nothing),
        ("id_field", _("분야"), str(project.field)),
        ("id_region", _("근무"), _where(project) or open_yet),
        ("id_places", _("모집 인원"), people_sentence(project)),
        ("skills", _("꼭 필요한 기술"), "\n".join(named) or open_yet),
        ("skills", _("있으면 좋은 기술"), "\n".join(liked) or nothing),
        ("id_mentors_0", _("멘토"), ", ".join(mentor.member.user.name for mentor in mentors) or open_yet),
        ("id_pledged_hires", _("채용 약정"), pledge_sentence(project)),
        ("id_hire_type", _("채용 형태"), project.hire_type or open_yet),
        (
            "id_hire_pay_won",
            _("채용 뒤 월 급여"),
            won(project.hire_pay_won) if project.hire_pay_won else open_yet,
        ),
        ("id_hire_place", _("채용 뒤 근무지"), project.hire_place or open_yet),
    ]
    return [{"label": label, "value": value, "url": f"{edit}#{anchor}"} for anchor, label, value in rows]


@require_http_methods(["GET", "POST"])
def project_withdraw(request: SignedIn, pk: int) -> HttpResponse:
    project = _own_project(request, pk)
    if not request.user.has_perm("projects.withdraw_project", project):
        raise PermissionDenied
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.withdraw_project(project, reason=form.cleaned_data["reason"], by=request.user)
        except Refused as refused:
            form.add_error(None, sentence(refused))
        else:
            messages.success(request, _("과제를 철회했습니다."))
            return redirect("projects:project-manage", project.pk)
    if request.method == "GET" and project.has_people:
        raise Refused(ProjectRefusal.PEOPLE_WAIT)
    if not PROJECT.may(project, "withdraw_project"):
        return redirect("projects:project-manage", project.pk)
    context = {
        "project": project,
        "form": form,
        "was_public": project.state in PUBLIC,
        "is_matching": project.call.state == CallState.MATCHING,
        "heading": _("과제를 철회할까요?"),
        "lead": project.title,
        "submit": _("철회하기"),
        "danger": True,
        "cancel_url": reverse("projects:project-manage", args=[project.pk]),
    }
    return render(request, "projects/project_withdraw.html", context, status=422 if form.errors else 200)

from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from portal.accounts.models import SignedIn
from portal.companies import actions
from portal.companies.forms import CompanyForm, MemberForm, RegisterForm, RoleForm
from portal.companies.models import Company, CompanyMember
from portal.companies.states import CompanyState
from portal.ui.refusals import sentence
from portal.ui.views import too_many_requests
from portal.workflow import Refused

#: Below this many hires a company's record could point at one person.
SHOWN_FROM = 3
PER_PAGE = 12


# --- which company a page is about --------------------------------------------------------------------


def _own(request: SignedIn) -> list[Company]:
    """The companies the person acts for, the earliest membership first; asked once per request."""
    known: list[Company] | None = getattr(request, "_own_companies", None)
    if known is None:
        known = list(Company.objects.filter(members__user=request.user).order_by("members__pk"))
        request._own_companies = known  # type: ignore[attr-defined]
    return known


def own_company(request: SignedIn) -> Company:
    """The company of a page without an id: the first of the person's, or the own one that ``?company=`` names."""
    asked = request.GET.get("company")
    for company in _own(request):
        if asked in (None, str(company.pk)):
            return company
    raise Http404


def own_companies(request: SignedIn, current: Company) -> list[dict[str, Any]]:
    """Tabs to the person's other companies; none if there is only one."""
    companies = _own(request)
    return [
        {"label": company.name, "url": f"{request.path}?company={company.pk}", "current": company == current}
        for company in companies
        if len(companies) > 1
    ]


# --- for everybody ------------------------------------------------------------------------------------


@login_not_required
@require_GET
def company_public(request: HttpRequest, pk: int) -> HttpResponse:
    """What anybody may know of a verified company; projects and hires are asked through its relations."""
    company = get_object_or_404(Company.objects.verified(), pk=pk)
    projects = company.projects.public()
    kept = company.obligations.filter(state="fulfilled").count()
    facts = [
        (_("지역"), company.region),
        (_("사업 분야"), company.field),
        (_("상시 근로자 수"), _("%(count)d명") % {"count": company.employees}),
    ]
    context = {
        "company": company,
        "facts": [{"label": label, "value": value} for label, value in facts],
        "kept": kept if kept >= SHOWN_FROM else 0,
        "page": Paginator(projects.with_card().newest_first(), PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "portal/companies/company_public.html", context)


# --- registering and editing --------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def company_register(request: SignedIn) -> HttpResponse:
    """Anybody with an account may register a company; staff verify it before it can be selected."""
    form = RegisterForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            company = actions.register_company(by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.add_error("registration_no", sentence(refused))
        else:
            messages.success(request, _("회사를 등록했습니다. 운영사가 확인하면 알려 드립니다."))
            return redirect(_page_of(company))
    return render(
        request, "portal/companies/company_register.html", {"form": form}, status=422 if form.errors else 200
    )


def _page_of(company: Company) -> str:
    return f"{reverse('companies:company-detail')}?company={company.pk}"


@require_GET
def company_detail(request: SignedIn) -> HttpResponse:
    """A company as its own people see it: where it stands, what it says, who acts for it."""
    if not _own(request) and "company" not in request.GET:
        return redirect("companies:company-register")
    company = own_company(request)
    user = request.user
    return render(request, "portal/companies/company_detail.html", _detail(company, user, request))


def _detail(company: Company, user: Any, request: SignedIn, form: MemberForm | None = None) -> dict[str, Any]:
    members = list(company.members.select_related("user").order_by("pk"))
    may_invite = user.has_perm("companies.add_member", company)
    facts = [
        (_("사업자등록번호"), company.registration_no_shown),
        (_("대표자"), company.representative),
        (_("주소"), f"{company.region} · {company.address}"),
        (_("사업 분야"), company.field),
        (_("상시 근로자 수"), _("%(count)d명") % {"count": company.employees}),
        (_("누리집"), company.website or _("적지 않음")),
        (_("회사 소개"), company.about or _("적지 않음")),
    ]
    return {
        "company": company,
        "company_tabs": own_companies(request, company),
        "is_public": company.state == CompanyState.VERIFIED,
        "facts": [{"label": label, "value": value} for label, value in facts],
        "members": [
            {
                "member": member,
                "is_self": member.user_id == user.pk,
                "form": RoleForm(initial={"role": member.role}, prefix=f"member-{member.pk}")
                if may_invite
                else None,
            }
            for member in members
        ],
        "form": form or MemberForm(),
        "may_edit": user.has_perm("companies.change_company", company),
        "may_invite": may_invite,
    }


@require_http_methods(["GET", "POST"])
def company_edit(request: SignedIn) -> HttpResponse:
    company = own_company(request)
    if not request.user.has_perm("companies.change_company", company):
        raise PermissionDenied
    form = CompanyForm(request.POST if request.method == "POST" else None, instance=company)
    if request.method == "POST" and form.is_valid():
        edited = actions.edit_company(company, by=request.user, **form.cleaned_data)
        asked_again = company.state == CompanyState.REJECTED and edited.is_corrected
        messages.success(
            request,
            _("저장했습니다. 운영사가 다시 확인하고 결과를 알려 드립니다.")
            if asked_again
            else _("저장했습니다."),
        )
        return redirect(_page_of(company))
    context = {"form": form, "company": company, "back": _page_of(company)}
    return render(request, "portal/companies/company_edit.html", context, status=422 if form.errors else 200)


# --- members ------------------------------------------------------------------------------------------


@require_http_methods(["POST"])
def member_add(request: SignedIn) -> HttpResponse:
    company = own_company(request)
    if not request.user.has_perm("companies.add_member", company):
        raise PermissionDenied
    form = MemberForm(request.POST)
    if form.is_valid():
        if not ratelimit.consume(request, action="add_company_member"):
            return too_many_requests(request)
        try:
            actions.add_member(company, by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.add_error("email", sentence(refused))
        else:
            email = form.cleaned_data["email"]
            messages.success(request, _("%(email)s 님을 담당자로 더했습니다.") % {"email": email})
            return redirect(_page_of(company))
    return render(
        request,
        "portal/companies/company_detail.html",
        _detail(company, request.user, request, form),
        status=422,
    )


def _member(request: SignedIn, pk: int) -> CompanyMember:
    """A member of a company the person acts for."""
    own = CompanyMember.objects.filter(company__in=_own(request)).select_related("company", "user")
    return get_object_or_404(own, pk=pk)


@require_http_methods(["POST"])
def member_change(request: SignedIn, pk: int) -> HttpResponse:
    """Give a member another role."""
    member = _member(request, pk)
    if not request.user.has_perm("companies.add_member", member):
        raise PermissionDenied
    form = RoleForm(request.POST, prefix=f"member-{member.pk}")
    if not form.is_valid():
        messages.error(request, _("역할을 다시 골라 주세요."))
        return redirect(_page_of(member.company))
    try:
        actions.change_role(member, role=form.cleaned_data["role"], by=request.user)
    except Refused as refused:
        messages.error(request, sentence(refused))
    else:
        messages.success(request, _("역할을 바꾸었습니다."))
    return redirect(_page_of(member.company))


@require_http_methods(["GET", "POST"])
def member_remove(request: SignedIn, pk: int) -> HttpResponse:
    """Take a role away after asking; everybody may leave, the last owner may not."""
    member = _member(request, pk)
    is_self = member.user_id == request.user.pk
    if not (is_self or request.user.has_perm("companies.remove_member", member)):
        raise PermissionDenied
    error = ""
    if request.method == "POST":
        try:
            actions.remove_member(member, by=request.user)
        except Refused as refused:
            error = sentence(refused)
        else:
            messages.success(request, _("%(name)s 님을 담당자에서 뺐습니다.") % {"name": member.user.name})
            return redirect("home:start" if is_self else _page_of(member.company))
    context = {
        "member": member,
        "error": error,
        "heading": _("회사에서 나갈까요?") if is_self else _("담당자에서 뺄까요?"),
        "lead": f"{member.user.name} · {member.get_role_display()} · {member.company.name}",
        "submit": _("나가기") if is_self else _("빼기"),
        "danger": True,
        "cancel_url": _page_of(member.company),
    }
    return render(request, "portal/companies/member_remove.html", context, status=422 if error else 200)

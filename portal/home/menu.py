"""The header of every page: who is looking decides what stands in it. Lazy, so that a part for htmx asks nothing."""

from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.notices.models import Notice

TRAINEE, COMPANY, STAFF, NEWCOMER, VISITOR = "trainee", "company", "staff", "newcomer", "visitor"
#: Under which name a person with two roles chose one of them.
CHOSEN = "as"


class Entry(NamedTuple):
    """A line of the menu; it is the current one on pages whose name begins with one of ``pages``."""

    label: str | Promise
    url_name: str
    pages: tuple[str, ...]


PROJECTS = Entry(
    pgettext_lazy("menu", "프로젝트"),
    "projects:project-list",
    ("projects:project-list", "projects:project-detail"),
)
ABOUT = Entry(_("사업 안내"), "home:home", ("home:home",))
HELP = Entry(_("자주 묻는 질문"), "home:help", ("home:help",))
MENUS: dict[str, tuple[Entry, ...]] = {
    VISITOR: (ABOUT, PROJECTS, HELP),
    NEWCOMER: (
        Entry(_("시작하기"), "home:start", ("home:start", "companies:company-register")),
        PROJECTS,
        HELP,
    ),
    TRAINEE: (
        Entry(
            _("할 일"),
            "home:trainee-tasks",
            ("home:trainee-tasks", "applications:", "interviews:", "placements:", "obligations:"),
        ),
        PROJECTS,
        Entry(_("희망 순위"), "rankings:rank-list-latest", ("rankings:",)),
        Entry(_("매칭 결과"), "matching:match-latest", ("matching:",)),
        Entry(_("내 정보"), "trainees:profile-edit", ("trainees:",)),
    ),
    COMPANY: (
        Entry(_("현황"), "home:company-home", ("home:company-home",)),
        Entry(
            _("내 프로젝트"),
            "projects:project-manage-list",
            (
                "projects:project-manage",
                "projects:project-add",
                "projects:project-edit",
                "projects:project-submit",
            ),
        ),
        Entry(
            pgettext_lazy("menu", "지원자 평가"), "rankings:candidate-projects", ("rankings:", "interviews:")
        ),
        Entry(pgettext_lazy("menu", "참여자"), "placements:placement-list", ("placements:", "evaluations:")),
        Entry(pgettext_lazy("menu", "채용의무"), "obligations:obligation-list", ("obligations:",)),
        Entry(pgettext_lazy("menu", "기업 정보"), "companies:company-detail", ("companies:",)),
    ),
    STAFF: (Entry(_("운영 현황"), "admin:index", ("admin:",)), PROJECTS, ABOUT, HELP),
}
SWITCHES = {TRAINEE: _("참여자 화면으로"), COMPANY: _("기업 화면으로"), STAFF: _("운영 화면으로")}


def roles_of(user: Any) -> list[str]:
    """Every kind of person ``user`` is, the first is what they are without having chosen; two queries at most."""
    if not user.is_authenticated:
        return [VISITOR]
    roles: list[str] | None = user.__dict__.get("_home_roles")
    if roles is None:
        roles = [STAFF] if user.is_staff else []
        if hasattr(user, "trainee"):
            roles.append(TRAINEE)
        if user.company_memberships.exists():
            roles.append(COMPANY)
        user.__dict__["_home_roles"] = roles = roles or [NEWCOMER]
    return roles


def role_of(request: HttpRequest) -> str:
    """As what this person looks at the portal: what they chose, if they are still that, else their first role."""
    user = getattr(request, "user", None)  # a request refused before it had a user still gets a page
    if user is None:
        return VISITOR
    roles = roles_of(user)
    chosen = request.session.get(CHOSEN) if len(roles) > 1 else None
    return chosen if chosen in roles else roles[0]


def _page(request: HttpRequest) -> str:
    match = getattr(request, "resolver_match", None)
    return match.view_name if match else ""


def _menu(request: HttpRequest) -> list[dict[str, Any]]:
    page = _page(request)
    return [
        {"label": entry.label, "url": reverse(entry.url_name), "current": page.startswith(entry.pages)}
        for entry in MENUS[role_of(request)]
    ]


def _user_menu(request: HttpRequest) -> list[dict[str, Any]]:
    role, page = role_of(request), _page(request)
    if role == VISITOR:
        return []
    switches = [
        {"label": SWITCHES[other], "url": reverse("home:role-choose"), "post": other}
        for other in roles_of(request.user)
        if other != role and other in SWITCHES
    ]
    return [
        {
            "label": _("알림함"),
            "url": reverse("notices:notice-list"),
            "current": page.startswith("notices:"),
            "inbox": True,
        },
        {"label": _("설정"), "url": reverse("accounts:settings"), "current": page == "accounts:settings"},
        *switches,
    ]


def _unread(request: HttpRequest) -> int:
    user = getattr(request, "user", None)
    return Notice.objects.visible_to(user).unread().count() if user and user.is_authenticated else 0


def menu(request: HttpRequest) -> dict[str, object]:
    """Context of every template: ``menu``, ``user_menu``, ``inbox_count``."""
    return {
        "menu": SimpleLazyObject(lambda: _menu(request)),
        "user_menu": SimpleLazyObject(lambda: _user_menu(request)),
        "inbox_count": SimpleLazyObject(lambda: _unread(request)),
    }

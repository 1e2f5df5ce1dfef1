from collections.abc import Callable, Iterable
from functools import update_wrapper
from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _
from django.views.i18n import JavaScriptCatalog

from portal.ui.admin import WorkAdmin

#: The side list, in the order of the programme's year.
APP_ORDER = (
    "projects",
    "companies",
    "schools",
    "trainees",
    "applications",
    "interviews",
    "matching",
    "scenarios",
    "reviews",
    "placements",
    "evaluations",
    "obligations",
    "notices",
    "jobs",
    "audit",
    "accounts",
    "files",
)


class StaffSite(admin.AdminSite):
    """Where agency and operator work. Its index is the dashboard; signing in is the portal's own, with a second factor."""

    site_header = site_title = _("이음 운영")
    index_title = _("운영 현황")

    def register(
        self, model_or_iterable: ModelBase | Iterable[ModelBase], admin_class: Any = None, **options: Any
    ) -> None:
        """Only admins that leave a trail: those that come with other packages write without an action."""
        if admin_class is not None and issubclass(admin_class, WorkAdmin):
            super().register(model_or_iterable, admin_class, **options)  # type: ignore[arg-type]

    def has_permission(self, request: HttpRequest) -> bool:
        """People of the office now; a superuser, to set the portal up."""
        user: Any = request.user
        return user.is_active and user.is_staff and bool(user.office or user.is_superuser)

    def admin_view(self, view: Callable[..., HttpResponseBase], cacheable: bool = False) -> Any:
        allowed = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return allowed(request, *args, **kwargs)

        return update_wrapper(guarded, view)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The portal's page: Django's own asks for no second factor."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or "/admin/")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_change_password")

    def i18n_javascript(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The words of Django's scripts, with ours over them (``locale/ko``)."""
        return JavaScriptCatalog.as_view()(request)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        from portal.staff import views  # the pages read models, which are not there when this class is

        def forecast(request: HttpRequest) -> HttpResponse:
            return views.forecast_page(self, request)

        return [path("forecast/", self.admin_view(forecast), name="forecast"), *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: Any = None) -> Any:
        from portal.staff import views

        return views.index(self, request, extra_context or {})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        places = {label: place for place, label in enumerate(APP_ORDER)}
        apps = super().get_app_list(request, app_label)
        return sorted(apps, key=lambda app: places.get(app["app_label"], len(places)))

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class StaffAdminConfig(AdminConfig):
    """``django.contrib.admin`` with our site: its index is the dashboard."""

    default_site = "portal.staff.site.StaffSite"


class StaffConfig(AppConfig):
    name = "portal.staff"
    label = "staff"
    verbose_name = _("운영")

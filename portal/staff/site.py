from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class StaffSite(admin.AdminSite):
    """Where agency and operator work."""

    site_header = site_title = _("이음 운영")
    index_title = _("운영 현황")

from django.contrib import admin
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from portal.files.models import StoredFile
from portal.ui.admin import WorkAdmin, moment_column


@admin.register(StoredFile)
class StoredFileAdmin(WorkAdmin):
    """That a file is kept, by whom and since when; its content is sent only by the page it belongs to."""

    list_display = [
        "name",
        "content_type",
        "size_shown",
        "owner",
        moment_column("created_at", _("올린 시각")),
    ]
    list_select_related = ["owner"]
    list_filter = ["content_type", ("created_at", admin.DateFieldListFilter)]
    search_fields = ["name", "owner__name", "owner__email", "=sha256"]
    search_help_text = _("파일 이름, 올린 사람, SHA-256")
    fields = ["name", "content_type", "size_shown", "owner", "sha256", "created_at"]

    @admin.display(description=_("크기"), ordering="size")
    def size_shown(self, stored: StoredFile) -> str:
        return filesizeformat(stored.size)

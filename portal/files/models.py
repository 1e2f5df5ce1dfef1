import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


def stored_path(stored: "StoredFile", name: str) -> str:
    """Never the person's own file name: two letters of the id, then the id."""
    return f"{stored.pk.hex[:2]}/{stored.pk.hex}"


class StoredFile(models.Model):
    """A private upload. It has no address of its own: the page of what it belongs to sends it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("올린 사람")
    )
    name = models.CharField(_("파일 이름"), max_length=120)
    content_type = models.CharField(_("형식"), max_length=100)
    size = models.PositiveIntegerField(_("크기(바이트)"))
    sha256 = models.CharField(_("내용 해시(SHA-256)"), max_length=64)
    content = models.FileField(upload_to=stored_path, max_length=80)
    created_at = models.DateTimeField(_("올린 시각"), auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = _("첨부 파일")

    def __str__(self) -> str:
        return self.name

"""Keeping an upload, and sending it to somebody who may see it."""

import hashlib
import re
import unicodedata
from pathlib import PurePath

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse

from portal.audit.actions import record
from portal.files.models import StoredFile
from portal.files.rules import ENDINGS, JPEG, PDF, PNG, content_type_of
from portal.files.states import FileRefusal
from portal.workflow import Refused

_ALONE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'unsafe-inline'"
#: What browsers can draw -> under which policy.
SHOWN = {
    PDF: f"{_ALONE}; object-src 'self'",
    PNG: f"{_ALONE}; img-src 'self'; sandbox",
    JPEG: f"{_ALONE}; img-src 'self'; sandbox",
}
_UNSAFE = re.compile(r"[^\w가-힣 .()\[\]-]", re.UNICODE)


def clean_name(name: str, content_type: str) -> str:
    """The person's own file name without path, control characters or a false ending, at most 120 characters."""
    base = unicodedata.normalize("NFC", PurePath(name.replace("\\", "/")).name)
    stem = _UNSAFE.sub("_", base.rsplit(".", 1)[0]).strip(" ._")[:100]
    return (stem or "file") + ENDINGS[content_type]


def check_upload(upload: UploadedFile) -> str:
    """The content type of an upload that may be kept; Refused says why one may not."""
    size = upload.size or 0
    if not size:
        raise Refused(FileRefusal.EMPTY)
    if size > settings.UPLOAD_MAX_BYTES:
        mega = 1024 * 1024
        raise Refused(
            FileRefusal.TOO_LARGE, size=round(size / mega, 1), limit=settings.UPLOAD_MAX_BYTES // mega
        )
    return content_type_of(upload)  # type: ignore[arg-type]


def store_file(upload: UploadedFile, *, by: AbstractBaseUser) -> StoredFile:
    """Keep ``upload`` privately; the caller links it to what it belongs to in the same transaction."""
    content_type = check_upload(upload)
    digest = hashlib.sha256()
    upload.seek(0)
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    stored = StoredFile(
        owner=by,  # type: ignore[misc]
        name=clean_name(upload.name or "", content_type),
        content_type=content_type,
        size=upload.size or 0,
        sha256=digest.hexdigest(),
    )
    stored.content.save(stored.name, upload, save=False)
    stored.save(force_insert=True)
    record("store_file", stored, by=by, size=stored.size, sha256=stored.sha256)
    return stored


def send_file(stored: StoredFile, *, show: bool = False) -> FileResponse:
    """Answer with the file; the calling view has already decided that the person may have it.

    A download, or with ``show`` a page of its own if browsers can draw it: what an upload says may not run, load
    anything or be framed. ``sandbox`` would keep browsers from drawing a PDF, whose scripts they do not run.
    """
    shown = show and stored.content_type in SHOWN
    response = FileResponse(
        stored.content.open("rb"),
        as_attachment=not shown,
        filename=stored.name,
        content_type=stored.content_type,
    )
    if shown:
        response["Content-Security-Policy"] = SHOWN[stored.content_type]
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response

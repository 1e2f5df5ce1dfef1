"""Which uploads are taken: the content decides, never the name or what the browser claims."""

import io
import zipfile
from typing import BinaryIO

from PIL import Image

from portal.files.states import FileRefusal
from portal.workflow import Refused

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
_OFFICE = "application/vnd.openxmlformats-officedocument."
#: content type -> the file name ending it is stored under
ENDINGS = {
    PDF: ".pdf",
    PNG: ".png",
    JPEG: ".jpg",
    _OFFICE + "wordprocessingml.document": ".docx",
    _OFFICE + "spreadsheetml.sheet": ".xlsx",
    _OFFICE + "presentationml.presentation": ".pptx",
    "application/hwp+zip": ".hwpx",
    "application/x-hwp": ".hwp",
}
_OOXML_PARTS = {
    "word/document.xml": _OFFICE + "wordprocessingml.document",
    "xl/workbook.xml": _OFFICE + "spreadsheetml.sheet",
    "ppt/presentation.xml": _OFFICE + "presentationml.presentation",
}
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_MAX_INFLATED = 200 * 1024 * 1024
_MAX_ENTRIES = 5000


def _zip_type(content: BinaryIO) -> str | None:
    """OOXML and HWPX are ZIP archives; look at the directory, inflate nothing but the first bytes of ``mimetype``."""
    try:
        with zipfile.ZipFile(content) as archive:
            entries = archive.infolist()
            if len(entries) > _MAX_ENTRIES or sum(entry.file_size for entry in entries) > _MAX_INFLATED:
                raise Refused(FileRefusal.BROKEN)
            names = {entry.filename for entry in entries}
            if "mimetype" in names:
                with archive.open("mimetype") as mimetype:
                    return (
                        "application/hwp+zip"
                        if mimetype.read(40).startswith(b"application/hwp+zip")
                        else None
                    )
            return next((kind for part, kind in _OOXML_PARTS.items() if part in names), None)
    except Refused:
        raise
    except Exception as error:  # zipfile raises as many kinds as there are ways to damage an archive
        raise Refused(FileRefusal.BROKEN) from error


def _check_picture(content: BinaryIO) -> None:
    try:
        with Image.open(content) as picture:
            picture.verify()
    except Exception as error:  # Pillow raises many kinds for a broken file
        raise Refused(FileRefusal.BROKEN) from error


def content_type_of(content: BinaryIO) -> str:
    """The type its bytes say it is; Refused if it is not on the allow-list or does not open."""
    content.seek(0)
    head = content.read(1024)
    content.seek(0)
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        _check_picture(io.BytesIO(content.read()))
        return PNG if head.startswith(b"\x89PNG") else JPEG
    if head.startswith(b"PK\x03\x04") and (kind := _zip_type(content)):
        return kind
    if head.startswith(_OLE) and b"HWP Document File" in content.read(64 * 1024):
        return "application/x-hwp"
    raise Refused(FileRefusal.WRONG_TYPE)

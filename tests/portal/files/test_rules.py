"""Which uploads are taken: real bytes for each kind, and fakes that only look like one."""

import io
import struct
import zipfile

import pytest
from PIL import Image

from portal.files.rules import ENDINGS, content_type_of
from portal.files.states import FileRefusal
from portal.workflow import Refused

OFFICE = "application/vnd.openxmlformats-officedocument."
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def picture(kind):
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "navy").save(out, kind)
    return out.getvalue()


def archive(*names, **parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in names:
            made.writestr(name, "<xml/>")
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def many_entries(count):
    return archive(*(f"part{number}.xml" for number in range(count)))


def bomb():
    """An archive whose directory says it unpacks to 300 MB."""
    made = bytearray(archive("word/document.xml"))
    directory = made.rfind(b"PK\x01\x02")
    struct.pack_into("<I", made, directory + 24, 300 * 1024 * 1024)
    return bytes(made)


def encrypted():
    """An archive whose entry claims a password."""
    made = bytearray(archive(mimetype="application/hwp+zip"))
    struct.pack_into("<H", made, made.find(b"PK\x03\x04") + 6, 1)
    struct.pack_into("<H", made, made.rfind(b"PK\x01\x02") + 8, 1)
    return bytes(made)


def damaged_bzip2():
    """An archive whose ``mimetype`` says bzip2 and is not."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_BZIP2) as made:
        made.writestr("mimetype", "application/hwp+zip")
    content = bytearray(out.getvalue())
    begin = content.find(b"BZh")
    content[begin : begin + 20] = b"\xff" * 20
    return bytes(content)


def far_directory():
    """An archive whose end says that the directory begins two gigabytes on."""
    made = bytearray(archive(mimetype="application/hwp+zip"))
    struct.pack_into("<I", made, made.rfind(b"PK\x05\x06") + 16, 0x7FFFFFFF)
    return bytes(made)


def bad_name():
    """An archive whose entry is named in UTF-8, it says, and is not."""
    made = bytearray(archive("word/document.xml"))
    for signature, flags, name in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
        begin = made.rfind(signature)
        struct.pack_into("<H", made, begin + flags, 0x800)
        made[begin + name : begin + name + 2] = b"\xff\xfe"
    return bytes(made)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "application/pdf"),
        (picture("PNG"), "image/png"),
        (picture("JPEG"), "image/jpeg"),
        (archive("[Content_Types].xml", "word/document.xml"), OFFICE + "wordprocessingml.document"),
        (archive("[Content_Types].xml", "xl/workbook.xml"), OFFICE + "spreadsheetml.sheet"),
        (archive("[Content_Types].xml", "ppt/presentation.xml"), OFFICE + "presentationml.presentation"),
        (archive(mimetype="application/hwp+zip"), "application/hwp+zip"),
        (OLE + b"\0" * 600 + b"HWP Document File V5.00", "application/x-hwp"),
    ],
    ids=["pdf", "png", "jpeg", "docx", "xlsx", "pptx", "hwpx", "hwp"],
)
def test_each_kind_on_the_list_is_known_by_its_bytes(content, kind):
    assert content_type_of(io.BytesIO(content)) == kind
    assert kind in ENDINGS


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"MZ\x90\x00 This program cannot be run in DOS mode", FileRefusal.WRONG_TYPE),
        (b"<!doctype html><script>alert(1)</script>", FileRefusal.WRONG_TYPE),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", FileRefusal.WRONG_TYPE),
        (b" %PDF-1.7 not at the beginning", FileRefusal.WRONG_TYPE),
        (b"%PD", FileRefusal.WRONG_TYPE),
        (picture("GIF"), FileRefusal.WRONG_TYPE),
        (picture("BMP"), FileRefusal.WRONG_TYPE),
        (archive("readme.txt"), FileRefusal.WRONG_TYPE),
        (archive(mimetype="application/epub+zip"), FileRefusal.WRONG_TYPE),
        (OLE + b"\0" * 600 + b"WordDocument", FileRefusal.WRONG_TYPE),
        ("계약서입니다".encode(), FileRefusal.WRONG_TYPE),
        (b"\0" * 2000, FileRefusal.WRONG_TYPE),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, FileRefusal.BROKEN),
        (picture("PNG")[:-30], FileRefusal.BROKEN),
        (b"\xff\xd8\xff" + b"nothing like a photograph", FileRefusal.BROKEN),
        (archive("word/document.xml")[:-30], FileRefusal.BROKEN),
        (b"PK\x03\x04" + b"\0" * 100, FileRefusal.BROKEN),
        (bomb(), FileRefusal.BROKEN),
        (many_entries(5001), FileRefusal.BROKEN),
        (encrypted(), FileRefusal.BROKEN),
        (damaged_bzip2(), FileRefusal.BROKEN),
        (far_directory(), FileRefusal.BROKEN),
        (bad_name(), FileRefusal.BROKEN),
    ],
    ids=[
        "program", "html", "svg", "pdf-inside", "pdf-cut", "gif", "bmp", "zip", "epub", "doc", "text", "zeros",
        "png-head", "png-cut", "jpeg-head", "docx-cut", "zip-head", "bomb", "entries", "encrypted",
        "bzip2", "far", "name",
    ],
)  # fmt: skip
def test_everything_else_is_refused(content, code):
    with pytest.raises(Refused) as refused:
        content_type_of(io.BytesIO(content))

    assert refused.value.code == code

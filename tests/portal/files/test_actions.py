import hashlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.audit.models import Event
from portal.files.actions import clean_name, send_file, store_file
from portal.files.forms import UploadField
from portal.files.models import StoredFile
from portal.files.states import FileRefusal
from portal.ui.refusals import sentence
from portal.workflow import Refused
from tests.factories import UserFactory

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("계약서.pdf", "계약서.pdf"),
        ("근로계약서 (최종) [2].pdf", "근로계약서 (최종) [2].pdf"),
        ("contract.PDF", "contract.pdf"),
        ("contract.exe", "contract.pdf"),
        ("contract.pdf.exe", "contract.pdf.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\kim\\계약서.hwp", "계약서.pdf"),
        ("줄\n바\t꿈.pdf", "줄_바_꿈.pdf"),
        ('a"b<c>;d.pdf', "a_b_c__d.pdf"),
        ("no-ending", "no-ending.pdf"),
        (".pdf", "file.pdf"),
        ("...", "file.pdf"),
        ("", "file.pdf"),
        ("\u1112\u1161\u11ab.pdf", "한.pdf"),
        ("x" * 300 + ".pdf", "x" * 100 + ".pdf"),
        ("\u202egpj.pdf", "gpj.pdf"),
    ],
)
def test_a_files_name_is_cleaned(name, cleaned):
    assert clean_name(name, "application/pdf") == cleaned


def test_a_stored_file_keeps_its_bytes_under_a_name_nobody_chose(db):
    person = UserFactory()

    stored = store_file(SimpleUploadedFile("../계약서.exe", PDF, content_type="text/html"), by=person)

    assert (stored.owner, stored.name, stored.content_type, stored.size) == (
        person,
        "계약서.pdf",
        "application/pdf",
        len(PDF),
    )
    assert stored.sha256 == hashlib.sha256(PDF).hexdigest()
    assert stored.content.name == f"{stored.pk.hex[:2]}/{stored.pk.hex}"
    with stored.content.open("rb") as kept:
        assert kept.read() == PDF
    assert Event.objects.about(stored).get().data == {"size": len(PDF), "sha256": stored.sha256}


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", FileRefusal.EMPTY), (PDF + b"\0" * 1000, FileRefusal.TOO_LARGE), (b"MZ", FileRefusal.WRONG_TYPE)],
)
def test_what_may_not_be_kept_leaves_nothing(content, code, db, settings, tmp_path):
    settings.UPLOAD_MAX_BYTES = 1000

    with pytest.raises(Refused) as refused:
        store_file(SimpleUploadedFile("a.pdf", content), by=UserFactory())

    assert refused.value.code == code
    assert StoredFile.objects.count() == 0
    assert not (tmp_path / "media").exists()


def test_a_file_of_exactly_the_limit_is_kept(db, settings):
    settings.UPLOAD_MAX_BYTES = len(PDF)

    assert store_file(SimpleUploadedFile("a.pdf", PDF), by=UserFactory()).size == len(PDF)


def test_the_refusal_of_a_large_file_says_how_large(db, settings):
    settings.UPLOAD_MAX_BYTES = 1024 * 1024

    with pytest.raises(Refused) as refused:
        store_file(SimpleUploadedFile("a.pdf", PDF + b"\0" * 1_572_864), by=UserFactory())

    assert sentence(refused.value) == "파일이 너무 큽니다(1.5 MB). 1 MB 이하로 줄여서 올려 주세요."


def test_a_file_is_sent_as_a_download_that_nobody_keeps(db):
    stored = store_file(SimpleUploadedFile("계약서.pdf", PDF), by=UserFactory())

    response = send_file(stored)

    assert b"".join(response) == PDF
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%EA%B3%84")
    assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert response["Cache-Control"] == "private, no-store"
    response.close()


@pytest.mark.parametrize(
    ("upload", "error"),
    [
        (SimpleUploadedFile("a.pdf", b""), "빈 파일입니다. 내용이 있는 파일을 올려 주세요."),
        (
            SimpleUploadedFile("a.pdf", b"<html>", content_type="application/pdf"),
            "받을 수 없는 형식입니다. PDF, PNG, JPEG, DOCX, XLSX, PPTX, HWP, HWPX 파일을 올려 주세요.",
        ),
    ],
)
def test_an_upload_field_says_what_is_wrong(upload, error):
    field = UploadField()

    with pytest.raises(ValidationError) as refused:
        field.clean(upload)

    assert refused.value.messages == [error]

"""What bad input gets: a sentence in Korean and a status that blames the input, never a 500, nothing half-written.

Every form of the portal (``tests/deeds.py``), every page that can be looked at, every form of the admin.
"""

import io
import re
import zipfile
from typing import Any

import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.http import urlencode

from portal.files.models import StoredFile
from projects.models import Project
from tests.deeds import DEEDS, Deed
from tests.test_access import LOOKED_AT, PAGES, address, somebody_who_may
from tests.visiting import Answer, send, sign_in, tables, undone
from tests.world import PDF, World

FORM = "application/x-www-form-urlencoded"
KOREAN = re.compile("[가-힣]{2,}")
TYPED = [deed for deed in DEEDS if deed.body.__code__ is not Deed._field_defaults["body"].__code__]
EVERY_FORM = pytest.mark.parametrize("deed", TYPED, ids=lambda deed: deed.page)

LONG = "가" * 5000
#: Put into all fields at once: each field is judged whatever the others say.
IN_EVERY_FIELD = {
    "nothing": "",
    "blanks": " \u3000\t ",
    "too long": LONG,
    "many digits": "9" * 5000,
    "past bigint": "9" * 24,
    "negative": "-1",
    "not a number": "NaN",
    "infinite": "1e999",
    "other digits": "٣",
    "year 0": "0000-01-01",
    "year 99999": "99999-12-31",
    "no such day": "2026-02-30",
    "no such choice": "no-such-choice",
    "markup": "<script>alert(1)</script>{{ 7*7 }}{% load x %}",
    "sql": "' OR 1=1; --",
    "decomposed": "\u1112\u1161\u11ab\u1100\u1173\u11af",
    "right to left": "\u202egnp.exe\u2066😀",
    "not unicode": b"\xed\xa0\x80\xff",
}
#: Put into one field while the others are right, in turn: what a form lets through must fit where it is kept.
SHORT = ("9" * 24, "-1", "1e999", "\u202e😀<b>")
#: The same form as another line's.
SAME_FORM = ("projects:project-edit", "companies:company-edit")


def complaint(answer: Answer) -> str:
    """What is wrong with how bad input was answered, or nothing."""
    if answer.status >= 500:
        return f"{answer.status} {answer.fault}"
    if answer.status == 302:
        elsewhere = re.match(r"\w+:|[/\\]{2}", answer.where)
        return f"sends to {answer.where}" if elsewhere else ""
    if answer.changed:
        return f"{answer.status}, yet changed {answer.changed}"
    if answer.status not in (200, 400, 403, 404, 409, 413, 422):
        return f"answered {answer.status}"
    if answer.status != 200 and not KOREAN.search(answer.response.text):
        return f"{answer.status} without a word"
    return ""


def encoded(body: dict[str, Any]) -> str:
    return urlencode(body, doseq=True)


def try_bodies(world: World, deed: Deed, bodies: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Each body by who may do the deed; what is wrong with the answers."""
    url, before, found = deed.url(world), tables(), {}
    client = sign_in(world, deed.by)
    for name, body in bodies.items():
        with undone():
            answer = send(client, "POST", url, encoded(body), before=before, content_type=FORM)
        if said := complaint(answer):
            found[name] = said
    return found


def plain_body(world: World, deed: Deed) -> dict[str, Any]:
    """What is typed into the form; files have a test of their own."""
    return {name: value for name, value in deed.body(world).items() if not hasattr(value, "read")}


@EVERY_FORM
def test_nonsense_in_every_field(world, deed):
    deed.arrange(world)
    names = list(plain_body(world, deed))
    bodies = {case: dict.fromkeys(names, value) for case, value in IN_EVERY_FIELD.items()}
    bodies["twice"] = {name: ["1", "no-such-choice", "3"] for name in names}

    assert try_bodies(world, deed, bodies) == {}


@pytest.mark.parametrize(
    "deed", [deed for deed in TYPED if deed.page not in SAME_FORM], ids=lambda deed: deed.page
)
def test_nonsense_in_one_field(world, deed):
    """The rest is right, so whatever the form lets through reaches the action and the database."""
    deed.arrange(world)
    right = plain_body(world, deed)
    bodies = {
        f"{name}: {value[:12]!r}": {**right, name: value}
        for place, name in enumerate(right)
        for value in (LONG, SHORT[place % len(SHORT)])
    }
    bodies |= {f"without {name}": {key: right[key] for key in right if key != name} for name in right}

    assert try_bodies(world, deed, bodies) == {}


@EVERY_FORM
def test_what_no_field_can_hold_is_400(world, deed):
    deed.arrange(world)
    client = sign_in(world, deed.by)

    answer = send(
        client, "POST", deed.url(world), encoded({**plain_body(world, deed), "x": "\x00"}), content_type=FORM
    )

    assert (answer.status, answer.changed) == (400, set())


# --- bodies that are none -------------------------------------------------------------------------------

BOUNDARY = "multipart/form-data; boundary=x"
BROKEN_BODIES = {
    "a field of 10 MB": ("a=" + "x" * 10_000_000, FORM, {400, 413}),
    "5000 fields": ("&".join(f"f{n}=1" for n in range(5000)), FORM, {400, 413}),
    "no boundary": ("x", "multipart/form-data", {400}),
    "cut off": ('--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nhalf', BOUNDARY, {400, 422}),
    "not multipart": ("nonsense", BOUNDARY, {400, 422}),
    "bad base64": (
        '--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n!\r\n--x--\r\n',
        BOUNDARY,
        {400, 422},
    ),
    "JSON": ('{"name": "x"}', "application/json", {400, 422}),
    "another charset": ("name=x", f"{FORM}; charset=utf-16", {400, 422}),
    "no charset": ("name=x", f"{FORM}; charset=nonsense", {400, 422}),
    "a field of 10 MB in parts": (
        f'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n{"x" * 10_000_000}\r\n--x--\r\n',
        BOUNDARY,
        {400, 413},
    ),
}


@pytest.mark.parametrize("case", BROKEN_BODIES)
@pytest.mark.parametrize(("name", "who"), [("accounts:settings", "trainee"), ("ui:mode-set", "nobody")])
def test_bodies_that_cannot_be_read(world, name, who, case):
    body, kind, statuses = BROKEN_BODIES[case]

    answer = send(sign_in(world, who), "POST", reverse(name), body, content_type=kind)

    assert complaint(answer) == ""
    assert answer.status in (statuses if name == "accounts:settings" else statuses | {302})


# --- addresses ------------------------------------------------------------------------------------------

NAMES = (
    "page", "company", "call", "part", "order", "show", "field", "region", "skill", "work_mode", "hires", "past",
    "next", "state", "rank", "project", "before", "after",
)  # fmt: skip
QUERIES = {
    "words": encoded({**dict.fromkeys(NAMES, "no-such"), "q": "'\"\\%_["}),
    "negative": encoded({**dict.fromkeys(NAMES, "-1"), "next": "//evil.example"}),
    "past bigint": encoded(dict.fromkeys((*NAMES, "q"), "9" * 30)),
    "many digits": encoded(dict.fromkeys((*NAMES, "q"), "9" * 5000)),
    "long": encoded(dict.fromkeys((*NAMES, "q"), "가" * 300)),
    "other digits": encoded({**dict.fromkeys(NAMES, "٣"), "next": "javascript:alert(1)"}),
    "arrays": encoded({name: ["1", "x"] for name in (*NAMES, "q")}) + "&page[]=1&q[a]=b&=&&",
    "not unicode": "q=%ED%A0%80&page=%FF&next=%FF&field=%ED%A0%80",
    "decomposed": encoded(dict.fromkeys((*NAMES, "q"), "\u1112\u1161\u11ab")),
}


@pytest.mark.parametrize("name", LOOKED_AT)
def test_nonsense_behind_the_question_mark(world, name):
    url = reverse(name, args=PAGES[name].arguments(world))
    client = sign_in(world, somebody_who_may(name))

    with undone():
        found = {case: complaint(send(client, "GET", f"{url}?{query}")) for case, query in QUERIES.items()}
        nul = {send(client, "GET", f"{url}?{key}").status for key in ("q=%00", "page=%00", "%00=1")}

    assert {case: said for case, said in found.items() if said} == {}
    assert nul == {400}


@pytest.mark.parametrize("name", LOOKED_AT)
def test_numbers_in_addresses_that_are_none(world, name):
    """An id that no table can hold is nobody's: 404."""
    arguments = PAGES[name].arguments(world)
    client = sign_in(world, somebody_who_may(name))
    numbers = [place for place, value in enumerate(arguments) if isinstance(value, int)]

    found = {}
    for place in numbers:
        for number in (0, 10**18, 10**30):
            wrong = [*arguments[:place], number, *arguments[place + 1 :]]
            with undone():
                found[place, number] = client.get(reverse(name, args=wrong)).status_code

    already_done = (
        {302} if name == "placements:reserve-leave" else set()
    )  # a second click leads back to the list
    assert set(found.values()) <= {404} | already_done


@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        "/projects/%00/",
        "/%ED%A0%80/",
        "/projects/-1/",
        "/projects/abc/",
        "/%F0%9F%98%80",
        "/" + "a" * 5000,
    ],
)
def test_paths_that_lead_nowhere(world, path):
    answer = send(sign_in(world, "nobody"), "GET", path)

    assert complaint(answer) == ""
    assert answer.status in (400, 404)


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_COOKIE": "sessionid=%00\x01; django_language=xx; csrftoken=<; mode=\xff"},
        {"HTTP_ACCEPT_LANGUAGE": "ko" * 3000},
        {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "http://[", "HTTP_HX_TARGET": "\xff"},
        {"HTTP_REFERER": "http://["},
        {"HTTP_X_FORWARDED_FOR": "nonsense, 1.2.3.4"},
        {"HTTP_USER_AGENT": "\xff" * 2000},
        {"HTTP_HOST": "evil.example"},
        {"HTTP_HOST": "["},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_headers_that_are_nonsense(world, headers):
    answer = send(sign_in(world, "nobody"), "GET", "/projects/", **headers)

    assert complaint(answer) == ""
    assert answer.status == (400 if "HTTP_HOST" in headers else 200)


@pytest.mark.parametrize(
    "following",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:///evil",
        "\x0b//evil.example",
        "/%0d%0aX: y",
    ],
)
def test_nobody_is_sent_away(world, following):
    """Whatever stands in ``next``, the next page is one of ours."""
    deeds = [
        deed
        for deed in DEEDS
        if deed.page.startswith(("rankings:wish", "rankings:interest", "ui:", "set_", "trainees:profile"))
    ]

    for deed in deeds:
        deed.arrange(world)
        url = f"{deed.url(world)}?{encoded({'next': following})}"
        with undone():
            answer = send(sign_in(world, deed.by), "POST", url, {**deed.body(world), "next": following})
        assert answer.status == 302, deed.page
        assert re.match(r"/(?![/\\])", answer.where), deed.page
        assert "evil" not in answer.where


# --- other people's rows in one's own form --------------------------------------------------------------


def test_a_project_takes_no_foreign_mentor_call_or_company(world):
    rival, closed = world.people["rival"].company_memberships.get(), world.announced
    deed = next(deed for deed in DEEDS if deed.page == "projects:project-add")
    client, right = sign_in(world, "owner"), deed.body(world)

    for wrong in (
        {"mentors": [rival.pk]},
        {"call": closed.pk},
        {"field": "no-such"},
        {"skills-0-skill": "no-such"},
    ):
        answer = send(client, "POST", deed.url(world), encoded({**right, **wrong}), content_type=FORM)
        assert (answer.status, answer.changed) == (422, set()), wrong

    sneaked = {
        "company": rival.company_id,
        "state": "selected",
        "pk": world.foreign.pk,
        "id": world.foreign.pk,
        "taken": 5,
    }
    send(client, "POST", deed.url(world), encoded({**right, **sneaked}), content_type=FORM)
    made = Project.objects.get(title="새 과제")
    assert (made.company_id, made.state, made.taken) == (world.company.pk, "draft", 0)


def test_a_list_takes_only_projects_of_its_call(world):
    client = sign_in(world, "trainee")

    for elsewhere in (world.offered, world.draft):
        answer = send(client, "POST", reverse("rankings:wish-add", args=[elsewhere.pk]))
        assert answer.status in (404, 409)
        assert answer.changed == set()


@pytest.mark.parametrize("move", ["0:up", "999999999999999999:remove", "1:sideways", "1", ":", "x:up"])
def test_a_list_moves_only_what_stands_on_it(world, move):
    deed = next(deed for deed in DEEDS if deed.page == "rankings:rank-list-edit")
    deed.arrange(world)
    body = {**deed.body(world), "move": move}

    answer = send(sign_in(world, "trainee"), "POST", deed.url(world), encoded(body), content_type=FORM)

    assert answer.status in (400, 409)
    assert answer.changed == set()


def test_an_order_names_each_listed_project_once(world):
    deed = next(deed for deed in DEEDS if deed.page == "rankings:rank-list-edit")
    deed.arrange(world)
    own, other = world.project.pk, world.foreign.pk
    version = deed.body(world)["version"]

    for order in (
        f"{own}",
        f"{own},{own}",
        f"{own},{other},{world.draft.pk}",
        f"{own},{world.draft.pk}",
        ",".join(["1"] * 900),
    ):
        body = {"version": version, "order": order, "moved": own}
        answer = send(sign_in(world, "trainee"), "POST", deed.url(world), encoded(body), content_type=FORM)
        assert answer.status in (400, 409), order
        assert answer.changed == set(), order


def test_a_candidate_of_another_call_cannot_be_scored(world):
    elsewhere = world.begun

    answer = send(
        sign_in(world, "owner"), "POST",
        reverse("rankings:candidate-score", args=[world.project.pk, elsewhere.pk]), {"score": "50"},
    )  # fmt: skip

    assert (answer.status, answer.changed) == (404, set())


# --- uploads --------------------------------------------------------------------------------------------


def archive(*names: str, size: int = 1) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for name in names:
            packed.writestr(name, b"\0" * size)
    return content.getvalue()


WRONG_FILES = {
    "a programme": b"MZ\x90\x00" + b"\0" * 500,
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a drawing": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "a page before the PDF": b"<script>alert(1)</script>" + PDF,
    "nothing": b"",
    "half a picture": b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
    "a zip": archive("notes.txt"),
    "a zip of too many": archive(*(f"{n}" for n in range(5001)), "word/document.xml"),
    "a zip that swells": archive("word/document.xml", size=201 * 1024 * 1024),
    "half a zip": archive("word/document.xml")[:40],
    "an old Word file": bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 2000,
}


def hand_in(world: World, upload: SimpleUploadedFile) -> Answer:
    deed = next(deed for deed in DEEDS if deed.page == "obligations:evidence-submit")
    body = {**deed.body(world), "contract": upload}
    return send(sign_in(world, "owner"), "POST", deed.url(world), body)


@pytest.mark.parametrize("case", WRONG_FILES)
def test_wrong_files_are_refused_whatever_they_are_called(world, case):
    answer = hand_in(world, SimpleUploadedFile("근로계약서.pdf", WRONG_FILES[case], "application/pdf"))

    assert (answer.status, answer.changed) == (422, set())
    assert 'class="i-errors"' in answer.response.text


def test_too_large_files_are_refused(world, settings):
    upload = SimpleUploadedFile("근로계약서.pdf", PDF + b"\0" * settings.UPLOAD_MAX_BYTES, "application/pdf")

    answer = hand_in(world, upload)

    assert (answer.status, answer.changed) == (422, set())
    assert "10 MB" in answer.response.text


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.pdf", "..\\..\\boot.ini", "계약서\u202efdp.exe", "😀😀.pdf", "가" * 300 + ".pdf", ".pdf", "...", "CON",
        "a;b=\"c'.html", "계약서.pdf.exe", "\u1112\u1161\u11ab.pdf",
    ],
)  # fmt: skip
def test_evil_names_are_cleaned(world, name):
    answer = hand_in(world, SimpleUploadedFile(name, PDF, "text/html"))

    assert answer.status == 302
    stored = StoredFile.objects.exclude(name__startswith="가입내역").latest("created_at")
    assert re.fullmatch(r"[\w가-힣 ()\[\].-]{1,116}\.pdf", stored.name)
    assert stored.content_type == "application/pdf"
    assert ".." not in stored.name
    evidence = world.obligation.events.filter(evidence__file=stored).values_list("evidence", flat=True).get()
    sent = sign_in(world, "owner").get(
        reverse("obligations:evidence-file", args=[world.obligation.pk, evidence])
    )
    assert sent["Content-Disposition"].startswith("attachment; filename")
    assert sent["X-Content-Type-Options"] == "nosniff"
    b"".join(sent.streaming_content)


# --- the admin ------------------------------------------------------------------------------------------

NOUNS = sorted(admin.site._registry.values(), key=lambda one: one.opts.label)
VERBS = [
    pytest.param(noun, verb, id=verb.name) for noun in NOUNS for verb in noun.verbs if verb.form.base_fields
]
TYPED_IN = [noun for noun in NOUNS if noun.add_by]


def try_admin(world: World, url: str, names: list[str]) -> dict[str, str]:
    client, before, found = sign_in(world, "agency"), tables(), {}
    for case in ("too long", "past bigint", "infinite", "year 0", "no such choice", "right to left"):
        value = IN_EVERY_FIELD[case]
        with undone():
            answer = send(
                client, "POST", url, encoded(dict.fromkeys(names, value)), before=before, content_type=FORM
            )
        if said := complaint(answer):
            found[case] = said
    return found


@pytest.mark.parametrize(("noun", "verb"), VERBS)
def test_nonsense_in_the_verbs_of_the_admin(world, noun, verb):
    row = None if verb.of_list else noun.model._default_manager.first()

    assert try_admin(world, noun.verb_url(verb, row), list(verb.form.base_fields)) == {}


@pytest.mark.parametrize("noun", TYPED_IN, ids=lambda noun: noun.opts.label)
def test_nonsense_in_the_forms_of_the_admin(world, noun, rf):
    request = rf.get("/")
    request.user = world.people["agency"]
    names = [
        name for field in noun.get_form(request).base_fields for name in (field, f"{field}_0", f"{field}_1")
    ]

    assert try_admin(world, address(noun, "add"), names) == {}

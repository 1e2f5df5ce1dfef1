"""Saying who wants whom: drafts, certified versions, sealing."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import User
from portal.audit.actions import record, record_all
from portal.audit.models import Event
from portal.companies.models import Company, CompanyMember
from portal.companies.notices import MANAGING, members_of
from portal.companies.states import CompanyState
from portal.notices.models import Notice
from portal.workflow import Refused, Stale
from projects.actions import check_company, lock_call, pass_over_projects, start_matching
from projects.applications.actions import lock_application, settle_applications
from projects.applications.models import Application
from projects.applications.states import RANKING, ApplicationState
from projects.fit.actions import seal_fits
from projects.models import Call, Participation, Project
from projects.rankings import notices, terms
from projects.rankings.models import Interest, RankItem, RankList, RankListQuerySet, Sealing
from projects.rankings.states import RANK_LIST, RankListState, RankRefusal, RefusalCode
from projects.states import BEFORE_RESULTS, CallState, ProjectState
from projects.terms import latest_stage


def check_time(call: Call) -> None:
    """Refuse to touch lists before they open and one second after they are due."""
    _check_not_due(call)
    if not call.takes_rankings:
        raise Refused(RankRefusal.NOT_YET, opens=call.rankings_open_at or "-")


def _check_revision(rank_list: RankList, revision: int | None) -> None:
    if revision is not None and revision != rank_list.revision:
        raise Stale


def _touch(rank_list: RankList) -> None:
    rank_list.revision = F("revision") + 1
    rank_list.save(update_fields=["revision", "updated_at"])
    rank_list.refresh_from_db()


def _check_not_due(call: Call) -> None:
    if call.rankings_due_at is not None and timezone.now() > call.rankings_due_at:
        raise Refused(RankRefusal.TOO_LATE, deadline=call.rankings_due_at)


def _check_in_match(project: Project, call: Call) -> None:
    """As the project and its company stand now, not as the page showed them."""
    if not Project.objects.in_match().filter(pk=project.pk, call=call).exists():
        raise Refused(RankRefusal.NOT_OFFERED)


# --- interest -----------------------------------------------------------------------------------------


@transaction.atomic
def mark_interest(application: Application, project: Project, *, by: User) -> None:
    """Tell a company, without an order, that one is interested."""
    application = lock_application(application)
    _check_not_due(application.call)
    if application.state not in RANKING:
        raise Refused(RankRefusal.NOT_APPLIED)
    _check_in_match(project, application.call)
    _mark, created = Interest.objects.get_or_create(application=application, project=project)
    if created:
        record("mark_interest", application, by=by, project=project)


@transaction.atomic
def unmark_interest(application: Application, project: Project, *, by: User) -> None:
    _check_not_due(lock_application(application).call)
    deleted, _rows = Interest.objects.filter(application=application, project=project).delete()
    if deleted:
        record("unmark_interest", application, by=by, project=project)


# --- drafts -------------------------------------------------------------------------------------------


def _owner(application: Application | None, company: Company | None) -> dict[str, object]:
    return {"application": application, "company": company}


def _draft(call: Call, *, application: Application | None = None, company: Company | None = None) -> RankList:
    """The owner's draft, locked; made as a copy of the binding version when there is none."""
    own = RankList.objects.filter(call=call, **_owner(application, company))
    draft = own.filter(state=RankListState.DRAFT).select_for_update(of=("self",)).first()
    if draft is not None:
        return draft
    newest = own.aggregate(version=Max("version"))["version"] or 0
    binding = own.binding().first()
    draft = RankList.objects.create(call=call, version=newest + 1, **_owner(application, company))
    if binding is not None:
        draft.revision = binding.revision
        draft.save(update_fields=["revision"])
        RankItem.objects.bulk_create(
            [
                RankItem(
                    rank_list=draft,
                    project_id=item.project_id,
                    application_id=item.application_id,
                    position=item.position,
                    score=item.score,
                    refusal=item.refusal,
                )
                for item in binding.items.all()
            ]
        )
    return draft


def _open_for(application: Application) -> Application:
    """The locked application of a trainee who may change wishes now."""
    application = lock_application(application)
    check_time(application.call)
    if application.state not in RANKING:
        raise Refused(RankRefusal.NOT_APPLIED)
    return application


def _write_order(draft: RankList, application: Application, order: Sequence[int]) -> None:
    """Make the draft exactly ``order`` (project ids, best first)."""
    draft.items.all().delete()
    RankItem.objects.bulk_create(
        [
            RankItem(rank_list=draft, application=application, project_id=project_id, position=position)
            for position, project_id in enumerate(order, start=1)
        ]
    )
    _touch(draft)


def order_of(rank_list: RankList | None) -> list[int]:
    """Project ids of a trainee's list, best first."""
    return (
        list(rank_list.items.order_by("position").values_list("project_id", flat=True)) if rank_list else []
    )


@transaction.atomic
def add_wish(
    application: Application,
    project: Project,
    *,
    position: int | None = None,
    revision: int | None = None,
    by: User,
) -> RankList:
    """담기: put a project at the end of the draft, or on the place (from 1) it was taken off."""
    application = _open_for(application)
    _check_in_match(project, application.call)
    draft = _draft(application.call, application=application)
    _check_revision(draft, revision)
    order = order_of(draft)
    if project.pk in order:
        raise Refused(RankRefusal.ALREADY_LISTED)
    limit = application.call.rule_set.rank_max
    if len(order) >= limit:
        raise Refused(RankRefusal.TOO_MANY, limit=limit)
    order.insert(len(order) if position is None else max(position - 1, 0), project.pk)
    _write_order(draft, application, order)
    return draft


@transaction.atomic
def remove_wish(
    application: Application, project: Project, *, revision: int | None = None, by: User
) -> RankList:
    """빼기; removing what is not listed changes nothing."""
    application = _open_for(application)
    draft = _draft(application.call, application=application)
    _check_revision(draft, revision)
    order = order_of(draft)
    if project.pk in order:
        _write_order(draft, application, [pk for pk in order if pk != project.pk])
    return draft


@transaction.atomic
def reorder_wishes(
    application: Application, order: Sequence[int], *, revision: int | None, by: User
) -> RankList:
    """Put the listed projects into another order.

    Raises
    ------
    Stale
        If the list was changed since ``revision``, or ``order`` does not name exactly the listed projects.
    """
    application = _open_for(application)
    draft = _draft(application.call, application=application)
    _check_revision(draft, revision)
    if sorted(order) != sorted(order_of(draft)):
        raise Stale
    _write_order(draft, application, order)
    return draft


@transaction.atomic
def replace_wishes(application: Application, order: Sequence[int], *, revision: int, by: User) -> RankList:
    """Write one's own order over one made elsewhere, knowing it (``revision``).

    What is no longer offered and not on the list anyway is left out.
    """
    application = _open_for(application)
    draft = _draft(application.call, application=application)
    _check_revision(draft, revision)
    offered = Project.objects.in_match().filter(call=application.call_id, pk__in=order)
    possible = {*offered.values_list("pk", flat=True), *order_of(draft)}
    kept = list(dict.fromkeys(pk for pk in order if pk in possible))
    limit = application.call.rule_set.rank_max
    if len(kept) > limit:
        raise Refused(RankRefusal.TOO_MANY, limit=limit)
    _write_order(draft, application, kept)
    return draft


@transaction.atomic
def score_candidate(
    company: Company,
    project: Project,
    application: Application,
    *,
    score: Decimal | None = None,
    refusal: str = "",
    seen: str | None = None,
    by: User,
) -> RankList | None:
    """Give a candidate points for one project, or refuse with a reason; neither takes the line back (unreviewed).

    ``seen`` is the judgement that stood there when it was typed over: Stale if a colleague has changed it since.
    Saying the same once more changes nothing.
    """
    call = Call.objects.get(pk=project.call_id)
    check_time(call)
    check_company(company)
    if project.company_id != company.pk or project.state != ProjectState.SELECTED:
        raise Refused(RankRefusal.NOT_OFFERED)
    if not Application.objects.candidates_for(company, call).filter(pk=application.pk).exists():
        raise Refused(RankRefusal.NOT_CANDIDATE)
    if score is not None and refusal:
        raise Refused(RankRefusal.SCORE_OR_REFUSAL)
    if score is not None and not 0 <= score <= 100:
        raise Refused(RankRefusal.SCORE_RANGE)
    # one draft per company and call: two colleagues scoring at once wait for each other here
    Participation.objects.select_for_update().get(call=call, company=company)
    _check_not_due(call)  # whoever waited here may have waited past the deadline
    working = RankList.objects.filter(call=call, company=company).working().first()
    held = working and working.items.filter(project=project, application=application).first()
    stands = held.judgement if held else ""
    if stands == RankItem(score=None if score is None else Decimal(score), refusal=refusal).judgement:
        return working
    if seen is not None and seen != stands:
        raise Stale
    draft = _draft(call, company=company)
    if score is None and not refusal:
        draft.items.filter(project=project, application=application).delete()
    else:
        RankItem.objects.update_or_create(
            rank_list=draft,
            project=project,
            application=application,
            defaults={
                "score": score,
                "refusal": RefusalCode(refusal).value if refusal else "",
                "position": None,
            },
        )
    _touch(draft)
    record("score_candidate", draft, by=by, project=project, application=application)
    return draft


def review_progress(projects: Sequence[Project]) -> dict[int, dict[str, int]]:
    """Project id -> how many candidates there are, how many its company has judged, and how many it should at least.

    Only candidates count: who left the call is neither asked for nor done. Two queries however many projects; read
    them with ``call__rule_set``.
    """
    calls = {project.call_id for project in projects}
    candidates = Application.objects.candidates().filter(call__in=calls)
    newest = RankList.objects.filter(
        call__in=calls, company__in={project.company_id for project in projects}
    ).newest_of_companies()
    judged = RankItem.objects.filter(
        rank_list__in=newest.values("pk"), application__in=candidates.values("pk")
    )
    people = dict(candidates.order_by().values_list("call").annotate(count=Count("pk")))
    reviewed = dict(judged.order_by().values_list("project").annotate(count=Count("pk")))
    return {
        project.pk: {
            "candidates": people.get(project.call_id, 0),
            "reviewed": reviewed.get(project.pk, 0),
            "goal": min(
                people.get(project.call_id, 0), project.call.rule_set.review_multiple * project.places
            ),
        }
        for project in projects
    }


# --- certified versions -------------------------------------------------------------------------------


def new_nonce() -> str:
    return secrets.token_hex(16)


def _certify(draft: RankList, owner: str, items: Sequence[object], *, nonce: str, by: User) -> RankList:
    """Make a draft binding; the version it replaces is kept."""
    binding = (
        RankList.objects.select_for_update(of=("self",))
        .filter(
            call=draft.call,
            application=draft.application,
            company=draft.company,
            state=RankListState.CERTIFIED,
        )
        .first()
    )
    if binding is not None:
        was = RANK_LIST.move(binding, "replace_rank_list")
        binding.save(update_fields=["state", "updated_at"])
        record("replace_rank_list", binding, by=by, was=was)
    was = RANK_LIST.move(draft, "certify_rank_list")
    draft.certified_at, draft.nonce = timezone.now(), nonce
    draft.receipt = terms.receipt_of(draft.call_id, owner, items, draft.certified_at.isoformat(), draft.nonce)
    draft.save()
    record("certify_rank_list", draft, by=by, was=was, receipt=draft.receipt, items=len(items))
    return draft


_SAID = ("application__pseudonym", "project_id", "score", "refusal")


def _told_scores(lines: Iterable[tuple[Any, ...]], nonce: str) -> list[list[object]]:
    """A company's lines as its receipt tells them, under names that only this list has."""
    return sorted(
        [terms.alias_of(pseudonym.hex, nonce), project, refusal if score is None else str(score)]
        for pseudonym, project, score, refusal in lines
    )


def _already_certified(own: RankListQuerySet, call: Call) -> RankList:
    """There is no draft: it was certified before, or never begun, or sealing was faster and took it away."""
    _check_not_due(call)
    binding = own.binding().first()
    if binding is None:
        raise Refused(RankRefusal.EMPTY)
    return binding


@transaction.atomic
def certify_wishes(application: Application, *, revision: int | None, by: User) -> RankList:
    """최종 제출 by the trainee; can be done again until the deadline, the last one counts.

    Certifying twice without a change gives the same receipt.
    """
    application = _open_for(application)
    own = RankList.objects.filter(call=application.call, application=application)
    draft = own.filter(state=RankListState.DRAFT).select_for_update(of=("self",)).first()
    if draft is None:
        return _already_certified(own, application.call)
    _check_revision(draft, revision)
    order = order_of(draft)
    if not order:
        raise Refused(RankRefusal.EMPTY)
    rank_list = _certify(draft, application.pseudonym.hex, order, nonce=new_nonce(), by=by)
    receipt = reverse("rankings:rank-list-receipt", args=[application.call_id])
    notices.rank_list_certified(rank_list, [application.trainee.user], receipt)
    return rank_list


@transaction.atomic
def certify_scores(company: Company, call: Call, *, revision: int | None, by: User) -> RankList:
    """최종 제출 by the company's owner; who was not reviewed forms a last tier in order of fit."""
    check_time(call)
    check_company(company)
    Participation.objects.select_for_update().get(call=call, company=company)
    _check_not_due(call)  # whoever waited here may have waited past the deadline
    own = RankList.objects.filter(call=call, company=company)
    draft = own.filter(state=RankListState.DRAFT).select_for_update(of=("self",)).first()
    if draft is None:
        return _already_certified(own, call)
    _check_revision(draft, revision)
    nonce, lines = new_nonce(), draft.items.values_list(*_SAID)
    items = _told_scores(lines, nonce)
    if not items:
        raise Refused(RankRefusal.EMPTY)
    rank_list = _certify(draft, f"company:{company.pk}", items, nonce=nonce, by=by)
    notices.rank_list_certified(rank_list, members_of(company), reverse("home:start"))
    return rank_list


# --- the clock ----------------------------------------------------------------------------------------


@transaction.atomic
def seal_rankings(call: Call, *, by: User | None = None) -> dict[str, int]:
    """Close all lists after the deadline and let the call be matched.

    Projects that wait to be selected wait in vain now. Applications are settled next, in the order in which a certification takes its locks. Then uncertified drafts
    are void: a certification in flight is waited for there and sealed with the rest. Whoever is not eligible keeps a
    sealed list, so that a decision corrected before publication finds it; only who left loses theirs. Last the fit of
    every wished pair is kept: from here on no profile moves the match.
    """
    call = lock_call(call)
    if call.rankings_due_at is None or timezone.now() <= call.rankings_due_at:
        raise Refused(RankRefusal.NOT_YET, opens=call.rankings_due_at or "-")
    pass_over_projects(call, by=by)
    refused = settle_applications(call, by=by)
    lists = RankList.objects.filter(call=call)
    void = RANK_LIST.move_all(lists.filter(state=RankListState.DRAFT), "void_rank_list")
    gone = lists.filter(application__state=ApplicationState.WITHDRAWN)
    void += RANK_LIST.move_all(gone, "void_rank_list")
    sealed = RANK_LIST.move_all(lists, "seal_rank_list")
    record_all("void_rank_list", RankList, void, to=RankListState.VOID, by=by)
    record_all("seal_rank_list", RankList, sealed, to=RankListState.SEALED, by=by)
    seal_fits(call, RankItem.objects.wishes(call))
    _publish_root(call, by)
    start_matching(call, by=by)
    return {"sealed": len(sealed), "void": len(void), "refused": refused}


def _publish_root(call: Call, by: User | None) -> None:
    """One hash over the receipts of all sealed lists: none of them can be changed, added or left out unnoticed."""
    receipts = sealed_receipts(call)
    sealing = Sealing.objects.create(
        call=call, root=terms.root_of(receipts), count=len(receipts), sealed_at=timezone.now()
    )
    record("seal_rankings", sealing, by=by, root=sealing.root, count=sealing.count)


def tell_of_lost_wishes() -> int:
    """Tell everybody with a project on their list that left the match, once; how many messages are new.

    It was withdrawn, or its company is barred. The steps that do so know no lists, so the clock finds them. Told are
    those whose result is to come.
    """
    withdrawn = Q(project__state=ProjectState.WITHDRAWN)
    barred = Q(project__state=ProjectState.SELECTED) & ~Q(project__company__state=CompanyState.VERIFIED)
    return _tell_of(notices.WISH_LOST, withdrawn) + _tell_of(notices.WISH_BARRED, barred)


def _tell_of(occasion: str, lost: Q) -> int:
    words: list[Any] = [Value(f"{occasion}:"), "project", Value(":"), "application__trainee__user"]
    key = Concat(*(Cast(word, TextField()) for word in words))
    lines = (
        RankItem.objects.filter(
            lost,
            position__isnull=False,
            rank_list__in=RankList.objects.working().order_by(),
            application__state__in=RANKING,
            project__call__state__in=BEFORE_RESULTS,
        )
        .annotate(key=key)
        .exclude(Exists(Notice.objects.filter(key=OuterRef("key"))))
    )
    pairs = set(lines.values_list("application", "project"))
    if not pairs:
        return 0
    applications = Application.objects.select_related("trainee__user").in_bulk([one for one, _ in pairs])
    projects = Project.objects.select_related("call", "company").in_bulk([one for _, one in pairs])
    newest = RankList.objects.filter(application__in=applications).working()
    newest = newest.order_by("application_id", "-version").distinct("application_id")
    left = dict(
        RankItem.objects.filter(rank_list__in=newest.values("pk"), project__in=Project.objects.in_match())
        .values_list("application")
        .annotate(count=Count("pk"))
        .order_by()
    )
    return notices.wishes_lost(
        occasion,
        (
            (applications[application], projects[project], left.get(application, 0))
            for application, project in sorted(pairs)
        ),
    )


def uncertified_applications(calls: Iterable[Call]) -> QuerySet[Application]:
    """Whose applicants may rank and have certified nothing yet."""
    bound = RankList.objects.binding().filter(application=OuterRef("pk"))
    return Application.objects.filter(
        ~Exists(bound), call__in=calls, state__in=RANKING, trainee__user__is_active=True
    )


def uncertified_members(calls: Iterable[Call]) -> QuerySet[Any]:
    """Who acts for companies that take part and have certified nothing yet; ``for_call`` says in which call."""
    bound = RankList.objects.binding().filter(company=OuterRef("company"), call=OuterRef("for_call"))
    return (
        CompanyMember.objects.filter(
            company__projects__call__in=calls,
            company__projects__state=ProjectState.SELECTED,
            company__state=CompanyState.VERIFIED,
            role__in=MANAGING,
            user__is_active=True,
        )
        .annotate(for_call=F("company__projects__call"))
        .exclude(Exists(bound))
        .distinct()
    )


def uncertified_people(calls: Iterable[Call]) -> dict[int, list[tuple[User, str]]]:
    """Call id -> who has certified nothing yet: applicants as ``trainee``, who act for companies as ``company``.

    Two queries however many calls.
    """
    found: dict[int, list[tuple[User, str]]] = {call.pk: [] for call in calls}
    for application in uncertified_applications(calls).select_related("trainee__user"):
        found[application.call_id].append((application.trainee.user, "trainee"))
    for member in uncertified_members(calls).select_related("user").order_by("pk", "for_call"):
        found[member.for_call].append((member.user, "company"))
    return found


def remind_uncertified(call: Call, today: date) -> int:
    """Tell those who have certified nothing that the deadline comes near; each stage once."""
    if call.rankings_due_at is None or timezone.now() > call.rankings_due_at:
        return 0
    due_on = timezone.localtime(call.rankings_due_at).date()
    stage = latest_stage(due_on, today, tuple(call.rule_set.rank_reminder_days))
    if stage is None:
        return 0
    return notices.ranking_due(call, uncertified_people([call])[call.pk], stage, due_on)


# --- what a receipt proves ----------------------------------------------------------------------------


def sealed_receipts(call: Call) -> list[str]:
    """The receipts of all sealed lists of a call, of both sides, as they stand now."""
    sealed = RankList.objects.filter(call=call, state=RankListState.SEALED)
    return list(sealed.values_list("receipt", flat=True))


@dataclass(frozen=True)
class ReceiptCheck:
    """What came of working out a stored list's receipt, path and root again.

    ``is_same``: the stored list gives the receipt. ``is_sealed``: there is a root. ``is_under``: the path leads to it.
    """

    receipt: str
    is_same: bool
    is_sealed: bool
    is_under: bool
    root: str = ""
    count: int = 0
    path: tuple[terms.Step, ...] = ()

    @property
    def is_proved(self) -> bool:
        return self.is_same and self.is_under


def told(rank_list: RankList) -> dict[str, Any]:
    """Everything a certified list's receipt is made of, as its rows stand now."""
    application = rank_list.application
    return {
        "call": rank_list.call_id,
        "owner": application.pseudonym.hex if application else f"company:{rank_list.company_id}",
        "items": order_of(rank_list)
        if application
        else _told_scores(rank_list.items.values_list(*_SAID), rank_list.nonce),
        "certified_at": rank_list.certified_at.isoformat() if rank_list.certified_at else "",
        "nonce": rank_list.nonce,
    }


def check_receipt(rank_list: RankList) -> ReceiptCheck:
    """Work out a certified list's receipt from its rows, and its path to the published root. O(lists of the call)."""
    return _under_root(
        rank_list.call_id, rank_list.receipt, terms.receipt_of(**told(rank_list)) == rank_list.receipt
    )


def find_receipt(call: Call, receipt: str) -> ReceiptCheck:
    """Whether a receipt lies under the root of a call; nothing is said of whose it is. O(lists of the call)."""
    return _under_root(call.pk, receipt, True)


def _under_root(call: int, receipt: str, is_same: bool) -> ReceiptCheck:
    sealing = Sealing.objects.filter(call=call).first()
    if sealing is None:
        return ReceiptCheck(receipt, is_same, is_sealed=False, is_under=False)
    check = ReceiptCheck(receipt, is_same, True, False, sealing.root, sealing.count)
    if not RankList.objects.filter(call=call, state=RankListState.SEALED, receipt=receipt).exists():
        return check  # the tree is built only for who holds a receipt: nobody can guess one
    path = tuple(terms.path_of(sealed_receipts(sealing.call), receipt))
    return replace(check, path=path, is_under=terms.is_under(receipt, path, sealing.root))


def receipt_file(rank_list: RankList) -> dict[str, Any]:
    """What the owner keeps and checks outside: format ``ieum-receipt-1``; path and root once lists are sealed."""
    check, facts = check_receipt(rank_list), told(rank_list)
    sealed = {"root": check.root, "path": [list(step) for step in check.path]} if check.is_sealed else {}
    return {
        "format": "ieum-receipt-1",
        "call": facts["call"],
        "owner": facts["owner"],
        "items": facts["items"],
        "at": facts["certified_at"],
        "nonce": facts["nonce"],
        "receipt": rank_list.receipt,
        **sealed,
    }


@dataclass(frozen=True)
class Tampering:
    """What no longer is what it was when it was certified or sealed: a list by its reference, or a call's root."""

    call: int
    about: str
    code: str


def tampered_lists(call: Call) -> list[Tampering]:
    """Every certified list of a call whose rows no longer give its receipt, and the call if its root does not hold.

    A receipt that was made to fit changed rows is found by what the history says it was. Nothing of a list's items is
    told. A few statements; O(total length of the lists), which are streamed.
    """
    found = [
        Tampering(call.pk, f"R-{call.pk:02d}-{pk:05d}", code)
        for pk, code in sorted({*_changed_rows(call), *_changed_receipts(call)})
    ]
    sealing = Sealing.objects.filter(call=call).first()
    if sealing is not None:
        receipts = sealed_receipts(call)
        if (terms.root_of(receipts), len(receipts)) != (sealing.root, sealing.count):
            found.append(Tampering(call.pk, str(call.pk), "root"))
    return found


def _certified(call: Call) -> QuerySet[RankList]:
    return RankList.objects.filter(call=call, certified_at__isnull=False)


def _changed_rows(call: Call) -> Iterator[tuple[int, str]]:
    """Lists whose rows do not give their receipt any more."""
    facts = ("pk", "application__pseudonym", "company", "certified_at", "nonce", "receipt")
    lists = {row[0]: row[1:] for row in _certified(call).values_list(*facts)}
    rows = (
        RankItem.objects.filter(rank_list__in=_certified(call).order_by().values("pk"))
        .order_by("rank_list", "position")
        .values_list("rank_list", *_SAID)
        .iterator(chunk_size=10_000)
    )
    for pk, lines in groupby(rows, key=itemgetter(0)):
        if pk in lists and not _gives(call, [line[1:] for line in lines], *lists.pop(pk)):
            yield pk, "rows"
    for pk in lists:  # none of its rows is left
        yield pk, "rows"


def _gives(
    call: Call,
    lines: Sequence[tuple[Any, ...]],
    pseudonym: Any,
    company: Any,
    at: Any,
    nonce: str,
    receipt: str,
) -> bool:
    items = [line[1] for line in lines] if pseudonym else _told_scores(lines, nonce)
    owner = pseudonym.hex if pseudonym else f"company:{company}"
    return terms.receipt_of(call.pk, owner, items, at.isoformat(), nonce) == receipt


def _changed_receipts(call: Call) -> Iterator[tuple[int, str]]:
    """Lists whose receipt is not the one the history tells of."""
    kept = dict(_certified(call).order_by("pk").values_list("pk", "receipt"))
    told_of = Event.objects.filter(verb="certify_rank_list", label=RankList._meta.label)
    pks = list(kept)
    for start in range(0, len(pks), 5000):
        some = told_of.filter(object_id__in=[str(pk) for pk in pks[start : start + 5000]])
        for pk, receipt in some.values_list("object_id", "data__receipt"):
            if receipt != kept[int(pk)]:
                yield int(pk), "receipt"


def report_tampered_lists() -> int:
    """Tell the office of lists that were changed from outside in calls that are not over; how many.

    The same ones are told once.
    """
    calls = Call.objects.exclude(state__in=[CallState.DRAFT, CallState.CANCELLED, CallState.ARCHIVED])
    found = [one for call in calls.order_by("pk") for one in tampered_lists(call)]
    if found:
        notices.lists_tampered(sorted({one.about for one in found}), len(found))
    return len(found)

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from portal.accounts.actions import has_consent
from portal.accounts.models import User
from portal.accounts.states import ConsentKind
from portal.audit.actions import record, record_all
from portal.trainees.actions import become_trainee
from portal.trainees.models import Trainee
from portal.workflow import IllegalMove, Refused
from projects.actions import lock_call
from projects.applications import notices
from projects.applications.models import Application, ApplicationQuerySet, faults
from projects.applications.states import (
    APPLICATION,
    RESULTS_OUT,
    ApplicationRefusal,
    ApplicationState,
    IneligibleReason,
)
from projects.models import Call
from projects.states import BEFORE_RESULTS


def lock_application(application: Application) -> Application:
    return (
        Application.objects.select_for_update(of=("self",), no_key=True)
        .select_related("call", "trainee__user", "trainee__graduate")
        .get(pk=application.pk)
    )


def eligibility_faults(application: Application) -> list[IneligibleReason]:
    """Every reason, readable from the rows, why this person may not take part; empty is good."""
    return faults_of([application])[application.pk]


def faults_of(applications: Sequence[Application]) -> dict[int, list[IneligibleReason]]:
    """The same for many: application id -> reasons, in one query."""
    against = faults()
    asked = Application.objects.filter(pk__in=[row.pk for row in applications])
    answered = asked.annotate(**{reason.value: condition for reason, condition in against.items()})
    return {
        pk: [reason for reason, stands in zip(against, answers, strict=True) if stands]
        for pk, *answers in answered.values_list("pk", *against)
    }


def _check_open(call: Call) -> None:
    if call.applications_due_at and timezone.now() > call.applications_due_at:
        raise Refused(ApplicationRefusal.TOO_LATE, deadline=call.applications_due_at)
    if not call.takes_applications:
        raise Refused(ApplicationRefusal.NOT_OPEN)


def _check_editable(application: Application) -> None:
    """A draft until applications are due; what was sent back for completion until lists are sealed."""
    if application.state == ApplicationState.RETURNED:
        if not application.may_be_completed:
            raise Refused(ApplicationRefusal.TOO_LATE, deadline=application.call.rankings_due_at)
    else:
        _check_open(application.call)


@transaction.atomic
def draft_application(call: Call, trainee: Trainee, *, by: User) -> Application:
    """Begin an application; beginning twice gives the same one. A withdrawn one is begun again."""
    call = lock_call(call)
    _check_open(call)
    application, created = Application.objects.get_or_create(call=call, trainee=trainee)
    if created:
        record("draft_application", application, by=by)
    elif application.state == ApplicationState.WITHDRAWN:
        application = reopen_application(application, by=by)
    return application


@transaction.atomic
def reopen_application(application: Application, *, by: User) -> Application:
    """Begin again what was withdrawn, with the answers given then."""
    application = lock_application(application)
    _check_open(application.call)
    was = APPLICATION.move(application, "reopen_application")
    application.save()
    record("reopen_application", application, by=by, was=was)
    return application


@transaction.atomic
def edit_application(application: Application, *, by: User, **answers: str) -> Application:
    """Save some of the answers of a draft or returned application."""
    application = lock_application(application)
    if not APPLICATION.may(application, "submit_application"):
        raise IllegalMove(application, "edit_application")
    _check_editable(application)
    changed = sorted(name for name, value in answers.items() if getattr(application, name) != value)
    if changed:
        for name in changed:
            setattr(application, name, answers[name])
        application.save()
        record("edit_application", application, by=by, fields=changed)
    return application


@transaction.atomic
def answer_application(call: Call, *, by: User, **answers: str) -> Application:
    """Save answers of the person's application to ``call``, begun with the first answer."""
    trainee = become_trainee(by=by)
    application = Application.objects.filter(call=call, trainee=trainee).first()
    if application is None or application.state == ApplicationState.WITHDRAWN:
        application = draft_application(call, trainee, by=by)
    return edit_application(application, by=by, **answers)


@transaction.atomic
def submit_application(application: Application, *, by: User) -> Application:
    """Hand it in: the profile is complete, the motive written, the consent given, the deadline not passed."""
    application = lock_application(application)
    if not APPLICATION.may(application, "submit_application"):
        raise IllegalMove(application, "submit_application")
    _check_editable(application)
    was = APPLICATION.move(application, "submit_application")
    if not application.trainee.is_complete:
        raise Refused(ApplicationRefusal.PROFILE_INCOMPLETE)
    if not application.motive.strip():
        raise Refused(ApplicationRefusal.NO_MOTIVE)
    if not has_consent(application.trainee.user, ConsentKind.SHARE_WITH_COMPANY):
        raise Refused(ApplicationRefusal.NO_CONSENT)
    application.submitted_at = timezone.now()
    application.save()
    event = record("submit_application", application, by=by, was=was)
    notices.application_submitted(application, event.pk)
    return application


@transaction.atomic
def return_application(application: Application, *, comment: str, by: User) -> Application:
    """보완 요청: the person can change it and hand it in again, so there must be time to."""
    application = _lock_to_judge(application)
    was = APPLICATION.move(application, "return_application")
    if not application.may_be_completed:
        raise Refused(ApplicationRefusal.NO_TIME_TO_COMPLETE, deadline=application.call.rankings_due_at)
    application.comment = comment
    application.save()
    event = record("return_application", application, by=by, was=was, comment=comment)
    notices.application_returned(application, event.pk)
    return application


def _lock_to_judge(application: Application) -> Application:
    """The call is held first: nobody is judged while it is sealed, published or cancelled."""
    lock_call(application.call)
    return lock_application(application)


def _check_undecided(call: Call) -> None:
    """Only while the result is still to come: a call that is over, or was cancelled, decides nothing any more."""
    if call.state in RESULTS_OUT:
        raise Refused(ApplicationRefusal.PUBLISHED)
    if call.state not in BEFORE_RESULTS:
        raise Refused(ApplicationRefusal.CALL_OVER)


@transaction.atomic
def accept_application(application: Application, *, by: User | None) -> Application:
    """적격; refused while a fault stands that the rows themselves show, once results are out, and in a cancelled call."""
    application = _lock_to_judge(application)
    was = APPLICATION.move(application, "accept_application")
    _check_undecided(application.call)
    found = eligibility_faults(application)
    if found:
        raise Refused(ApplicationRefusal.FAULTS, faults=[fault.label for fault in found])
    application.ineligible_reason = ""
    application.save()
    event = record("accept_application", application, by=by, was=was)
    notices.application_accepted(application, event.pk)
    return application


@transaction.atomic
def refuse_application(
    application: Application, *, reason: str, comment: str = "", by: User | None
) -> Application:
    """부적격, with a reason the person is told; refused once results are out, and in a cancelled call."""
    application = _lock_to_judge(application)
    was = APPLICATION.move(application, "refuse_application")
    _check_undecided(application.call)
    application.ineligible_reason, application.comment = reason, comment
    application.save()
    event = record("refuse_application", application, by=by, was=was, reason=reason)
    notices.application_refused(application, event.pk)
    return application


@transaction.atomic
def refuse_applications(
    rows: ApplicationQuerySet, *, reason: IneligibleReason, occasion: str, by: User | None, **changes: str
) -> int:
    """Refuse everybody of ``rows`` who may be refused, each with a notice; ``occasion`` comes once per call.

    Returns how many. The caller holds the call.
    """
    moved = APPLICATION.move_all(rows, "refuse_application", ineligible_reason=reason, **changes)
    record_all("refuse_application", Application, moved, to=ApplicationState.INELIGIBLE, by=by, reason=reason)
    refused = Application.objects.filter(pk__in=[pk for pk, _ in moved])
    notices.applications_refused(refused.select_related("call", "trainee__user"), occasion)
    return len(moved)


@transaction.atomic
def settle_applications(call: Call, *, by: User | None = None) -> int:
    """Before lists are sealed: who did not answer and who may no longer take part is refused with the reason.

    Who was handed in and not judged stays so: the office can still decide until results are published.
    """
    rows = Application.objects.filter(call=call)
    returned = rows.filter(state=ApplicationState.RETURNED)
    settled = refuse_applications(
        returned, reason=IneligibleReason.UNANSWERED, occasion=notices.AT_SEALING, by=by
    )
    for reason, stands in faults().items():
        faulty = rows.eligible().filter(stands)
        settled += refuse_applications(faulty, reason=reason, occasion=notices.AT_SEALING, by=by, comment="")
    return settled


@transaction.atomic
def withdraw_application(application: Application, *, by: User) -> Application:
    """The person takes it back; possible until lists are sealed."""
    application = lock_application(application)
    if application.call.is_ranked:
        raise Refused(ApplicationRefusal.SEALED, deadline=application.call.rankings_due_at)
    was = APPLICATION.move(application, "withdraw_application")
    application.save()
    event = record("withdraw_application", application, by=by, was=was)
    notices.application_withdrawn(application, event.pk)
    return application

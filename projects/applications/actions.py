from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from portal.accounts.actions import has_consent, people_with_consent
from portal.accounts.models import User
from portal.accounts.states import ConsentKind
from portal.audit.actions import record
from portal.schools.states import GraduateState
from portal.trainees.actions import become_trainee
from portal.trainees.models import Trainee
from portal.trainees.states import Employment
from portal.workflow import IllegalMove, Refused
from projects.applications import notices
from projects.applications.models import Application
from projects.applications.states import APPLICATION, ApplicationRefusal, ApplicationState, IneligibleReason
from projects.models import Call


def lock_application(application: Application) -> Application:
    return (
        Application.objects.select_for_update(of=("self",))
        .select_related("call", "trainee__user", "trainee__graduate")
        .get(pk=application.pk)
    )


def eligibility_faults(application: Application) -> list[IneligibleReason]:
    """Every reason, readable from the rows, why this person may not take part; empty is good."""
    return faults_of([application])[application.pk]


def faults_of(applications: Sequence[Application]) -> dict[int, list[IneligibleReason]]:
    """The same for many, read with their trainee and graduate: application id -> reasons, in two queries."""
    consenting = people_with_consent(
        [row.trainee.user_id for row in applications], ConsentKind.SHARE_WITH_COMPANY
    )
    placed = Application.objects.filter(
        trainee__in=[row.trainee_id for row in applications], state=ApplicationState.PLACED
    ).exclude(call__state__in=["finished", "archived"])
    calls: dict[int, set[int]] = {}
    for trainee, call in placed.values_list("trainee", "call"):
        calls.setdefault(trainee, set()).add(call)
    return {
        row.pk: _faults(
            row, row.trainee.user_id in consenting, bool(calls.get(row.trainee_id, set()) - {row.call_id})
        )
        for row in applications
    }


def _faults(application: Application, consents: bool, placed_elsewhere: bool) -> list[IneligibleReason]:
    graduate = application.trainee.graduate
    found = {
        IneligibleReason.NOT_GRADUATE: graduate is None,
        IneligibleReason.NOT_COMPLETED: graduate is not None and graduate.state != GraduateState.CONFIRMED,
        IneligibleReason.EMPLOYED: application.trainee.employment == Employment.EMPLOYED,
        IneligibleReason.NO_CONSENT: not consents,
        IneligibleReason.PLACED_ELSEWHERE: placed_elsewhere,
    }
    return [reason for reason, stands in found.items() if stands]


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
    """보완 요청: the person can change it and hand it in again."""
    application = lock_application(application)
    was = APPLICATION.move(application, "return_application")
    application.comment = comment
    application.save()
    event = record("return_application", application, by=by, was=was, comment=comment)
    notices.application_returned(application, event.pk)
    return application


@transaction.atomic
def accept_application(application: Application, *, by: User | None) -> Application:
    """적격; refused while a fault stands that the rows themselves show."""
    application = lock_application(application)
    was = APPLICATION.move(application, "accept_application")
    faults = eligibility_faults(application)
    if faults:
        raise Refused(ApplicationRefusal.FAULTS, faults=[fault.label for fault in faults])
    application.ineligible_reason = ""
    application.save()
    event = record("accept_application", application, by=by, was=was)
    notices.application_accepted(application, event.pk)
    return application


@transaction.atomic
def refuse_application(
    application: Application, *, reason: str, comment: str = "", by: User | None
) -> Application:
    """부적격, with a reason the person is told."""
    application = lock_application(application)
    was = APPLICATION.move(application, "refuse_application")
    application.ineligible_reason, application.comment = reason, comment
    application.save()
    event = record("refuse_application", application, by=by, was=was, reason=reason)
    notices.application_refused(application, event.pk)
    return application


@transaction.atomic
def withdraw_application(application: Application, *, by: User) -> Application:
    """The person takes it back; possible until lists are sealed."""
    application = lock_application(application)
    if application.call.is_sealed or (
        application.call.rankings_due_at and timezone.now() > application.call.rankings_due_at
    ):
        raise Refused(ApplicationRefusal.SEALED)
    was = APPLICATION.move(application, "withdraw_application")
    application.save()
    event = record("withdraw_application", application, by=by, was=was)
    notices.application_withdrawn(application, event.pk)
    return application

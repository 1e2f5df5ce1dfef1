from django.db import transaction
from django.utils import timezone

from portal.accounts.actions import has_consent
from portal.accounts.models import User
from portal.accounts.states import ConsentKind
from portal.audit.actions import record
from portal.schools.states import GraduateState
from portal.trainees.models import Trainee
from portal.trainees.states import Employment
from portal.workflow import Refused
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
    trainee = application.trainee
    faults = []
    if trainee.graduate is None:
        faults.append(IneligibleReason.NOT_GRADUATE)
    elif trainee.graduate.state != GraduateState.CONFIRMED:
        faults.append(IneligibleReason.NOT_COMPLETED)
    if trainee.employment == Employment.EMPLOYED:
        faults.append(IneligibleReason.EMPLOYED)
    if not has_consent(trainee.user, ConsentKind.SHARE_WITH_COMPANY):
        faults.append(IneligibleReason.NO_CONSENT)
    elsewhere = Application.objects.filter(trainee=trainee, state=ApplicationState.PLACED).exclude(
        call=application.call
    )
    if elsewhere.exclude(call__state__in=["finished", "archived"]).exists():
        faults.append(IneligibleReason.PLACED_ELSEWHERE)
    return faults


def _check_open(call: Call) -> None:
    if call.applications_due_at and timezone.now() > call.applications_due_at:
        raise Refused(ApplicationRefusal.TOO_LATE, deadline=call.applications_due_at)
    if not call.takes_applications:
        raise Refused(ApplicationRefusal.NOT_OPEN)


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
    _check_open(application.call)
    if application.state not in (ApplicationState.DRAFT, ApplicationState.RETURNED):
        raise Refused(ApplicationRefusal.NOT_OPEN)
    for name, value in answers.items():
        setattr(application, name, value)
    application.save()
    record("edit_application", application, by=by, fields=sorted(answers))
    return application


@transaction.atomic
def submit_application(application: Application, *, by: User) -> Application:
    """Hand it in: the profile is complete, the motive written, the consent given, the deadline not passed."""
    application = lock_application(application)
    was = APPLICATION.move(application, "submit_application")
    _check_open(application.call)
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

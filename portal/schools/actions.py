from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from portal.accounts.actions import end_sessions
from portal.accounts.models import User
from portal.audit.actions import record
from portal.schools.models import Cohort, Graduate, School, SchoolMember
from portal.schools.states import GRADUATE, GraduateRefusal, SchoolRefusal
from portal.workflow import Refused


def _locked(graduate: Graduate) -> Graduate:
    return (
        Graduate.objects.select_for_update(of=("self",)).select_related("cohort__school").get(pk=graduate.pk)
    )


@transaction.atomic
def add_school(*, by: User | None, **facts: Any) -> School:
    school = School.objects.create(**facts)
    record("add_school", school, by=by)
    return school


@transaction.atomic
def change_school(school: School, *, by: User | None, **facts: Any) -> School:
    school = School.objects.select_for_update().get(pk=school.pk)
    return _changed(school, "change_school", facts, by)


@transaction.atomic
def add_school_member(school: School, *, email: str, by: User | None) -> SchoolMember:
    """Let a person who has an account act for the school: never one who judges schools, never one they judge.

    Their sessions end, because only a login asks whether somebody needs a second factor.
    """
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        raise Refused(SchoolRefusal.NO_ACCOUNT)
    if user.office:
        raise Refused(SchoolRefusal.IS_OFFICE)
    if Graduate.objects.of_person(user).exists():
        raise Refused(SchoolRefusal.IS_GRADUATE)
    member, created = SchoolMember.objects.get_or_create(school=school, user=user)
    if not created:
        raise Refused(SchoolRefusal.ALREADY_MEMBER)
    record("add_school_member", member, by=by, school=school, user=user)
    end_sessions(user)
    return member


@transaction.atomic
def remove_school_member(school: School, *, email: str, reason: str, by: User | None) -> None:
    """Take the role away; the person's sessions end with it."""
    members = SchoolMember.objects.select_for_update(of=("self",)).select_related("user")
    member = members.filter(school=school, user__email=email.strip().lower()).first()
    if member is None:
        raise Refused(SchoolRefusal.NOT_MEMBER)
    record("remove_school_member", member, by=by, school=school, user=member.user, reason=reason)
    member.delete()
    end_sessions(member.user)


@transaction.atomic
def add_cohort(*, by: User | None, **facts: Any) -> Cohort:
    cohort = Cohort.objects.create(**facts)
    record("add_cohort", cohort, by=by)
    return cohort


@transaction.atomic
def change_cohort(cohort: Cohort, *, by: User | None, **facts: Any) -> Cohort:
    cohort = Cohort.objects.select_for_update(of=("self",)).get(pk=cohort.pk)
    return _changed(cohort, "change_cohort", facts, by)


def _changed(row: Any, verb: str, facts: dict[str, Any], by: User | None) -> Any:
    for name, value in facts.items():
        setattr(row, name, value)
    row.save()
    record(verb, row, by=by, changed=sorted(facts))
    return row


@transaction.atomic
def register_graduate(
    cohort: Cohort, *, external_id: str, name: str, email: str, by: User | None
) -> Graduate:
    """A school (or staff for it) names a person who is about to complete a course."""
    email = email.strip().lower()
    try:
        with transaction.atomic():
            graduate = Graduate.objects.create(
                cohort=cohort, external_id=external_id.strip(), name=name.strip(), email=email
            )
    except IntegrityError as error:
        raise Refused(GraduateRefusal.ALREADY_REGISTERED, name=name) from error
    record("register_graduate", graduate, by=by)
    return graduate


@transaction.atomic
def confirm_completion(graduate: Graduate, *, hours: int, on: date, by: User | None) -> Graduate:
    """The school confirms that the course was completed, with how many hours and when."""
    graduate = _locked(graduate)
    if hours < 1:
        raise Refused(GraduateRefusal.HOURS_MISSING)
    was = GRADUATE.move(graduate, "confirm_completion")
    graduate.hours, graduate.confirmed_on = hours, on
    graduate.save()
    record("confirm_completion", graduate, by=by, was=was, hours=hours, on=on)
    return graduate


@transaction.atomic
def refuse_completion(graduate: Graduate, *, reason: str, by: User | None) -> Graduate:
    """The person did not complete the course; they are left out when rankings are sealed."""
    graduate = _locked(graduate)
    was = GRADUATE.move(graduate, "refuse_completion")
    graduate.confirmed_on = None
    graduate.save()
    record("refuse_completion", graduate, by=by, was=was, reason=reason)
    return graduate


@transaction.atomic
def withdraw_graduate(graduate: Graduate, *, reason: str, by: User | None) -> Graduate:
    """Registered by mistake; the row stays for the trail."""
    graduate = _locked(graduate)
    was = GRADUATE.move(graduate, "withdraw_graduate")
    graduate.save()
    record("withdraw_graduate", graduate, by=by, was=was, reason=reason)
    return graduate

from collections.abc import Iterable, Mapping
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models.functions import Lower

from portal.accounts.models import User
from portal.audit.actions import record
from portal.schools.models import Graduate
from portal.trainees.models import Field, Skill, Trainee, TraineeSkill
from portal.trainees.states import TraineeRefusal
from portal.workflow import Refused


@transaction.atomic
def become_trainee(*, by: User) -> Trainee:
    """The person's trainee row, made at the first visit; a graduate row with their verified e-mail is linked."""
    trainee, created = Trainee.objects.get_or_create(user=by)
    if created:
        record("become_trainee", trainee, by=by)
        claim_graduate(trainee, by=by)
    return trainee


@transaction.atomic
def claim_graduate(trainee: Trainee, *, by: User, required: bool = False) -> Trainee:
    """Link the school's row whose e-mail the person has proved to be theirs, also in place of one that was withdrawn.

    Raises
    ------
    Refused
        If ``required`` and no school has registered that address.
    """
    rows = Trainee.objects.select_for_update(of=("self",)).select_related("user", "graduate")
    trainee = rows.get(pk=trainee.pk)
    if not trainee.lacks_graduate:
        return trainee
    proved = EmailAddress.objects.filter(user=trainee.user, verified=True).values_list("email", flat=True)
    graduate = (
        Graduate.objects.unclaimed()
        .annotate(address=Lower("email"))
        .filter(address__in=[email.lower() for email in proved])
        .order_by("-cohort__ends_on", "pk")
        .select_for_update(of=("self",))
        .first()
    )
    if graduate is None:
        if required:
            raise Refused(TraineeRefusal.NO_GRADUATE)
        return trainee
    graduate.user = trainee.user
    graduate.save(update_fields=["user"])
    replaces, trainee.graduate = trainee.graduate, graduate  # a withdrawn row keeps its account
    trainee.save(update_fields=["graduate"])
    record("claim_graduate", trainee, by=by, graduate=graduate, replaces=replaces)
    return trainee


@transaction.atomic
def update_profile(
    trainee: Trainee, *, skills: Mapping[str, int], interests: Iterable[Field], by: User, **facts: Any
) -> Trainee:
    """Replace what the person says about themselves; saying the same once more changes nothing.

    Parameters
    ----------
    skills : mapping of skill code to level 1-5
        The whole set; what is missing is removed.
    """
    trainee = Trainee.objects.select_for_update().get(pk=trainee.pk)
    interests = list(interests)
    changed = [name for name, value in facts.items() if getattr(trainee, name) != value]
    if dict(trainee.skills.values_list("skill_id", "level")) != dict(skills):
        changed.append("skills")
    if set(trainee.interests.all()) != set(interests):
        changed.append("interests")
    if not changed:
        return trainee
    for name, value in facts.items():
        setattr(trainee, name, value)
    trainee.save()
    trainee.interests.set(interests)
    trainee.skills.exclude(skill__in=skills).delete()
    TraineeSkill.objects.bulk_create(
        [TraineeSkill(trainee=trainee, skill_id=code, level=level) for code, level in skills.items()],
        update_conflicts=True,
        unique_fields=["trainee", "skill"],
        update_fields=["level"],
    )
    record("update_profile", trainee, by=by, fields=sorted(changed), skills=len(skills))
    return trainee


def _fits_under(skill: Skill, parent: Skill | None) -> None:
    """Called before ``skill`` stands under ``parent``: the list has two levels, since siblings count half in the fit."""
    if parent is not None and (parent.parent_id or parent.pk == skill.pk or skill.children.exists()):
        raise Refused(TraineeRefusal.NESTED)


@transaction.atomic
def add_skill(*, by: User | None, **facts: Any) -> Skill:
    """Add a line to the list people choose from."""
    skill = Skill(**facts)
    _fits_under(skill, skill.parent)
    skill.save(force_insert=True)
    record("add_skill", skill, by=by)
    return skill


@transaction.atomic
def change_skill(skill: Skill, *, by: User | None, **facts: Any) -> Skill:
    """Call a skill something else or put it elsewhere; its code stays, since people and projects refer to it."""
    list(
        Skill.objects.select_for_update().order_by("pk")
    )  # the whole short list: two moves cannot nest it together
    skill = Skill.objects.get(pk=skill.pk)
    if "parent" in facts:
        _fits_under(skill, facts["parent"] and Skill.objects.get(pk=facts["parent"].pk))
    return _changed(skill, "change_skill", facts, by)


@transaction.atomic
def add_field(*, by: User | None, **facts: Any) -> Field:
    """Add a field of AI work that people and projects choose from."""
    field = Field(**facts)
    field.save(force_insert=True)
    record("add_field", field, by=by)
    return field


@transaction.atomic
def change_field(field: Field, *, by: User | None, **facts: Any) -> Field:
    """Call a field something else; its code stays."""
    return _changed(Field.objects.select_for_update().get(pk=field.pk), "change_field", facts, by)


def _changed(row: Any, verb: str, facts: dict[str, Any], by: User | None) -> Any:
    for name, value in facts.items():
        setattr(row, name, value)
    row.save()
    record(verb, row, by=by, changed=sorted(facts))
    return row


@transaction.atomic
def add_lists(fields: Iterable[Field], skills: Iterable[Skill], *, by: User | None) -> int:
    """Add every line whose code is not there yet, parents first; what is there stays as the office wrote it."""
    rows: list[Field | Skill] = [*fields, *skills]
    known = {*Field.objects.values_list("pk", flat=True)}, {*Skill.objects.values_list("pk", flat=True)}
    new = [row for row in rows if row.pk not in known[isinstance(row, Skill)]]
    for row in new:
        row.save(force_insert=True)
        record(f"add_{row._meta.model_name}", row, by=by)
    return len(new)

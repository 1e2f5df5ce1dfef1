import hashlib
from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from portal.accounts.models import Consent, ConsentText, StaffMember, User
from portal.accounts.states import TO_JOIN, AccountRefusal, ConsentKind, Office
from portal.audit.actions import record
from portal.workflow import Refused


@transaction.atomic
def appoint_staff(user: User, *, office: str, title: str = "", by: User | None) -> StaffMember:
    """Let ``user`` work for the agency or the operator; they are asked for a second factor at the next page."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if StaffMember.objects.filter(user=user, ended_on=None).exists():
        raise Refused(AccountRefusal.ALREADY_APPOINTED)
    member = StaffMember.objects.create(user=user, office=office, title=title)
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    record("appoint_staff", member, by=by, office=office)
    return member


@transaction.atomic
def appoint_first(email: str, *, name: str) -> User:
    """Make the owner of an address the agency's first member; they are to set a new password.

    Until they have done so it may be asked for again; once anybody works for the agency, that person appoints.
    """
    email = email.strip().lower()
    others = StaffMember.objects.filter(office=Office.AGENCY, ended_on=None).select_related("user")
    if any(member.user.email != email or member.user.has_usable_password() for member in others):
        raise Refused(AccountRefusal.AGENCY_THERE)
    user = User.objects.filter(email=email).first() or User.objects.create_user(email, name=name)
    if not others:
        user.set_unusable_password()  # whoever made the account may not be who owns the address
        user.save(update_fields=["password"])
        end_sessions(user)
        EmailAddress.objects.update_or_create(
            user=user, email=email, defaults={"verified": True, "primary": True}
        )
        appoint_staff(user, office=Office.AGENCY, by=None)
    return user


@transaction.atomic
def dismiss_staff(member: StaffMember, *, by: User) -> StaffMember:
    """End a membership today; the person's sessions end with it."""
    member = StaffMember.objects.select_for_update().select_related("user").get(pk=member.pk)
    if member.user == by:
        raise Refused(AccountRefusal.OWN_ACCOUNT)
    if member.ended_on is not None:
        raise Refused(AccountRefusal.ALREADY_DISMISSED)
    member.ended_on = timezone.localdate()
    member.save(update_fields=["ended_on"])
    User.objects.filter(pk=member.user_id).update(is_staff=False)
    record("dismiss_staff", member, by=by)
    end_sessions(member.user)
    return member


@transaction.atomic
def disable_user(user: User, *, reason: str, by: User) -> User:
    """Nobody can sign in as ``user`` any more; sessions die at once, history stays."""
    if user == by:
        raise Refused(AccountRefusal.OWN_ACCOUNT)
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.is_active:
        raise Refused(AccountRefusal.ALREADY_DISABLED)
    user.is_active = False
    user.save(update_fields=["is_active"])
    record("disable_user", user, by=by, reason=reason)
    end_sessions(user)
    return user


@transaction.atomic
def enable_user(user: User, *, reason: str, by: User) -> User:
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.is_active:
        raise Refused(AccountRefusal.NOT_DISABLED)
    user.is_active = True
    user.save(update_fields=["is_active"])
    record("enable_user", user, by=by, reason=reason)
    return user


@transaction.atomic
def change_settings(user: User, *, name: str, language: str, by: User) -> User:
    """What a person says about themselves; the trail names the fields, not what stands in them."""
    user = User.objects.select_for_update().get(pk=user.pk)
    changed = [
        field for field, value in (("name", name), ("language", language)) if getattr(user, field) != value
    ]
    if changed:
        user.name, user.language = name, language
        user.save(update_fields=changed)
        record("change_settings", user, by=by, changed=changed)
    return user


def record_failed_login(email: str) -> None:
    """Somebody tried ``email`` with a wrong password. What was typed may be a stranger's address, or a password:
    only a keyed hash of it is kept, enough to see that one address is tried again and again."""
    user = User.objects.filter(email=email.lower()).first()
    typed = salted_hmac("portal.accounts.failed_login", email.lower(), algorithm="sha256").hexdigest()
    record("fail_log_in", user or User(pk=0), by=None, typed=typed[:32])


@transaction.atomic
def end_other_sessions(user: User, *, keep: str | None) -> int:
    """Sign ``user`` out everywhere but in the session with the key ``keep``."""
    ended = end_sessions(user, keep=keep)
    if ended:
        record("end_other_sessions", user, by=user, ended=ended)
    return ended


def end_sessions(user: User, *, keep: str | None = None) -> int:
    """Delete every session that is signed in as ``user``, except ``keep``; return how many there were."""
    live = Session.objects.filter(expire_date__gte=timezone.now())
    own = [
        session.pk
        for session in live.iterator()
        if session.pk != keep and session.get_decoded().get("_auth_user_id") == str(user.pk)
    ]
    return Session.objects.filter(pk__in=own).delete()[0]


def current_texts(kinds: Iterable[str] = ConsentKind.values) -> list[ConsentText]:
    """The version in force of each kind, required ones first."""
    newest = ConsentText.objects.filter(kind__in=list(kinds)).order_by("kind", "-version").distinct("kind")
    return sorted(newest, key=lambda text: (not text.required, ConsentKind.values.index(text.kind)))


def may_join() -> bool:
    """Whether there is anything to agree to: an account without consents would have to be undone."""
    return {text.kind for text in current_texts(TO_JOIN)} == TO_JOIN


@transaction.atomic
def publish_consent_text(*, kind: str, title: str, body: str, required: bool, by: User | None) -> ConsentText:
    """A new version; people who agreed to an older one are asked again where it is needed."""
    latest = ConsentText.objects.filter(kind=kind).order_by("-version").first()
    text = ConsentText.objects.create(
        kind=kind,
        version=latest.version + 1 if latest else 1,
        title=title,
        body=body,
        required=required,
        sha256=hashlib.sha256(body.encode()).hexdigest(),
    )
    record("publish_consent_text", text, by=by, sha256=text.sha256)
    return text


@transaction.atomic
def give_consents(user: User, texts: Iterable[ConsentText], *, by: User) -> None:
    """Agree to each text; agreeing again to the same text changes nothing."""
    for text in texts:
        consent, created = Consent.objects.get_or_create(user=user, text=text, withdrawn_at=None)
        if created:
            record("give_consent", consent, by=by, kind=text.kind, version=text.version)


@transaction.atomic
def choose_consents(user: User, texts: Iterable[ConsentText], chosen: Iterable[str], *, by: User) -> None:
    """Agree to those of ``texts`` whose kind is ``chosen``, take the others back."""
    texts, chosen = list(texts), set(chosen)
    give_consents(user, [text for text in texts if text.kind in chosen], by=by)
    for text in texts:
        if text.kind not in chosen:
            withdraw_consent(user, text.kind, by=by)


@transaction.atomic
def withdraw_consent(user: User, kind: str, *, by: User) -> int:
    """Take back every live consent of one kind."""
    live = list(Consent.objects.live().select_for_update().filter(user=user, text__kind=kind))
    for consent in live:
        consent.withdrawn_at = timezone.now()
        consent.save(update_fields=["withdrawn_at"])
        record("withdraw_consent", consent, by=by, kind=kind)
    return len(live)


def has_consent(user: User, kind: str) -> bool:
    """Whether ``user`` lives under a consent to the version of ``kind`` now in force."""
    newest = ConsentText.objects.filter(kind=kind).order_by("-version").values("pk")[:1]
    return Consent.objects.live().filter(user=user, text__in=newest).exists()


def live_kinds(user: User) -> set[str]:
    """The kinds whose version in force the person agrees to."""
    newest = ConsentText.objects.order_by("kind", "-version").distinct("kind").values("pk")
    return set(Consent.objects.live().filter(user=user, text__in=newest).values_list("text__kind", flat=True))

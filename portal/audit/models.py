import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

#: For ``Meta.triggers`` of every table some rows of which are kept for good: row triggers do not see a TRUNCATE.
NOT_EMPTIED = pgtrigger.Trigger(
    name="not_emptied",
    level=pgtrigger.Statement,
    when=pgtrigger.Before,
    operation=pgtrigger.Truncate,
    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;",
)
#: The whole ``Meta.triggers`` of a table whose rows are added and never changed.
APPEND_ONLY = [
    pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
    NOT_EMPTIED,
]


class Origin(models.TextChoices):
    PAGE = "page", _("화면")
    ADMIN = "admin", _("관리자 화면")
    API = "api", "API"
    CLOCK = "clock", _("예약 작업")


class EventQuerySet(models.QuerySet["Event"]):
    def about(self, obj: models.Model) -> "EventQuerySet":
        return self.filter(label=obj._meta.label, object_id=str(obj.pk))


class Event(models.Model):
    """One line of history: who did what to which row, when, from where. Rows are added, never changed.

    ``data`` holds facts (states, dates, ids, reasons), never a name, an address or a telephone number,
    so that erasing a person leaves the trail whole.
    """

    verb = models.CharField(_("한 일"), max_length=80)
    label = models.CharField(_("대상"), max_length=80)
    object_id = models.CharField(_("번호"), max_length=40)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("한 사람")
    )
    at = models.DateTimeField(_("시각"), auto_now_add=True)
    origin = models.CharField(_("경로"), max_length=5, choices=Origin, default=Origin.CLOCK)
    ip = models.GenericIPAddressField(_("접속 주소"), null=True)
    data = models.JSONField(_("내용"), default=dict)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("이력")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["label", "object_id", "-id"], name="event_of_object"),
            models.Index(fields=["by", "-id"], name="event_by_person"),
        ]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.verb} {self.label} {self.object_id}"


class Access(models.Model):
    """Somebody read somebody's personal data: who, whose, what, why. Rows are added, never changed."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("본 사람")
    )
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("정보 주체")
    )
    what = models.CharField(_("본 것"), max_length=80)
    reason = models.CharField(_("사유"), max_length=200, blank=True)
    at = models.DateTimeField(_("시각"), auto_now_add=True)
    ip = models.GenericIPAddressField(_("접속 주소"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("개인정보 열람 기록")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["subject", "-id"], name="access_of_subject")]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.what} #{self.subject_id}"


class ChainLink(models.Model):
    """The rows of one append-only table up to ``last_id``, as a digest that stands on the one before it.

    A row that is changed, added or taken away behind the triggers' back breaks the digest of its link.
    """

    table = models.CharField(_("표"), max_length=63)
    columns = ArrayField(models.CharField(max_length=63), verbose_name=_("열"))
    last_id = models.BigIntegerField(_("마지막 번호"))
    #: The newest row when the link was made. Numbers are drawn before rows are committed, so the next link goes only this far.
    seen_id = models.BigIntegerField(_("그때의 가장 새 번호"))
    rows = models.BigIntegerField(_("줄 수"))
    digest = models.CharField(_("요약값"), max_length=64)
    at = models.DateTimeField(_("시각"), auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = _("이력 사슬")
        ordering = ["table", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["table", "last_id", "seen_id"], name="chain_link_once")
        ]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.table} … {self.last_id}"

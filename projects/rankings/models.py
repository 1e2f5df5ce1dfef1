from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.audit.models import APPEND_ONLY, NOT_EMPTIED
from portal.companies.models import Company
from projects.applications.models import Application
from projects.models import Call, Project
from projects.rankings.states import RankListState, RefusalCode

LIVE = (RankListState.CERTIFIED, RankListState.SEALED)


class Interest(models.Model):
    """관심 프로젝트: an unordered mark that the company can see."""

    application = models.ForeignKey(
        Application, models.CASCADE, related_name="marks", verbose_name=_("참여 신청")
    )
    project = models.ForeignKey(Project, models.CASCADE, related_name="marks", verbose_name=_("프로젝트"))
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = _("관심 프로젝트")
        constraints = [models.UniqueConstraint(fields=["application", "project"], name="interest_once")]

    def __str__(self) -> str:
        return f"{self.application_id} ♡ {self.project_id}"


class RankListQuerySet(models.QuerySet["RankList"]):
    def visible_to(self, user: Any) -> "RankListQuerySet":
        """Choices are their owner's only: not even the office reads a trainee's list here."""
        return self.filter(
            Q(application__trainee__user=user) | Q(company__in=Company.objects.filter(members__user=user))
        )

    def binding(self) -> "RankListQuerySet":
        """The versions that count: the last certified one of each owner, or the sealed one."""
        return self.filter(state__in=LIVE)

    def working(self) -> "RankListQuerySet":
        """What owners see and change, newest first: the draft, else the binding version."""
        return self.filter(state__in=[RankListState.DRAFT, *LIVE]).order_by("-version")

    def newest_of_companies(self) -> "RankListQuerySet":
        """The working version of each company in each call."""
        return self.working().order_by("call_id", "company_id", "-version").distinct("call_id", "company_id")

    def listed_by(self, user: Any) -> frozenset[int]:
        """Ids of the projects on the user's own lists as they are now, in one query."""
        own = self.filter(application__trainee__user=user).working()
        newest = own.order_by("application_id", "-version").distinct("application_id")
        items = RankItem.objects.filter(rank_list__in=newest.values("pk"))
        return frozenset(items.values_list("project_id", flat=True))


class RankList(models.Model):
    """One version of what one side wants in one call: a trainee's order, or a company's scores.

    At most one draft and one binding version per owner. Once certified nothing in it changes (the database
    refuses), so every version is kept as it was.
    """

    call = models.ForeignKey(Call, models.PROTECT, related_name="rank_lists", verbose_name=_("공고"))
    application = models.ForeignKey(
        Application,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rank_lists",
        verbose_name=_("참여 신청"),
    )
    company = models.ForeignKey(
        Company, models.PROTECT, null=True, blank=True, related_name="rank_lists", verbose_name=_("회사")
    )
    version = models.PositiveSmallIntegerField(_("판"))
    state = models.CharField(_("상태"), max_length=10, choices=RankListState, default=RankListState.DRAFT)
    revision = models.PositiveIntegerField(_("고친 횟수"), default=0)
    certified_at = models.DateTimeField(_("제출 시각"), null=True, blank=True)
    nonce = models.CharField(max_length=32, blank=True)
    receipt = models.CharField(_("제출확인서"), max_length=64, blank=True)
    updated_at = models.DateTimeField(_("고친 시각"), auto_now=True)

    objects = RankListQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("희망순위표")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="rank_list_one_owner",
                condition=Q(application__isnull=False, company=None)
                | Q(application=None, company__isnull=False),
            ),
            models.UniqueConstraint(fields=["application", "version"], name="rank_list_trainee_version"),
            models.UniqueConstraint(fields=["call", "company", "version"], name="rank_list_company_version"),
            models.UniqueConstraint(
                fields=["application"], condition=Q(state="draft"), name="rank_list_trainee_one_draft"
            ),
            models.UniqueConstraint(
                fields=["call", "company"], condition=Q(state="draft"), name="rank_list_company_one_draft"
            ),
            models.UniqueConstraint(
                fields=["application"], condition=Q(state__in=LIVE), name="rank_list_trainee_one_binding"
            ),
            models.UniqueConstraint(
                fields=["call", "company"], condition=Q(state__in=LIVE), name="rank_list_company_one_binding"
            ),
            models.CheckConstraint(
                name="rank_list_certified_has_receipt",
                condition=Q(state__in=["draft", "void"]) | Q(certified_at__isnull=False) & ~Q(receipt=""),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__certified_at__isnull=False),
            ),
            pgtrigger.Protect(
                name="receipt_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__certified_at__isnull=False)
                & (
                    pgtrigger.Q(new__receipt__df=pgtrigger.F("old__receipt"))
                    | pgtrigger.Q(new__certified_at__df=pgtrigger.F("old__certified_at"))
                    | pgtrigger.Q(new__nonce__df=pgtrigger.F("old__nonce"))
                ),
            ),
            NOT_EMPTIED,
        ]

    def __str__(self) -> str:
        return f"{self.call_id} v{self.version} {self.state}"

    @property
    def reference(self) -> str:
        """What a person reads out on the telephone."""
        return f"R-{self.call_id:02d}-{self.pk:05d}"


_FROZEN_ITEMS = """
    IF EXISTS (
        SELECT 1 FROM rankings_ranklist
        WHERE id = COALESCE(NEW.rank_list_id, OLD.rank_list_id) AND certified_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'rank list % is certified: its items are kept as they were', COALESCE(NEW.rank_list_id, OLD.rank_list_id);
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; ELSE RETURN NEW; END IF;
"""


class RankItemQuerySet(models.QuerySet["RankItem"]):
    def wishes(self, call: Call) -> dict[int, list[int]]:
        """Application id -> project ids best first, from the binding lists of a call."""
        lists = RankList.objects.binding().filter(call=call, application__isnull=False)
        items = self.filter(rank_list__in=lists).order_by("application", "position")
        found: dict[int, list[int]] = {}
        for application, project in items.values_list("application_id", "project_id").iterator(
            chunk_size=10_000
        ):
            found.setdefault(application, []).append(project)
        return found


class RankItem(models.Model):
    """One line: a trainee's wish (``position``), or a company's ``score`` or ``refusal`` of a candidate for a project."""

    rank_list = models.ForeignKey(RankList, models.CASCADE, related_name="items")
    project = models.ForeignKey(
        Project, models.PROTECT, related_name="rank_items", verbose_name=_("프로젝트")
    )
    application = models.ForeignKey(
        Application, models.PROTECT, related_name="rank_items", verbose_name=_("지원자")
    )
    position = models.PositiveSmallIntegerField(_("희망순위"), null=True, blank=True)
    score = models.DecimalField(_("평가 점수"), max_digits=5, decimal_places=2, null=True, blank=True)
    refusal = models.CharField(_("받을 수 없는 이유"), max_length=10, choices=RefusalCode, blank=True)

    objects = RankItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("희망순위")
        ordering = ["rank_list", "position", "-score", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["rank_list", "project", "application"], name="rank_item_once"),
            models.UniqueConstraint(
                fields=["rank_list", "position"],
                name="rank_item_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                name="rank_item_says_one_thing",
                condition=Q(position__isnull=False, score=None, refusal="")
                | Q(position=None, score__isnull=False, refusal="")
                | Q(position=None, score=None) & ~Q(refusal=""),
            ),
            models.CheckConstraint(
                name="rank_item_score_in_range", condition=Q(score=None) | Q(score__gte=0, score__lte=100)
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="frozen_items",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=_FROZEN_ITEMS,
            ),
            NOT_EMPTIED,
        ]

    def __str__(self) -> str:
        return f"{self.rank_list_id}: {self.project_id}"

    @property
    def judgement(self) -> str:
        """A company's word on a candidate as a form carries it: points, or the code of a refusal."""
        return self.refusal or ("" if self.score is None else f"{self.score.normalize():f}")


class SealingQuerySet(models.QuerySet["Sealing"]):
    def visible_to(self, user: Any) -> "SealingQuerySet":
        """Everybody's: a root says nothing of any list."""
        return self.filter(call__in=Call.objects.visible_to(user))


class Sealing(models.Model):
    """The moment a call's lists were closed, and the root over the receipts of all that were sealed then."""

    call = models.OneToOneField(Call, models.PROTECT, related_name="sealing", verbose_name=_("공고"))
    root = models.CharField(_("제출확인서 뿌리값"), max_length=64)
    count = models.PositiveIntegerField(_("제출확인서 수"))
    sealed_at = models.DateTimeField(_("봉인 시각"))

    objects = SealingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("봉인")
        ordering = ["-pk"]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.call_id} {self.root[:16]}"

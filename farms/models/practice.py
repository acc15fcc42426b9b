"""What was grown and done on a field in a season, and the evidence of it."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from aggregator.models import Household, User
from aggregator.tenancy import BEGINS, TenantModel, TenantQuerySet
from farms.models.field import Field


class Practice(models.TextChoices):
    """The practices of DOMAIN: the codes files and methodologies speak of."""

    NO_TILL = "no_till", _("no-till")
    REDUCED_TILL = "reduced_till", _("reduced till")
    STRAW_RETURN = "straw_return", _("straw return")
    ORGANIC_FERTILISER = "organic_fertiliser", _("organic fertiliser")
    SOIL_TEST_FERTILISING = "soil_test_fertilising", _("soil-test fertilising")
    INTERMITTENT_IRRIGATION = "intermittent_irrigation", _("intermittent irrigation")
    FALLOW = "fallow", _("fallow rotation")
    GRASS = "grass", _("grass planting")
    # Earns nothing; recorded so that the crop of the season is known.
    CONVENTIONAL = "conventional", _("ordinary tillage")


def practice_name(code: str) -> str:
    """The practice in words; a code that nobody knows stays as it is."""
    return str(Practice(code).label) if code in Practice else code


class Season(TenantModel):
    """A growing season of a cooperative, with both days inclusive."""

    code = models.CharField(_("code"), max_length=16)
    name = models.CharField(_("name"), max_length=100, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))

    class Meta:
        ordering = ["cooperative", "starts_on"]
        verbose_name = _("season")
        verbose_name_plural = _("seasons")
        constraints = [
            models.UniqueConstraint(fields=["cooperative", "code"], name="season_code_unique"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="season_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class PracticeRecordQuerySet(TenantQuerySet):
    def confirmed(self) -> Self:
        return self.filter(status=PracticeRecord.Status.CONFIRMED)


class PracticeRecord(TenantModel):
    """One practice on one field in one season; the evidence hangs on it.

    What a farmer reports counts only once a clerk has confirmed it. A record is not deleted but
    withdrawn, with the reason in `decision_note`.
    """

    class Status(models.TextChoices):
        REPORTED = "reported", _("waiting for confirmation")
        CONFIRMED = "confirmed", _("confirmed")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    field = models.ForeignKey(
        Field, models.CASCADE, related_name="practice_records", verbose_name=_("field")
    )
    season = models.ForeignKey(
        Season, models.PROTECT, related_name="practice_records", verbose_name=_("season")
    )
    # No `choices` on the column: a new practice must not be a migration.
    practice = models.CharField(_("practice"), max_length=32)
    crop = models.CharField(_("crop"), max_length=64, blank=True)
    irrigated = models.BooleanField(_("irrigated"), default=False)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.CONFIRMED)
    reported_by = models.ForeignKey(
        Household,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        verbose_name=_("reported by"),
    )
    reported_at = models.DateTimeField(_("reported at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decision_note = models.CharField(_("reason"), max_length=200, blank=True)

    objects = PracticeRecordQuerySet.as_manager()

    class Meta:
        ordering = ["season", "field", "practice"]
        verbose_name = _("practice record")
        verbose_name_plural = _("practice records")
        constraints = [
            models.UniqueConstraint(
                fields=["field", "season", "practice"], name="practice_record_unique"
            ),
        ]
        indexes = [
            models.Index(
                fields=["cooperative", "reported_at"],
                condition=Q(status="reported"),
                name="practice_record_queue",
            ),
            models.Index(fields=["cooperative", "done_on", "id"], name="practice_record_by_day"),
            models.Index(
                fields=["cooperative", "practice", "field"], name="practice_record_by_kind"
            ),
            models.Index(
                fields=["cooperative", "crop"], name="practice_crop_begins", opclasses=BEGINS
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.season} {self.practice_label}"

    @property
    def practice_label(self) -> str:
        return practice_name(self.practice)


class Evidence(TenantModel):
    """A file that shows a practice took place, held with its SHA-256.

    The original is never changed; `view` is a reduced copy of a picture for the screen.
    """

    class Kind(models.TextChoices):
        PHOTO = "photo", _("photo")
        INVOICE = "invoice", _("invoice")
        MACHINE_LOG = "machine_log", _("machine log")
        OTHER = "other", _("other")

    class Suspicion(models.TextChoices):
        NONE = "", _("none")
        MILD = "mild", _("mild")
        GRAVE = "grave", _("grave")

    record = models.ForeignKey(
        PracticeRecord,
        models.CASCADE,
        related_name="evidence",
        verbose_name=_("practice record"),
    )
    file_name = models.CharField(_("file"), max_length=200)
    file = models.FileField(_("file"), upload_to="evidence/%Y/")
    sha256 = models.CharField("SHA-256", max_length=64)
    added_at = models.DateTimeField(_("added at"), auto_now_add=True)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind, default=Kind.OTHER)
    view = models.FileField(_("reduced picture"), upload_to="evidence/", blank=True)
    taken_at = models.DateTimeField(_("taken at"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    # Codes of what does not fit, as `evidence_checks` names them.
    doubts = models.JSONField(_("doubts"), default=list, blank=True)
    # What the doubts weigh together, for the index: few are grave, and they are looked for often.
    suspicion = models.CharField(_("suspicion"), max_length=8, choices=Suspicion, blank=True)
    # False until it has been looked into: then place, time, doubts and view are what they are.
    examined = models.BooleanField(_("examined"), default=False)

    class Meta:
        ordering = ["record", "pk"]
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = [
            models.UniqueConstraint(fields=["record", "sha256"], name="evidence_unique"),
        ]
        indexes = [
            models.Index(fields=["cooperative", "sha256"], name="evidence_by_hash"),
            models.Index(fields=["cooperative", "added_at", "id"], name="evidence_by_time"),
            models.Index(fields=["id"], condition=Q(examined=False), name="evidence_unexamined"),
            models.Index(fields=["cooperative", "suspicion", "record"], name="evidence_doubted"),
            models.Index(
                fields=["cooperative", "file_name"],
                name="evidence_name_begins",
                opclasses=BEGINS,
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

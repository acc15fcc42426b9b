"""The independent look: a drawn sample and what was found."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from aggregator.tenancy import TenantModel
from credits.models.monitoring import FieldResult, MonitoringPeriod, QuantificationRun


class Verification(TenantModel):
    """A body's verification of a period's run. The population's hash is fixed before the seed."""

    class Status(models.TextChoices):
        PREPARED = "prepared", _("population published")
        DRAWN = "drawn", _("sample drawn")
        POSITIVE = "positive", _("positive opinion")
        NEGATIVE = "negative", _("negative opinion")

    class Correction(models.TextChoices):
        VOID = "void", _("void the deviating fields only")
        EXTRAPOLATE = "extrapolate", _("extrapolate to the fields not sampled")

    period = models.ForeignKey(
        MonitoringPeriod,
        models.PROTECT,
        related_name="verifications",
        verbose_name=_("period"),
    )
    run = models.ForeignKey(
        QuantificationRun, models.PROTECT, related_name="verifications", verbose_name=_("run")
    )
    body = models.CharField(_("verification body"), max_length=100)
    population_sha256 = models.CharField(_("population's SHA-256"), max_length=64)
    population_size = models.PositiveIntegerField(_("population"))
    # The list as anyone may fetch it, under an address that nobody can guess.
    public_code = models.CharField(_("public code"), max_length=32, blank=True, editable=False)
    list_sha256 = models.CharField(_("published list's SHA-256"), max_length=64, blank=True)
    rule = models.JSONField(_("rule of the sample"), default=dict, blank=True)
    seed = models.CharField(_("published seed"), max_length=200, blank=True)
    # Every step in its order, rejected draws too: pairs of place and fate.
    steps = models.JSONField(_("steps of the draw"), default=list, blank=True)
    sample_size = models.PositiveIntegerField(_("sample size"), default=0)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PREPARED)
    opinion = models.TextField(_("opinion"), blank=True)
    correction = models.CharField(
        _("correction"), max_length=12, choices=Correction, default=Correction.VOID
    )
    # The overstatement by which the positive opinion corrected, as an exact fraction.
    overstatement = models.CharField(_("overstatement"), max_length=200, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("closed by"),
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        ordering = ["period", "-pk"]
        verbose_name = _("verification")
        verbose_name_plural = _("verifications")
        constraints = [
            models.UniqueConstraint(
                fields=["period"],
                condition=~Q(status="negative"),
                name="verification_one_live",
            ),
            models.UniqueConstraint(
                fields=["public_code"],
                condition=~Q(public_code=""),
                name="verification_public_code_unique",
            ),
            models.CheckConstraint(
                condition=Q(sample_size__lte=F("population_size")),
                name="verification_sample_fits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.body}"


class PopulationList(TenantModel):
    """The list a sample is drawn from as it was published, packed; never changed.

    Its fields are named by place and by a hash that takes `salt` to make, so that the list can be
    shown to anyone, and the verifier can prove which field stands at a place.
    """

    verification = models.OneToOneField(
        Verification,
        models.PROTECT,
        related_name="population_list",
        verbose_name=_("verification"),
    )
    salt = models.CharField(_("salt"), max_length=64)
    content = models.BinaryField(_("list"))

    class Meta:
        ordering = ["verification"]
        verbose_name = _("published list")
        verbose_name_plural = _("published lists")

    def __str__(self) -> str:
        return str(self.verification)


class SampledField(TenantModel):
    """A field drawn for a visit, in the order of the draw, and the verifier's finding."""

    class Finding(models.TextChoices):
        PENDING = "pending", _("not yet visited")
        CONFORMS = "conforms", _("conforms")
        DEVIATES = "deviates", _("deviates")

    class Chosen(models.TextChoices):
        DRAWN = "drawn", _("drawn")
        OUTLIER = "outlier", _("outlier")
        CERTAIN = "certain", _("certain by its size")

    verification = models.ForeignKey(
        Verification, models.CASCADE, related_name="sample", verbose_name=_("verification")
    )
    result = models.ForeignKey(
        FieldResult, models.PROTECT, related_name="+", verbose_name=_("field result")
    )
    position = models.PositiveIntegerField(_("order of draw"))
    place = models.PositiveIntegerField(_("place in the list"), null=True, blank=True)
    chosen = models.CharField(_("chosen"), max_length=10, choices=Chosen, default=Chosen.DRAWN)
    finding = models.CharField(
        _("finding"), max_length=10, choices=Finding, default=Finding.PENDING
    )
    # Empty: all that a deviating field claims.
    overclaimed_kg = models.BigIntegerField(_("claimed too much (kg)"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    recorded_at = models.DateTimeField(_("recorded at"), null=True, blank=True)

    class Meta:
        ordering = ["verification", "position"]
        verbose_name = _("sampled field")
        verbose_name_plural = _("sampled fields")
        constraints = [
            models.UniqueConstraint(
                fields=["verification", "position"], name="sample_position_unique"
            ),
            models.UniqueConstraint(fields=["verification", "result"], name="sample_field_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.result.field}"

"""What a verifier saw on the fields of a sample: every entry, and the pictures taken there."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from aggregator.tenancy import TenantModel
from credits.models.verification import SampledField


class FindingEntry(TenantModel):
    """A finding as it was written down; another one is a row more, and none is ever changed."""

    sampled_field = models.ForeignKey(
        SampledField, models.PROTECT, related_name="entries", verbose_name=_("sampled field")
    )
    finding = models.CharField(_("finding"), max_length=10, choices=SampledField.Finding)
    overclaimed_kg = models.BigIntegerField(_("claimed too much (kg)"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(_("recorded at"), auto_now_add=True)

    class Meta:
        ordering = ["sampled_field", "pk"]
        verbose_name = _("finding")
        verbose_name_plural = _("findings")

    def __str__(self) -> str:
        return f"{self.sampled_field}: {self.get_finding_display()}"


class FindingPhoto(TenantModel):
    """A picture of a sampled field by its verifier, with its SHA-256; never changed."""

    sampled_field = models.ForeignKey(
        SampledField, models.PROTECT, related_name="photos", verbose_name=_("sampled field")
    )
    file_name = models.CharField(_("file"), max_length=200)
    file = models.FileField(_("file"), upload_to="findings/")
    view = models.FileField(_("reduced picture"), upload_to="findings/")
    sha256 = models.CharField("SHA-256", max_length=64)
    taken_at = models.DateTimeField(_("taken at"), null=True, blank=True)
    # Six decimals of a degree, a decimetre; no more than a phone knows.
    longitude = models.DecimalField(
        _("longitude"), max_digits=9, decimal_places=6, null=True, blank=True
    )
    latitude = models.DecimalField(
        _("latitude"), max_digits=8, decimal_places=6, null=True, blank=True
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added at"), auto_now_add=True)

    class Meta:
        ordering = ["sampled_field", "pk"]
        verbose_name = _("picture of a finding")
        verbose_name_plural = _("pictures of findings")
        constraints = [
            models.UniqueConstraint(
                fields=["sampled_field", "sha256"], name="finding_photo_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

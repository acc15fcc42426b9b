"""What households sign: the wording of each program, and each household's signed copy."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from aggregator.models.cooperative import User
from aggregator.models.household import Household, Person
from aggregator.names import local_name
from aggregator.tenancy import TenantModel, TenantQuerySet

# So long before an agreement ends the household is asked to renew it.
RENEWAL_DAYS = 90


class AgreementTemplate(TenantModel):
    """One version of a cooperative's wording for a program; never edited, only followed by a next.

    Bodies are paragraphs of plain text with ``{places}`` that the household's own data fills.
    """

    # The id of a program in the registry of the floor above; not `choices`.
    program = models.CharField(_("program"), max_length=32)
    version = models.PositiveIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=100)
    title_en = models.CharField(_("English title"), max_length=100)
    body = models.TextField(_("text"))
    body_en = models.TextField(_("English text"))
    recorded_at = models.DateTimeField(_("recorded at"), auto_now_add=True)
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )

    class Meta:
        ordering = ["cooperative", "program", "-version"]
        verbose_name = _("agreement template")
        verbose_name_plural = _("agreement templates")
        constraints = [
            models.UniqueConstraint(
                fields=["cooperative", "program", "version"], name="agreement_template_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{local_name(self, 'title')} v{self.version}"


class AgreementQuerySet(TenantQuerySet):
    """States are read from the days; none is stored."""

    def drafts(self) -> Self:
        return self.filter(signed_on__isnull=True)

    def signed(self) -> Self:
        return self.filter(signed_on__isnull=False)

    def valid_on(self, day: date) -> Self:
        """Signed by that day, begun, and neither over nor revoked."""
        return (
            self.filter(signed_on__lte=day, starts_on__lte=day, ends_on__gte=day)
            .filter(Q(revoked_on__isnull=True) | Q(revoked_on__gt=day))
            .distinct()
        )

    def running_out(self, day: date) -> Self:
        """Valid on the day, ending soon, and not followed by a signed renewal."""
        followed = Agreement.objects.signed().filter(renews__isnull=False).values("renews")
        soon = day + timedelta(days=RENEWAL_DAYS)
        return self.valid_on(day).filter(ends_on__lte=soon).exclude(pk__in=followed)


class Agreement(TenantModel):
    """A household's consent to pool the carbon of its fields for a term 碳汇委托协议.

    A draft until `signed_on`; from then on only its revocation and its scan are written. `text` is
    what was signed, frozen; the PDF is rendered from it and nothing else.
    """

    class SignedHow(models.TextChoices):
        PAPER = "paper", _("on paper")
        PHONE = "phone", _("on the phone")

    class State(models.TextChoices):
        DRAFT = "draft", _("waiting to be signed")
        AHEAD = "ahead", _("signed, begins later")
        VALID = "valid", _("in force")
        RUNNING_OUT = "running_out", _("runs out soon")
        OVER = "over", _("over")
        REVOKED = "revoked", _("revoked")

    household = models.ForeignKey(
        Household, models.CASCADE, related_name="agreements", verbose_name=_("household")
    )
    code = models.CharField(_("agreement number"), max_length=32)
    program = models.CharField(_("program"), max_length=32, blank=True)
    template = models.ForeignKey(
        AgreementTemplate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="agreements",
        verbose_name=_("template"),
    )
    # Else the fields are named one by one, on the floor above.
    whole_holding = models.BooleanField(
        _("all fields"), default=True, help_text=_("Covers every field the household holds.")
    )
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    signed_how = models.CharField(_("signed"), max_length=8, choices=SignedHow, blank=True)
    signed_by = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="agreements",
        verbose_name=_("signed by"),
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    revoked_on = models.DateField(_("revoked on"), null=True, blank=True)
    revoked_why = models.CharField(_("why revoked"), max_length=200, blank=True)
    renews = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="renewals",
        verbose_name=_("renews"),
    )
    text = models.JSONField(_("what was signed"), default=dict, blank=True)
    text_sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    scan = models.FileField(_("scan"), upload_to="agreements/", blank=True)
    scan_sha256 = models.CharField(_("scan's SHA-256"), max_length=64, blank=True)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        ordering = ["household", "starts_on"]
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        constraints = [
            models.UniqueConstraint(fields=["cooperative", "code"], name="agreement_code_unique"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="agreement_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def state_on(self, day: date) -> Agreement.State:
        """Where the agreement stands on a day."""
        if self.signed_on is None:
            return self.State.DRAFT
        if self.revoked_on is not None and self.revoked_on <= day:
            return self.State.REVOKED
        if day < self.starts_on:
            return self.State.AHEAD
        if self.ends_on < day:
            return self.State.OVER
        soon = self.ends_on <= day + timedelta(days=RENEWAL_DAYS)
        return self.State.RUNNING_OUT if soon else self.State.VALID

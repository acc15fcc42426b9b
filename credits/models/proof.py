"""What the last check of a cooperative's credits found."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator.tenancy import TenantModel


class CreditsProof(TenantModel):
    """The newest check of a cooperative's credits: written anew by each, one row for each.

    `findings` holds a JSON object for each thing that is wrong: where, which code with its values,
    and since when it has been found.
    """

    checked_at = models.DateTimeField(_("checked at"), default=timezone.now)
    findings = models.JSONField(_("findings"), default=list)

    class Meta:
        ordering = ["cooperative"]
        verbose_name = _("proof of the credits")
        verbose_name_plural = _("proofs of the credits")
        constraints = [
            models.UniqueConstraint(fields=["cooperative"], name="credits_proof_once"),
        ]

    def __str__(self) -> str:
        return f"{self.cooperative} {self.checked_at:%Y-%m-%d}"

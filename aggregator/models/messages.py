"""Messages to members, and the one-time codes that let them in."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from aggregator.encryption import EncryptedTextField, mask_number
from aggregator.models.household import Household
from aggregator.tenancy import TenantModel


class OneTimeCode(TenantModel):
    """A sign-in code sent to a household's phone: kept as a hash, short-lived, few tries."""

    household = models.ForeignKey(Household, models.CASCADE, related_name="one_time_codes")
    code_hash = models.CharField(max_length=64)
    sent_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-sent_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.household} {self.sent_at:%Y-%m-%d %H:%M}"


class OutboxMessage(TenantModel):
    """A text message as the development gateway would have sent it; staff read it in the admin."""

    household = models.ForeignKey(
        Household,
        models.CASCADE,
        null=True,
        related_name="messages",
        verbose_name=_("household"),
    )
    phone = EncryptedTextField(_("phone"))
    text = EncryptedTextField(_("text"))
    sent_at = models.DateTimeField(_("sent at"), auto_now_add=True)

    class Meta:
        ordering = ["-sent_at", "-pk"]
        verbose_name = _("message")
        verbose_name_plural = _("outbox")

    def __str__(self) -> str:
        return f"{mask_number(self.phone)} {self.sent_at:%Y-%m-%d %H:%M}"

"""Messages to members, and the one-time codes that let them in."""

from django.db import models
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from aggregator.encryption import EncryptedTextField, mask_number
from aggregator.models.household import Household
from aggregator.tenancy import TenantModel


class OneTimeCode(models.Model):
    """A sign-in code asked for by a phone: hashes only, short-lived, few tries.

    Belongs to a phone, not to a cooperative: one phone may serve households of two. A row is
    written for a number nobody has, too, so that both kinds of number are treated alike.
    """

    phone_hash = models.CharField(max_length=64)
    address_hash = models.CharField(max_length=64)
    code_hash = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-sent_at", "-pk"]
        indexes = [models.Index(fields=["sent_at"], name="one_time_code_sent_at")]

    def __str__(self) -> str:
        return f"{self.pk} {self.sent_at:%Y-%m-%d %H:%M}"


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
        return f"{mask_number(self.phone)} {localtime(self.sent_at):%Y-%m-%d %H:%M}"

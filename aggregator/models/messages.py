"""Messages to members, and the one-time codes that let them in."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import localtime, now
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
    """A text message to a member, written in the transaction that is its cause; the queue to send.

    It waits until `next_try_at`: whoever sends it moves that ahead first, so that nobody else does.
    With the development gateway staff read it in the admin; other gateways erase what was sent.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("waits to be sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("not sent")

    household = models.ForeignKey(
        Household,
        models.CASCADE,
        null=True,
        related_name="messages",
        verbose_name=_("household"),
    )
    phone = EncryptedTextField(_("phone"))
    text = EncryptedTextField(_("text"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    written_at = models.DateTimeField(_("written at"), default=now)
    # A code that is good for minutes goes before the notices of an import, and not at all too late.
    expires_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=now)
    sent_at = models.DateTimeField(_("sent at"), null=True)

    class Meta:
        ordering = ["-written_at", "-pk"]
        verbose_name = _("message")
        verbose_name_plural = _("outbox")
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=Q(status="waiting"), name="outbox_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{mask_number(self.phone)} {localtime(self.written_at):%Y-%m-%d %H:%M}"

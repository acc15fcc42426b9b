"""A long list on its way to becoming a file."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from aggregator.encryption import EncryptedTextField


class ListFile(models.Model):
    """A list too long to wait for, asked for as a file; the row is the queue.

    Belongs to the person who asked and to nobody else; gone after a day. `query` is the list's
    address, in which a personal number may have been searched for.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        WRITING = "writing", _("being written")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("asked by")
    )
    # ``farms.field``: the model whose list it is.
    list_name = models.CharField(max_length=100)
    file_format = models.CharField(max_length=16)
    query = EncryptedTextField(blank=True)
    language = models.CharField(max_length=16)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    rows_written = models.PositiveIntegerField(default=0)
    file = models.FileField(upload_to="list-files/", blank=True)
    asked_at = models.DateTimeField(_("asked at"), auto_now_add=True)
    # The last sign of life of the worker that writes it.
    alive_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("list as a file")
        verbose_name_plural = _("lists as files")

    def __str__(self) -> str:
        return f"{self.list_name} {self.file_format} {self.asked_at:%Y-%m-%d %H:%M}"

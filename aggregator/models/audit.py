"""What was done by whom, and what was brought in from files; both only ever grow."""

from django.conf import settings
from django.db import models
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from aggregator.tenancy import BEGINS, TenantModel


class AuditEvent(TenantModel):
    """One decision or reveal; never edited, never deleted. Holds no personal number."""

    at = models.DateTimeField(_("at"), auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
        help_text=_("Empty for the scheduler."),
    )
    action = models.CharField(_("action"), max_length=64)
    object_type = models.CharField(_("kind"), max_length=64)
    object_id = models.CharField(_("number"), max_length=64)
    details = models.JSONField(_("details"), default=dict)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["cooperative", "at", "id"], name="event_at"),
            models.Index(fields=["cooperative", "action"], name="event_action"),
            models.Index(fields=["cooperative", "object_type"], name="event_kind"),
            # What is typed into the search box stands at the beginning.
            models.Index(
                fields=["cooperative", "action"], name="event_action_begins", opclasses=BEGINS
            ),
            models.Index(
                fields=["cooperative", "object_id"], name="event_object_begins", opclasses=BEGINS
            ),
        ]
        verbose_name = _("audit event")
        verbose_name_plural = _("audit log")

    def __str__(self) -> str:
        return f"{localtime(self.at):%Y-%m-%d %H:%M}"


class ImportRun(TenantModel):
    """One file brought in, clean or refused, with the counts and the first errors shown then."""

    class Status(models.TextChoices):
        IMPORTED = "imported", _("imported")
        CHECKED = "checked", _("checked only")
        REFUSED = "refused", _("refused")

    kind = models.CharField(_("kind"), max_length=20)
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    status = models.CharField(_("status"), max_length=10, choices=Status)
    counts = models.JSONField(_("counts"), default=dict)
    errors = models.JSONField(_("errors"), default=list)
    notes = models.JSONField(_("notes"), default=list)
    at = models.DateTimeField(_("at"), auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    # That of the changes it wrote; none where nothing was written.
    change_set = models.BigIntegerField(_("written together"), null=True, editable=False)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return self.file_name

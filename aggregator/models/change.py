"""What was written to every record, by whom, from what to what; the triggers' own lines."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from aggregator.models.cooperative import Cooperative
from aggregator.models.household import Household
from aggregator.tenancy import TenantModel


class RecordChange(TenantModel):
    """One row added, changed or removed; written by a trigger, never edited, never deleted.

    `before` and `after` hold the columns that differ, by name; of a personal number only that it
    is there. Keys have no constraint in the database: the triggers copy them from rows that were
    checked, and the line must outlive the row.
    """

    class Action(models.TextChoices):
        ADDED = "added", _("added")
        CHANGED = "changed", _("changed")
        REMOVED = "removed", _("removed")

    cooperative = models.ForeignKey(
        Cooperative,
        models.PROTECT,
        related_name="+",
        verbose_name=_("cooperative"),
        db_constraint=False,
        db_index=False,
    )
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("who"),
        db_constraint=False,
        db_index=False,
    )
    household = models.ForeignKey(
        Household,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        verbose_name=_("household"),
        db_constraint=False,
        db_index=False,
        help_text=_("The member who did it on the phone."),
    )
    # Where it was done: the address's part (admin, api, portal), the command's or the task's name.
    via = models.CharField(_("where"), max_length=64, blank=True)
    # Microseconds since 1970 at which its transaction began: what was written in one go.
    change_set = models.BigIntegerField(_("written together"))
    action = models.CharField(_("what"), max_length=8, choices=Action)
    object_type = models.CharField(_("kind"), max_length=64)
    object_id = models.BigIntegerField(_("number"))
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("change of a record")
        verbose_name_plural = _("changes of records")
        indexes = [
            models.Index(fields=["object_type", "object_id"], name="change_object"),
            models.Index(fields=["cooperative", "at"], name="change_at"),
            # Has all that makes a group: lines are gathered without being read.
            models.Index(
                fields=[
                    *("cooperative", "change_set", "object_type", "action"),
                    *("by", "household", "id"),
                ],
                name="change_group",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.at:%Y-%m-%d %H:%M}"

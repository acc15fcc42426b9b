"""What the map keeps ready: every village's plots, counted by the words of a legend."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from aggregator.models import Village
from aggregator.tenancy import TenantModel
from farms.models.practice import Season


class LandTouch(TenantModel):
    """How often a village's land was written to; triggers write it, with the change itself.

    Rows of a village are added up. Their sum only grows, whichever of two writers ends first, so
    two equal sums mean that nothing was written in between.
    """

    village = models.ForeignKey(
        Village, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    times = models.BigIntegerField(default=1)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("change of a village's land")
        verbose_name_plural = _("changes of villages' land")
        indexes = [
            models.Index(fields=["cooperative", "village", "times"], name="land_touch_sum"),
            # For the triggers of SQLite, which add to the one row of a village.
            models.Index(fields=["village"], name="land_touch_village"),
        ]

    def __str__(self) -> str:
        return f"{self.village_id} {self.times}"


class LandCount(TenantModel):
    """A village's plots counted by one way to colour; derived, and counted afresh by the worker.

    It holds as long as `touches` is what the village's touches add up to.
    """

    village = models.ForeignKey(Village, models.CASCADE, related_name="+")
    # The name of a way to colour, as the map's legends register it.
    colouring = models.CharField(max_length=40)
    season = models.ForeignKey(Season, models.CASCADE, null=True, related_name="+")
    touches = models.BigIntegerField()
    # n, at, box and shades, as the map's script takes them.
    told = models.JSONField()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("count of a village's land")
        verbose_name_plural = _("counts of villages' land")
        indexes = [
            models.Index(fields=["cooperative", "colouring", "season"], name="land_count_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.village_id} {self.colouring}"

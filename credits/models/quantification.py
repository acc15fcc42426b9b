"""Counts that a worker does: the job that waits for one, and the stretches it has done."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aggregator.models import User
from aggregator.tenancy import TenantModel
from credits.models.monitoring import MonitoringPeriod, QuantificationRun


class QuantificationJob(TenantModel):
    """A count that somebody asked for; its status is the queue, `alive_at` a worker's claim on it.

    A period has one at work at most. What a job that ended early has written stays as the
    period's draft: the next one goes on from there.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting for a worker")
        RUNNING = "running", _("being counted")
        DONE = "done", _("counted")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    class Purpose(models.TextChoices):
        CLOSE = "close", _("close and count")
        PREVIEW = "preview", _("count only")

    AT_WORK = (Status.PENDING, Status.RUNNING)

    period = models.ForeignKey(
        MonitoringPeriod, models.PROTECT, related_name="jobs", verbose_name=_("period")
    )
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked at"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    # In which a refusal is told to whoever asked.
    language = models.CharField(max_length=10)
    reason = models.TextField(_("reason"), blank=True)
    fields_done = models.PositiveIntegerField(_("fields counted"), default=0)
    fields_total = models.PositiveIntegerField(_("fields in all"), default=0)
    # 2 and more: records changed meanwhile, and what they touch is counted again.
    turn = models.PositiveSmallIntegerField(_("turn"), default=0)
    takes = models.PositiveSmallIntegerField(default=0)
    alive_at = models.DateTimeField(null=True)
    run = models.ForeignKey(
        QuantificationRun, models.PROTECT, null=True, related_name="+", verbose_name=_("run")
    )

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("count")
        verbose_name_plural = _("counts")
        constraints = [
            models.UniqueConstraint(
                fields=["period"],
                condition=Q(status__in=["pending", "running"]),
                name="period_one_job",
            ),
            models.CheckConstraint(
                condition=~Q(status="done") | Q(run__isnull=False), name="job_done_has_run"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.get_purpose_display()}"


class QuantificationChunk(TenantModel):
    """The fields of a draft after the chunk before, up to `last_code`, written in one transaction.

    `inputs_sha256` is the hash of what they were counted from: gathered again and found the same,
    the rows stand; else they are counted anew.
    """

    run = models.ForeignKey(
        QuantificationRun, models.CASCADE, related_name="chunks", verbose_name=_("run")
    )
    last_code = models.CharField(_("last field"), max_length=40)
    inputs_sha256 = models.CharField(_("inputs' SHA-256"), max_length=64)

    class Meta:
        ordering = ["run", "last_code"]
        verbose_name = _("stretch of a count")
        verbose_name_plural = _("stretches of a count")
        constraints = [
            models.UniqueConstraint(fields=["run", "last_code"], name="chunk_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} …{self.last_code}"

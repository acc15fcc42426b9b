"""The independent verifier's work: which projects are his, and what he asks to be corrected."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aggregator.tenancy import TenantModel
from credits.models.project import Project
from credits.models.verification import SampledField, Verification


class VerifierAssignment(TenantModel):
    """A verifier, of any cooperative or of none, may look at a project until `ended_at`."""

    project = models.ForeignKey(
        Project, models.CASCADE, related_name="assignments", verbose_name=_("project")
    )
    verifier = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="assignments",
        verbose_name=_("verifier"),
    )
    # Empty for those who were the cooperative's verifiers before projects were assigned.
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("assigned by"),
    )
    assigned_at = models.DateTimeField(_("assigned at"), auto_now_add=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ended by"),
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        ordering = ["project", "-pk"]
        verbose_name = _("verifier of a project")
        verbose_name_plural = _("verifiers of projects")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "verifier"],
                condition=Q(ended_at=None),
                name="assignment_once_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project}: {self.verifier}"


class CorrectiveAction(TenantModel):
    """What a verifier asks the cooperative to correct; a positive opinion waits until it is closed.

    Open or refused it waits for the cooperative, answered for the verifier.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        ANSWERED = "answered", _("answered")
        REJECTED = "rejected", _("answer refused")
        CLOSED = "closed", _("closed")

    verification = models.ForeignKey(
        Verification,
        models.PROTECT,
        related_name="corrective_actions",
        verbose_name=_("verification"),
    )
    number = models.PositiveIntegerField(_("number"))
    sampled_field = models.ForeignKey(
        SampledField,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="corrective_actions",
        verbose_name=_("sampled field"),
    )
    title = models.CharField(_("what is to be corrected"), max_length=100)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)

    class Meta:
        ordering = ["verification", "number"]
        verbose_name = _("corrective action request")
        verbose_name_plural = _("corrective action requests")
        constraints = [
            models.UniqueConstraint(
                fields=["verification", "number"], name="corrective_number_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"


class CorrectiveMessage(TenantModel):
    """One step of a corrective action in its author's words; never changed."""

    class Kind(models.TextChoices):
        RAISED = "raised", _("raised")
        ANSWERED = "answered", _("answered")
        REJECTED = "rejected", _("answer refused")
        CLOSED = "closed", _("answer accepted, closed")

    action = models.ForeignKey(
        CorrectiveAction,
        models.PROTECT,
        related_name="messages",
        verbose_name=_("corrective action request"),
    )
    kind = models.CharField(_("step"), max_length=10, choices=Kind)
    text = models.TextField(_("text"), blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        ordering = ["action", "pk"]
        verbose_name = _("step of a corrective action")
        verbose_name_plural = _("steps of corrective actions")

    def __str__(self) -> str:
        return f"{self.action}: {self.get_kind_display()}"


class CorrectiveFile(TenantModel):
    """A file that came with a step of a corrective action, with its SHA-256; never changed."""

    message = models.ForeignKey(
        CorrectiveMessage, models.PROTECT, related_name="files", verbose_name=_("step")
    )
    file_name = models.CharField(_("file"), max_length=200)
    file = models.FileField(_("file"), upload_to="corrections/")
    sha256 = models.CharField("SHA-256", max_length=64)

    class Meta:
        ordering = ["message", "pk"]
        verbose_name = _("file of a corrective action")
        verbose_name_plural = _("files of corrective actions")
        constraints = [
            models.UniqueConstraint(fields=["message", "sha256"], name="corrective_file_unique"),
        ]

    def __str__(self) -> str:
        return self.file_name

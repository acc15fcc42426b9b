"""Files on their way in: read, matched, checked, mended and only then written."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from aggregator.encryption import EncryptedTextField
from aggregator.models.audit import ImportRun
from aggregator.models.cooperative import User
from aggregator.tenancy import TenantModel


class Upload(TenantModel):
    """One file a clerk is bringing in, step by step; nothing of it is on record until written.

    The file itself is kept until its rows are read; `sha256` stays.
    """

    class Status(models.TextChoices):
        READING = "reading", _("being read")
        MATCHING = "matching", _("columns to be matched")
        CHECKING = "checking", _("being checked")
        CHECKED = "checked", _("checked")
        WRITING = "writing", _("being written")
        DONE = "done", _("brought in")
        REFUSED = "refused", _("refused")
        CANCELLED = "cancelled", _("cancelled")

    # What a worker has to do, and where a clerk may come back to.
    AT_WORK = (Status.READING, Status.CHECKING, Status.WRITING)
    OPEN = (*AT_WORK, Status.MATCHING, Status.CHECKED)

    kind = models.CharField(_("kind"), max_length=20)
    file_name = models.CharField(_("file"), max_length=200)
    file = models.FileField(_("file"), upload_to="uploads/", blank=True)
    evidence = models.FileField(_("evidence files"), upload_to="uploads/", blank=True)
    sha256 = models.CharField("SHA-256", max_length=64)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.READING)
    # What the file's columns are called, in its own order.
    headings = models.JSONField(_("headings"), default=list)
    # Our key -> the file's heading; our key -> one value for all rows; choices of the clerk.
    columns = models.JSONField(_("columns"), default=dict, blank=True)
    constants = models.JSONField(_("the same for all rows"), default=dict, blank=True)
    options = models.JSONField(_("choices"), default=dict, blank=True)
    # What was found out about the file as a whole (CRS, suspicion of an offset, ...).
    details = models.JSONField(_("details"), default=dict, blank=True)
    problems = models.JSONField(_("problems of the whole file"), default=list, blank=True)
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    progress_done = models.PositiveIntegerField(_("rows done"), default=0)
    progress_total = models.PositiveIntegerField(_("rows in all"), default=0)
    # A worker's sign of life: a job without one for a while is taken up again.
    alive_at = models.DateTimeField(null=True, blank=True)
    run = models.OneToOneField(
        ImportRun, models.PROTECT, null=True, blank=True, related_name="upload"
    )
    started_at = models.DateTimeField(_("started at"), auto_now_add=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))

    class Meta:
        ordering = ["-started_at", "-pk"]
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")

    def __str__(self) -> str:
        return self.file_name


class UploadRow(TenantModel):
    """One row or feature of an uploaded file with what is wrong with it and how it was mended.

    Cells may hold personal numbers, so both columns of text are encrypted JSON.
    """

    upload = models.ForeignKey(
        Upload, models.CASCADE, related_name="rows", verbose_name=_("upload")
    )
    number = models.PositiveIntegerField(_("row"))
    # {"texts": {heading: text}, "faults": {heading: why the cell cannot be read}} as the file says
    # it; {our key: text} as the clerk mended it.
    cells = EncryptedTextField(default="{}")
    mended = EncryptedTextField(blank=True)
    # WKB in the file's own coordinates, and the outline proposed in its place.
    shape = models.BinaryField(null=True)
    repaired_shape = models.BinaryField(null=True)
    # The box around the shape in longitude and latitude: what the map asks for.
    min_x = models.FloatField(null=True)
    min_y = models.FloatField(null=True)
    max_x = models.FloatField(null=True)
    max_y = models.FloatField(null=True)
    repair_accepted = models.BooleanField(_("repair accepted"), default=False)
    left_out = models.BooleanField(_("left out"), default=False)
    # [{level: error|warning, code, column, reason, text}]
    problems = models.JSONField(_("problems"), default=list)
    error_count = models.PositiveIntegerField(_("errors"), default=0)
    warning_count = models.PositiveIntegerField(_("warnings"), default=0)

    class Meta:
        ordering = ["upload", "number"]
        verbose_name = _("row of a file")
        verbose_name_plural = _("rows of a file")
        constraints = [
            models.UniqueConstraint(fields=["upload", "number"], name="upload_row_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.upload} {self.number}"


class ColumnMatch(TenantModel):
    """How a cooperative matched the columns of one layout of files, remembered for the next."""

    kind = models.CharField(_("kind"), max_length=20)
    layout_sha256 = models.CharField(max_length=64)
    columns = models.JSONField(_("columns"), default=dict)
    constants = models.JSONField(_("the same for all rows"), default=dict)
    used_at = models.DateTimeField(_("used at"), auto_now=True)

    class Meta:
        ordering = ["cooperative", "kind", "-used_at"]
        verbose_name = _("matched columns")
        verbose_name_plural = _("matched columns")
        constraints = [
            models.UniqueConstraint(
                fields=["cooperative", "kind", "layout_sha256"], name="column_match_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.layout_sha256[:8]}"

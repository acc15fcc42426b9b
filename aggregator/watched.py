"""Which tables have every change recorded, which columns are not, and why.

A tenant-owned model is watched unless it is named here with the reason; apps above by label.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models

from aggregator.encryption import EncryptedTextField
from aggregator.tenancy import TenantModel

# The tenant and its staff are no tenant's rows, yet their changes are somebody's.
ALSO_WATCHED = ("aggregator.Cooperative", "aggregator.User")

NOT_WATCHED = {
    "aggregator.AuditEvent": "the log of decisions; triggers refuse any change of it",
    "aggregator.RecordChange": "the record of changes itself; triggers refuse any change of it",
    "aggregator.UploadRow": "a file on its way in: nothing of it is on record until written",
    "credits.BlockEvent": "triggers refuse any change; the row says who and when",
    "credits.BlockLink": "triggers refuse any change; the moves of both blocks say who and when",
    "credits.CorrectiveMessage": "triggers refuse any change; the row says who and when",
    "credits.FindingEntry": "triggers refuse any change; the row says who and when",
    "credits.QuantificationChunk": "the worker's own place in a draft that nobody sees",
    "credits.CreditsProof": "worked out afresh by each check from blocks that are watched",
    "farms.GrainFlag": "worked out afresh from records that are watched",
    "farms.LandCount": "counted afresh by the worker from records that are watched",
    "farms.LandTouch": "what the triggers note of changes that are recorded themselves",
    "farms.Overlap": "worked out afresh by each scan from boundaries that are watched",
    "farms.OverlapScan": "the queue of the scans; the row says who asked and when",
    "payouts.JournalEntry": "triggers refuse any change; the row says who and when",
    "payouts.Posting": "triggers refuse any change; its entry says who and when",
    "payouts.StatementCounter": "follows the statements, as the proof of the books checks",
    "payouts.StatementPdf": "rendered from a frozen statement; its state is the renderer's queue",
    "payouts.VillageDocument": "rendered from frozen statements; its state is the renderer's queue",
}
# Written once, in bulk, by a rule whose decision is on record: no line for each row added. What is
# changed or removed in them afterwards is recorded like anywhere else.
ONLY_GROWS = {
    "aggregator.ImportRun": "the row names its person and time",
    "aggregator.OutboxMessage": "the row is itself the record of a message",
    "credits.FieldResult": "the results of a run, which is recorded with their hash",
    "credits.PopulationList": "made of a run's results when its verification is prepared",
    "credits.SoilPopulation": "fixed when its round is planned, which is on record with its hash",
    "credits.SampledField": "drawn from a published seed; the draw is on record",
    "payouts.BankFile": "the one file of a batch; its making is on record",
    "payouts.Payment": "the lines of a batch, which is recorded with their total",
    "payouts.Share": "the shares of a settlement, which is recorded with their hash",
    "payouts.SettlementLine": "the deductions of a settlement, which is recorded",
    "payouts.Statement": "issued from shares that were approved, with their hash",
}
# Columns in which the program keeps its own place: no person's change.
IGNORED = {
    "aggregator.User": {"last_login"},
    "aggregator.ColumnMatch": {"used_at"},
    "aggregator.Upload": {
        *("headings", "problems", "details", "counts"),
        *("progress_done", "progress_total", "alive_at"),
    },
    "credits.Enrolment": {"checked_at"},
    "credits.QuantificationJob": {
        *("status", "ended_at", "reason", "fields_done", "fields_total", "turn", "takes"),
        *("alive_at", "run_id"),
    },
    "farms.Boundary": {"min_x", "min_y", "max_x", "max_y"},
    "payouts.Settlement": {"statements_job"},
}
# Recorded as changed, without what stood there: secrets, and texts that their hash stands for.
HIDDEN = {
    "aggregator.User": {"password"},
    "aggregator.Agreement": {"text"},
    "credits.PopulationList": {"salt"},
    "credits.Removal": {"data", "token"},
    "payouts.Statement": {"data", "token"},
}


@dataclass(frozen=True, slots=True)
class Watch:
    """How one table is watched; `hidden` gives the name under which a hidden column is told of."""

    model: type[models.Model]
    additions: bool
    ignored: frozenset[str]
    hidden: dict[str, str]

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def owner(self) -> str:
        """The column that names the cooperative; the cooperative's own row is its own."""
        columns = {field.column for field in self.model._meta.concrete_fields}
        return "cooperative_id" if "cooperative_id" in columns else "id"

    @property
    def kind(self) -> str:
        return str(self.model._meta.model_name)


@cache
def list_watches() -> tuple[Watch, ...]:
    """Every watched table, in the order of the apps."""
    return tuple(
        _watch(model)
        for model in apps.get_models()
        if (issubclass(model, TenantModel) and model._meta.label not in NOT_WATCHED)
        or model._meta.label in ALSO_WATCHED
    )


@cache
def watched_tables() -> frozenset[str]:
    return frozenset(watch.table for watch in list_watches())


def _watch(model: type[models.Model]) -> Watch:
    label = model._meta.label
    ignored = set(IGNORED.get(label, ()))
    hidden = {column: column for column in HIDDEN.get(label, ())}
    concrete: list[Any] = list(model._meta.concrete_fields)
    columns = {field.column for field in concrete}
    for field in concrete:
        column = str(field.column)
        if isinstance(field, models.BinaryField):
            hidden[column] = field.name
        elif isinstance(field, EncryptedTextField):
            # Ciphertext differs each time it is written: the hash says whether the number does.
            # Without a hash nothing does; a new key would record every row as changed.
            ignored.add(column)
            companion = f"{field.name.removesuffix('_number')}_hash"
            if companion in columns:
                hidden[companion] = field.name
    return Watch(model, label not in ONLY_GROWS, frozenset(ignored), hidden)

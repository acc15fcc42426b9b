"""What comes after a file was brought in: what of it waits for somebody, and the next file.

Reads only. Pages of the floors above are named by their addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aggregator.duplicates import open_pairs
from aggregator.models import Cooperative, ImportRun
from aggregator.payees import waiting_accounts
from farms.evidence_checks import unshown_records
from farms.grain_guard import count_flagged
from farms.models import Field, Overlap, OverlapScan, PracticeRecord


@dataclass(frozen=True, slots=True)
class NextLink:
    """One sentence and the page it leads to."""

    text: str
    url: str


def list_waiting(run: ImportRun) -> list[NextLink]:
    """What somebody has to look at now that the file is on record."""
    if run.kind == "households":
        return _people(run.cooperative)
    if run.kind == "fields":
        return [*_overlaps(run), *_land(run.cooperative)]
    return [*_land(run.cooperative), *_records(run.cooperative)]


def next_file(run: ImportRun) -> NextLink:
    """The next step from members to a project: the first of which nothing is on record."""
    cooperative = run.cooperative
    if not Field.objects.for_cooperative(cooperative).exists():
        return NextLink(_("Bring in the fields"), reverse("import-file", args=["fields"]))
    if not PracticeRecord.objects.for_cooperative(cooperative).exists():
        return NextLink(_("Bring in the practices"), reverse("import-file", args=["practices"]))
    return NextLink(_("Set up a project, or enrol fields in one"), _list("credits_project"))


def _people(cooperative: Cooperative) -> list[NextLink]:
    accounts = waiting_accounts(cooperative).count()
    pairs = open_pairs(cooperative).count()
    return _worth_saying(
        (
            accounts,
            ngettext(
                "%(count)d bank account waits for a second person to approve it.",
                "%(count)d bank accounts wait for a second person to approve them.",
                accounts,
            ),
            _list("aggregator_payeeaccount", status__exact="proposed"),
        ),
        (
            pairs,
            ngettext(
                "%(count)d household may be on record twice.",
                "%(count)d households may be on record twice.",
                pairs,
            ),
            _list("aggregator_duplicatepair"),
        ),
    )


def _overlaps(run: ImportRun) -> list[NextLink]:
    """Land drawn twice: within a file it is refused, against all others a check finds it."""
    if (
        not OverlapScan.objects.for_cooperative(run.cooperative)
        .filter(asked_at__gt=run.at)
        .exists()
    ):
        text = _("Have the land checked for overlaps with the fields of all cooperatives.")
        return [NextLink(text, _list("farms_overlapscan"))]
    found = Overlap.objects.for_cooperative(run.cooperative).filter(resolved_at=None).count()
    text = ngettext("%(count)d field overlaps.", "%(count)d fields overlap.", found)
    return _worth_saying((found, text, _list("farms_overlap")))


def _land(cooperative: Cooperative) -> list[NextLink]:
    flagged = count_flagged(cooperative)
    return _worth_saying(
        (
            flagged,
            ngettext(
                "%(count)d field is flagged by the grain guard.",
                "%(count)d fields are flagged by the grain guard.",
                flagged,
            ),
            _list("farms_field", guard="any"),
        ),
    )


def _records(cooperative: Cooperative) -> list[NextLink]:
    bare = unshown_records(cooperative).count()
    return _worth_saying(
        (
            bare,
            ngettext(
                "%(count)d practice record has no evidence yet.",
                "%(count)d practice records have no evidence yet.",
                bare,
            ),
            _list("farms_practicerecord", evidence="lacks", status__exact="confirmed"),
        ),
    )


def _worth_saying(*found: tuple[int, str, str]) -> list[NextLink]:
    return [NextLink(text % {"count": count}, url) for count, text, url in found if count]


def _list(model: str, **filters: str) -> str:
    query = f"?{urlencode(filters)}" if filters else ""
    return reverse(f"admin:{model}_changelist") + query

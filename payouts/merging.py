"""What the money moves when two records of one household are merged: the balance, by an entry.

Shares, statements and payments stay under the former code; the kept household sees them.
"""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from aggregator.merging import Moves
from aggregator.models import Household
from credits.models import FieldResult
from payouts import ledger
from payouts.models import Account, JournalEntry, Payment, Posting, Settlement

OPEN_SETTLEMENTS = (Settlement.Status.REQUESTED, Settlement.Status.DRAFT)


def refuse_half_done(kept: Household, merged: Household) -> str:
    """Why money forbids the merge now: an unapproved settlement, or a payment under way."""
    both = [kept.pk, merged.pk]
    drafts = Settlement.objects.for_cooperative(kept.cooperative).filter(
        status__in=OPEN_SETTLEMENTS
    )
    weighed = FieldResult.objects.filter(household__in=both, run__in=drafts.values("run"))
    settlement = drafts.filter(Q(shares__household__in=both) | Q(run__in=weighed.values("run")))
    if draft := settlement.select_related("period").first():
        return _("settlement %(number)s is not approved yet.") % {"number": draft}
    live = Payment.objects.filter(
        household__in=both, status__in=[Payment.Status.PROPOSED, Payment.Status.SENT]
    )
    if payment := live.select_related("batch").first():
        return _("payment batch %(number)s waits for approval or for the bank's answer.") % {
            "number": payment.batch
        }
    return ""


def move_balance(moves: Moves) -> None:
    """One entry for each currency in which the merged record is owed something."""
    owed = (
        Posting.objects.filter(household=moves.merged, account__code=ledger.MEMBERS)
        .order_by()
        .values_list("account", flat=True)
        .distinct()
    )
    for account in Account.objects.filter(pk__in=owed):
        amount = ledger.owed_to_households(moves.kept.cooperative, currency=account.currency).get(
            moves.merged.pk, 0
        )
        if not amount:
            continue
        entry = ledger.post_entry(
            moves.kept.cooperative,
            heading=ledger.Heading(
                f"merge:{moves.merged.pk}:{account.currency}",
                timezone.localdate(),
                f"{moves.merged.code} → {moves.kept.code}",
            ),
            lines=[
                ledger.Line(account, amount, moves.merged.pk),
                ledger.Line(account, -amount, moves.kept.pk),
            ],
            by=moves.by,
        )
        moves.note(
            JournalEntry,
            keys=[entry.pk],
            amount_minor=amount,
            was=moves.merged.code,
            becomes=moves.kept.code,
        )

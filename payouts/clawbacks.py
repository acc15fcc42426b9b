"""What was paid for kilograms that a reversal made void. Reads only: nothing is posted by it."""

from __future__ import annotations

from django.db.models import BigIntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from credits.models import ClawbackProposal
from payouts.models import Settlement, Share


def with_net(proposals: QuerySet[ClawbackProposal]) -> QuerySet[ClawbackProposal]:
    """Add `net_minor`: what approved settlements of the run shared out to the household.

    In the cooperative's own currency, in which its credits are sold.
    """
    shares = (
        Share.objects.filter(
            household=OuterRef("household"),
            settlement__run=OuterRef("run"),
            settlement__currency=OuterRef("cooperative__currency"),
            settlement__status=Settlement.Status.APPROVED,
        )
        .order_by()
        .values("household")
    )
    net = Subquery(shares.annotate(total=Sum("net_minor")).values("total"))
    return proposals.annotate(net_minor=Coalesce(net, 0, output_field=BigIntegerField()))


def paid_for_void(proposal: ClawbackProposal) -> int:
    """The void part of `net_minor` in proportion to the kilograms, rounded down."""
    net: int = proposal.net_minor  # type: ignore[attr-defined]
    return net * proposal.void_kg // proposal.credited_kg if proposal.credited_kg else 0

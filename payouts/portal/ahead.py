"""What happens next on the way from a household's fields to its money. Reads, never writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from aggregator.formats import format_day
from aggregator.models import Household
from credits.models import Enrolment, Lot, MonitoringPeriod
from farms.models import Tenure
from payouts.models import Receipt, Settlement

STATUS = MonitoringPeriod.Status


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the line, and whether it is the one being taken."""

    label: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class Ahead:
    steps: list[Step]
    sentence: str


def describe_ahead(household: Household) -> Ahead | None:
    """Where the oldest period that is not yet shared out stands; None when there is none."""
    period = _open_period(household)
    if period is None:
        return None
    position, sentence = _place(period)
    labels = [_("Record"), _("Check"), _("Issue"), _("Sell"), _("Pay")]
    return Ahead(
        [Step(label, index == position) for index, label in enumerate(labels)],
        sentence % {"period": period.code, "day": format_day(period.ends_on)},
    )


def _open_period(household: Household) -> Any:
    today = timezone.localdate()
    held = Tenure.objects.filter(household=household).touching(today, today)
    projects = Enrolment.objects.filter(
        status=Enrolment.Status.ENROLLED, field__tenures__in=held
    ).values("project")
    settlements = Settlement.objects.filter(period=OuterRef("pk"))
    of_period = {"block__issuance__period": OuterRef("pk")}
    return (
        MonitoringPeriod.objects.for_cooperative(household.cooperative)
        .filter(project__in=projects)
        .exclude(Exists(settlements.filter(status=Settlement.Status.APPROVED)))
        .annotate(
            is_sold=Exists(Lot.objects.filter(**of_period)),
            is_received=Exists(Receipt.objects.filter(lot__block__issuance__period=OuterRef("pk"))),
            is_drafted=Exists(settlements.filter(status=Settlement.Status.DRAFT)),
        )
        .order_by("starts_on", "pk")
        .first()
    )


def _place(period: Any) -> tuple[int, str]:
    """The step being taken, from 0, and the sentence on it."""
    if period.status == STATUS.ISSUED:
        return _place_issued(period)
    return {
        STATUS.OPEN: (0, _("%(period)s: what you do on your fields counts until %(day)s.")),
        STATUS.CLOSED: (1, _("%(period)s: checkers from outside visit some of the fields.")),
        STATUS.VERIFIED: (2, _("%(period)s: the tonnes are checked and are being registered.")),
    }[period.status]


def _place_issued(period: Any) -> tuple[int, str]:
    if not period.is_sold:
        return 3, _("%(period)s: the tonnes are registered and looking for a buyer.")
    if not period.is_received:
        return 3, _("%(period)s: sold. The buyer has not paid yet.")
    if not period.is_drafted:
        return 4, _("%(period)s: the buyer has paid. Your share is worked out next.")
    return 4, _("%(period)s: your share is worked out. A second person is checking it.")

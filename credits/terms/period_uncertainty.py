"""The uncertainty of a period, where its program has one for each round of monitoring."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.errors import BadInput, DomainError
from aggregator.models import User
from aggregator.roles import require_role
from credits.models import MonitoringPeriod, PeriodUncertainty

BY_PERIOD = "uncertainty_by_period"
_PLACES = 8


class UncertaintyMissing(DomainError):
    code = "uncertainty_missing"
    message = _("Tell the uncertainty of period %(code)s first: the program has one for each.")


class UncertaintyNotAsked(DomainError):
    code = "uncertainty_not_asked"
    message = _("The uncertainty of period %(code)s cannot be told: the project has one for all.")


class UncertaintyStands(DomainError):
    code = "uncertainty_stands"
    message = _("Period %(code)s is closed: its uncertainty stands.")


class BadUncertainty(BadInput):
    code = "bad_uncertainty"
    message = _("An uncertainty is a part from 0 to 1, with the place where it was worked out.")


def tell_uncertainty(
    period: MonitoringPeriod, *, rate: Decimal, source: str, by: User
) -> PeriodUncertainty:
    """Keep what is taken off the period's figures; until the period closes it can be told anew.

    Args:
        period: an open one.
        rate: the part that is taken, 0 to 1, with at most eight decimals.
        source: where it was worked out, for whoever verifies.

    Raises:
        BadUncertainty: no part of one, or nowhere it comes from.
        UncertaintyNotAsked: the project's terms have one rate for all periods.
        UncertaintyStands: the period has been closed.
    """
    require_role(by, "operator", of=period)
    whole = rate.is_finite() and rate == round(rate, _PLACES)
    if not whole or not 0 <= rate <= 1 or not 0 < len(source.strip()) <= 200:
        raise BadUncertainty
    if not is_asked(period):
        raise UncertaintyNotAsked(code=period.code)
    with transaction.atomic():
        locked = MonitoringPeriod.objects.select_for_update().get(pk=period.pk)
        if locked.status != MonitoringPeriod.Status.OPEN:
            raise UncertaintyStands(code=period.code)
        told, _new = PeriodUncertainty.objects.update_or_create(
            period=locked,
            cooperative_id=period.cooperative_id,
            defaults={"rate": rate, "source": source.strip(), "told_by": by},
        )
        audit.record_event(period, action="tell_uncertainty", by=by, rate=str(rate))
    return told


def is_asked(period: MonitoringPeriod) -> bool:
    return bool(period.project.terms.get(BY_PERIOD))


def told_uncertainty(period: MonitoringPeriod) -> PeriodUncertainty | None:
    return PeriodUncertainty.objects.filter(period=period).first()


def period_terms(period: MonitoringPeriod) -> Mapping[str, Any]:
    """The project's terms with the uncertainty of this period in its place.

    Raises:
        UncertaintyMissing: it is asked and not told yet.
    """
    terms: Mapping[str, Any] = period.project.terms
    if not is_asked(period):
        return terms
    told = told_uncertainty(period)
    if told is None:
        raise UncertaintyMissing(code=period.code)
    return {**terms, "uncertainty_rate": f"{told.rate.normalize():f}"}

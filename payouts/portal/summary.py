"""A household's money in a few lines of text: what is owed, what came, each statement's state.

Reads rows of one household only; every figure leaves as text, templates only place it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aggregator.formats import format_area, format_day
from aggregator.memberships import left_by
from aggregator.models import Household
from aggregator.money import format_money
from payouts import ledger
from payouts.models import Payment, PaymentBatch, Posting, Statement
from payouts.payment_targets import find_payee, of_household, say_reason
from payouts.portal.standing import Standing, cover_statements
from payouts.statement_text import format_mass, total_area

STATUS = Payment.Status


@dataclass(frozen=True, slots=True)
class Card:
    """One statement as a line of a list."""

    number: str
    title: str
    amount: str
    state: str
    facts: str


@dataclass(frozen=True, slots=True)
class Money:
    """The top of the home page: the amount, what becomes of it, and what the reader must do."""

    owed: str
    sentence: str
    warning: str


class MemberMoney:
    """The rows behind a household's pages, asked for once each."""

    def __init__(self, household: Household) -> None:
        self.household = household
        self.currency = household.cooperative.currency
        # Of a record merged into this one, too: its statements stay under its own code.
        own = of_household(household)
        rows = Statement.objects.for_cooperative(household.cooperative).filter(own)
        # Oldest first; a statement that a later revision replaces no longer counts.
        self.statements = list(rows.filter(replaced_by__isnull=True).order_by("issued_at", "pk"))
        self.payments = list(
            Payment.objects.for_cooperative(household.cooperative)
            .filter(own, batch__currency=self.currency)
            .exclude(status=STATUS.WITHDRAWN)
            .select_related("batch")
            .order_by("batch__number", "pk")
        )
        self.payee = find_payee(household)
        self.standings = self._cover()

    def money(self) -> Money:
        owed_minor = self._ledger_owed() + self.sent_minor
        warning = self._warn(owed_minor)
        sentence = "" if warning else self._say_owed(owed_minor)
        return Money(self._write(owed_minor), sentence, warning)

    def cards(self) -> list[Card]:
        """The statements, newest first."""
        return [self._card(statement) for statement in reversed(self.statements)]

    def payment_lines(self, statement: Statement) -> list[str]:
        """What came of one statement and what becomes of the rest."""
        standing = self.standings.get(statement.pk)
        if standing is None:
            return [_("A newer statement has taken the place of this one.")]
        said = self._say_standing(standing)
        lines = [said[:1].upper() + said[1:]]
        if standing.open_minor:
            lines += [
                text for text in (self._warn(standing.open_minor) or self._say_goes(),) if text
            ]
        return lines

    @property
    def sent_minor(self) -> int:
        """What has left the balance for the bank and has not been confirmed."""
        return sum(row.amount_minor for row in self.payments if _is_on_its_way(row))

    def _cover(self) -> dict[int, Standing]:
        paid = [
            (row.paid_on, row.amount_minor)
            for row in self.payments
            if row.status == STATUS.PAID and row.paid_on
        ]
        nets = [statement.data["totals"]["net_minor"] for statement in self.statements]
        standings = cover_statements(nets, paid=paid, sent_minor=self.sent_minor)
        return {row.pk: standing for row, standing in zip(self.statements, standings, strict=True)}

    def _ledger_owed(self) -> int:
        postings = Posting.objects.for_cooperative(self.household.cooperative).filter(
            of_household(self.household),
            account__code=ledger.MEMBERS,
            account__currency=self.currency,
        )
        # What is owed is a liability: credits, so the sum of its postings is negative.
        return -(postings.aggregate(sum=Sum("amount_minor"))["sum"] or 0)

    def _card(self, statement: Statement) -> Card:
        data = statement.data
        count = len({plot["number"] for plot in data["plots"]})
        plots = ngettext("%(count)d plot", "%(count)d plots", count) % {"count": count}
        area = format_area(total_area(data), data["area_unit"])
        return Card(
            number=statement.number,
            title=_("Statement %(period)s") % {"period": data["period"]["code"]},
            amount=_write(data["totals"]["net_minor"], data["currency"]),
            state=self._say_standing(self.standings[statement.pk]),
            facts=" · ".join([plots, area, format_mass(data["totals"]["kg"])]),
        )

    def _say_standing(self, standing: Standing) -> str:
        values = {
            "day": format_day(standing.paid_on) if standing.paid_on else "",
            "paid": self._write(standing.paid_minor),
            "open": self._write(standing.open_minor + standing.sent_minor),
        }
        if not standing.open_minor and not standing.sent_minor:
            text = _("paid on %(day)s") if standing.paid_on else _("nothing to pay")
        elif standing.paid_minor:
            text = _("%(paid)s paid on %(day)s, %(open)s to come")
        elif not standing.open_minor:
            text = _("on its way to you")
        else:
            text = _("held") if self._warn(standing.open_minor) else _("not yet paid")
        return text % values

    def _say_owed(self, owed_minor: int) -> str:
        if owed_minor <= 0:
            return self._say_last()
        if self.sent_minor:
            return _("%(amount)s is on its way to you.") % {"amount": self._write(self.sent_minor)}
        threshold = self.household.cooperative.payment_threshold_minor
        if owed_minor < threshold and not self._has_left():
            return _("Small sums are kept for you and paid together from %(amount)s on.") % {
                "amount": self._write(threshold)
            }
        return self._say_goes()

    def _has_left(self) -> bool:
        """Then nothing is kept back for being small."""
        household = self.household
        return left_by(household.cooperative, localdate()).filter(pk=household.pk).exists()

    def _say_goes(self) -> str:
        if self.payee is None:
            return ""
        if not self.payee.is_usable(localdate()):
            return _(
                "Your account was changed: money goes to %(account)s from %(day)s on. "
                "If that is not yours, tell the cooperative at once."
            ) % {"account": self.payee, "day": format_day(self.payee.usable_on or "")}
        return _("Comes with the next payment to %(account)s.") % {"account": self.payee}

    def _say_last(self) -> str:
        paid = [row for row in self.payments if row.status == STATUS.PAID and row.paid_on]
        if not paid:
            return _("Nothing is owed to you yet.")
        return _("All is paid. The last: %(amount)s on %(day)s.") % {
            "amount": self._write(paid[-1].amount_minor),
            "day": format_day(paid[-1].paid_on or ""),
        }

    def _warn(self, owed_minor: int) -> str:
        """Why the money does not come, and what to do; empty where nothing stands in its way."""
        if owed_minor <= 0:
            return ""
        if self.payee is None:
            return _(
                "We know no bank account of yours, so the money waits for you. "
                "Bring your bank card to the cooperative."
            )
        if (stopped := self._stopped()) and self.payee.is_usable(localdate()):
            reason = say_reason(stopped.reason) or stopped.get_status_display()
            return _("The money is held: %(reason)s. Ask at the cooperative.") % {"reason": reason}
        return ""

    def _stopped(self) -> Payment | None:
        """The newest payment, where it came back and the account is still the one it went to."""
        newest = self.payments[-1] if self.payments else None
        if newest is None or newest.status not in {STATUS.HELD, STATUS.FAILED}:
            return None
        mended = self.payee is None or newest.payee_account_id != self.payee.pk
        return None if mended else newest

    def _write(self, amount_minor: int) -> str:
        return _write(amount_minor, self.currency)


def _write(amount_minor: int, currency: str) -> str:
    """An amount that no line breaks after its sign."""
    return format_money(amount_minor, currency).replace(" ", "\u00a0")


def _is_on_its_way(payment: Payment) -> bool:
    # Approval takes the money off the balance; the file goes to the bank a little later.
    approved = payment.batch.status == PaymentBatch.Status.APPROVED
    return payment.status == STATUS.SENT or (payment.status == STATUS.PROPOSED and approved)

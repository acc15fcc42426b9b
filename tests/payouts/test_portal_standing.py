"""Payments cover statements oldest first; sums worked by hand."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from payouts.portal.standing import Standing, cover_statements

MARCH, MAY = date(2025, 3, 2), date(2025, 5, 9)


def test_one_payment_covers_one_statement() -> None:
    assert cover_statements([28_710], paid=[(MARCH, 28_710)], sent_minor=0) == [
        Standing(28_710, 0, 0, MARCH)
    ]


def test_one_payment_of_two_balances_covers_both() -> None:
    covered = cover_statements([100, 250], paid=[(MARCH, 350)], sent_minor=0)
    assert covered == [Standing(100, 0, 0, MARCH), Standing(250, 0, 0, MARCH)]


def test_a_statement_paid_in_two_parts_is_paid_on_the_later_day() -> None:
    covered = cover_statements([300], paid=[(MAY, 100), (MARCH, 200)], sent_minor=0)
    assert covered == [Standing(300, 0, 0, MAY)]


def test_what_is_with_the_bank_comes_after_what_has_come() -> None:
    covered = cover_statements([100, 200, 300], paid=[(MARCH, 150)], sent_minor=200)
    assert covered == [
        Standing(100, 0, 0, MARCH),
        Standing(50, 150, 0, MARCH),
        Standing(0, 50, 250, None),
    ]


def test_a_statement_of_nothing_takes_nothing() -> None:
    covered = cover_statements([0, 10], paid=[(MARCH, 10)], sent_minor=0)
    assert covered == [Standing(0, 0, 0, None), Standing(10, 0, 0, MARCH)]


AMOUNTS = st.lists(st.integers(0, 10**12), max_size=12)


@given(nets=AMOUNTS, paid=AMOUNTS, sent=st.integers(0, 10**12))
def test_nothing_is_counted_twice_and_nothing_is_lost(
    nets: list[int], paid: list[int], sent: int
) -> None:
    covered = cover_statements(
        nets,
        paid=[(date.fromordinal(1 + at), amount) for at, amount in enumerate(paid)],
        sent_minor=sent,
    )
    for net, standing in zip(nets, covered, strict=True):
        parts = (standing.paid_minor, standing.sent_minor, standing.open_minor)
        assert sum(parts) == net
        assert min(parts) >= 0
    assert sum(each.paid_minor for each in covered) == min(sum(nets), sum(paid))
    assert sum(each.sent_minor for each in covered) == min(
        sum(nets) - min(sum(nets), sum(paid)), sent
    )

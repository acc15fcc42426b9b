"""From fields to a lot sold, through the rules, with figures worked by hand."""

from datetime import date

from credits.models import MonitoringPeriod
from credits.tonnes.balance import Balance, project_balance
from credits.tonnes.block_proof import check_credits
from credits.tonnes.sale import lot_serials, sell_lot
from tests.cast import Cast, make_season
from tests.credits.line import issued_year, make_buyer, make_enrolled_pool, sellable_block


def test_three_hectares_become_two_sellable_tonnes_and_a_lot(sunrise: Cast) -> None:
    # 3 fields × 1 ha × 1 t = 3,000 kg; 20% reserve = 600 kg; 2,400 kg sellable = 2 t and 400 kg.
    make_season(sunrise, 2025)
    project = make_enrolled_pool(sunrise)
    issuance = issued_year(project, 2025, sunrise)
    assert (issuance.sellable_t, issuance.carried_out_kg) == (2, 400)
    assert (issuance.reserve_t, issuance.reserve_carried_out_kg) == (0, 600)
    assert issuance.period.status == MonitoringPeriod.Status.ISSUED

    lot = sell_lot(
        sellable_block(issuance),
        tonnes=1,
        buyer=make_buyer(sunrise),
        unit_price_minor=6000,
        sold_on=date(2026, 4, 1),
        by=sunrise.operator,
    )
    assert str(lot_serials(lot)) == "TH-CCX-hills-2025-1-1"
    assert project_balance(project) == Balance(issued_t=2, sold_t=1, unsold_t=1, reserve_t=0)
    assert check_credits(project) == []

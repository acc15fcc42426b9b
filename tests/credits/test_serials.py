"""Serial ranges as text: printed, read back, counted."""

import pytest

from credits.tonnes.serials import SerialError, SerialRange, parse_serials


@pytest.mark.parametrize(
    ("start", "end", "quantity"),
    [
        (513_004_457, 513_073_958, 69_502),  # a Verra range, VCS-VCU-1289
        (852_724, 860_723, 8_000),  # a Climate Action Reserve range, CAR-1-US-1480
        (1, 1, 1),
    ],
)
def test_a_range_holds_end_less_start_plus_one(start: int, end: int, quantity: int) -> None:
    serials = SerialRange("ccx", "hills", 2025, start, end)
    assert serials.quantity == quantity
    assert parse_serials(str(serials)).quantity == quantity


def test_a_project_s_code_may_hold_hyphens_and_years() -> None:
    serials = parse_serials("TH-CCX-north-slope-2024-2025-1-1280")
    assert serials == SerialRange("CCX", "north-slope-2024", 2025, 1, 1280)
    assert str(serials) == "TH-CCX-north-slope-2024-2025-1-1280"


@pytest.mark.parametrize(
    "text",
    ["", "TH-CCX-hills-2025-5-4", "TH-CCX-hills-2025-0-4", "CCX-hills-2025-1-4", "TH-CCX-2025-1-4"],
)
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(SerialError):
        parse_serials(text)

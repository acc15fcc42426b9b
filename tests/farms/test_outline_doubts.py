"""Strips, thorns, doubled corners and holes are told; a plain field has none of them."""

from shapely.geometry import Polygon, box

from farms.outline_doubts import find_doubts

PLAIN = box(118, 25, 118.001, 25.001)
# A metre of latitude in degrees: 1 / 111,320.
METRE = 1 / 111_320


def test_a_plain_field_has_no_doubts() -> None:
    assert find_doubts([PLAIN, PLAIN]) == [[], []]
    assert find_doubts([]) == []


def test_a_strip_is_told_with_its_width() -> None:
    strip = box(118, 25, 118.001, 25 + METRE / 2)
    ((doubt,),) = find_doubts([strip])
    assert doubt.code == "sliver"
    # Half a metre by 101 m: 2 · area / perimeter is a little less than the true width.
    assert 0.49 < doubt.amount < 0.5


def test_a_crumb_is_told_however_round_it_is() -> None:
    ((doubt,),) = find_doubts([box(118, 25, 118 + 3 * METRE, 25 + 3 * METRE)])
    assert doubt.code == "sliver"


def test_a_thorn_a_doubled_corner_and_holes_are_told_each() -> None:
    west, south, east, north = PLAIN.bounds
    ring = [(west, south), (east, south), (east, north), (west, north)]
    thorn = [*ring[:2], (east, 25.0005), (118.002, 25.000501), (east, 25.000502), *ring[2:]]
    doubled = [ring[0], ring[0], *ring[1:], ring[3]]
    holes = [box(118.0002, 25.0002, 118.0004, 25.0004).exterior.coords]
    found = find_doubts([Polygon(thorn), Polygon(doubled), Polygon(ring, holes)])
    assert [[(d.code, d.amount) for d in doubts] for doubts in found] == [
        [("spike", 1.0)],
        [("repeated_corners", 2.0)],
        [("holes", 1.0)],
    ]
    assert found[0][0].place == "118.002, 25.000501"

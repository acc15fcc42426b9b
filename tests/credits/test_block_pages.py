"""The pages of a block and of a removal: where it came from, whose it is, what remains."""
# ruff: noqa: F811

from __future__ import annotations

import re

import pytest
from django.test import Client

from credits.models import CreditBlock, Project
from credits.tonnes.block_history import trace_block
from credits.tonnes.block_holdings import issuance_shares, range_kilograms
from credits.tonnes.blocks import find_neighbours, merge_blocks, reserve_tonnes, split_block
from credits.tonnes.removals import approve_removal, propose_cancellation, propose_retirement
from credits.tonnes.serial_grammars import GRAMMARS, SerialsNotRead, read_serials, sketch_serials
from tests.cast import Cast
from tests.credits.test_blocks import block, live, project, sell  # noqa: F401

pytestmark = pytest.mark.usefixtures("in_english")


def open_page(user: object, path: str) -> str:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)  # type: ignore[arg-type]
    return re.sub(r"\s+", " ", client.get(path).content.decode())


def address(row: CreditBlock, rest: str = "change") -> str:
    return f"/admin/credits/creditblock/{row.pk}/{rest}/"


def spans(rows: list[CreditBlock]) -> list[tuple[int, int]]:
    return [(row.serial_start, row.serial_end) for row in rows]


def test_a_block_names_all_that_came_before_and_after_where_serials_meet(
    sunrise: Cast, block: CreditBlock
) -> None:
    # 1–120 parted at 40, the rest at 80; the first two joined to 1–80, which is parted at 60.
    first, rest = split_block(block, tonnes=40, by=sunrise.operator)
    second, third = split_block(rest, tonnes=40, by=sunrise.operator)
    whole = merge_blocks([first, second], by=sunrise.operator)
    low, _high = split_block(whole, tonnes=60, by=sunrise.operator)
    found = trace_block(low)
    # Of the rest 41–120 the serials 41–60 are in it; of the third, 81–120, none is.
    assert spans(found.before) == [(1, 120), (1, 40), (41, 120), (41, 80), (1, 80)]
    assert found.after == []
    assert [move.action for move in found.moves] == [
        "issue", "split", "split", "split", "merge", "split",
    ]  # fmt: skip
    assert spans(trace_block(third).before) == [(1, 120), (41, 120)]
    assert spans(trace_block(second).after) == [(1, 80), (1, 60), (61, 80)]


def test_neighbours_are_those_that_can_be_joined(
    sunrise: Cast, project: Project, block: CreditBlock
) -> None:
    first, rest = split_block(block, tonnes=40, by=sunrise.operator)
    second, third = split_block(rest, tonnes=40, by=sunrise.operator)
    assert find_neighbours(first) == [second, third]
    reserve_tonnes(second, tonnes=40, by=sunrise.operator)
    assert find_neighbours(first) == []
    # The buffer lies beside the third block and is not alike.
    assert find_neighbours(third) == []
    assert find_neighbours(block) == []


def test_the_button_joins_the_neighbours_chosen(
    sunrise: Cast, project: Project, block: CreditBlock
) -> None:
    first, rest = split_block(block, tonnes=40, by=sunrise.operator)
    second, _third = split_block(rest, tonnes=40, by=sunrise.operator)
    client = Client()
    client.force_login(sunrise.operator)
    answer = client.post(address(first, "do/join"), {"blocks": [second.pk]})
    assert live(project) == [("held", 1, 80), ("held", 81, 120), ("buffer", 121, 150)]
    joined = project.blocks.live().get(serial_end=80)
    assert answer["Location"] == address(joined)
    assert "Join with its neighbours" in open_page(sunrise.operator, address(joined))
    assert "Join with its neighbours" not in open_page(sunrise.approver, address(joined))


def test_a_stranger_s_block_is_not_among_the_choices(
    sunrise: Cast, riverbend: Cast, block: CreditBlock
) -> None:
    first, _rest = split_block(block, tonnes=40, by=sunrise.operator)
    client = Client()
    client.force_login(riverbend.operator)
    assert client.post(address(first, "do/join"), {"blocks": [first.pk]}).status_code == 404


@pytest.mark.parametrize("registry", GRAMMARS)
def test_a_sketch_with_every_part_is_what_the_registry_prints(registry: str) -> None:
    grammar = GRAMMARS[registry]
    parts = read_serials(grammar.example, registry=registry).parts
    sketch = sketch_serials(registry, parts)
    assert "".join(text for text, _is_name in sketch) == grammar.example
    assert not any(is_name for _text, is_name in sketch)


def test_a_sketch_names_what_only_the_registry_knows() -> None:
    sketch = sketch_serials("acr", {"start": "1", "end": "20", "vintage": "2025"})
    names = [text for text, is_name in sketch if is_name]
    assert names == ["country", "project", "batch"]
    assert "".join(text for text, _is_name in sketch) == "ACR-country-project-2025-batch-1-20"
    with pytest.raises(SerialsNotRead):
        sketch_serials("acr", {"start": "one", "end": "20"})


def test_a_block_s_page_shows_kilograms_history_serials_and_where_all_tonnes_are(
    sunrise: Cast, block: CreditBlock
) -> None:
    sold = sell(block, 50, sunrise).block
    page = open_page(sunrise.viewer, address(sold))
    assert "3 households, 50,000 kg together" in page
    assert "TH-CCX-hills-2025-1-50" in page
    assert "-VCS-VCU-" in page
    assert "hills-1–120" in page
    # The bar: issued is what all the parts add up to.
    bar = page[page.index('<div class="tonnes">') :]
    figures = re.findall(r">([\d,]+) t<", bar[: bar.index("</dl>")])
    assert figures == ["150", "70", "50", "30"]
    owner = sunrise.households[0]
    assert f'href="/admin/aggregator/household/{owner.pk}/change/"' in page


def test_whoever_approves_sees_serials_purpose_owners_and_what_remains(
    sunrise: Cast, block: CreditBlock
) -> None:
    said = {"beneficiary": "Harbour Shipping", "purpose": "its fleet in 2025"}
    removal = propose_retirement(block, tonnes=20, by=sunrise.operator, **said)
    page = open_page(sunrise.approver, f"/admin/credits/removal/{removal.pk}/change/")
    assert page.count("Retirement of 20 t") >= 1
    assert "Retirement or cancellation retirement" not in page
    for shown in (
        "TH-CCX-hills-2025-1-20",
        "Harbour Shipping",
        "its fleet in 2025",
        "3 households, 20,000 kg together",
        "The block has 120 t; 100 t remain in it.",
    ):
        assert shown in page
    asked = open_page(sunrise.approver, f"/admin/credits/removal/{removal.pk}/do/approve/")
    assert "Retirement of 20 t: TH-CCX-hills-2025-1-20" in asked
    assert "For Harbour Shipping: its fleet in 2025" in asked
    assert "Its block has 120 t (held); 100 t remain in it." in asked


def test_kilograms_of_some_serials_are_those_they_keep_as_a_block(
    sunrise: Cast, project: Project, block: CreditBlock
) -> None:
    shares = issuance_shares(block.issuance)
    counted = range_kilograms(shares, first=1, last=20)
    cut = split_block(block, tonnes=20, by=sunrise.operator)[0]
    assert counted == range_kilograms(shares, first=cut.serial_start, last=cut.serial_end)
    assert sum(counted.values()) == 20_000


def test_tonnes_that_moved_apart_can_only_be_refused(sunrise: Cast, block: CreditBlock) -> None:
    removal = propose_cancellation(block, tonnes=20, reason="twice", by=sunrise.operator)
    reserve_tonnes(block, tonnes=5, by=sunrise.operator)
    page = open_page(sunrise.approver, f"/admin/credits/removal/{removal.pk}/change/")
    assert "Cancellation of 20 t" in page
    assert "This proposal can only be refused." in page


def test_an_approved_removal_leads_to_its_public_page(sunrise: Cast, block: CreditBlock) -> None:
    removal = propose_cancellation(block, tonnes=20, reason="twice", by=sunrise.operator)
    removal = approve_removal(removal, by=sunrise.approver)
    page = open_page(sunrise.viewer, f"/admin/credits/removal/{removal.pk}/change/")
    assert f"/certificates/{removal.token}/" in page

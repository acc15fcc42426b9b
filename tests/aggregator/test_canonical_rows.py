"""Hashing row by row gives the hash of the whole: what was published before still holds."""

import pytest

from aggregator.canonical import sha256_of, sha256_of_rows

ROWS = [["F001", 1, "10.00", {"b": "草", "a": None}], ["F002", 2, "0.10", {}]]


@pytest.mark.parametrize("rows", [[], ROWS[:1], ROWS])
def test_rows_hash_as_their_list_does(rows: list[object]) -> None:
    assert sha256_of_rows(iter(rows)) == sha256_of(rows)


@pytest.mark.parametrize("rows", [[], ROWS[:1], ROWS])
@pytest.mark.parametrize(
    "header", [{}, {"a": 1}, {"z": "末"}, {"methodology": "m", "version": "1", "deductions": {}}]
)
def test_rows_under_a_name_hash_as_the_whole_does(
    rows: list[object], header: dict[str, object]
) -> None:
    whole = {**header, "rows": rows}
    assert sha256_of_rows(iter(rows), header=header, name="rows") == sha256_of(whole)


def test_a_float_is_refused_in_a_row() -> None:
    with pytest.raises(ValueError, match="float"):
        sha256_of_rows([[0.5]])

"""What the proof of the books finds wrong with shares is said in the reader's words."""

from __future__ import annotations

import pytest
from django.utils import translation

from payouts.settlement_proof import _SHARE_FAULTS, _say_shares
from payouts.waterfall import Shares, SharesDoNotAddUp, check_shares

# A pool of 10 less a line of 2, over two equal households: 5, 1 and 4 each.
BROKEN = [
    (Shares([6, 5], [[1, 1]], [5, 3]), "the gross of the shares is 11, not 10"),
    (Shares([5, 5], [[1, 2]], [4, 3]), "the net: the shares come to 7, not 8"),
    (Shares([5, 5], [[2, 1]], [4, 4]), "deduction 1: the shares come to 3, not 2"),
    (Shares([6, 4], [[2, 0]], [4, 4]), "deduction 1: a part of 2 is not by the household's tonnes"),
    (Shares([5, 5], [[3, -1]], [4, 4]), "deduction 1: a share has no part, or one below zero"),
    (Shares([6, 4], [[1, 1]], [4, 4]), "the gross of a share is 6, its parts come to 5"),
]


@pytest.mark.parametrize(("shares", "said"), BROKEN)
def test_each_broken_invariant_has_its_sentence(shares: Shares, said: str) -> None:
    with pytest.raises(SharesDoNotAddUp) as broken:
        check_shares(shares, gross_minor=10, line_amounts=[2], weights=[1, 1])
    with translation.override("en"):
        assert _say_shares(broken.value) == said


def test_every_sentence_is_in_the_catalogues_hands() -> None:
    assert {"gross", "household", "column", "part", "quota"} == _SHARE_FAULTS.keys()

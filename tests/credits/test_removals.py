"""Retired and cancelled by two persons, with a certificate that anyone can check."""
# ruff: noqa: F811

from __future__ import annotations

import re

import pytest
from django.test import Client

from aggregator.errors import NotAllowed
from aggregator.roles import NotYours
from credits.models import CreditBlock, Project, Removal
from credits.tonnes.balance import Balance, project_balance
from credits.tonnes.block_proof import check_credits
from credits.tonnes.blocks import BlockChanged, MoveNotAllowed, RangeOutside, reserve_tonnes
from credits.tonnes.certificates import NoCertificateYet, certificate_context, render_certificate
from credits.tonnes.removals import (
    OwnRemoval,
    RemovalDecided,
    SayForWhom,
    SayWhyCancelled,
    approve_removal,
    propose_cancellation,
    propose_retirement,
    refuse_removal,
)
from tests.cast import Cast
from tests.credits.test_blocks import block, project, sell  # noqa: F401

FOR = {"beneficiary": "Harbour Shipping", "purpose": "Fleet emissions of 2025"}


def retire(block: CreditBlock, tonnes: int, cast: Cast) -> Removal:
    return propose_retirement(block, tonnes=tonnes, by=cast.operator, **FOR)


def test_what_a_buyer_holds_is_retired_for_him_by_two_persons(
    sunrise: Cast,
    project: Project,
    block: CreditBlock,
) -> None:
    lot = sell(block, 50, sunrise)
    removal = retire(lot.block, 20, sunrise)
    assert project_balance(project).retired_t == 0
    removal = approve_removal(removal, by=sunrise.approver)
    assert project_balance(project) == Balance(
        issued_t=150, sold_t=30, unsold_t=70, reserve_t=30, retired_t=20
    )
    assert removal.data["serials"] == "TH-CCX-hills-2025-1-20"
    assert check_credits(project) == []


def test_a_cancellation_says_why(sunrise: Cast, project: Project, block: CreditBlock) -> None:
    with pytest.raises(SayWhyCancelled):
        propose_cancellation(block, tonnes=5, reason=" ", by=sunrise.operator)
    proposal = propose_cancellation(block, tonnes=5, reason="double count", by=sunrise.operator)
    approve_removal(proposal, by=sunrise.approver)
    assert project_balance(project).cancelled_t == 5


def test_who_proposed_does_not_approve(sunrise: Cast, block: CreditBlock) -> None:
    removal = retire(block, 5, sunrise)
    with pytest.raises(NotAllowed):
        approve_removal(removal, by=sunrise.operator)
    sunrise.operator.role = "approver"
    with pytest.raises(OwnRemoval):
        approve_removal(removal, by=sunrise.operator)


def test_a_proposal_is_decided_once(sunrise: Cast, block: CreditBlock) -> None:
    removal = retire(block, 5, sunrise)
    refuse_removal(removal, by=sunrise.operator)
    for decide in (approve_removal, refuse_removal):
        with pytest.raises(RemovalDecided):
            decide(removal, by=sunrise.approver)


def test_tonnes_that_moved_meanwhile_are_not_retired_twice(
    sunrise: Cast,
    project: Project,
    block: CreditBlock,
) -> None:
    first, second = retire(block, 10, sunrise), retire(block, 10, sunrise)
    approve_removal(first, by=sunrise.approver)
    with pytest.raises(MoveNotAllowed):
        approve_removal(second, by=sunrise.approver)
    third = retire(project.blocks.live().get(status="held"), 10, sunrise)
    reserve_tonnes(project.blocks.live().get(status="held"), tonnes=5, by=sunrise.operator)
    with pytest.raises(BlockChanged):
        approve_removal(third, by=sunrise.approver)
    assert project_balance(project).retired_t == 10


def test_what_cannot_be_retired_is_refused(
    sunrise: Cast, project: Project, block: CreditBlock
) -> None:
    with pytest.raises(SayForWhom):
        propose_retirement(block, tonnes=1, beneficiary="", purpose="x", by=sunrise.operator)
    with pytest.raises(RangeOutside):
        retire(block, 121, sunrise)
    with pytest.raises(MoveNotAllowed):
        retire(project.blocks.get(status="buffer"), 1, sunrise)


def test_a_stranger_neither_proposes_nor_approves(
    sunrise: Cast,
    riverbend: Cast,
    block: CreditBlock,
) -> None:
    with pytest.raises(NotYours):
        propose_retirement(block, tonnes=1, by=riverbend.operator, **FOR)
    with pytest.raises(NotYours):
        approve_removal(retire(block, 1, sunrise), by=riverbend.approver)


def test_the_certificate_is_a_pdf_once_it_is_approved(sunrise: Cast, block: CreditBlock) -> None:
    removal = retire(block, 5, sunrise)
    with pytest.raises(NoCertificateYet):
        render_certificate(removal, by=sunrise.viewer)
    removal = approve_removal(removal, by=sunrise.approver)
    assert render_certificate(removal, by=sunrise.viewer).startswith(b"%PDF")


@pytest.mark.usefixtures("in_english")
def test_the_public_page_proves_the_certificate_and_sets_no_cookie(
    sunrise: Cast,
    block: CreditBlock,
) -> None:
    removal = approve_removal(retire(block, 5, sunrise), by=sunrise.approver)
    answer = Client().get(f"/certificates/{removal.token}/?lang=en")
    page = answer.content.decode()
    assert "This certificate is genuine" in page
    for shown in ("Harbour Shipping", "5 tonnes of CO2e", "TH-CCX-hills-2025-1-5"):
        assert shown in page
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"
    assert not re.search(r"sunrise-(operator|approver)|户主", page)


@pytest.mark.usefixtures("in_english")
def test_a_certificate_that_was_changed_is_not_to_be_trusted(
    sunrise: Cast,
    block: CreditBlock,
) -> None:
    removal = approve_removal(retire(block, 5, sunrise), by=sunrise.approver)
    removal.data["tonnes"] = 500
    shown = certificate_context(removal)
    assert shown["verdict"] == "Not to be trusted"
    assert "amount" not in shown


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["a" * 32, "x%00y", "-"])
def test_an_unknown_token_is_404(token: str) -> None:
    assert Client().get(f"/certificates/{token}/").status_code == 404


def test_a_proposal_alone_has_no_public_page(sunrise: Cast, block: CreditBlock) -> None:
    removal = retire(block, 5, sunrise)
    Removal.objects.filter(pk=removal.pk).update(token="b" * 32)
    assert Client().get(f"/certificates/{'b' * 32}/").status_code == 404

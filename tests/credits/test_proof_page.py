"""What the check of the credits finds is kept, with since when, and said on the desk."""
# ruff: noqa: F811

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from aggregator.models import AuditEvent, User
from credits.models import CreditBlock, CreditsProof, Project
from credits.tonnes.block_faults import ADVICE, SENTENCES
from credits.tonnes.block_proof import check_all, keep_proof
from tests.cast import Cast
from tests.credits.test_blocks import block, project  # noqa: F401

PAGE = "/admin/credits-proof/"
pytestmark = pytest.mark.usefixtures("in_english")


def open_desk(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def damage(block: CreditBlock) -> None:
    """Along an edge, so that no trigger refuses it, and without an event."""
    CreditBlock.objects.filter(pk=block.pk).update(status="cancelled")


def test_a_finding_keeps_its_first_day_until_it_is_gone(
    sunrise: Cast, project: Project, block: CreditBlock
) -> None:
    damage(block)
    assert len(list(check_all())) == 1
    first = CreditsProof.objects.get().findings
    assert (first[0]["code"], first[0]["key"]) == ("ends_elsewhere", block.pk)
    again = keep_proof(sunrise.cooperative, guards=[])
    assert again.findings == first
    assert again.checked_at.isoformat() > first[0]["since"]


def test_the_page_says_what_since_when_and_what_to_do(
    sunrise: Cast, project: Project, block: CreditBlock
) -> None:
    desk = open_desk(sunrise.operator)
    assert "Nothing has been checked yet." in desk.get(PAGE).content.decode()
    desk.post(PAGE)
    assert "All is in order." in desk.get(PAGE).content.decode()
    damage(block)
    desk.post(PAGE)
    page = desk.get(PAGE).content.decode()
    assert "is cancelled, its moves end in held" in page
    assert "found since" in page
    assert "past the program" in page
    assert f"/admin/credits/creditblock/{block.pk}/change/" in page
    assert AuditEvent.objects.filter(action="check_credits", by=sunrise.operator).count() == 2


def test_home_warns_of_what_was_found(sunrise: Cast, project: Project, block: CreditBlock) -> None:
    desk = open_desk(sunrise.operator)
    keep_proof(sunrise.cooperative, guards=[])
    assert "Credits that do not add up" not in desk.get("/admin/").content.decode()
    damage(block)
    keep_proof(sunrise.cooperative, guards=[])
    home = desk.get("/admin/").content.decode()
    assert "Credits that do not add up" in home
    assert PAGE in home


def test_each_sees_only_the_own_cooperative_s_and_no_verifier_any(
    sunrise: Cast, riverbend: Cast, project: Project, block: CreditBlock
) -> None:
    damage(block)
    keep_proof(sunrise.cooperative, guards=[])
    assert "moves end" not in open_desk(riverbend.operator).get(PAGE).content.decode()
    assert open_desk(sunrise.verifier).get(PAGE).status_code == 404
    viewer = open_desk(sunrise.viewer)
    assert "Check now" not in viewer.get(PAGE).content.decode()
    viewer.post(PAGE)
    assert not AuditEvent.objects.filter(action="check_credits").exists()


def test_the_command_keeps_what_it_finds(
    sunrise: Cast, project: Project, block: CreditBlock
) -> None:
    call_command("check_credits")
    assert CreditsProof.objects.get().findings == []
    damage(block)
    with pytest.raises(CommandError):
        call_command("check_credits")
    assert len(CreditsProof.objects.get().findings) == 1


def test_a_guard_that_is_gone_is_told_to_every_desk(sunrise: Cast, riverbend: Cast) -> None:
    for cast in (sunrise, riverbend):
        proof = keep_proof(cast.cooperative, guards=["guard blocks_edges is missing"])
        assert proof.findings[0]["values"] == {"name": "blocks_edges"}


def test_every_fault_has_a_sentence_and_advice() -> None:
    assert SENTENCES.keys() == ADVICE.keys()

"""An account in an uploaded file is proposed by whoever has the file written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aggregator import payees, upload_mending, uploads
from aggregator.models import PayeeAccount, User
from tests.aggregator.sheets import bank_card, household, write_households
from tests.cast import Cast
from tests.farms import uploading


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def test_nobody_approves_what_he_mended_and_wrote_himself(sunrise: Cast, tmp_path: Path) -> None:
    """A superuser holds every role: an operator's file lying there is no second person."""
    both = User.objects.create(username="platform", is_superuser=True)
    path = write_households(tmp_path / "农户.csv", household(1))
    upload = uploading.check(path, sunrise, kind="households")
    row = uploading.row_of(upload, 2)
    upload_mending.mend_row(row, texts={"account_number": bank_card(70)}, by=both)
    upload.refresh_from_db()
    uploads.request_check(upload, by=both)
    uploading.work(upload)
    uploads.request_write(upload, by=both)
    uploading.work(upload)
    account = PayeeAccount.objects.get(household__code="Q001")
    assert (account.number, account.proposed_by) == (bank_card(70), both)
    with pytest.raises(payees.OwnProposal):
        payees.approve_account(account, by=both)


def test_a_colleague_who_has_it_written_answers_for_it(sunrise: Cast, tmp_path: Path) -> None:
    colleague = User.objects.create(
        username="second", cooperative=sunrise.cooperative, role=User.Role.OPERATOR
    )
    path = write_households(tmp_path / "农户.csv", household(1))
    upload = uploading.check(path, sunrise, kind="households")
    uploads.request_write(upload, by=colleague)
    uploading.work(upload)
    assert (upload.status, upload.run.by) == ("done", colleague)
    assert PayeeAccount.objects.get(household__code="Q001").proposed_by == colleague

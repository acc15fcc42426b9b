"""The desk's guide: the order of work from three files to payment, each step with its pages."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OPERATOR = _("Done by an operator.")
APPROVER = _("Done by an approver, who is never the one who prepared it.")
VERIFIER = _("Done by the independent verifier.")

Step = tuple[Promise, Promise, Promise, list[tuple[str, Promise]]]
STEPS: list[Step] = [
    (
        _("Bring in the members"),
        _(
            "One row a household: village, head, identity and phone number, agreement, account."
            " You see every error before anything is written."
        ),
        OPERATOR,
        [
            ("import-start", _("Bring in files")),
            ("admin:aggregator_household_changelist", _("Households")),
        ],
    ),
    (
        _("Bring in the fields"),
        _(
            "The land registry's file with its outlines. What overlaps or cannot be a field is"
            " shown on the map and mended there."
        ),
        OPERATOR,
        [("import-start", _("Bring in files")), ("admin:farms_field_changelist", _("Fields"))],
    ),
    (
        _("Record the practices"),
        _(
            "Print a season's sheet for each village, have it filled in, and bring it back with the"
            " photos and invoices that show it."
        ),
        OPERATOR,
        [
            ("admin:farms_season_changelist", _("Seasons")),
            ("admin:farms_practicerecord_changelist", _("Practices")),
            ("admin:farms_evidence_changelist", _("Evidence")),
        ],
    ),
    (
        _("Have the agreements signed"),
        _("No right, no credit: a field earns only for the days that a signed agreement covers."),
        OPERATOR,
        [("admin:aggregator_agreement_changelist", _("Agreements"))],
    ),
    (
        _("Set up the project and enrol the fields"),
        _("Each field is checked on its own. One that is refused says why and what to do."),
        OPERATOR,
        [
            ("admin:credits_project_changelist", _("Projects")),
            ("admin:credits_enrolment_changelist", _("Enrolments")),
        ],
    ),
    (
        _("Count the tonnes of the period"),
        _("Open a period, close it when its days are over, then count: field by field."),
        OPERATOR,
        [("admin:credits_monitoringperiod_changelist", _("Periods"))],
    ),
    (
        _("Have them verified"),
        _("Publish the list, draw the sample from a public number, record what was found."),
        VERIFIER,
        [("admin:credits_verification_changelist", _("Verifications"))],
    ),
    (
        _("Issue and sell the credits"),
        _("Each tonne has a number of its own. A lot names its buyer and its price."),
        OPERATOR,
        [
            ("admin:credits_creditblock_changelist", _("Credit blocks")),
            ("admin:credits_lot_changelist", _("Lots sold")),
        ],
    ),
    (
        _("Record the money that came in"),
        _("With the reference on the bank statement; the same one is never taken twice."),
        OPERATOR,
        [("admin:payouts_receipt_changelist", _("Receipts"))],
    ),
    (
        _("Share it out"),
        _("Ask for the settlement and look at its checks. A second person approves it."),
        APPROVER,
        [("admin:payouts_settlement_changelist", _("Settlements"))],
    ),
    (
        _("Post and hand out the statements"),
        _("Print the village's list and books. Members may object before they are paid."),
        OPERATOR,
        [
            ("admin:payouts_villagedocument_changelist", _("Village documents")),
            ("admin:payouts_statement_changelist", _("Statements")),
        ],
    ),
    (
        _("Pay"),
        _(
            "Propose a batch, have it approved, take the bank's file, and confirm it once the bank"
            " has paid. What the bank sent back stays owed."
        ),
        APPROVER,
        [("admin:payouts_paymentbatch_changelist", _("Payment batches"))],
    ),
]


def guide_context() -> dict[str, Any]:
    """The steps with the addresses of their pages."""
    return {
        "title": _("How it goes"),
        "steps": [
            {
                "title": title,
                "text": text,
                "who": who,
                "links": [{"url": reverse(name), "label": label} for name, label in links],
            }
            for title, text, who, links in STEPS
        ],
    }

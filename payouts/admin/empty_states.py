"""What an empty list says: what will stand there, and the next step with its link.

One sentence for every list of the desk; a list without one fails a test.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from aggregator.empty_hints import EmptyHint, register_empty_hint

FILES = ("import-start", _("Bring in files"))
HOUSEHOLDS = ("admin:aggregator_household_changelist", _("To the households"))
FIELDS = ("admin:farms_field_changelist", _("To the fields"))
PROJECTS = ("admin:credits_project_changelist", _("To the projects"))
PERIODS = ("admin:credits_monitoringperiod_changelist", _("To the periods"))
VERIFICATIONS = ("admin:credits_verification_changelist", _("To the verifications"))
ISSUANCES = ("admin:credits_issuance_changelist", _("To the issuances"))
BLOCKS = ("admin:credits_creditblock_changelist", _("To the credit blocks"))
LOTS = ("admin:credits_lot_changelist", _("To the lots sold"))
RECEIPTS = ("admin:payouts_receipt_changelist", _("To the receipts"))
SETTLEMENTS = ("admin:payouts_settlement_changelist", _("To the settlements"))
BATCHES = ("admin:payouts_paymentbatch_changelist", _("To the payment batches"))
GUIDE = ("admin:guide", _("How it goes"))

HINTS = {
    "aggregator.Household": (_("No household is on record. Bring in the list of members."), FILES),
    "aggregator.Village": (
        _("No village is on record. They come with the list of members."),
        FILES,
    ),
    "aggregator.Cooperative": (_("No cooperative is on record."), GUIDE),
    "aggregator.User": (_("Nobody has a sign-in yet. The platform's staff make them."), GUIDE),
    "aggregator.ImportRun": (_("No file has been brought in. Begin with the members."), FILES),
    "aggregator.OutboxMessage": (
        _("No message has been sent. Sign-in codes and notices appear here."),
        GUIDE,
    ),
    "aggregator.AuditEvent": (_("No decision has been made. Each one will stand here."), GUIDE),
    "aggregator.RecordChange": (
        _("Nothing has been changed. Who changes what will stand here, from what to what."),
        GUIDE,
    ),
    "aggregator.PayeeAccount": (
        _("No account is on record. It comes with the members' file, or from a household's page."),
        HOUSEHOLDS,
    ),
    "aggregator.DuplicatePair": (
        _("No two records look like one household. Search for them after each import."),
        HOUSEHOLDS,
    ),
    "aggregator.Succession": (
        _("No household has passed on its rights. It is recorded on a household's page."),
        HOUSEHOLDS,
    ),
    "aggregator.Agreement": (
        _("No agreement is on record. Draft one from a household's page, or bring in the list."),
        HOUSEHOLDS,
    ),
    "aggregator.AgreementTemplate": (
        _("No wording is on record. Adapt the program's standard text first."),
        GUIDE,
    ),
    "farms.Field": (_("No field is on record. Bring in the land registry's file."), FILES),
    "farms.Tenure": (_("Nobody holds a field yet. The fields' file says who does."), FILES),
    "farms.Season": (_("No season is on record. Add the one that the practices belong to."), GUIDE),
    "farms.PracticeRecord": (
        _("No practice is on record. Take a season's sheet to the village, then bring it in."),
        FILES,
    ),
    "farms.Evidence": (
        _("No evidence is on record. It comes with the practices' file, or from a practice."),
        FILES,
    ),
    "farms.Observation": (
        _("Nothing has been observed. Record a visit on a field's page."),
        FIELDS,
    ),
    "farms.GrainFlag": (_("No field breaks a rule of the grain guard."), FIELDS),
    "farms.Overlap": (
        _("No shared land is on record. Only a check finds it: press “Check all land”."),
        FIELDS,
    ),
    "farms.OverlapScan": (_("The land has not been checked yet."), FIELDS),
    "credits.Project": (
        _("There is no project. Set one up once members and fields are on record."),
        GUIDE,
    ),
    "credits.Enrolment": (_("No field is in a pool. Enrol fields on a project's page."), PROJECTS),
    "credits.MonitoringPeriod": (_("No period is open. Open one on a project's page."), PROJECTS),
    "credits.QuantificationRun": (
        _("No tonnes have been counted. Close a period, then count on its page."),
        PERIODS,
    ),
    "credits.FieldResult": (
        _("No field has a result. Results come when a period's tonnes are counted."),
        PERIODS,
    ),
    "credits.Verification": (
        _("Nothing has been verified. Prepare the list on the page of a counted period."),
        PERIODS,
    ),
    "credits.SampledField": (
        _("No sample has been drawn. Draw one on a verification's page."),
        VERIFICATIONS,
    ),
    "credits.Issuance": (
        _("No credits are issued. They are, on the page of a verified period."),
        PERIODS,
    ),
    "credits.CreditBlock": (_("There is no block of credits. Issue a verified period."), ISSUANCES),
    "credits.Buyer": (_("No buyer is on record. Add one before the first sale."), BLOCKS),
    "credits.Lot": (_("Nothing has been sold. Sell a lot on a credit block's page."), BLOCKS),
    "payouts.Receipt": (
        _("No money has come in. Record it when it stands on the bank statement."),
        LOTS,
    ),
    "payouts.WaterfallRule": (
        _("No deduction is agreed. Without one, all that comes in goes to the households."),
        PROJECTS,
    ),
    "credits.VerifierAssignment": (
        _("No verifier is assigned. It is done on the page of the project."),
        PROJECTS,
    ),
    "credits.Removal": (
        _("Nothing is retired or cancelled. Both are proposed on the page of a block."),
        BLOCKS,
    ),
    "credits.Reversal": (
        _("No carbon was lost again. A loss is reported on the page of the project."),
        PROJECTS,
    ),
    "credits.ClawbackProposal": (
        _("No payment is in question. Some may be, where carbon was lost again."),
        PROJECTS,
    ),
    "credits.BlockEvent": (_("No credit has moved. Issuing is the first move."), ISSUANCES),
    "credits.SoilPoint": (_("No point is drawn. They come with a round of sampling."), PROJECTS),
    "credits.SoilLayer": (
        _("No layer is measured. The laboratory's file brings them, on the page of a round."),
        PROJECTS,
    ),
    "payouts.Settlement": (
        _("Nothing has been shared out. Ask for a settlement once money has come in."),
        RECEIPTS,
    ),
    "payouts.Share": (_("Nobody has a share yet. Shares come with a settlement."), SETTLEMENTS),
    "payouts.Statement": (
        _("No statement is issued. They are, when a settlement is approved."),
        SETTLEMENTS,
    ),
    "payouts.VillageDocument": (
        _("Nothing is ready to print. Documents come when a settlement is approved."),
        SETTLEMENTS,
    ),
    "payouts.PaymentBatch": (
        _("Nothing is being paid out. Propose a batch once a settlement is approved."),
        SETTLEMENTS,
    ),
    "payouts.Payment": (_("There is no payment. Payments come with a batch."), BATCHES),
    "payouts.Account": (
        _("There is no account. The first money that comes in opens them."),
        RECEIPTS,
    ),
    "payouts.JournalEntry": (
        _("The books are empty. The first money that comes in is the first entry."),
        RECEIPTS,
    ),
    "payouts.Posting": (_("The books are empty. Postings come with their entries."), RECEIPTS),
}

for label, (sentence, (address, words)) in HINTS.items():
    register_empty_hint(label, EmptyHint(sentence, address, words))

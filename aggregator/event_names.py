"""What the audit log's codes mean, in the reader's words; an unknown code is shown as it is."""

from typing import Any

from django.apps import apps
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

EVENT_NAMES = {
    "added": _("added"),
    "changed": _("changed"),
    "revealed": _("saw the personal numbers"),
    "export_list": _("took a list along as a file"),
    "ask_overlap_scan": _("asked for a check of the land"),
    "scan_overlaps": _("checked the land for overlaps"),
    "import_households": _("brought in households"),
    "import_fields": _("brought in fields"),
    "import_practices": _("brought in practices"),
    "transfer_field": _("gave the field to a household"),
    "end_tenure": _("ended a tenure"),
    "draw_field": _("drew the field"),
    "redraw_field": _("drew the boundary anew"),
    "split_field": _("split the field"),
    "merge_fields": _("merged the fields"),
    "start_upload": _("chose a file to bring in"),
    "match_columns": _("matched the columns of a file"),
    "mend_row": _("mended a row of a file"),
    "leave_out_row": _("left out rows of a file"),
    "split_row": _("made a plot of each part of a row of a file"),
    "take_back_row": _("took a row of a file back in"),
    "accept_repair": _("decided on the repair of outlines"),
    "convert_offset": _("decided on the offset of a file's outlines"),
    "request_write": _("had a checked file written"),
    "cancel_upload": _("gave up bringing in a file"),
    "create_project": _("set up the project"),
    "set_up_rules": _("set up the program's deductions"),
    "enrol_fields": _("enrolled fields"),
    "tell_uncertainty": _("told the period's uncertainty"),
    "confirm_requirement": _("found in order what the program asks"),
    "open_period": _("opened the period"),
    "close_period": _("closed the period"),
    "export_period": _("took the figures of the period along"),
    "report_period": _("took the report of the period along"),
    "request_count": _("asked for a count of the period"),
    "cancel_count": _("broke off a count of the period"),
    "quantify_period": _("counted the tonnes"),
    "prepare_verification": _("published the list for verification"),
    "draw_sample": _("drew the sample"),
    "record_finding": _("recorded a finding"),
    "close_verification": _("gave the opinion"),
    "assign_verifier": _("assigned a verifier"),
    "end_assignment": _("ended a verifier's assignment"),
    "add_finding_photos": _("added pictures of a sampled field"),
    "corrective_raised": _("requested a correction"),
    "corrective_answered": _("answered a request for correction"),
    "corrective_rejected": _("refused the answer to a request"),
    "corrective_closed": _("closed a request for correction"),
    "plan_soil_round": _("published the list of a soil sampling"),
    "draw_soil_points": _("drew the points of a soil sampling"),
    "replace_soil_point": _("gave up a point that could not be reached"),
    "import_soil_results": _("brought in a laboratory's results"),
    "close_soil_round": _("closed the soil sampling"),
    "open_soil_report": _("took a laboratory's sheet along"),
    "withdraw_soil_results": _("withdrew a laboratory's results"),
    "tie_soil_round": _("tied the soil sampling to a period"),
    "issue_credits": _("issued the credits"),
    "sell_lot": _("sold a lot"),
    "split_block": _("split a block of credits"),
    "merge_blocks": _("made one block of several"),
    "export_blocks": _("took the list of blocks along"),
    "export_cadtrust": _("took the records for CAD Trust along"),
    "check_credits": _("checked the credits"),
    "reserve_tonnes": _("set credits aside for a sale"),
    "free_tonnes": _("set credits free again"),
    "release_buffer": _("released credits from the buffer"),
    "propose_removal": _("proposed to retire or cancel credits"),
    "approve_removal": _("approved retiring or cancelling credits"),
    "refuse_removal": _("refused retiring or cancelling credits"),
    "propose_reversal": _("reported a reversal"),
    "approve_reversal": _("approved a reversal"),
    "refuse_reversal": _("refused a reversal"),
    "record_receipt": _("recorded money received"),
    "request_settlement": _("asked for the settlement"),
    "draft_settlement": _("drafted the settlement"),
    "approve_settlement": _("approved the settlement"),
    "withdraw_settlement": _("withdrew the settlement"),
    "propose_batch": _("proposed the batch"),
    "approve_batch": _("approved the batch"),
    "withdraw_batch": _("withdrew the batch"),
    "export_batch": _("made the bank file"),
    "export_copy": _("took a copy of the bank file"),
    "confirm_batch": _("confirmed the batch as paid"),
    "household_signed_in": _("signed in on the phone"),
    "tell_approvers": _("told the approvers"),
    "propose_account": _("proposed a bank account"),
    "approve_account": _("approved a bank account"),
    "refuse_account": _("refused a bank account"),
    "end_account": _("ended a bank account"),
    "change_phone": _("changed the telephone number"),
    "join": _("took in as a member"),
    "leave": _("ended the membership"),
    "change_shares": _("changed the shares"),
    "record_death": _("recorded a death"),
    "pass_household": _("passed the household on"),
    "divide_household": _("divided the household"),
    "found_household": _("founded by division"),
    "found_different": _("found two households to be different"),
    "propose_merge": _("proposed to merge two records"),
    "refuse_merge": _("refused the merge"),
    "merge_households": _("merged two records"),
    "fail_payment": _("marked a payment as failed"),
    "write_template": _("wrote the next wording"),
    "draft_agreement": _("drafted the agreement"),
    "draft_agreements": _("drafted agreements"),
    "redraft_agreement": _("drafted the agreement anew"),
    "discard_agreement": _("discarded the draft"),
    "renew_agreement": _("drafted the renewal"),
    "sign_agreement": _("recorded the signature"),
    "replace_scan": _("put in another scan"),
    "revoke_agreement": _("revoked the agreement"),
    "report_practice": _("took the household's report"),
    "confirm_record": _("confirmed"),
    "refuse_record": _("refused"),
    "withdraw_record": _("withdrew"),
    "enter_practice": _("entered a practice for many fields"),
    "record_observations": _("entered observations"),
    "add_evidence": _("added evidence"),
    "check_land": _("checked the land by the grain guard"),
}


def event_name(code: str) -> str:
    return str(EVENT_NAMES.get(code, code))


def kind_name(code: str) -> str:
    """What the admin calls the rows of the model `code`, of whichever floor."""
    for model in apps.get_models():
        if model._meta.model_name == code:
            return str(capfirst(model._meta.verbose_name))
    return code


IMPORT_KINDS: dict[str, Promise] = {
    "households": _("Households"),
    "fields": _("Fields"),
    "practices": _("Practices"),
}
COUNT_NAMES: dict[str, Promise] = {
    "created": _("created"),
    "updated": _("updated"),
    "unchanged": _("unchanged"),
    "errors": _("errors"),
    "notes": _("notes"),
}


def import_kind_name(code: str) -> str:
    return str(IMPORT_KINDS.get(code, code))


def count_text(counts: dict[str, Any]) -> str:
    """The counts of an import that are not zero, each with its word."""
    return " · ".join(
        f"{COUNT_NAMES.get(name, name)} {count:,}" for name, count in counts.items() if count
    )

"""Bringing in households: villages, heads, memberships, agreements and accounts from one file.

An empty cell says nothing: it never clears what is on record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from aggregator import household_notices, sms
from aggregator.changes import Changes, assign
from aggregator.contacts import forget_merged_phones
from aggregator.duplicates import find_duplicates
from aggregator.encryption import hash_number
from aggregator.household_rows import COLUMNS, HouseholdRow, read_household_rows
from aggregator.importing import Counts, ImportJob, ImportReport, run_import
from aggregator.models import (
    Agreement,
    Cooperative,
    Household,
    Membership,
    PayeeAccount,
    Person,
    User,
    Village,
)
from aggregator.payees import REPLACED
from aggregator.rows import note_unread
from aggregator.tabular import Table, read_table

_IN_PLAY = (PayeeAccount.Status.PROPOSED, PayeeAccount.Status.ACTIVE)


def import_households(
    path: Path | str,
    *,
    cooperative: Cooperative,
    by: User | None,
    dry_run: bool = False,
) -> ImportReport:
    """Bring in a file of households, one row each, upserted by household code."""
    return run_import(
        Path(path),
        ImportJob("households", cooperative, by, dry_run),
        read=lambda file: read_table(file, COLUMNS),
        plan=lambda table: HouseholdPlan(table, cooperative, by=by),
    )


class HouseholdPlan:
    """What the file changes, worked out row by row against what is on record."""

    def __init__(self, table: Table, cooperative: Cooperative, *, by: User | None = None) -> None:
        self.cooperative = cooperative
        self.by = by
        self.proposed: list[PayeeAccount] = []
        self.rephoned: list[Household] = []
        self.counts = Counts()
        self.notes = note_unread(table.ignored)
        self.changes = Changes([Village, Household, Person, Membership, Agreement, PayeeAccount])
        self.known = _OnRecord(cooperative)
        rows, self.errors = read_household_rows(table)
        for row in rows:
            self._plan_row(row)

    def apply(self) -> None:
        former = _phones_of(self.rephoned)
        self.changes.apply()
        forget_merged_phones(self.rephoned)
        # All at once and in this transaction: a kill between two of them would lose the rest.
        sms.write_messages(each for each in self._word_messages(former) if each.phone)
        find_duplicates(self.cooperative)

    def _word_messages(self, former: dict[int, str]) -> Iterator[sms.Message]:
        """Of a changed phone and of a proposed account, at the number known before this file."""
        phones = _phones_of([account.household for account in self.proposed]) | former
        for account in self.proposed:
            yield household_notices.word_proposed(account, phone=phones[account.household.pk])
        for household in self.rephoned:
            yield household_notices.word_phone_changed(household, former=former[household.pk])

    def _plan_row(self, row: HouseholdRow) -> None:
        village = self._find_village(row)
        household = self.known.households.get(row.code)
        if household is not None and household.merged_into_id is not None:
            self._refuse_merged(household, row)
            return
        is_new = household is None
        if household is None:
            household = self._make_household(row, village)
            changed = True
        else:
            changed = self._change_household(household, row, village)
        for plan in (
            self._plan_head,
            self._plan_membership,
            self._plan_agreement,
            self._plan_payee,
        ):
            changed = plan(household, row) or changed
        if is_new:
            self.counts.created += 1
        elif changed:
            self.counts.updated += 1
        else:
            self.counts.unchanged += 1

    def _refuse_merged(self, household: Household, row: HouseholdRow) -> None:
        kept = next(
            known.code
            for known in self.known.households.values()
            if known.pk == household.merged_into_id
        )
        row.reader.refuse(
            "household_code",
            _("Household %(code)s is now %(kept)s: write that code.")
            % {"code": household.code, "kept": kept},
        )

    def _find_village(self, row: HouseholdRow) -> Village | None:
        if not row.village_code and not row.village_name:
            return None
        village = (
            self.known.villages.get(row.village_code)
            if row.village_code
            else self.known.village_named(row.village_name)
            # A village brought in by its name has that for a code, and keeps it when renamed.
            or self.known.villages.get(row.village_name[:32])
        )
        if village is None:
            return self._make_village(row)
        if row.village_name and village.pk is None and village.name == village.code:
            village.name = row.village_name
        if row.village_name and row.village_name != village.name:
            row.reader.refuse(
                "village_name",
                _("Village %(code)s is called %(name)s.")
                % {"code": village.code, "name": village.name},
            )
        return village

    def _make_village(self, row: HouseholdRow) -> Village:
        code = row.village_code or row.village_name[:32]
        village = Village(
            cooperative=self.cooperative, code=code, name=row.village_name or row.village_code
        )
        self.known.villages[code] = village
        self.changes.make(village)
        return village

    def _make_household(self, row: HouseholdRow, village: Village | None) -> Household:
        if village is None and not row.reader.row.refused & {"village_code", "village_name"}:
            row.reader.refuse("village_code", _("A new household needs its village, code or name."))
        household = Household(
            cooperative=self.cooperative,
            village=village,
            code=row.code,
            phone=row.phone,
            phone_hash=hash_number(row.phone),
            language=row.language or Household.Language.CHINESE,
        )
        self.changes.make(household)
        return household

    def _change_household(
        self, household: Household, row: HouseholdRow, village: Village | None
    ) -> bool:
        changed = assign(household, language=row.language)
        if village is not None and household.village_id != village.pk:
            household.village = village
            changed.append("village")
        if row.phone and household.phone_hash != hash_number(row.phone):
            if household.phone_hash:
                self.rephoned.append(household)
            household.phone, household.phone_hash = row.phone, hash_number(row.phone)
            changed += ["phone", "phone_hash"]
        return self.changes.change(household, *changed)

    def _plan_head(self, household: Household, row: HouseholdRow) -> bool:
        identity_hash = hash_number(row.identity_number)
        bearer = self.known.bearers.get(identity_hash) if identity_hash else None
        if bearer is not None and (household.pk is None or bearer.household_id != household.pk):
            row.reader.refuse(
                "identity_number",
                _("This identity number is on record for household %(code)s.")
                % {"code": bearer.household.code},
            )
            return False
        head = self.known.heads.get(household.pk)
        if (gone := self._find_gone(row, head, bearer)) is not None:
            row.reader.refuse(
                "head_name",
                _("%(person)s left household %(code)s on %(day)s. Write who heads it now.")
                % {"person": gone, "code": row.code, "day": gone.left_on},
            )
            return False
        is_another = bearer is not head if bearer else bool(head and head.identity_hash)
        if head is None or (identity_hash and head.identity_hash != identity_hash and is_another):
            self._replace_head(household, row, head, bearer)
            return True
        changed = assign(head, name=row.head_name)
        if identity_hash and not head.identity_hash:
            head.identity_number, head.identity_hash = row.identity_number, identity_hash
            changed += ["identity_number", "identity_hash"]
        return self.changes.change(head, *changed)

    def _find_gone(
        self, row: HouseholdRow, head: Person | None, bearer: Person | None
    ) -> Person | None:
        """Whom a list older than the record would make head again: who died or moved away."""
        if bearer is not None:
            return bearer if bearer.left_on is not None else None
        if row.identity_number or (head is not None and head.name == row.head_name):
            return None
        return self.known.gone.get((row.code, row.head_name))

    def _replace_head(
        self, household: Household, row: HouseholdRow, head: Person | None, heir: Person | None
    ) -> None:
        """Another identity number is another person: the old head stays as one of the household."""
        if head is not None:
            head.is_head = False
            self.changes.give_way(head, "is_head")
        if heir is not None:
            heir.is_head, heir.name = True, row.head_name or heir.name
            self.changes.change(heir, "is_head", "name")
            return
        self.changes.make(
            Person(
                **self._owned(household),
                name=row.head_name,
                is_head=True,
                identity_number=row.identity_number,
                identity_hash=hash_number(row.identity_number),
            )
        )

    def _plan_membership(self, household: Household, row: HouseholdRow) -> bool:
        spans = self.known.memberships.get(household.pk, [])
        span: Membership | None
        if row.member_since is None:
            if row.member_until is None and row.shares is None:
                return False
            if not spans:
                row.reader.refuse("member_since", _("There is no membership yet: since when?"))
                return False
            span = spans[-1]
        else:
            span = next((s for s in spans if s.starts_on == row.member_since), None)
        if span is None:
            return self._make_membership(household, row, spans)
        if row.member_until and row.member_until < span.starts_on:
            row.reader.refuse("member_until", _("The end is before the start on record."))
            return False
        return self.changes.change(span, *assign(span, ends_on=row.member_until, shares=row.shares))

    def _make_membership(
        self, household: Household, row: HouseholdRow, spans: list[Membership]
    ) -> bool:
        starts = row.member_since
        if starts is None:
            return False
        ends = row.member_until or date.max
        for span in spans:
            if span.starts_on <= ends and starts <= (span.ends_on or date.max):
                row.reader.refuse(
                    "member_since",
                    _("A membership since %(day)s is on record for these days. End that one first.")
                    % {"day": span.starts_on.isoformat()},
                )
                return False
        shares = 1 if row.shares is None else row.shares
        self.changes.make(
            Membership(
                **self._owned(household), starts_on=starts, ends_on=row.member_until, shares=shares
            )
        )
        return True

    def _plan_agreement(self, household: Household, row: HouseholdRow) -> bool:
        terms = row.agreement
        if terms is None:
            return False
        days = {
            "signed_on": terms.signed_on,
            "starts_on": terms.starts_on,
            "ends_on": terms.ends_on,
        }
        agreement = self.known.agreements.get(terms.code)
        if agreement is None:
            self.changes.make(Agreement(**self._owned(household), code=terms.code, **days))
            return True
        if agreement.household_id != household.pk:
            row.reader.refuse(
                "agreement_code",
                _("This agreement is on record for household %(code)s.")
                % {"code": agreement.household.code},
            )
            return False
        changed = assign(agreement, **days)
        if changed and agreement.text:
            # The days stand in the frozen text: a file would make the paper say something else.
            row.reader.refuse(
                "agreement_code",
                _(
                    "This agreement was made in the program: its days are as on its paper. "
                    "Sign, renew or revoke it there, or leave its columns of this row empty."
                ),
                code="agreement_frozen",
            )
            return False
        return self.changes.change(agreement, *changed)

    def _plan_payee(self, household: Household, row: HouseholdRow) -> bool:
        """An account in a file is a proposal: a second person approves it, and nothing else."""
        accounts = self.known.accounts.get(household.pk, [])
        open_rows = [account for account in accounts if account.status in _IN_PLAY]
        # What waits is the latest said; then what is in use.
        open_rows.sort(key=lambda account: account.status != PayeeAccount.Status.PROPOSED)
        number_hash = hash_number(row.account_number)
        latest = open_rows[0] if open_rows else None
        if not number_hash and latest is not None and (row.account_holder or row.bank_name):
            number_hash = latest.number_hash
        if not number_hash:
            return False
        same = latest if latest is not None and latest.number_hash == number_hash else None
        holder_name = row.account_holder or (same.holder_name if same else row.head_name)
        bank_name = row.bank_name or (same.bank_name if same else "")
        if same and (same.holder_name, same.bank_name) == (holder_name, bank_name):
            return False
        if latest is not None and latest.status == PayeeAccount.Status.PROPOSED:
            latest.status, latest.reason = PayeeAccount.Status.REFUSED, REPLACED
            self.changes.give_way(latest, "status", "reason")
        account = PayeeAccount(
            **self._owned(household),
            holder_name=holder_name,
            bank_name=bank_name,
            number=row.account_number or (same.number if same else ""),
            number_hash=number_hash,
            proposed_by=self.by,
        )
        self.changes.make(account)
        self.proposed.append(account)
        return True

    def _owned(self, household: Household) -> dict[str, Any]:
        return {"cooperative": self.cooperative, "household": household}


class _OnRecord:
    """What the cooperative has on record, in a few queries; encrypted columns stay unread."""

    def __init__(self, cooperative: Cooperative) -> None:
        def rows(model: Any, *hidden: str) -> Any:
            return model.objects.for_cooperative(cooperative).defer(*hidden)

        self.villages = {village.code: village for village in rows(Village)}
        self.households = {household.code: household for household in rows(Household, "phone")}
        by_pk = {household.pk: household for household in self.households.values()}
        for household in by_pk.values():
            household.cooperative = cooperative
        self.heads: dict[int, Person] = {}
        self.bearers: dict[str, Person] = {}
        self.gone: dict[tuple[str, str], Person] = {}
        for person in rows(Person, "identity_number"):
            person.household = by_pk[person.household_id]
            if person.is_head:
                self.heads[person.household_id] = person
            if person.identity_hash:
                self.bearers[person.identity_hash] = person
            if person.left_on is not None:
                self.gone[person.household.code, person.name] = person
        self.memberships: dict[int, list[Membership]] = {}
        for span in rows(Membership).order_by("household", "starts_on"):
            self.memberships.setdefault(span.household_id, []).append(span)
        self.agreements: dict[str, Agreement] = {}
        for agreement in rows(Agreement):
            agreement.household = by_pk[agreement.household_id]
            self.agreements[agreement.code] = agreement
        self.accounts: dict[int, list[PayeeAccount]] = {}
        for account in rows(PayeeAccount, "number"):
            self.accounts.setdefault(account.household_id, []).append(account)

    def village_named(self, name: str) -> Village | None:
        return next((v for v in self.villages.values() if v.name == name), None)


def _phones_of(households: Sequence[Household]) -> dict[int, str]:
    """The numbers on record, by key, in one question."""
    rows = Household.objects.filter(pk__in=[household.pk for household in households])
    return dict(rows.order_by().values_list("pk", "phone"))

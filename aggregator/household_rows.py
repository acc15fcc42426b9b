"""The rows of a household file, each checked by itself; the database is not asked here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aggregator.days import DayInFuture, refuse_future
from aggregator.identity import read_account, read_identity, read_phone
from aggregator.importing import RowError
from aggregator.models import Household
from aggregator.rows import RowReader, read_code, refuse_twins
from aggregator.tabular import Column, Table

COLUMNS = (
    Column(
        "household_code",
        ("农户编码", "承包方编码", "cbfbm"),
        gettext_noop("household code"),
        required=True,
        code=True,
    ),
    Column("village_code", ("村编码", "村代码"), gettext_noop("village code"), code=True),
    Column("village_name", ("村名", "村", "村组", "村民小组"), gettext_noop("village name")),
    Column(
        "head_name",
        ("户主姓名", "户主", "承包方名称", "cbfmc"),
        gettext_noop("name of the head"),
        required=True,
    ),
    Column(
        "identity_number",
        ("身份证号", "身份证号码", "公民身份号码", "证件号码"),
        gettext_noop("identity number"),
        private=True,
    ),
    Column(
        "phone",
        ("手机号", "手机号码", "手机", "电话", "联系电话", "lxdh"),
        gettext_noop("phone"),
        private=True,
    ),
    Column("language", ("语言",), gettext_noop("language")),
    Column("member_since", ("入社日期",), gettext_noop("member since")),
    Column("member_until", ("退社日期",), gettext_noop("member until")),
    Column("shares", ("股份", "股数"), gettext_noop("shares")),
    Column("agreement_code", ("协议编号",), gettext_noop("agreement code"), code=True),
    Column("agreement_signed_on", ("签约日期", "签订日期"), gettext_noop("agreement signed on")),
    Column("agreement_starts_on", ("协议开始", "协议开始日期"), gettext_noop("agreement from")),
    Column("agreement_ends_on", ("协议结束", "协议结束日期"), gettext_noop("agreement to")),
    Column("account_holder", ("开户名", "户名"), gettext_noop("account holder")),
    Column("bank_name", ("开户行", "开户银行"), gettext_noop("bank name")),
    Column(
        "account_number",
        ("银行账号", "银行卡号", "账号"),
        gettext_noop("account number"),
        private=True,
    ),
)

LANGUAGES = {
    "中文": Household.Language.CHINESE,
    "英文": Household.Language.ENGLISH,
    "zh-hans": Household.Language.CHINESE,
    "en": Household.Language.ENGLISH,
    "汉语": Household.Language.CHINESE,
    "英语": Household.Language.ENGLISH,
    "zh": Household.Language.CHINESE,
    "zh-cn": Household.Language.CHINESE,
    "简体中文": Household.Language.CHINESE,
    "chinese": Household.Language.CHINESE,
    "english": Household.Language.ENGLISH,
}

# Contractor household codes have 18 digits, GB/T 35958-2018. Other codes are the cooperative's own.
HOUSEHOLD_CODE_DIGITS = 18


@dataclass(frozen=True, slots=True)
class AgreementTerms:
    code: str
    signed_on: date
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """One household as its row says; empty text and None mean that the row does not say."""

    reader: RowReader
    code: str
    village_code: str
    village_name: str
    head_name: str
    identity_number: str
    phone: str
    language: str | None
    member_since: date | None
    member_until: date | None
    shares: int | None
    agreement: AgreementTerms | None
    account_holder: str
    bank_name: str
    account_number: str

    @property
    def number(self) -> int:
        return self.reader.row.number


def read_household_rows(table: Table) -> tuple[list[HouseholdRow], list[RowError]]:
    """Every row, and everything wrong with any of them."""
    errors = list(table.errors)
    readers = [RowReader(row, table.columns, table.headings, errors) for row in table.rows]
    rows = [_read_row(reader) for reader in readers]
    for key, values in (
        ("household_code", [row.code for row in rows]),
        ("identity_number", [row.identity_number for row in rows]),
        ("agreement_code", [row.agreement.code if row.agreement else "" for row in rows]),
    ):
        refuse_twins(list(zip(readers, values, strict=True)), key)
    return rows, errors


def _read_row(reader: RowReader) -> HouseholdRow:
    code = read_code(reader, "household_code", digits=HOUSEHOLD_CODE_DIGITS)
    since, until = reader.day("member_since"), reader.day("member_until")
    reader.check_order("member_since", since, "member_until", until)
    account_number = reader.number("account_number", read_account)
    bank_name = reader.text("bank_name")
    account_holder = reader.text("account_holder")
    return HouseholdRow(
        reader=reader,
        code=code,
        village_code=reader.code("village_code"),
        village_name=reader.text("village_name"),
        head_name=reader.text("head_name", required=True),
        identity_number=reader.number("identity_number", read_identity),
        phone=reader.number("phone", read_phone),
        language=reader.choice("language", LANGUAGES),
        member_since=since,
        member_until=until,
        shares=reader.whole("shares"),
        agreement=_read_agreement(reader),
        account_holder=account_holder,
        bank_name=bank_name,
        account_number=account_number,
    )


def _read_agreement(reader: RowReader) -> AgreementTerms | None:
    code = reader.code("agreement_code")
    days = {
        key: reader.day(key)
        for key in ("agreement_signed_on", "agreement_starts_on", "agreement_ends_on")
    }
    if not code and not any(days.values()):
        return None
    if not code:
        reader.refuse("agreement_code", _("An agreement's dates are here but not its number."))
        return None
    for key, day in days.items():
        # A date that is there and wrong has its own error already.
        if day is None and not reader.row.cells.get(key) and key not in reader.row.refused:
            reader.refuse(key, _("The agreement needs this date."))
    signed, starts, ends = days.values()
    if signed is not None:
        _refuse_unsigned(reader, signed)
    if signed is None or starts is None or ends is None:
        return None
    reader.check_order("agreement_starts_on", starts, "agreement_ends_on", ends)
    return AgreementTerms(code, signed, starts, ends)


def _refuse_unsigned(reader: RowReader, signed_on: date) -> None:
    try:
        refuse_future(signed_on)
    except DayInFuture as early:
        reader.refuse("agreement_signed_on", str(early))

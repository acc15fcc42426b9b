"""The formats of payment files by id. A new one is a file here and a line below."""

from payouts.bank_files.base import BankFileFormat
from payouts.bank_files.generic_csv import GenericCsv
from payouts.bank_files.generic_xlsx import GenericXlsx

FORMATS: dict[str, BankFileFormat] = {
    "generic-csv": GenericCsv(),
    "generic-xlsx": GenericXlsx(),
}

"""A table of payments as CSV: UTF-8 with a byte order mark, so that Excel reads the Chinese."""

import csv
import io

from payouts.bank_files.base import PaymentList, table_of

# Spreadsheets take a cell that begins so for a formula. Source: OWASP, "CSV Injection".
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


class GenericCsv:
    extension = "csv"
    content_type = "text/csv; charset=utf-8"

    def write(self, payments: PaymentList) -> bytes:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        for row in table_of(payments):
            writer.writerow([_harmless(cell) for cell in row])
        return text.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell

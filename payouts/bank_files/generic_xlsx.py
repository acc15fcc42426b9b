"""A table of payments as a workbook of one sheet in which every cell is text."""

import io

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from payouts.bank_files.base import PaymentList, table_of

_WIDTHS = {"A": 12, "B": 20, "C": 26, "D": 26, "E": 14, "F": 12, "G": 28}


class GenericXlsx:
    extension = "xlsx"
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def write(self, payments: PaymentList) -> bytes:
        book = Workbook(write_only=True)
        sheet: WriteOnlyWorksheet = book.create_sheet("Payments")
        for column, width in _WIDTHS.items():
            sheet.column_dimensions[column].width = width
        sheet.freeze_panes = "A2"
        for row in table_of(payments):
            sheet.append([_text_cell(sheet, value) for value in row])
        content = io.BytesIO()
        book.save(content)
        return content.getvalue()


def _text_cell(sheet: WriteOnlyWorksheet, value: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value)
    # openpyxl takes "=…" for a formula, and Excel rounds a long number that is not text.
    cell.data_type = "s"
    cell.number_format = "@"
    return cell

"""A fresh sheet: recent records drawn with known odds, which a person labels without seeing the given label."""

from auditor.sheets.sheet import DrawnRow, Sheet, found_rows, read_sheet, sheet_rows, stands_for

__all__ = ["DrawnRow", "Sheet", "found_rows", "read_sheet", "sheet_rows", "stands_for"]

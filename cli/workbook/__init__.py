"""The workbook: results as sheets whose totals are live formulas, and the question that comes back in one."""

"""The report: one self-contained HTML page from a fit run and the plan made from it."""

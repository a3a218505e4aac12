"""Columns of programmes and responses: 0 or 1 for every customer, however they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from outlay.findings import Finding
from outlay.places import quoted
from segmentation.catalogue import CATALOGUE
from segmentation.customers_columns import Columns
from segmentation.customers_kinds import Kind
from segmentation.customers_words import how_many

_TEXTS = {"0": 0.0, "1": 1.0, "no": 0.0, "yes": 1.0, "n": 0.0, "y": 1.0, "false": 0.0, "true": 1.0}


def as_flags(columns: Columns, names: Sequence[str]) -> tuple[Columns, list[Finding]]:
    """Columns of 0/1 as numbers, NaN where a cell is empty; K022 where another thing is written."""
    if not names:
        return columns, []
    frame, kinds, findings = columns.frame.copy(deep=False), dict(columns.kinds), []
    for name in names:
        if name not in frame:
            findings.append(CATALOGUE.finding("K006", columns.where(name), "not one cell holds anything"))
            continue
        column = frame[name]
        if kinds[name] is Kind.TEXT:
            values = column.str.lower().map(_TEXTS).to_numpy(np.float64)
        elif kinds[name] is Kind.NUMBER:
            values = column.where(column.isin((0.0, 1.0))).to_numpy(np.float64)
        else:
            values = np.full(len(column), np.nan)
        bad = column.notna().to_numpy() & np.isnan(values)
        if bad.any():
            what = f"{how_many(int(bad.sum()), 'cell')} with neither 0 nor 1: {quoted(column[bad])}"
            findings.append(CATALOGUE.finding("K022", columns.where(name, bad), what))
        frame[name], kinds[name] = values, Kind.NUMBER
    return replace(columns, frame=frame, kinds=kinds), findings

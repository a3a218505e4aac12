"""Journeys counted in one compiled pass, where the engine is embedded: it reads and checks, and hands over columns.

Users are independent, so a large table is taken in parts of its users, one after the other: what is held is a part.
"""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
from ibis.expr import datatypes as dt
from numpy.typing import NDArray

from attribution import kernel_journeys as kernel
from attribution import paths
from attribution.journeys_counted import Counted, Notes
from attribution.journeys_table import TouchTable
from attribution.paths_counts import RULES

MOST_ROWS = 30_000_000
"""Touches held at a time: about two gigabytes."""

_PART = 16_384
_GROUPS = 4
_FEW = 200_000

_Whole = NDArray[np.int64]


@ibis.udf.scalar.builtin(name="hash")
def _hash(text: str) -> dt.uint64:
    """DuckDB's hash of a text."""


def counted_in_a_pass(table: TouchTable, cut: paths.Cut, horizon: int, most_rows: int = MOST_ROWS) -> Counted:
    """Count the journeys of a table that DuckDB holds; as :func:`attribution.journeys_engine.counted_by_engine`."""
    times = -(-table.facts.touches // most_rows)
    found = [_counted(one, cut, horizon) for i in range(times) for one in _columns(table, cut, times, i)]
    return _together([part for parts in found for part in parts], cut)


def _columns(table: TouchTable, cut: paths.Cut, times: int, which: int) -> Any:
    """One part of the users."""
    keys = paths.keyed(table)
    if times > 1:
        keys = keys.filter(_hash(keys.user.cast("string")) % times == which)
    user = keys.user
    whole = user.type().is_integer() and user.type() != dt.uint64
    text = user.cast("string")
    # Two hashes of a text are 128 bits: among 10^9 users two meet in both with a probability of 10^-21.
    names = (
        {"first": user.cast("int64")} if whole else {"first": _hash(text), "second": _hash(ibis.literal("~") + text)}
    )
    picked = {**names, "key": keys.key}
    if cut.has_value:
        picked["value"] = (keys.key & 64 > 0).ifelse(keys.value, 0.0)
    if cut.has_segment:
        picked["segment"] = keys.segment.cast("int64")
    batches = table.relation.backend.to_pyarrow(keys.select(**picked)).to_batches()
    yield [tuple(_of(batch, name) for name in _COLUMNS) for batch in batches]


_COLUMNS = {"first": np.uint64, "second": np.uint64, "key": np.int64, "value": np.int64, "segment": np.int64}
"""Columns as the kernel takes them: whole numbers all, a value by its bits."""


def _of(batch: pa.RecordBatch, name: str) -> NDArray[Any]:
    kind = _COLUMNS[name]
    if name not in batch.schema.names:
        return np.empty(0, kind)
    return batch.column(name).to_numpy(zero_copy_only=False).view(kind)


def _counted(batches: list[tuple[NDArray[Any], ...]], cut: paths.Cut, horizon: int) -> list[Any]:
    """The kernel's counts of some users, by groups of parts whose number does not depend on the machine."""
    n = sum(len(columns[0]) for columns in batches)
    if not n:
        return []
    bits = min(max(round(math.log2(max(n / _PART, 2))), 1), 10)
    given = kernel_options(cut, horizon)
    wide, value = int(len(batches[0][1]) > 0), 2 + int(len(batches[0][1]) > 0)
    places = (wide, value if cut.has_value else 0, value + int(cut.has_value) if cut.has_segment else 0)
    width = 2 + wide + int(cut.has_value) + int(cut.has_segment)
    with ThreadPoolExecutor(_threads(n)) as pool:
        sizes = np.array(list(pool.map(lambda columns: kernel.part_sizes(columns[0], columns[1], bits), batches)))
        starts = np.concatenate([[0], np.cumsum(sizes.sum(0))])
        at = starts[:-1] + np.cumsum(sizes, axis=0) - sizes
        rows = np.empty((n, width), np.int64)
        list(pool.map(lambda columns, places: kernel.scatter(columns, places, bits, rows), batches, at))
        batches.clear()
        floats = rows.view(np.float64)
        size = max(len(sizes[0]) // _GROUPS, 1)
        groups = [starts[i : i + size + 1] for i in range(0, len(starts) - 1, size)]
        return list(
            pool.map(lambda group: kernel.count_parts(rows, floats, group, places, given, _scratch(group)), groups)
        )


def _scratch(starts: _Whole) -> tuple[NDArray[Any], ...]:
    """Room for the largest of some parts."""
    most = int(np.diff(starts).max(initial=1))
    slots = np.empty(1 << max(math.ceil(math.log2(2 * most)), 4), np.int32)
    small, begins = np.empty((2, most), np.int32), np.empty((2, most + 1), np.int64)
    whole = (np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most))
    return slots, small, begins, *whole, np.zeros((3, 64))


def _threads(n: int) -> int:
    return min(os.cpu_count() or 1, _GROUPS) if n > _FEW else 1


def kernel_options(cut: paths.Cut, horizon: int) -> tuple[_Whole, NDArray[np.float64], _Whole]:
    """The options as the kernel takes them."""
    whole = [cut.lookback, cut.session, cut.direct, cut.order, horizon]
    start, end = cut.position
    both = start + end
    two = (0.5, 0.5) if both == 0 else (start / both, end / both)
    return (
        np.array([-1 if number is None else number for number in whole], np.int64),
        np.array([-math.log(2) / cut.half_life, start, end, *two]),
        np.array(cut.edges, np.int64),
    )


def _together(parts: list[Any], cut: paths.Cut) -> Counted:
    """What was counted of all users, as frames."""
    notes = sum((part[0] for part in parts), np.zeros(len(kernel.NOTES), np.int64))
    frames = [[_grams(part[1], cut), *_sets(part[1], part[2], cut)] for part in parts]
    grams, sets, credits = (pd.concat(frame, ignore_index=True) for frame in zip(*frames, strict=True))
    if len(parts) > 1:
        names = [f"h{step}" for step in range(1, cut.order)]
        grams = _added(grams, ["segment", "period", *names, "channel", "follows"])
        sets = _added(sets, ["segment", "period", "mask"])
        credits = _added(credits, ["segment", "period", "mask", "channel"])
    return Counted(grams, sets, credits, Notes(**dict(zip(kernel.NOTES, notes.tolist(), strict=True))))


def _added(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    return frame.groupby(keys, as_index=False, sort=False).sum()


def _cells(cell: _Whole, cut: paths.Cut) -> dict[str, _Whole]:
    periods = len(cut.edges) + 1
    return {"segment": cell // periods, "period": cell % periods}


def _grams(tables: Any, cut: paths.Cut) -> pd.DataFrame:
    code, sums = tables[0], tables[1]
    held = np.flatnonzero(code >= 0)
    code = code[held]
    follows, channel, code = code & 63, code >> 6 & 63, code >> 12
    before: dict[str, _Whole] = {}
    for step in range(1, cut.order):
        last = code & 63
        before[f"h{step}"] = np.where(last == 63, paths.START, last)
        code = code >> 6
    columns = {**_cells(code, cut), **before, "channel": channel, "follows": follows}
    told = {"touches": sums[held, 0].astype(np.int64), "value": sums[held, 1], "square": sums[held, 2]}
    return pd.DataFrame({**columns, **told})


def _sets(tables: Any, used: _Whole, cut: paths.Cut) -> tuple[pd.DataFrame, pd.DataFrame]:
    names, sums, credits = tables[2:]
    held = np.flatnonzero(names[:, 0] >= 0)
    names, sums = names[held], sums[held]
    counts = {"journeys": sums[:, 0].astype(np.int64), "conversions": sums[:, 1].astype(np.int64)}
    cells = _cells(names[:, 0], cut)
    sets = pd.DataFrame({**cells, "mask": names[:, 1], **counts, "value": sums[:, 2], "square": sums[:, 3]})
    # Rows of credit lie in the order of sets that converted first, and in each in the order of its channels.
    won = sets.loc[names[:, 2] >= 0, ["segment", "period", "mask"]].iloc[np.argsort(names[names[:, 2] >= 0, 2])]
    masks = won["mask"].to_numpy(np.int64)
    row, channel = np.nonzero((masks[:, None] >> np.arange(60)) & 1)
    given = won.iloc[row].reset_index(drop=True).assign(channel=channel)
    kinds = ("", "_square", "_value") if cut.has_value else ("", "_square")
    for i, kind in enumerate(kinds):
        for j, rule in enumerate(RULES):
            given[f"{rule}{kind}"] = credits[: used[2], i * len(RULES) + j]
    return sets, given

"""Journeys counted by the engine that holds the touches, by the expressions of :mod:`attribution.paths_counts`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import ibis.expr.types as ir
import pandas as pd

from attribution import paths, paths_counts
from attribution.journeys_counted import Counted, Notes
from attribution.journeys_table import TouchTable


def counted_by_engine(table: TouchTable, cut: paths.Cut, horizon: int) -> Counted:
    """Count the journeys of a table where it is.

    Parameters
    ----------
    table : TouchTable
    cut : Cut
    horizon : int
        Milliseconds since 1970; a journey touched since then may yet convert.
    """
    backend = table.relation.backend
    execute = backend.to_pyarrow
    with kept_for(backend, paths.linked(paths.keyed(table), cut)) as links:
        tally = _decoded(execute(paths_counts.tally(links, cut)).to_pandas())
        touches = paths.kept(links, cut)
        with kept_for(backend, touches, wanted=cut.direct is not None) as touches:
            sold = paths_counts.conversions(paths.keyed(table, conversions=True), cut)
            with kept_for(backend, paths_counts.won(touches, sold, cut)) as journeys:
                won = execute(paths_counts.coalitions(journeys)).to_pandas()
                credits = execute(paths_counts.credits(touches, journeys, cut)).to_pandas()
                values = journeys.select("user", "end", "value")
                direct = cut.order == 1 and cut.direct is None
                found = None if direct else execute(paths_counts.grams(touches, values, cut)).to_pandas()
            lost = execute(paths_counts.lost(touches, cut, horizon)).to_pandas()
    grams = _first_order(tally, won) if found is None else found
    return Counted(grams, _sets(won, lost), credits, _notes(tally, grams, won, lost))


@contextmanager
def kept_for(backend: Any, table: ir.Table, *, wanted: bool = True) -> Iterator[ir.Table]:
    """The rows of an expression held by the engine while several questions are asked of them."""
    if not wanted:
        yield table
    elif backend.name == "pyspark":  # it has no temporary tables, and keeps what it has computed instead
        with table.cache() as held:
            yield held
    else:
        name = f"outlay_{uuid4().hex}"
        yield backend.create_table(name, table, temp=True)
        backend.drop_table(name, force=True)


def _decoded(counted: pd.DataFrame) -> pd.DataFrame:
    """The tally with its codes taken apart: ``channel, follows, inside, goes_on, tied, moved``."""
    code = counted["code"].astype("int64")
    flags = {name: (code // (1 << (12 + i)) % 2).astype(bool) for i, name in enumerate(paths_counts.FLAGS)}
    return counted.assign(channel=code % 64, follows=code // 64 % 64, **flags)


def _first_order(tally: pd.DataFrame, won: pd.DataFrame) -> pd.DataFrame:
    """Transitions of single channels, without a sort of their own."""
    keys = ["segment", "period", "channel", "follows"]
    counted = tally[tally["inside"] & ~tally["goes_on"]].groupby(keys, as_index=False)["touches"].sum()
    ends = won.groupby(["segment", "period", "last"], as_index=False)[["value", "square"]].sum()
    ends = ends.rename(columns={"last": "channel"}).assign(follows=paths.CONVERTED)
    joined = counted.merge(ends, on=keys, how="left")
    missing = joined["value"].isna()
    return joined.assign(value=joined["value"].where(~missing, 0.0), square=joined["square"].where(~missing, 0.0))


def _sets(won: pd.DataFrame, lost: pd.DataFrame) -> pd.DataFrame:
    """Journeys by set of channels, converted or not."""
    by = ["segment", "period", "mask"]
    won = won.assign(conversions=won["journeys"])
    lost = lost.assign(conversions=0, value=0.0, square=0.0)
    both = pd.concat([frame[[*by, "journeys", "conversions", "value", "square"]] for frame in (won, lost)])
    return both.groupby(by, as_index=False).sum()


def _notes(tally: pd.DataFrame, grams: pd.DataFrame, won: pd.DataFrame, lost: pd.DataFrame) -> Notes:
    def count(rows: pd.Series) -> int:
        return int(tally.loc[rows.astype(bool), "touches"].sum())

    inside, goes_on = tally["inside"], tally["goes_on"]
    return Notes(
        before=count(~inside),
        merged=count(inside & goes_on),
        direct=count(inside & ~goes_on) - int(grams["touches"].sum()),
        tied=count(tally["tied"]),
        moved=count(tally["moved"]),
        second=count(tally["follows"] < paths.CONVERTED),
        repeated=int(won["repeated"].sum()),
        still_open=int(lost["still_open"].sum()),
    )

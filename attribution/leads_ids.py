"""Whether any id comes twice, exactly and cheaply.

Counting the different ids of ten million rows costs more than everything else that is asked of them. The embedded
engine hashes ids (64 bits) and the hashes are sorted: no equal neighbours, no id twice. Where neighbours are equal,
and on other engines, the engine counts the ids themselves.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import numpy as np

from attribution.leads_given import Given


@ibis.udf.scalar.builtin(name="hash", signature=(("string",), "uint64"))
def _hash(value: str) -> int: ...  # type: ignore[empty-body]  # DuckDB's own function


def repeated(given: Given, filled: int) -> ir.Table | None:
    """The ids that come more than once, ``id`` and ``n``; None where there are none.

    Parameters
    ----------
    given : Given
    filled : int
        Rows with an id.
    """
    ids = given.table.filter(given.table["id"].notnull())
    backend = given.relation.backend
    if backend.name == "duckdb":
        marks = ids["id"] if ids["id"].type().is_integer() else _hash(ids["id"].cast("string"))
        column = backend.to_pyarrow(ids.select(mark=marks))["mark"].to_numpy()
        ordered = np.sort(column)
        unique = not bool((ordered[1:] == ordered[:-1]).any())
    else:
        unique = int(backend.to_pyarrow(ids["id"].nunique()).as_py()) == filled
    if unique:
        return None
    counts = ids.group_by("id").aggregate(n=ids.count())
    twice = counts.filter(counts["n"] > 1)
    return twice if backend.to_pyarrow(twice.count()).as_py() else None

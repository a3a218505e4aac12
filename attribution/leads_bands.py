"""Bands of equal size of the rule-based score, cut at quantiles that the engine computes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import ibis
import ibis.expr.types as ir
import numpy as np
from numpy.typing import NDArray

from attribution.leads import MISSING_LEVEL
from attribution.leads_facts import Facts
from attribution.leads_given import Given
from outlay.transforms import Array


@dataclass(frozen=True)
class Bands:
    """Where a score is cut.

    Attributes
    ----------
    edges : tuple of float (B - 1,)
        Highest score of each band but the last; a score that equals an edge lies below it.
    names : tuple of str (B,)
        ``"up to 20"``, ``"over 20 to 35"``, ... ``"over 80"``; lowest first.
    """

    edges: tuple[float, ...]
    names: tuple[str, ...]

    def codes(self, score: ir.NumericValue) -> ir.IntegerValue:
        """Position of a score's band, as an expression; null where there is no score."""
        cases = [(score.isnull(), ibis.null("int64"))]
        cases += [(score <= edge, position) for position, edge in enumerate(self.edges)]
        return ibis.cases(*cases, else_=len(self.edges))

    def named(self, code: ir.IntegerValue) -> ir.StringValue:
        """Name of a band by its position, as an expression."""
        return ibis.cases(*((code == position, name) for position, name in enumerate(self.names)), else_=MISSING_LEVEL)

    def of(self, score: ir.NumericValue) -> ir.StringValue:
        """Name of a score's band, as an expression."""
        return self.named(self.codes(score))

    def of_array(self, scores: Array) -> NDArray[np.object_]:
        """Names of the bands of scores, nan for none."""
        names = np.asarray([*self.names, MISSING_LEVEL], dtype=object)
        position = np.searchsorted(np.asarray(self.edges), scores, side="left")
        return np.asarray(names[np.where(np.isnan(scores), len(self.names), position)])


def bands_of(edges: list[float]) -> Bands:
    """Bands between edges, named by them."""
    texts = [f"{edge:.6g}" for edge in edges]
    if not edges:
        return Bands((), ("all scores",))
    between = (f"over {low} to {high}" for low, high in pairwise(texts))
    return Bands(tuple(edges), (f"up to {texts[0]}", *between, f"over {texts[-1]}"))


def cut(given: Given, rows: ir.Table, number: int, facts: Facts) -> Bands:
    """Cut the scores of these rows into bands of equal size.

    An edge is the lowest score with at least its part of the leads at or below it; edges that fall together are one.
    """
    parts = np.arange(1, number) / number
    if facts.whole_scores:
        scored = rows.filter(rows["score"].notnull())
        counts = scored.group_by("score").aggregate(n=scored.count())
        found = given.relation.backend.to_pyarrow(counts.order_by("score"))
        scores, sizes = found["score"].to_numpy(), found["n"].to_numpy()
        below = np.cumsum(sizes) / max(sizes.sum(), 1)
        edges = scores[np.searchsorted(below, parts - 1e-12)] if len(scores) else np.empty(0)
    else:
        asked = {f"q{k}": rows["score"].quantile(float(part)) for k, part in enumerate(parts)}
        row = given.relation.backend.to_pyarrow(rows.aggregate(**asked)).to_pylist()[0]
        edges = np.array([value for value in row.values() if value is not None], float)
    # nothing lies above the highest score
    return bands_of(list(dict.fromkeys(float(edge) for edge in edges if edge < facts.highest_score)))

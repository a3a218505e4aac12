"""What a conversion fit has to say about itself: where the numbers rest on few leads, few deals, or on the prior."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from attribution.catalogue import CATALOGUE
from attribution.conversion_links import FEWEST_PERIODS, PERIOD, VALUE, Part
from attribution.conversion_tables import values_table
from outlay.findings import Finding

if TYPE_CHECKING:
    from attribution.conversion import FittedConversion

FEW = 30
"""Conversions below which a rate's relative error is above 18 %, one standard deviation."""

FEW_DEALS = 10
"""Deals below which a segment's value leans on the others."""

ALL_PRIOR = 0.9
"""Posterior standard deviation of an effect, as a share of its spread, above which the data have hardly moved it."""

MISFIT = 1.25


def check_fit(fitted: FittedConversion) -> tuple[Finding, ...]:
    """Findings of a fit, without those of its leads."""
    found = [CATALOGUE.finding("V011", "the lead mix", fitted.mix.sentence)]
    if fitted.is_preview:
        what = "an approximation in place of the posterior, which no trust gate has judged"
        found.insert(0, CATALOGUE.finding("V009", "this run", what))
    for part in fitted.parts:
        found += _of_value(fitted, part) if part.link.name == VALUE else _of_rates(fitted, part)
    return tuple(found)


def check_trust(fitted: FittedConversion) -> tuple[Finding, ...]:
    """The finding of a posterior that did not pass the gate."""
    if fitted.trust is None or fitted.trust.passed:
        return ()
    failed = next(check for check in fitted.trust.checks if not check.passed)
    divergent = {part.link.name: int(part.samples.stats["diverging"].sum()) for part in fitted.parts}
    told = ", ".join(f"{count} divergent draws in {name}" for name, count in divergent.items() if count)
    what = f"{failed.name} of {failed.quantity} is {failed.value:.4g} (limit {failed.limit:g})"
    return (CATALOGUE.finding("V010", "the posterior", f"{what}; {told}" if told else what),)


def _of_rates(fitted: FittedConversion, part: Part) -> Iterator[Finding]:
    link = part.link
    where = f"transition to {link.name}"
    hits, misses = float(link.y.sum()), float((link.n - link.y).sum())
    if hits == 0 or misses <= 0:
        share = "none" if hits == 0 else "all"
        yield CATALOGUE.finding("V003", where, f"{share} of the {link.n.sum():,.0f} leads that had their time made it")
    elif min(hits, misses) < FEW:
        which = f"{hits:,.0f} conversions" if hits < FEW else f"{misses:,.0f} leads that did not convert"
        yield CATALOGUE.finding("V002", where, f"{which} among {link.n.sum():,.0f} leads")
    if PERIOD in fitted.cells.dims and not any(term.walk for term in link.terms):
        yield CATALOGUE.finding(
            "V006", where, f"leads that had their time come from fewer than {FEWEST_PERIODS} periods"
        )
    yield from _levels(part, where)


def _levels(part: Part, where: str) -> Iterator[Finding]:
    """Levels without leads, and those whose effect the data have hardly moved."""
    link = part.link
    for t, term in enumerate(link.terms):
        if term.walk or len(term.dims) > 1:
            continue
        own = slice(int(link.offsets[t]), int(link.offsets[t + 1]))
        trials = np.bincount(link.index[:, t] - own.start, link.n, len(term.levels))
        without = [level for level, n in zip(term.levels, trials, strict=True) if n == 0]
        if without:
            yield CATALOGUE.finding("V004", f"{where}, {term.name}", f"no leads that had their time: {_list(without)}")
        spread = float(part.samples.flat(f"spread_{term.name}").mean())
        # Effects that sum to zero vary less than their spread: by the length of their row of the basis.
        moved = part.effects[:, own].std(axis=0) / np.sqrt(np.square(term.basis).sum(axis=1))
        vague = [
            f"{level} ({n:,.0f} leads)"
            for level, n, sd in zip(term.levels, trials, moved, strict=True)
            if n > 0 and sd > ALL_PRIOR * spread
        ]
        if vague:
            yield CATALOGUE.finding("V005", f"{where}, {term.name}", f"the data have hardly moved: {_list(vague)}")


def _of_value(fitted: FittedConversion, part: Part) -> Iterator[Finding]:
    table = values_table(fitted)
    where, deals = f"value of {fitted.cells.stages[-1]}", float(part.link.n.sum())
    few = table[table["deals"] < FEW_DEALS]
    if deals < FEW:
        yield CATALOGUE.finding("V007", where, f"{deals:,.0f} deals in all")
    elif len(few):
        rows = [f"{name} ({n:,.0f})" for name, n in zip(few["segment"], few["deals"], strict=True)]
        yield CATALOGUE.finding("V007", where, f"fewer than {FEW_DEALS} deals: {_list(rows)}")
    enough = table[table["deals"] >= FEW]
    off = enough[
        ((enough["raw"] < enough["low"]) | (enough["raw"] > enough["high"]))
        & (np.abs(np.log(enough["mean"] / enough["raw"])) > np.log(MISFIT))
    ]
    if len(off):
        rows = [
            f"{row.segment} (observed {row.raw:,.0f}, model {row.mean:,.0f} {fitted.cells.currency})"
            for row in off.itertuples()
        ]
        yield CATALOGUE.finding("V008", where, _list(rows))


def _list(names: list[str]) -> str:
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return ", ".join(names[:6]) + more

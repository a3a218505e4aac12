"""The tables of a conversion run: every estimated number with its interval, and the raw count beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attribution.conversion_links import INTERACTION, PERIOD, VALUE, Part
from attribution.conversion_rates import Reached, expected_value, reach_by
from outlay.summary import jeffreys, summarise
from outlay.transforms import Array

if TYPE_CHECKING:
    from attribution.conversion import FittedConversion

ALL = "all"
BOTH = " x "
"""Between the names of two dimensions, or of two levels."""


@dataclass(frozen=True, eq=False)
class Answers:
    """Draws of all groupings of a run's tables, by grouping."""

    groupings: tuple[tuple[str, ...], ...]
    reached: dict[tuple[str, ...], Reached]


def groupings_of(fitted: FittedConversion) -> tuple[tuple[str, ...], ...]:
    """Everything together, every dimension, and segment by channel."""
    dims = fitted.cells.dims
    both = [INTERACTION] if all(dim in dims for dim in INTERACTION) else []
    return ((), *((dim,) for dim in dims), *both)


def answers_of(fitted: FittedConversion, groupings: Sequence[tuple[str, ...]] | None = None) -> Answers:
    """Draws by grouping; all those of a run's tables by default."""
    wanted = tuple(groupings_of(fitted) if groupings is None else groupings)
    found = reach_by(fitted.parts, fitted.mix, wanted, np.arange(fitted.n_draws))
    return Answers(wanted, dict(zip(wanted, found, strict=True)))


def stage_rates(reached: Reached) -> Array:
    """Draws of each transition's rate, then of the way end to end, (S, n, J)."""
    steps = reached.reach[..., 1:] / reached.reach[..., :-1]
    return np.concatenate([steps, reached.reach[..., -1:]], axis=-1)


def rates_table(fitted: FittedConversion, by: tuple[str, ...]) -> pd.DataFrame:
    """Rates by some dimensions, one row per combination and transition, then end to end."""
    from attribution.conversion import END_TO_END

    reached = fitted.answers.reached.get(by) or answers_of(fitted, [by]).reached[by]
    stages = fitted.cells.stages
    summary = summarise(stage_rates(reached), fitted.about.hdi)
    counts = raw_counts(fitted, by)
    frames = []
    for j, (before, stage) in enumerate([*pairwise(stages), (stages[0], END_TO_END)]):
        frame = fitted.mix.labels(by)
        frame["stage"], frame["after"], frame["leads"] = stage, before, reached.leads
        frame["trials"], frame["successes"], frame["raw"] = (counts[name][:, j] for name in ("n", "y", "raw"))
        frame["mean"], frame["low"], frame["high"] = (getattr(summary, k)[:, j] for k in ("mean", "low", "high"))
        frames.append(frame)
    table = pd.concat(frames, ignore_index=True)
    order = np.arange(len(table)).reshape(len(stages), -1).T.ravel()
    return table.iloc[order].reset_index(drop=True)


def raw_counts(fitted: FittedConversion, by: tuple[str, ...]) -> dict[str, Array]:
    """Trials, successes and their ratio per group and transition; end to end the product of the ratios."""
    cells, mix = fitted.cells, fitted.mix
    kept = np.ones(cells.n_cells, bool) if PERIOD in by else mix.in_window(cells)
    group, size = mix.group(by, cells.codes[kept]), prod(mix.shape(by))

    def add(values: Array) -> Array:
        return np.stack([np.bincount(group, column, size) for column in values[kept].T], axis=1)

    n, y = add(cells.trials), add(cells.successes)
    with np.errstate(invalid="ignore", divide="ignore"):
        raw = y / n
    none = np.full(size, np.nan)  # leads at the end over leads would count young leads as lost ones
    return {
        "n": np.c_[n, none],
        "y": np.c_[y, none],
        "raw": np.c_[raw, raw.prod(axis=1)],
    }


def value_per_lead_table(fitted: FittedConversion, by: tuple[str, ...]) -> pd.DataFrame:
    """Expected money of a lead by some dimensions, beside the value of the last stage."""
    reached = fitted.answers.reached.get(by) or answers_of(fitted, [by]).reached[by]
    worth, value = summarise(reached.worth, fitted.about.hdi), summarise(reached.value, fitted.about.hdi)
    frame = fitted.mix.labels(by)
    frame["leads"] = reached.leads
    frame["mean"], frame["low"], frame["high"] = worth.mean, worth.low, worth.high
    frame["value"], frame["value_low"], frame["value_high"] = value.mean, value.low, value.high
    return frame


def all_tables(fitted: FittedConversion) -> dict[str, pd.DataFrame]:
    """Every table of a run, by name."""
    groupings = [by for by in groupings_of(fitted) if by != (PERIOD,)]
    tables = {"rates": pd.concat([_named(rates_table(fitted, by), by) for by in groupings], ignore_index=True)}
    tables["effects"] = effects_table(fitted)
    if "segment" in fitted.cells.dims:
        tables["beats"] = beats_table(fitted)
    if all(dim in fitted.cells.dims for dim in INTERACTION):
        tables["shrinkage"] = shrinkage_table(fitted)
    if PERIOD in fitted.cells.dims:
        tables["movement"] = rates_table(fitted, (PERIOD,))
    if fitted.has_values:
        per_lead = [_named(value_per_lead_table(fitted, by), by) for by in groupings]
        tables["value_per_lead"] = pd.concat(per_lead, ignore_index=True)
        tables["values"] = values_table(fitted)
    return tables


def _named(frame: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """Dimensions' columns as one of their names and one of their levels."""
    levels = frame[list(by)].agg(BOTH.join, axis=1) if by else [ALL] * len(frame)
    out = frame.drop(columns=list(by))
    out.insert(0, "level", levels)
    out.insert(0, "dimension", BOTH.join(by) or ALL)
    return out


def effects_table(fitted: FittedConversion) -> pd.DataFrame:
    """What drives conversion: odds ratios of every level against the average one, and each term's spread.

    For the value, ratios of values. A term's spread is on the logarithmic scale; its share is the part of the
    variance between cells that the term makes.
    """
    level, rows = fitted.about.hdi, []
    for part in fitted.parts:
        moved = {t: _variance(part, t) for t, term in enumerate(part.link.terms) if not term.predictor}
        whole = sum(moved.values())
        for t, term in enumerate(part.link.terms):
            own = slice(int(part.link.offsets[t]), int(part.link.offsets[t + 1]))
            ratio = summarise(np.exp(part.effects[:, own]), level)
            spread = summarise(part.samples.flat(f"spread_{term.name}")[:, None], level)
            trials = np.bincount(part.link.index[:, t] - own.start, part.link.n, own.stop - own.start)
            rows.append(
                pd.DataFrame(
                    {
                        "stage": part.link.name,
                        "term": term.name,
                        "level": list(term.levels),
                        "trials": trials,
                        "ratio": ratio.median,
                        "low": ratio.low,
                        "high": ratio.high,
                        "spread": spread.mean[0],
                        "spread_low": spread.low[0],
                        "spread_high": spread.high[0],
                        "share": float(np.mean(moved[t] / whole)) if t in moved else np.nan,
                    }
                )
            )
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=["stage", "term", "level"])


def _variance(part: Part, t: int) -> Array:
    """Variance that a term makes between leads, per draw: a level with few leads counts little."""
    own = slice(int(part.link.offsets[t]), int(part.link.offsets[t + 1]))
    weights = np.bincount(part.link.index[:, t] - own.start, part.link.n, own.stop - own.start) / part.link.n.sum()
    effects = part.effects[:, own]
    return np.asarray(np.square(effects - (effects @ weights)[:, None]) @ weights)


def beats_table(fitted: FittedConversion) -> pd.DataFrame:
    """Probability that a segment beats another, end to end and in money per lead."""
    reached = fitted.answers.reached["segment",]
    names = fitted.cells.levels["segment"]
    measures = {"rate": reached.reach[..., -1]} | ({"value": reached.worth} if fitted.has_values else {})
    rows = []
    for a, first in enumerate(names):
        for b, second in enumerate(names):
            if a != b:
                row: dict[str, object] = {"segment": first, "against": second}
                rows.append(row | {name: float(np.mean(v[:, a] > v[:, b])) for name, v in measures.items()})
    return pd.DataFrame(rows, columns=["segment", "against", *measures])


def shrinkage_table(fitted: FittedConversion) -> pd.DataFrame:
    """Raw and pooled rate of every segment and channel: where counts are small the pooled one stays near the others."""
    table = rates_table(fitted, INTERACTION)
    table = table[table["stage"].isin(fitted.cells.stages)].reset_index(drop=True)
    low, high = jeffreys(table["successes"].to_numpy(), table["trials"].to_numpy(), fitted.about.hdi)
    table["raw_low"], table["raw_high"] = low, high
    return table


def values_table(fitted: FittedConversion) -> pd.DataFrame:
    """Value of the last stage by segment: the model's mean beside the observed one, and how it spreads."""
    part = next(part for part in fitted.parts if part.link.name == VALUE)
    cells, draws = fitted.cells, np.arange(fitted.n_draws)
    by = ("segment",) if "segment" in cells.dims else ()
    mix = fitted.mix
    group, size = mix.group(by, cells.codes), prod(mix.shape(by))
    deals, total = (np.bincount(group, column, size) for column in (cells.value_count, cells.value_sum))
    shape = [len(cells.levels[dim]) for dim in cells.dims]
    places = part.link.places(cells.dims, cells.codes, shape)
    kinds, kind = np.unique(np.c_[group, places], axis=0, return_inverse=True)
    weight = np.bincount(kind.ravel(), cells.value_count, len(kinds))
    # A segment without a deal has the value that its leads' levels give it.
    weight = np.where(deals[kinds[:, 0]] > 0, weight, np.bincount(kind.ravel(), cells.reached[:, 0], len(kinds)))
    value = expected_value(part, kinds[:, 1:], draws) * (weight / np.bincount(kinds[:, 0], weight, size)[kinds[:, 0]])
    summary = summarise(value @ np.eye(size)[kinds[:, 0]], fitted.about.hdi)
    with np.errstate(invalid="ignore", divide="ignore"):
        raw = total / deals
    frame = mix.labels(by) if by else pd.DataFrame({"segment": [ALL]})
    frame["deals"], frame["raw"] = deals, raw
    frame["mean"], frame["low"], frame["high"] = summary.mean, summary.low, summary.high
    return frame

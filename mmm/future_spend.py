"""Spend of the periods after the data: that of last year, or what a table says. What is not said is not zero."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from mmm.design import Design
from mmm.planned_levers import costly_levers
from mmm.windows import unknown
from mmm.wording import count, day, listed, span
from outlay.errors import ConfigError
from outlay.transforms import Array


@dataclass(frozen=True)
class FutureSpend:
    """Spend after the data. Shapes: H periods, G groups, C channels.

    Attributes
    ----------
    dates : DatetimeIndex (H,)
        The periods, from the first after the data.
    spend : ndarray (H, G, C)
        Currency; zero for organic channels.
    said : tuple of str
        Where it comes from, in sentences.
    levers : tuple of (int, ndarray (H, G))
        Terms of the baseline whose column follows from what the plan spends on the lever, with that column.
    """

    dates: pd.DatetimeIndex
    spend: Array
    said: tuple[str, ...]
    levers: tuple[tuple[int, Array], ...] = ()

    def planned_levers(self, design: Design) -> tuple[str, ...]:
        """Names of the levers whose level follows from the plan."""
        return tuple(design.terms[term].component for term, _ in self.levers)


DEFAULT_PERIODS = 13


def spend_ahead(design: Design, table: pd.DataFrame | None, periods: int | None, source: str = "plan") -> FutureSpend:
    """The spend that a forecast is about.

    Parameters
    ----------
    design : Design
        The fitted design.
    table : DataFrame or None
        Columns ``date``, ``channel``, ``spend`` and, optionally, ``group``; None for the spend of the same period of
        the last year.
    periods : int or None
        How many periods from the first after the data; by default 13, or as far as the table reaches.
    source : str
        The table's name in messages.

    Raises
    ------
    ConfigError
        M023, for a table that is incomplete or speaks of what the model does not have; M024, for too long a future.
    """
    if table is None:
        n = DEFAULT_PERIODS if periods is None else periods
        _refuse_horizon(design, n)
        return FutureSpend(design.future.dates[:n], _last_year(design, n), (f"Spend: {design.future.how}.",))
    at = _placed(design, table, source)
    n = int(at["period"].max()) + 1 if periods is None else periods
    _refuse_horizon(design, n)
    at = at[at["period"] < n]
    of_lever = at["channel"].isin(costly_levers(design).names)
    first = int(at["period"].min()) if len(at) else n
    spend, said = _from_table(design, at[~of_lever], (first, n), source)
    levers = _lever_columns(design, at[of_lever], (first, n), source)
    found = FutureSpend(design.future.dates[:n], spend, said, levers)
    return replace(found, said=(*said, *_lever_words(design, found.planned_levers(design), first)))


def _refuse_horizon(design: Design, n: int) -> None:
    most, unit = len(design.future.dates), design.panel.frequency.unit
    if not 1 <= n <= most:
        raise ConfigError(
            f"{count(n, unit)} cannot be forecast; the future that the model can speak of has {count(most, unit)}",
            where="periods",
            repair="Ask for fewer periods: what is assumed of the future repeats the last year of data once.",
            id="M024",
        )


def _last_year(design: Design, n: int) -> Array:
    return np.asarray(design.panel.spend[design.future.repeats[:n]])


def _placed(design: Design, table: pd.DataFrame, source: str) -> pd.DataFrame:
    """The table's rows with the period, channel and group that each is about."""
    panel = design.panel
    for column in ("date", "channel", "spend"):
        if column not in table:
            raise _refusal(source, f"the column {column} is missing; there are {listed(list(map(str, table.columns)))}")
    named = panel.is_panel and "group" in table and table["group"].notna().any()
    at = pd.DataFrame(
        {
            "stamp": pd.to_datetime(table["date"]).to_numpy(),
            "channel": table["channel"].astype(str).to_numpy(),
            "group": table["group"].astype(object).to_numpy() if named else None,
            "spend": pd.to_numeric(table["spend"]).astype(float).to_numpy(),
        }
    )
    paid = [name for name, is_paid in zip(panel.channels, panel.paid, strict=True) if is_paid]
    bought = [*paid, *costly_levers(design).names]
    for name in dict.fromkeys(at["channel"]):
        if name not in bought:
            raise unknown("paid channel", name, bought, "M023")
    for name in dict.fromkeys(at["group"]) if named else ():
        if name not in panel.groups:
            raise unknown("group", str(name), panel.groups, "M023")
    if named and at["group"].isna().any():
        raise _refusal(source, "some rows name a group and others do not", "Name the group in every row, or in none.")
    bad = at[~np.isfinite(at["spend"]) | (at["spend"] < 0)]
    if len(bad):
        raise _refusal(source, f"the spend on {bad['channel'].iloc[0]} on {day(bad['stamp'].iloc[0])} is not an amount")
    return at.assign(period=_periods_after(design, pd.DatetimeIndex(at["stamp"]), source))


def _periods_after(design: Design, stamps: pd.DatetimeIndex, source: str) -> np.ndarray:
    """The number of each day's period, zero for the first after the data."""
    frequency, last = design.panel.frequency, design.panel.dates[-1:]
    if frequency.name == "weekly" and frequency.marks == "end":
        stamps = stamps + pd.Timedelta(days=6)
    after = frequency.position(stamps) - frequency.position(last)[0] - 1
    if (after < 0).any():
        past = day(stamps[after < 0].min())
        raise _refusal(source, f"it speaks of {past}, and the data go on until {day(last[0])}", "Begin after the data.")
    return np.asarray(after)


def _from_table(
    design: Design, at: pd.DataFrame, periods: tuple[int, int], source: str
) -> tuple[Array, tuple[str, ...]]:
    panel, (first, n) = design.panel, periods
    said = [f"Spend: from {source}."]
    grouped = at["group"].notna().all()
    spend = _last_year(design, n)
    spend[first:] = np.nan
    share = _shares(panel.spend, design)
    index = at["channel"].map({name: c for c, name in enumerate(panel.channels)}).to_numpy()
    for t, c in dict.fromkeys(zip(at["period"].tolist(), index.tolist(), strict=True)):
        rows = at[(at["period"] == t) & (index == c)]
        if grouped:
            for group, amount in rows.groupby("group")["spend"].sum().items():
                spend[t, panel.groups.index(str(group)), c] = amount
        else:
            spend[t, :, c] = rows["spend"].sum() * share[:, c]
    if panel.is_panel and not grouped:
        said.append("The plan names no groups: each channel is split over them as its spend of the last year was.")
    if first > 0:
        until = span(design.future.dates[:first])
        said.append(f"Spend before the plan begins ({until}): {design.future.how}.")
    if at.duplicated(["period", "channel", "group"]).any():
        said.append(f"Several amounts of one {panel.frequency.unit} are added up.")
    return _complete(design, spend, source), tuple(said)


def _lever_columns(
    design: Design, at: pd.DataFrame, periods: tuple[int, int], source: str
) -> tuple[tuple[int, Array], ...]:
    """Columns of the levers that the table names; the others, and all before the plan begins, are as assumed."""
    panel, (first, n) = design.panel, periods
    grouped = at["group"].notna().all()
    found = []
    for lever in costly_levers(design).planned:
        rows = at[at["channel"] == lever.name]
        if not len(rows):
            continue
        spend = np.full((n, panel.n_groups), np.nan)
        if grouped:
            for group, mine in rows.groupby("group"):
                total = mine.groupby("period")["spend"].sum()
                spend[total.index, panel.groups.index(str(group))] = total
        else:
            total = rows.groupby("period")["spend"].sum()
            spend[total.index] = total.to_numpy()[:, None] * _shares(lever.spend[..., None], design)[:, 0]
        missing = np.argwhere(np.isnan(spend[first:]))
        if len(missing):
            raise _not_said(design, source, lever.name, (int(missing[0][0]) + first, int(missing[0][1])), len(missing))
        column = design.raw_terms[panel.n_periods : panel.n_periods + n, :, lever.term].copy()
        column[first:] = lever.column(design, spend[first:])
        found.append((lever.term, column))
    return tuple(found)


def _lever_words(design: Design, names: tuple[str, ...], first: int) -> tuple[str, ...]:
    if not names:
        return ()
    before = f" Before the plan begins they are at the level of {design.future.how}." if first > 0 else ""
    return (
        f"Levers in the plan ({listed(names, 4)}): at the level that their money buys. They count in the baseline, and "
        f"their cost is not in the spend.{before}",
    )


def _shares(spend: Array, design: Design) -> Array:
    """Share of each group in the spend (T, G, C) of the last year, then of all history, then even, (G, C)."""
    recent = spend[design.future.repeats].sum(0)
    ever = spend.sum(0)
    even = np.ones_like(ever)
    size = np.where(recent.sum(0) > 0, recent, np.where(ever.sum(0) > 0, ever, even))
    return np.asarray(size / size.sum(0))


def _complete(design: Design, spend: Array, source: str) -> Array:
    """The spend with organic and never estimated channels at zero; every other cell has to be stated."""
    panel = design.panel
    needed = panel.paid & design.active
    spend[:, :, ~panel.paid] = 0.0
    spend[:, :, panel.paid & ~design.active] = np.nan_to_num(spend[:, :, panel.paid & ~design.active])
    missing = np.argwhere(np.isnan(spend) & needed)
    if len(missing):
        t, g, c = (int(i) for i in missing[0])
        raise _not_said(design, source, panel.channels[c], (t, g), len(missing))
    unknown_cost = (spend > 0) & ~np.isfinite(design.future.cost_per_exposure) & needed
    if unknown_cost.any():
        name = panel.channels[int(np.argwhere(unknown_cost)[0][2])]
        raise _refusal(
            source,
            f"no cost per exposure is known for {name}, so its money cannot be turned into exposure",
            "Plan 0 for it, or bring data with its spend and exposure.",
        )
    return spend


def _not_said(design: Design, source: str, name: str, first: tuple[int, int], missing: int) -> ConfigError:
    """Of the amounts that are missing, the period and group of the first, and how many they are."""
    panel, (t, g) = design.panel, first
    where = f" in {panel.groups[g]}" if panel.is_panel else ""
    more = f" (and {missing - 1:,} more)" if missing > 1 else ""
    return _refusal(
        source,
        f"it does not say what is spent on {name}{where} in {day(design.future.dates[t])}{more}",
        "Write an amount for every paid channel and period, 0 where nothing is spent: nothing is filled in.",
    )


def _refusal(source: str, what: str, repair: str = "") -> ConfigError:
    wanted = "A plan has the columns date, channel, spend and, where there are groups, group."
    return ConfigError(what, where=source, repair=repair or wanted, id="M023")

"""Spend of the periods after the data: that of last year, or what a table says. What is not said is not zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmm.design import Design
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
    """

    dates: pd.DatetimeIndex
    spend: Array
    said: tuple[str, ...]


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
    spend, said = _from_table(design, at[at["period"] < n], n, source)
    return FutureSpend(design.future.dates[:n], spend, said)


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
    for name in dict.fromkeys(at["channel"]):
        if name not in paid:
            raise unknown("paid channel", name, paid, "M023")
    for name in dict.fromkeys(at["group"]) if named else ():
        if name not in panel.groups:
            raise unknown("group", str(name), panel.groups, "M023")
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


def _from_table(design: Design, at: pd.DataFrame, n: int, source: str) -> tuple[Array, tuple[str, ...]]:
    panel = design.panel
    said = [f"Spend: from {source}."]
    grouped = at["group"].notna().all()
    if not grouped and at["group"].notna().any():
        raise _refusal(source, "some rows name a group and others do not", "Name the group in every row, or in none.")
    first = int(at["period"].min()) if len(at) else n
    spend = _last_year(design, n)
    spend[first:] = np.nan
    share = _shares(design)
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


def _shares(design: Design) -> Array:
    """Share of each group in a channel's spend of the last year, then of all history, then even, (G, C)."""
    panel = design.panel
    recent = panel.spend[design.future.repeats].sum(0)
    ever = panel.spend.sum(0)
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
        t, g, c = missing[0]
        where = f" in {panel.groups[g]}" if panel.is_panel else ""
        more = f" (and {len(missing) - 1:,} more)" if len(missing) > 1 else ""
        raise _refusal(
            source,
            f"it does not say what is spent on {panel.channels[c]}{where} in {day(design.future.dates[t])}{more}",
            "Write an amount for every paid channel and period, 0 where nothing is spent: nothing is filled in.",
        )
    unknown_cost = (spend > 0) & ~np.isfinite(design.future.cost_per_exposure) & needed
    if unknown_cost.any():
        name = panel.channels[int(np.argwhere(unknown_cost)[0][2])]
        raise _refusal(
            source,
            f"no cost per exposure is known for {name}, so its money cannot be turned into exposure",
            "Plan 0 for it, or bring data with its spend and exposure.",
        )
    return spend


def _refusal(source: str, what: str, repair: str = "") -> ConfigError:
    wanted = "A plan has the columns date, channel, spend and, where there are groups, group."
    return ConfigError(what, where=source, repair=repair or wanted, id="M023")

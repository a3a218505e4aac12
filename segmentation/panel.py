"""What each segment bought by period, beside media: a panel for ``[media]`` with segments as its groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal

import ibis
import numpy as np
import pandas as pd

from outlay.errors import ConfigError
from outlay.findings import Finding
from outlay.project import ProjectSection
from segmentation.catalogue import CATALOGUE
from segmentation.config import CustomersSection
from segmentation.transactions import by_period
from segmentation.transactions_table import Purchases, open_purchases

Unit = Literal["day", "week", "month"]

MISSING = "(missing)"
"""Group of customers without a segment."""

OWN = ("date", "segment", "revenue", "orders", "active_customers", "new_customers", "population")
"""Columns that come from purchases."""

_CENTS = 6
_OFFSETS = {"day": pd.DateOffset(days=1), "week": pd.DateOffset(days=7), "month": pd.DateOffset(months=1)}


@dataclass(frozen=True, eq=False)
class NationalMedia:
    """Media of everybody together. T periods.

    Attributes
    ----------
    source : str
        The table, for messages.
    dates : DatetimeIndex (T,)
        First day of each period, in order.
    unit : {"day", "week", "month"}
    spend : DataFrame (T rows)
        What adds up over people: spend and exposure, by their columns.
    common : DataFrame (T rows)
        What holds for everybody alike: controls and events.
    left_out : tuple of str
        Columns that could not be taken over.
    """

    source: str
    dates: pd.DatetimeIndex
    unit: Unit
    spend: pd.DataFrame
    common: pd.DataFrame
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Panel:
    """A panel of segments.

    Attributes
    ----------
    frame : DataFrame
        One row per period and segment: ``date`` (its first day), ``segment``, ``revenue`` (in the project's currency),
        ``orders``, ``active_customers`` (who ordered), ``new_customers`` (who ordered for the first time),
        ``population`` (customers of the segment), and the columns of media.
    columns : dict of str to str
        Name in `frame` of each column of the media table; another one where the name was taken.
    unit : {"day", "week", "month"}
    source : str
        The table of purchases.
    findings : tuple of Finding
    """

    frame: pd.DataFrame
    columns: dict[str, str]
    unit: Unit
    source: str
    findings: tuple[Finding, ...]


def panel(
    section: CustomersSection,
    about: ProjectSection,
    base: Path,
    labels: pd.DataFrame,
    media: NationalMedia | None = None,
    *,
    unit: Unit = "week",
) -> Panel:
    """Add up purchases by period and segment, and put media beside them.

    Parameters
    ----------
    section : CustomersSection
    about : ProjectSection
    base : Path
    labels : DataFrame
        ``id`` and ``segment`` of every customer.
    media : NationalMedia, optional
        Spend of everybody, which is shared out by customers; periods are then those of media.
    unit : {"day", "week", "month"}
        Periods where there are no media. Weeks begin on Monday.

    Raises
    ------
    ConfigError, DataError
        As :func:`segmentation.transactions_table.open_purchases`; ConfigError too where purchases and media have no
        whole period in common.
    """
    unit = media.unit if media is not None else unit
    offset = int(media.dates[0].day_of_week) if media is not None and unit == "week" else 0
    with open_purchases(section, base) as purchases:
        bought = _by_customer(purchases, unit, offset)
        first, last, source = purchases.first, purchases.last, purchases.source
    names = labels.drop_duplicates("id").set_index(labels["id"].astype("str"))["segment"].astype("str")
    bought["segment"] = bought["customer"].map(names).astype(object)
    bought.loc[bought["segment"].isna(), "segment"] = MISSING
    population = names.value_counts().astype(float)
    strangers = bought.loc[bought["segment"] == MISSING, "customer"].nunique()
    if strangers:
        population[MISSING] = float(strangers)
    whole = _whole(first, last, unit, offset)
    kept = whole if media is None else whole.intersection(media.dates)
    if not len(kept):
        raise _nothing_in_common(source, (first, last), media)
    frame = _grid(bought, kept, population)
    findings = [*_told(section, about, bought, kept, source)]
    columns: dict[str, str] = {}
    if media is not None:
        frame, columns = _with_media(frame, media)
        findings += _media_told(media, population)
    return Panel(frame, columns, unit, source, tuple(findings))


def _by_customer(purchases: Purchases, unit: Unit, offset: int) -> pd.DataFrame:
    """Purchases by customer and period; weeks begin so many days after Monday."""
    if not offset:
        return by_period(purchases, unit)
    back = purchases.rows.mutate(day=(purchases.rows["day"] - ibis.interval(days=offset)).cast("date"))
    found = by_period(replace(purchases, rows=back), unit)
    return found.assign(period=found["period"] + pd.Timedelta(days=offset))


def _whole(first: date, last: date, unit: Unit, offset: int) -> pd.DatetimeIndex:
    """First days of the periods that lie inside the table as a whole."""
    start = pd.Timestamp(first)
    if unit == "week":
        start -= pd.Timedelta(days=(start.day_of_week - offset) % 7)
    elif unit == "month":
        start = start.replace(day=1)
    step = _OFFSETS[unit]
    every = pd.date_range(start, pd.Timestamp(last), freq=step)
    inside = (every >= pd.Timestamp(first)) & (every + step - pd.Timedelta(days=1) <= pd.Timestamp(last))
    return pd.DatetimeIndex(every[inside].to_numpy("datetime64[ns]"))


def _grid(bought: pd.DataFrame, kept: pd.DatetimeIndex, population: pd.Series) -> pd.DataFrame:
    """Sums for every period and segment, whether anything was bought or not."""
    active = bought[bought["orders"] > 0]
    begun = active.groupby("customer")["period"].min()
    rows = bought.assign(
        active_customers=(bought["orders"] > 0).astype(np.int64),
        new_customers=(bought["customer"].map(begun) == bought["period"]).astype(np.int64),
    ).rename(columns={"period": "date", "amount": "revenue"})
    sums = rows.groupby(["date", "segment"])[["revenue", "orders", "active_customers", "new_customers"]].sum()
    names: list[str] = sorted(map(str, population.index), key=_missing_last)
    pairs = {"date": kept.repeat(len(names)), "segment": names * len(kept)}
    every = pd.MultiIndex.from_frame(pd.DataFrame(pairs))
    # nothing was bought: the sum over no rows
    frame = sums.reindex(every, fill_value=0).reset_index()
    frame["revenue"] = frame["revenue"].astype(float).round(_CENTS)
    return frame.assign(population=frame["segment"].map(population))


def _missing_last(name: str) -> tuple[bool, str]:
    return name == MISSING, name


def _with_media(frame: pd.DataFrame, media: NationalMedia) -> tuple[pd.DataFrame, dict[str, str]]:
    columns = {name: f"media_{name}" if name in OWN else name for name in (*media.spend.columns, *media.common.columns)}
    at = pd.Series(np.arange(len(media.dates)), index=media.dates)[frame["date"]].to_numpy()
    total = frame.groupby("date")["population"].transform("sum")
    share = (frame["population"] / total).to_numpy()
    added = {columns[name]: media.spend[name].to_numpy(float)[at] * share for name in media.spend.columns}
    added |= {columns[name]: media.common[name].to_numpy()[at] for name in media.common.columns}
    return frame.assign(**added), columns


def _told(
    section: CustomersSection, about: ProjectSection, bought: pd.DataFrame, kept: pd.DatetimeIndex, source: str
) -> Iterator[Finding]:
    outside = bought[~bought["period"].isin(kept)]
    if len(outside):
        days = [f"{pd.Timestamp(day):%Y-%m-%d}" for day in sorted(outside["period"].unique())]
        when = " and ".join(days) if len(days) < 3 else f"{days[0]} to {days[-1]}"
        revenue, total = float(outside["amount"].sum()), float(bought["amount"].sum())
        what = (
            f"{len(days)} period{'s' * (len(days) > 1)} that begin{'s' * (len(days) == 1)} on {when}, with "
            f"{about.currency} {revenue:,.0f} of {about.currency} {total:,.0f}, are left out"
        )
        yield CATALOGUE.finding("K100", source, what)
    inside = bought[bought["period"].isin(kept)]
    strangers = inside[inside["segment"] == MISSING]
    if len(strangers):
        revenue, total = float(strangers["amount"].sum()), float(inside["amount"].sum())
        part = f" ({revenue / total:.1%})" if total > 0 else ""
        what = (
            f"{strangers['customer'].nunique():,} customers without a segment bought for {about.currency} "
            f"{revenue:,.0f} of {about.currency} {total:,.0f}{part}"
        )
        yield CATALOGUE.finding("K095", source, what)
    day = "now" if section.as_of is None else f"on {section.as_of}"
    what = f"purchases from {kept[0]:%Y-%m-%d} are counted in the segment that their customer is in {day}"
    yield CATALOGUE.finding("K101", source, what)


def _media_told(media: NationalMedia, population: pd.Series) -> Iterator[Finding]:
    shares = population / population.sum()
    told = ", ".join(f"{name} {share:.1%}" for name, share in shares.sort_values(ascending=False).head(8).items())
    what = f"{', '.join(media.spend.columns)}: every segment has the part that it is of the customers ({told})"
    yield CATALOGUE.finding("K094", media.source, what)
    if media.left_out:
        yield CATALOGUE.finding("K102", media.source, f"{', '.join(media.left_out)} are not in the panel")


def _nothing_in_common(source: str, days: tuple[date, date], media: NationalMedia | None) -> ConfigError:
    held = f"purchases are from {days[0]} to {days[1]}"
    if media is None:
        return ConfigError(
            f"there is no whole period: {held}",
            where=source,
            repair="Take shorter periods, or a table of a longer time.",
        )
    last = media.dates[-1].date()
    return ConfigError(
        f"purchases and media have no whole period in common: {held}, media from {media.dates[0].date()} to {last}",
        where=media.source,
        repair="Bring both tables to the same time. Where weekly dates are the last day of their week, say so with "
        'date_marks = "end" under [media].',
    )

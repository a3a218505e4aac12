"""Where money goes today and what it returned, as rows and sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from outlay import style
from outlay.fiscal import Fiscal
from outlay.response import ResponseDraws
from planner.study import Study


@dataclass(frozen=True)
class Recent:
    """Spend of the latest periods of the data.

    Attributes
    ----------
    spend : mapping of str to float
        By channel, over all groups; the largest first.
    start, end : str
        First and last period, with the fiscal week where the project has a calendar.
    periods : int
    """

    spend: Mapping[str, float]
    start: str
    end: str
    periods: int

    @property
    def total(self) -> float:
        """All of it."""
        return sum(self.spend.values())


@dataclass(frozen=True)
class Returned:
    """What a channel returned over the whole window of the fit; None where there is no such number.

    Attributes
    ----------
    channel, kind, said : str
        ``paid``, ``organic`` or ``lever``; ``enough``, ``little``, ``nothing``
        or, of a lever, ``sign unclear``.
    roi, mroi, contribution, share : tuple of float or None
        Mean, low and high; the share has a mean alone.
    """

    channel: str
    kind: str
    said: str
    contribution: tuple[float, float, float]
    share: float
    roi: tuple[float, float, float] | None
    mroi: tuple[float, float, float] | None


def recent(response: ResponseDraws, periods: int, fiscal: Fiscal | None) -> Recent:
    """Spend of the last periods, as many as a plan is long, or all where the data are shorter."""
    n = min(periods, len(response.dates))
    sums = response.spend[-n:].sum(axis=(0, 1))
    order = np.argsort(-sums, kind="stable")
    spend = {response.channels[i]: float(sums[i]) for i in order}
    first, last = (dated(pd.Timestamp(day), response, fiscal) for day in (response.dates[-n], response.dates[-1]))
    return Recent(spend, first, last, n)


def dated(day: pd.Timestamp, response: ResponseDraws, fiscal: Fiscal | None) -> str:
    """A period's date as the data write it, with the period's place in the fiscal year where there is one."""
    text = f"{day:%Y-%m-%d}"
    if fiscal is None:
        return text
    if response.date_marks == "end":  # the calendar goes by first days
        length = pd.DateOffset(months=1) if response.period == "month" else pd.DateOffset(days=response.period_days)
        day = day + pd.Timedelta(days=1) - length
    return f"{text} ({fiscal.label(day.date(), response.period)})"


def returned(study: Study) -> list[Returned]:
    """Returns of every channel and lever over all groups: paid media first, the largest contribution first."""
    roi = study.fit.table("roi")
    whole = roi[roi["group"].isna()]
    rows = [_row(row) for row in whole.to_dict("records")]
    kinds = {"paid": 0, "organic": 1, "lever": 2}
    return sorted(rows, key=lambda row: (kinds[row.kind], -row.contribution[0]))


def _row(row: Mapping[Any, Any]) -> Returned:
    kind = str(row.get("kind") or ("paid" if row["paid"] else "organic"))

    def known(name: str) -> tuple[float, float, float] | None:
        found = _three(row, name)
        return None if any(math.isnan(x) for x in found) else found

    caused, said = _three(row, "contribution"), style.DATA_SAY[str(row["identified"])]
    if kind == "lever" and said == "enough" and caused[1] < 0 < caused[2]:
        said = "sign unclear"  # a lever may work either way, so a narrower belief is not yet an answer
    return Returned(
        channel=str(row["channel"]),
        kind=kind,
        said=said,
        contribution=caused,
        share=float(row["share_mean"]),
        roi=known("roi"),
        mroi=known("mroi"),
    )


def _three(row: Mapping[Any, Any], name: str) -> tuple[float, float, float]:
    """Mean and interval of a row."""
    mean, low, high = (float(row[f"{name}_{part}"]) for part in ("mean", "hdi_low", "hdi_high"))
    return mean, low, high


def amount(study: Study, x: float) -> str:
    """An amount of the outcome with its unit."""
    return style.money(x, study.currency) if study.money else f"{style.number(x)} {study.unit}"


def window_of(study: Study) -> str:
    """The time that returns are told of."""
    model = study.fit.json("model")
    return f"{model['window_start']} to {model['window_end']}" if "window_start" in model else "the data"


def headline(study: Study, spent: Recent) -> str:
    """What was spent and what media caused, in a sentence."""
    total = study.fit.table("total").to_dict("records")[0]
    low, high = (amount(study, total[f"contribution_hdi_{end}"]) for end in ("low", "high"))
    caused = amount(study, total["contribution_mean"])  # with the outcome's name, where that is the unit
    return (
        f"{style.money(spent.total, study.currency)} went into {len(spent.spend)} channels from {spent.start} to "
        f"{spent.end}. Over the whole data ({window_of(study)}) paid media caused "
        f"{caused}{f' of {study.outcome}' if study.money else ''} ({_level(study)}: {low} to {high}) for "
        f"{style.money(total['spend'], study.currency)}: {style.ratio(total['roi_mean'])} {study.unit} per "
        f"{study.currency} ({style.ratio_between(total['roi_hdi_low'], total['roi_hdi_high'])})."
    )


def caution(study: Study, rows: list[Returned], spent: Recent) -> str:
    """What the data cannot tell, where most money runs in channels that they say little about."""
    unsure = [row.channel for row in rows if row.kind == "paid" and row.said != "enough"]
    part = sum(spent.spend.get(name, 0.0) for name in unsure) / spent.total if spent.total else 0.0
    if part <= 0.5:
        return ""
    return (
        f"{style.percent(part, 0)} of this money runs in channels that the data say little or nothing about "
        f"({', '.join(unsure[:4])}{' and others' if len(unsure) > 4 else ''}): their intervals lean on what was "
        "assumed. A lift test would tell more than a new plan."
    )


def _level(study: Study) -> str:
    return f"{100 * study.hdi:g}%"

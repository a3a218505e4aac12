"""Facts of leads: the scorecard, conversion, and what a lead is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.star.columns import TOTAL
from cli.star.facts import CONVERSION, LEAD_VALUE, SCORECARD, SCORECARD_RATE

if TYPE_CHECKING:
    import pandas as pd

    from cli.star.rows import About, Facts

_REGION = {"region": "group_name", "sub_region": "sub_group"}
_PAIR = "segment x channel"


def scorecard(run: About) -> Facts:
    """Measures against their goals, by month and year, and rates between stages."""
    facts = run.facts
    months, years, rates = (run.table(name) for name in ("months", "year", "rates"))
    if months is not None:
        yield SCORECARD, _measures(months.rename(columns={"month": "date_key"}), run)
    if years is not None:
        yield SCORECARD, _measures(years.rename(columns={"year": "date_key"}).assign(kind="year"), run)
    if rates is not None:
        named = {"month": "date_key", "of": "after", "to": "stage", **_REGION}
        yield SCORECARD_RATE, _origins(rates.rename(columns=named)).assign(hdi=facts["hdi"])


def _measures(table: pd.DataFrame, run: About) -> pd.DataFrame:
    named = _origins(table.rename(columns={**_REGION, "through": "through_key"}))
    units = named["measure"].map(lambda measure: run.facts["currency"] if measure == "value" else "leads")
    return named.assign(unit=units, hdi=run.facts["hdi"])


def _origins(table: pd.DataFrame) -> pd.DataFrame:
    if "origin" not in table:
        return table.assign(origin=TOTAL)
    return table.assign(origin=table["origin"].where(table["origin"] != "", TOTAL))


def convert(run: About) -> Facts:
    """Rates of the funnel's steps, and money per lead, by every dimension of the leads."""
    facts = run.facts
    rates = run.run.table("rates")
    named = {"raw": "observed_rate", "mean": "rate_mean", "low": "rate_low", "high": "rate_high"}
    yield CONVERSION, _parts(rates, run).rename(columns=named).assign(hdi=facts["hdi"])
    worth = run.table("value_per_lead")
    if worth is not None:
        named = {part: f"value_per_lead_{part}" for part in ("mean", "low", "high")}
        named |= {"value": "value_per_deal_mean"} | {
            f"value_{part}": f"value_per_deal_{part}" for part in ("low", "high")
        }
        units = {"currency": facts["currency"], "hdi": facts["hdi"]}
        yield LEAD_VALUE, _parts(worth, run).rename(columns=named).assign(**units)


def _parts(table: pd.DataFrame, run: About) -> pd.DataFrame:
    """Segment and channel of each row, where its dimension is one of them or both."""
    dimension, level = table["dimension"], table["level"].astype(str)
    pairs = _pairs(run)
    segments: list[str | None] = []
    channels: list[str | None] = []
    for of, name in zip(dimension, level, strict=True):
        segment, channel = pairs.get(name, (None, None)) if of == _PAIR else (None, None)
        segments.append(name if of == "segment" else segment)
        channels.append(name if of == "channel" else channel)
    done = table.copy(deep=False)
    done["segment"], done["channel"] = segments, channels
    return done


def _pairs(run: About) -> dict[str, tuple[str, str]]:
    """Segment and channel of each pair by its level; names may hold the sign between them, so they are looked up."""
    pairs = run.table("shrinkage")
    if pairs is None:
        return {}
    return {
        f"{segment} x {channel}": (segment, channel)
        for segment, channel in zip(pairs["segment"], pairs["channel"], strict=True)
    }

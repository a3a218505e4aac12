"""Journeys beside the media-mix model: what each says of the same channels over the same time.

The model says how many conversions would be missing without a channel; journeys say how many conversions the channel
was seen on the way to. Both are kept as draws, and everything here is computed draw by draw. The draws of the two are
independent: the model has not seen the journeys.

- **over-credit** of a channel is its credited conversions over its incremental ones;
- **inside a channel** journeys say where the model's total went: to segments, or to the touch channels that one media
  channel is made of. Model total x journey share, draw by draw;
- the **untracked rest** is the outcome in which no tracked journey ends. Nobody knows what it was touched by; the
  model's baseline and its media both have part in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from attribution.credit import Attribution, Credit
from outlay.summary import summarise
from outlay.transforms import Array


@dataclass(frozen=True, eq=False)
class MediaTotals:
    """What is known of media over a time. S draws, C channels.

    Attributes
    ----------
    channels : tuple of str
    spend : ndarray (C,)
        In the currency; NaN where a channel has none.
    start, end : date
        First day, and the day after the last.
    unit : {"conversions", "value", ""}
        What the model counts: conversions, money, or nothing that journeys can be compared with.
    contribution : ndarray (S, C) or None
        Draws of what each channel caused in that time; None without a fit.
    outcome : float
        What the KPI counts in that time.
    run : str
        Id of the fit.
    """

    channels: tuple[str, ...]
    spend: Array
    start: date
    end: date
    unit: str = ""
    contribution: Array | None = None
    outcome: float = float("nan")
    run: str = ""


@dataclass(frozen=True, eq=False)
class Reconciled:
    """Journeys beside the media-mix model.

    Attributes
    ----------
    channels : DataFrame
        ``channel, spend, credited, credited_hdi_*, incremental_mean, incremental_hdi_*, over_credit_median,
        over_credit_hdi_*, p_over``, one row per channel of the model that journeys know.
    inside : DataFrame
        ``channel, part, segment, share, share_hdi_*, incremental_mean, incremental_hdi_*``.
    bridge : DataFrame
        ``line, mean, hdi_low, hdi_high``: from the outcome to what is tracked, credited and caused.
    """

    channels: pd.DataFrame
    inside: pd.DataFrame
    bridge: pd.DataFrame


def joined(names: tuple[str, ...], media: tuple[str, ...], channel_map: Mapping[str, str]) -> dict[str, list[int]]:
    """Places among the journeys' channels of each media channel that they know."""
    found: dict[str, list[int]] = {}
    for i, name in enumerate(names):
        target = channel_map.get(name, name)
        if target in media:
            found.setdefault(target, []).append(i)
    return {name: found[name] for name in media if name in found}


def spend_of(
    names: tuple[str, ...], media: MediaTotals | None, channel_map: Mapping[str, str], stated: Mapping[str, float]
) -> tuple[dict[str, float], list[str]]:
    """Spend by journey channel, and the channels that share one media channel's spend, which is nobody's alone."""
    spend = dict(stated)
    shared: list[str] = []
    if media is not None:
        for target, places in joined(names, media.channels, channel_map).items():
            amount = float(media.spend[media.channels.index(target)])
            if len(places) > 1:
                shared += [names[i] for i in places]
            elif np.isfinite(amount):
                spend.setdefault(names[places[0]], amount)
    return spend, shared


def with_costs(found: Attribution, spend: Mapping[str, float]) -> pd.DataFrame:
    """Cost, credited return and cost per credited conversion by model and channel, for all journeys together.

    Columns ``model, channel, spend, conversions, roi, roi_hdi_low, roi_hdi_high`` (value per unit of currency; missing
    where journeys have no value), ``cpa_median, cpa_hdi_low, cpa_hdi_high`` (currency per conversion; a mean need not
    exist).
    """
    counts, rows = found.counts, []
    for credit in found.credits.values():
        for c, name in enumerate(counts.channels):
            cost = spend.get(name, 0.0)
            row: dict[str, object] = {"model": credit.model, "channel": name, "spend": cost if cost > 0 else np.nan}
            row["conversions"] = credit.share[c] * counts.conversions
            rows.append(row | _returned(credit, c, cost, found))
    return pd.DataFrame(rows)


def _returned(credit: Credit, c: int, cost: float, found: Attribution) -> dict[str, float]:
    names = ("roi", "roi_hdi_low", "roi_hdi_high", "cpa_median", "cpa_hdi_low", "cpa_hdi_high")
    row = dict.fromkeys(names, float("nan"))
    counts = found.counts
    if cost <= 0:
        return row
    if counts.has_value:
        told = summarise(credit.value_draws[:, c] * counts.value / cost, found.level)
        row["roi"] = float(credit.value_share[c]) * counts.value / cost
        row |= {"roi_hdi_low": float(told.low), "roi_hdi_high": float(told.high)}
    credited = credit.draws[:, c] * counts.conversions
    if (credited > 0).all():
        price = summarise(cost / credited, found.level)
        row |= {"cpa_median": float(price.median), "cpa_hdi_low": float(price.low), "cpa_hdi_high": float(price.high)}
    return row


def reconcile(
    found: Attribution,
    parts: Mapping[str, Attribution],
    media: MediaTotals,
    channel_map: Mapping[str, str],
    model: str,
    seed: int,
) -> Reconciled | None:
    """Put the journeys of the model's own time beside the model; None where they have no channel in common.

    Parameters
    ----------
    found : Attribution
        Of the journeys that end in the time of `media`.
    parts : mapping of str to Attribution
        The same by segment, where there are several.
    media : MediaTotals
        With draws.
    channel_map : mapping of str to str
        Media channel by the journeys' name, where they differ.
    model : str
        Which credit of the journeys.
    seed : int
        Of the order in which draws of the two meet.
    """
    groups = joined(found.counts.channels, media.channels, channel_map)
    if media.contribution is None or not groups:
        return None
    rng = np.random.default_rng([seed, 11])
    places = np.array([media.channels.index(name) for name in groups])
    credited = _credited(found, model, media.unit)
    caused = media.contribution[:, places]
    credited, caused = _matched(credited, caused, rng)
    own = np.column_stack([credited[:, index].sum(1) for index in groups.values()])
    channels = _compared(list(groups), media, own, caused, found.level)
    inside = _inside(found, parts, groups, caused, model, media.unit)
    return Reconciled(channels, inside, _bridge(found, media, own, caused))


def _credited(found: Attribution, model: str, unit: str) -> Array:
    """Draws of the credit in the model's unit, (S, m)."""
    credit, counts = found.credits[model], found.counts
    return credit.value_draws * counts.value if unit == "value" else credit.draws * counts.conversions


def _matched(first: Array, second: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """As many draws of both, in an order that has nothing to do with the chains."""
    size = max(len(first), len(second))
    return first[_order(len(first), size, rng)], second[_order(len(second), size, rng)]


def _order(n: int, size: int, rng: np.random.Generator) -> Array:
    return np.concatenate([rng.permutation(n) for _ in range(-(-size // n))])[:size]


def _compared(names: list[str], media: MediaTotals, own: Array, caused: Array, level: float) -> pd.DataFrame:
    credited, incremental = summarise(own, level), summarise(caused, level)
    # A channel whose effect may be nothing has ratios without bound: median and interval still exist.
    ratio = np.divide(own, caused, out=np.full_like(own, np.inf), where=caused > 0)
    over = summarise(np.minimum(ratio, 1e12), level)
    return pd.DataFrame(
        {
            "channel": names,
            "spend": [float(media.spend[media.channels.index(name)]) for name in names],
            "credited": credited.mean,
            "credited_hdi_low": credited.low,
            "credited_hdi_high": credited.high,
            "incremental_mean": incremental.mean,
            "incremental_hdi_low": incremental.low,
            "incremental_hdi_high": incremental.high,
            "over_credit_median": over.median,
            "over_credit_hdi_low": over.low,
            "over_credit_hdi_high": over.high,
            "p_over": (own > caused).mean(0),
        }
    )


def _inside(
    found: Attribution,
    parts: Mapping[str, Attribution],
    groups: Mapping[str, list[int]],
    caused: Array,
    model: str,
    unit: str,
) -> pd.DataFrame:
    """Model total x journey share: where inside a channel the model's conversions went."""
    cells = parts or {"all": found}
    draws = {name: _credited(part, model, unit) for name, part in cells.items() if model in part.credits}
    rows = []
    for g, (channel, index) in enumerate(groups.items()):
        if len(index) == 1 and len(draws) <= 1:
            continue
        stacked = np.stack([part[:, i] for part in draws.values() for i in index], -1)
        total = stacked.sum(-1, keepdims=True)
        share = np.divide(stacked, total, out=np.zeros_like(stacked), where=total > 0)
        share = share[np.arange(len(caused)) % len(share)]
        told, brought = summarise(share, found.level), summarise(share * caused[:, g, None], found.level)
        labels = [(name, found.counts.channels[i]) for name in draws for i in index]
        rows += [
            {
                "channel": channel,
                "part": part,
                "segment": None if segment == "all" and not parts else segment,
                **{f"share_{key}": float(getattr(told, name)[j]) for key, name in _SHOWN},
                **{f"incremental_{key}": float(getattr(brought, name)[j]) for key, name in _SHOWN},
            }
            for j, (segment, part) in enumerate(labels)
        ]
    columns = ["channel", "part", "segment", *(f"{p}_{key}" for p in ("share", "incremental") for key, _ in _SHOWN)]
    return pd.DataFrame(rows, columns=columns)


_SHOWN = (("mean", "mean"), ("hdi_low", "low"), ("hdi_high", "high"))


def _bridge(found: Attribution, media: MediaTotals, own: Array, caused: Array) -> pd.DataFrame:
    """From the outcome to what is tracked, credited and caused."""
    counts = found.counts
    tracked = counts.value if media.unit == "value" else float(counts.conversions)
    every = media.contribution.sum(1) if media.contribution is not None else caused.sum(1)
    lines: dict[str, Array | float] = {
        "outcome": media.outcome,
        "tracked": tracked,
        "untracked": media.outcome - tracked,
        "credited_media": own.sum(1),
        "credited_other": tracked - own.sum(1),
        "caused_media": every,
        "baseline": media.outcome - every,
        "over_credit": own.sum(1) - caused.sum(1),
    }
    rows = []
    for line, value in lines.items():
        told = summarise(np.atleast_1d(np.asarray(value, float)), found.level)
        exact = np.ndim(value) == 0
        low, high = (float("nan"),) * 2 if exact else (float(told.low), float(told.high))
        rows.append({"line": line, "mean": float(told.mean), "hdi_low": low, "hdi_high": high})
    return pd.DataFrame(rows)

"""Spend by region and week, what it causes, and the leads that come without it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cli.b2b.channels import CHANNELS
from cli.b2b.world import BURN_IN, FIRST_WEEK, QUARTER, REGIONS, WEEKS, Size
from outlay.transforms import SATURATIONS, adstock_weights, carry_over

Array = NDArray[np.float64]

MEMORY = 26
"""Weeks over which spend acts; the longest half-life has gone through ten of them."""
_HOLIDAYS = (0, 51, 52)  # weeks around New Year, counted from the first
_REGION_SPREAD = 0.12  # sd of the log of a channel's effect between regions
_BASE_NOISE = 0.025  # sd of the log of the baseline from week to week, beyond the Poisson's


@dataclass(frozen=True, eq=False)
class Curves:
    """The response of one world. G regions, C channels.

    Leads of a week are ``accounts x coefficient x hill(carried over spend per account; half-saturation)``.

    Attributes
    ----------
    coefficient : ndarray (G, C)
        Leads per account and week at full saturation.
    half_saturation : ndarray (C,)
        USD per account and week, carried over, at half of it.
    half_life : ndarray (C,)
        In weeks, of a geometric carry-over whose weights sum to one.
    accounts : ndarray (G,)
    """

    coefficient: Array
    half_saturation: Array
    half_life: Array
    accounts: Array

    def leads(self, spend: Array) -> Array:
        """Expected leads that spend (T, G, C) causes in each of its weeks; nothing ran before the first."""
        return np.asarray(self.accounts[:, None] * self.coefficient * self.saturated(spend))

    def saturated(self, spend: Array) -> Array:
        """Saturated, carried over spend per account, (T, G, C)."""
        weights = adstock_weights("geometric", self.half_life, 0.0, MEMORY)
        per_account = spend / self.accounts[:, None]
        carried = np.stack(
            [carry_over(per_account[:, :, c].T, weights[c]).T for c in range(per_account.shape[2])], axis=2
        )
        return SATURATIONS["hill"].value(carried, self.half_saturation, 1.0)


@dataclass(frozen=True, eq=False)
class Media:
    """What ran and what it caused: T weeks, G regions, C channels.

    Attributes
    ----------
    spend : ndarray (T, G, C)
        USD, whole.
    before : ndarray (BURN_IN, G, C)
        What ran before the first week; no table holds it.
    curves : Curves
    caused : ndarray (T, G, C)
        Expected leads by causing channel.
    baseline : ndarray (T, G)
        Expected leads that come without media.
    demand : ndarray (T, G)
        Index of the category's demand, a control.
    ahead : ndarray (QUARTER, G)
        Expected leads without media in the quarter after the last week, with demand back at its middle.
    """

    spend: Array
    before: Array
    curves: Curves
    caused: Array
    baseline: Array
    demand: Array
    ahead: Array

    @property
    def year_end(self) -> NDArray[np.int64]:
        """Weeks around New Year, (T,)."""
        return np.isin(np.arange(len(self.spend)), _HOLIDAYS).astype(np.int64)


def simulate_media(size: Size, rng: np.random.Generator) -> Media:
    """Draw a world's spend and demand; its curves follow from what the channels are to cause."""
    spend = _spend(size, rng)
    curves = _curves(size, spend, rng)
    caused = curves.leads(spend)[BURN_IN:]
    demand = _demand(rng)
    calm = np.full((QUARTER, len(REGIONS)), 100.0)
    steady = _baseline(size, np.concatenate([demand, calm]))
    drawn = steady[:WEEKS] * rng.lognormal(0.0, _BASE_NOISE, demand.shape)
    unit = (size.leads - caused.sum()) / drawn.sum()
    return Media(spend[BURN_IN:], spend[:BURN_IN], curves, caused, drawn * unit, demand, steady[WEEKS:] * unit)


def weekly_table(media: Media, leads: NDArray[np.int64], size: Size) -> pd.DataFrame:
    """The table of the media-mix model: one row per week and region, with leads (T, G) counted from the leads."""
    parts = []
    for g, region in enumerate(REGIONS):
        weeks = [(FIRST_WEEK + timedelta(weeks=t)).isoformat() for t in range(WEEKS)]
        columns: dict[str, object] = {"week": weeks, "region": region, "accounts": size.accounts(region)}
        columns["mqls"] = leads[:, g]
        columns |= {f"{name}_spend": media.spend[:, g, c].astype(np.int64) for c, name in enumerate(CHANNELS)}
        columns |= {"demand_index": media.demand[:, g].round(2), "year_end": media.year_end}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts).sort_values(["week", "region"], kind="stable").reset_index(drop=True)


def _spend(size: Size, rng: np.random.Generator) -> Array:
    """Whole dollars, (BURN_IN + WEEKS, G, C): a level per region that moves by budget rounds, times the flights."""
    weeks = BURN_IN + WEEKS
    out = np.empty((weeks, len(REGIONS), len(CHANNELS)))
    for c, channel in enumerate(CHANNELS.values()):
        mean = size.leads * channel.share * channel.cost / WEEKS
        for g, region in enumerate(REGIONS):
            part = size.accounts(region) / sum(map(size.accounts, REGIONS))
            shape = _rounds(weeks, rng) * _flights(channel.flights, weeks, rng) * rng.lognormal(0.0, 0.10, weeks)
            level = part * rng.lognormal(0.0, 0.20)
            out[:, g, c] = mean * level * shape / shape[BURN_IN:].mean()
        out[:, :, c] *= mean * WEEKS / out[BURN_IN:, :, c].sum()
    return np.round(out)


def _rounds(weeks: int, rng: np.random.Generator) -> Array:
    """Budgets are set anew every six to twelve weeks, each region on its own: what lets a model tell channels apart."""
    levels: list[float] = []
    while len(levels) < weeks:
        levels += [float(rng.lognormal(0.0, 0.35))] * int(rng.integers(6, 13))
    return np.asarray(levels[:weeks])


def _flights(kind: str, weeks: int, rng: np.random.Generator) -> Array:
    """On and off, (weeks,): short bursts, flights with pauses, or always on but for two pauses, to see what is lost."""
    if kind == "always":
        on = np.ones(weeks)
        for start in rng.integers((0, weeks // 2), (weeks // 2 - 8, weeks - 8)):
            on[start : start + int(rng.integers(5, 8))] = 0.0
        return on
    on = np.zeros(weeks)
    t = int(rng.integers(0, 5))
    while t < weeks:
        length, pause = rng.integers((1, 2), (2, 6)) if kind == "bursts" else rng.integers((3, 3), (8, 7))
        on[t : t + int(length)] = rng.lognormal(0.0, 0.15)
        t += int(length + pause)
    return on


def _curves(size: Size, spend: Array, rng: np.random.Generator) -> Curves:
    """Half-saturations from mean spend per account, coefficients from what each channel is to cause."""
    accounts = np.array([size.accounts(region) for region in REGIONS], float)
    names = list(CHANNELS.values())
    mean = spend[BURN_IN:].sum((0, 1)) / (WEEKS * accounts.sum())
    half = np.array([channel.half_saturation for channel in names]) * mean
    half_life = np.array([channel.half_life for channel in names])
    between = rng.lognormal(0.0, _REGION_SPREAD, (len(REGIONS), len(names)))
    curves = Curves(between, half, half_life, accounts)
    wanted = size.leads * np.array([channel.share for channel in names])
    return Curves(between * wanted / curves.leads(spend)[BURN_IN:].sum((0, 1)), half, half_life, accounts)


def _demand(rng: np.random.Generator) -> Array:
    """A slow walk around 100, alike but not the same in all regions, (WEEKS, G)."""
    steps = rng.normal(0.0, 1.6, (WEEKS, 1)) + rng.normal(0.0, 1.2, (WEEKS, len(REGIONS)))
    walk = np.zeros_like(steps)
    for t in range(1, WEEKS):
        walk[t] = 0.92 * walk[t - 1] + steps[t]
    return np.asarray(100.0 + walk)


def _baseline(size: Size, demand: Array) -> Array:
    """Relative leads without media: accounts x trend x season x demand, for as many weeks as demand has."""
    t = np.arange(len(demand))
    angle = 2.0 * np.pi * t / 52.1775
    season = 1.0 + 0.07 * np.sin(angle - 0.4) + 0.045 * np.cos(2.0 * angle + 0.6)
    season = season * np.where(np.isin(t, _HOLIDAYS), 0.62, 1.0)
    out = np.empty(demand.shape)
    for g, (name, region) in enumerate(REGIONS.items()):
        trend = 1.0 + region.trend * (t / WEEKS - 0.5)
        pull = size.accounts(name) * region.pull
        out[:, g] = pull * trend * season * (1.0 + 0.006 * (demand[:, g] - 100.0))
    return out

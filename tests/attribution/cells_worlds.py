"""Made-up funnels whose rates are known: cells drawn straight from true rates, without rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from attribution.config import ConversionSampling, LeadsSection
from attribution.leads import LeadCells
from outlay.project import ProjectSection

SIZES = {"segment": 5, "channel": 10, "region": 4}


@dataclass(frozen=True, eq=False)
class World:
    """Cells and what they were drawn from.

    Attributes
    ----------
    cells : LeadCells
    rates : ndarray (N, J - 1)
        True rate of every transition in every cell.
    sigma : float
        Spread of the logarithm of values.
    effects : mapping of str to ndarray
        True effects of the first transition on the logit scale.
    log_value : ndarray (N,)
        True mean logarithm of a cell's deals.
    """

    cells: LeadCells
    rates: np.ndarray
    sigma: float
    effects: dict[str, np.ndarray]
    log_value: np.ndarray


def world(
    leads: int,
    sizes: dict[str, int] | None = None,
    *,
    rates: Sequence[float] = (0.3, 0.15),
    spreads: dict[str, float] | None = None,
    step: float = 0.1,
    seed: int = 1,
    values: bool = True,
) -> World:
    """Leads spread unevenly over cells; each transition's logit is a sum of effects, and periods walk.

    `spreads` overrides 0.4 for a dimension, 0.2 for segment by channel (`"segment_x_channel"`).
    """
    rng = np.random.default_rng(seed)
    sizes, spreads = sizes or SIZES, spreads or {}
    dims = tuple(sizes)
    grid = np.stack(np.meshgrid(*(np.arange(k) for k in sizes.values()), indexing="ij"), -1).reshape(-1, len(dims))
    weight = np.ones(len(grid))
    for d, k in enumerate(sizes.values()):
        weight *= rng.dirichlet(np.full(k, 6.0))[grid[:, d]]
    counts = rng.multinomial(leads, weight / weight.sum())
    codes, n = grid[counts > 0], counts[counts > 0].astype(float)
    reached, truth, trials, successes = [n], [], [], []
    effects: dict[str, np.ndarray] = {}
    for j, rate in enumerate(rates):
        own = _effects(rng, sizes, spreads, step)
        effects = effects if j else own
        eta = np.log(rate / (1 - rate)) + sum(own[dim][codes[:, d]] for d, dim in enumerate(dims))
        if "segment_x_channel" in own:
            eta = eta + own["segment_x_channel"][codes[:, dims.index("segment")], codes[:, dims.index("channel")]]
        p = 1 / (1 + np.exp(-eta))
        hits = rng.binomial(reached[-1].astype(int), p).astype(float)
        truth.append(p)
        trials.append(reached[-1])
        successes.append(hits)
        reached.append(hits)
    sigma = 0.8
    log_value = 9.0 + rng.normal(0, 0.4, sizes["segment"])[codes[:, dims.index("segment")]]
    deals = [rng.normal(log_value[i], sigma, int(k)) for i, k in enumerate(reached[-1])]
    sums = np.array([[v.size, np.exp(v).sum(), v.sum(), (v**2).sum()] for v in deals]) * float(values)
    cells = LeadCells(
        stages=("lead", "sqo", "won", "paid")[: len(rates) + 1],
        dims=dims,
        levels={dim: _names(dim, k) for dim, k in sizes.items()},
        codes=codes.astype(np.int64),
        reached=np.stack(reached, 1),
        trials=np.stack(trials, 1),
        successes=np.stack(successes, 1),
        value_count=sums[:, 0],
        value_sum=sums[:, 1],
        value_log_sum=sums[:, 2],
        value_log_square=sums[:, 3],
        currency="EUR",
        as_of=date(2026, 6, 30),
        maturity_days=(0.0,) * len(rates),
        young=(0,) * len(rates),
        rows=leads,
        source="leads.parquet",
        fingerprint="0" * 64,
    )
    return World(cells, np.stack(truth, 1), sigma, effects, log_value)


def some(cells: LeadCells, rows: np.ndarray) -> LeadCells:
    """Some of the cells, or all in another order."""
    counts = ("codes", "reached", "trials", "successes")
    sums = ("value_count", "value_sum", "value_log_sum", "value_log_square")
    changes: dict[str, Any] = {name: getattr(cells, name)[rows] for name in (*counts, *sums)}
    return replace(cells, **changes)


def section(**sampling: Any) -> LeadsSection:
    """A `[leads]` section that fits the cells above."""
    return LeadsSection(
        source="leads.parquet",
        date="created",
        stages=("lead", "sqo", "won"),
        segment="segment",
        channel="channel",
        value="amount",
        sampling=ConversionSampling(**sampling),
    )


def about(**changes: Any) -> ProjectSection:
    """A `[project]` section."""
    return ProjectSection(name="a funnel", currency="EUR", **changes)


def _effects(
    rng: np.random.Generator, sizes: dict[str, int], spreads: dict[str, float], step: float
) -> dict[str, np.ndarray]:
    out = {}
    for dim, k in sizes.items():
        own = np.cumsum(rng.normal(0, step, k)) if dim == "period" else rng.normal(0, spreads.get(dim, 0.4), k)
        out[dim] = own - own.mean()
    if {"segment", "channel"} <= set(sizes):
        shape = (sizes["segment"], sizes["channel"])
        both = rng.normal(0, spreads.get("segment_x_channel", 0.2), shape)
        both = both - both.mean(0) - both.mean(1)[:, None] + both.mean()
        out["segment_x_channel"] = both
    return out


def _names(dim: str, size: int) -> tuple[str, ...]:
    if dim == "period":
        return tuple(f"{2024 + m // 12}-{m % 12 + 1:02d}-01" for m in range(size))
    return tuple(f"{dim} {i + 1:02d}" for i in range(size))

"""PyMC-Marketing's MMM and its BudgetOptimizer, as a user runs them: geos, channels, adstock, logistic saturation.

No fit is needed: ``MMM.build_model`` builds the model on a frame, and ``mmm.idata`` is given draws as its posterior.
``mmm.budget_optimizer(start, end)`` then builds and compiles; its first ``allocate_budget`` compiles the rest, so that
one iteration is run before the clock starts. The curves of that MMM are written down exactly (``instance``), checked
against ``evaluate_response_distribution``, and given to the other sides.

With a level spend over H weeks, adstock over L lags and no spend before, a cell's outcome is a sum of H + L - 1
logistic curves of its weekly spend, of which H - L + 1 are equal. The instance holds them as ``2 L - 1`` curves a draw.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from pymc_extras.prior import Prior
from pymc_marketing.mmm import GeometricAdstock, LogisticSaturation, NoAdstock
from pymc_marketing.mmm.mmm import MMM

from benchmarks.budget.answer import Answer
from benchmarks.budget.curves import TANH_HALF, Array, Curves
from benchmarks.budget.instances import Instance, Recipe, draw
from benchmarks.budget.slsqp import ending

DIMS = ("geo", "channel")


@dataclass(frozen=True)
class Size:
    """A market: ``geos`` x ``channels`` cells, draws, weeks planned, lags of the adstock (1 for none).

    ``money`` is a cell's mean weekly spend. What unit it is in makes a difference to PyMC-Marketing, whose SLSQP works
    in the unit that it is given: near one it takes far fewer iterations than in dollars.
    """

    geos: int
    channels: int
    draws: int
    weeks: int
    lags: int
    money: float = 1.0

    @property
    def name(self) -> str:
        """What it is called in the results."""
        window = f"{self.weeks} weeks, {self.lags} lags" if self.lags > 1 else f"{self.weeks} week, no adstock"
        return f"{self.geos * self.channels} cells x {self.draws} draws, {window}, mean spend {self.money:g}"


@dataclass(frozen=True, eq=False)
class Market:
    """An MMM with its posterior, and the same as an instance for the other sides. Spend is per week."""

    size: Size
    mmm: Any
    instance: Instance
    last_day: pd.Timestamp


def make(size: Size, seed: int = 0, bounds: str = "open") -> Market:
    """Build the MMM of a random instance and hand it the draws."""
    cells = size.geos * size.channels
    plain = draw(Recipe("concave", bounds, cells, size.draws, ("logistic",), size.money), seed)
    retention = np.random.default_rng(seed).uniform(0.1, 0.8, cells) * np.ones((size.draws, cells))
    history = pd.date_range("2025-01-06", periods=40, freq="W-MON")
    mmm = _build(size, plain.last, history)
    scale = np.tile(mmm.scalers["_channel"].to_numpy(), size.geos)
    curves = plain.curves
    posterior = {
        "saturation_lam": 2.0 * TANH_HALF * scale / (curves.half * curves.unit),
        "saturation_beta": curves.gain,
        "adstock_alpha": retention,
    }
    if size.lags == 1:
        del posterior["adstock_alpha"]
    shape = (1, size.draws, size.geos, size.channels)
    data = {name: (("chain", "draw", *DIMS), value.reshape(shape)) for name, value in posterior.items()}
    coords = {"chain": [0], "draw": np.arange(size.draws), **_coords(size)}
    mmm.idata = xr.DataTree.from_dict({"/posterior": xr.Dataset(data, coords=coords)})
    instance = replace(plain, name=size.name, curves=_windowed(curves, retention, size))
    return Market(size, mmm, instance, history[-1])


def _coords(size: Size) -> dict[str, list[str]]:
    return {
        "geo": [f"geo {g:02d}" for g in range(size.geos)],
        "channel": [f"channel {c:02d}" for c in range(size.channels)],
    }


def _build(size: Size, last: Array, history: pd.DatetimeIndex) -> Any:
    """The MMM on a frame whose spend is the last plan's, and nothing in the weeks that reach into the window."""
    spend = last.reshape(size.geos, size.channels)
    names = _coords(size)
    on = np.arange(len(history)) < len(history) - size.lags
    rows = [
        {"date": day, "geo": geo, **dict(zip(names["channel"], spend[g] * on[t], strict=True))}
        for t, day in enumerate(history)
        for g, geo in enumerate(names["geo"])
    ]
    frame = pd.DataFrame(rows)
    adstock = (
        GeometricAdstock(l_max=size.lags, priors={"alpha": Prior("Beta", alpha=2, beta=3, dims=DIMS)})
        if size.lags > 1
        else NoAdstock(l_max=1)
    )
    saturation = LogisticSaturation(
        priors={
            "lam": Prior("Gamma", alpha=3, beta=1, dims=DIMS),
            "beta": Prior("HalfNormal", sigma=1, dims=DIMS),
        }
    )
    mmm: Any = MMM(
        date_column="date",
        dims=("geo",),
        channel_columns=names["channel"],
        target_column="y",
        adstock=adstock,
        saturation=saturation,
    )
    mmm.build_model(frame, pd.Series(np.ones(len(frame)), name="y"))  # a target of one is its own scale
    return mmm


def _windowed(curves: Curves, retention: Array, size: Size) -> Curves:
    """Curves of the whole window's outcome in weekly spend, stacked over the draws."""
    if size.lags == 1:
        return replace(curves, gain=curves.gain * size.weeks)
    weights = retention ** np.arange(size.lags)[:, None, None]
    reached = np.cumsum(
        weights / weights.sum(axis=0), axis=0
    )  # (L, S, K): adstock of level spend after 1, 2, ... weeks
    rising, falling = reached[:-1], 1.0 - reached[:-1]
    lift = np.concatenate([rising, falling, np.ones((1, *retention.shape))])
    times = np.ones(len(lift))
    times[-1] = size.weeks - size.lags + 1
    gain = times[:, None, None] * curves.gain * len(lift)
    stacked = (-1, curves.cells)
    return replace(
        curves,
        gain=gain.reshape(stacked),
        half=(curves.half / lift).reshape(stacked),
        exponent=np.ones((len(lift) * curves.draws, curves.cells)),
    )


class Peer:
    """The compiled optimizer of one market."""

    def __init__(self, market: Market) -> None:
        started = perf_counter()
        self._market = market
        first = market.last_day + pd.Timedelta(weeks=1)
        until = first + pd.Timedelta(weeks=market.size.weeks - 1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._optimizer = market.mmm.budget_optimizer(str(first.date()), str(until.date()))
        self._allocate(market.instance, minimize_kwargs={"options": {"maxiter": 1}})
        self.seconds_compile = perf_counter() - started

    def solve(self, instance: Instance) -> Answer:
        """``allocate_budget`` with its defaults: SLSQP from the even split. Its ``total_budget`` is per week."""
        started = perf_counter()
        found = self._allocate(instance)
        seconds = perf_counter() - started
        spend = found.budgets.transpose(*DIMS).to_numpy().ravel()
        return Answer(spend, seconds, self.seconds_compile, ending(found.scipy_result))

    def outcome(self, spend: Array) -> float:
        """Mean outcome of a plan as PyMC-Marketing itself sees it."""
        size = self._market.size
        plan = xr.DataArray(spend.reshape(size.geos, size.channels), dims=DIMS, coords=_coords(size))
        told = self._optimizer.evaluate_response_distribution(plan)
        return float(np.asarray(told).mean())

    def _allocate(self, instance: Instance, **settings: Any) -> Any:
        size = self._market.size
        limits = np.stack([instance.lower, instance.upper], axis=-1).reshape(size.geos, size.channels, 2)
        bounds = xr.DataArray(limits, dims=(*DIMS, "bound"), coords={**_coords(size), "bound": ["lower", "upper"]})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self._optimizer.allocate_budget(
                total_budget=instance.budget, budget_bounds=bounds, return_if_fail=True, **settings
            )

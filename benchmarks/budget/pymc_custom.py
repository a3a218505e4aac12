"""PyMC-Marketing's own BudgetOptimizer on an instance's curves, through a PyMC model that has exactly these curves.

``BudgetOptimizer`` takes any PyMC model with a ``channel_data`` variable. The model here holds every family, and the
instance's draws are its posterior: a family's coefficient is zero where a channel has another one. So it is compiled
once per size, and ``set_posterior``, the package's own way to swap draws, brings the next instance. Its seconds count
all families and are told, but the speed of PyMC-Marketing is measured on its own MMM (``pymc_mmm.py``).
"""

from __future__ import annotations

import warnings
from time import perf_counter
from typing import Any

import numpy as np
import pymc as pm
import pymc.dims as pmd
import xarray as xr
from pymc_marketing.mmm.budget_optimizer import BudgetOptimizer

from benchmarks.budget.answer import Answer
from benchmarks.budget.curves import CHORD, TANH_HALF, Array
from benchmarks.budget.instances import Instance
from benchmarks.budget.slsqp import ending

PARTS = {"hill": ("hill", "michaelis_menten"), "tanh": ("tanh", "logistic"), "root": ("root",)}


def _names(cells: int) -> list[str]:
    return [f"c{j:03d}" for j in range(cells)]


def _model(cells: int) -> pm.Model:
    """Effect of one period's spend, in budgets; the response in multiples of the last plan's outcome."""
    with pm.Model(coords={"date": [0], "channel": _names(cells)}) as model:
        spend = pmd.Data("channel_data", np.ones((1, cells)), dims=("date", "channel"))
        half, exponent, unit = (pmd.HalfNormal(name, dims="channel") for name in ("half", "exponent", "unit"))
        gain = {part: pmd.HalfNormal(f"gain_{part}", dims="channel") for part in PARTS}
        x = pmd.math.maximum(spend / unit, CHORD)
        effect = gain["hill"] / (1.0 + pmd.math.exp(exponent * (pmd.math.log(half) - pmd.math.log(x))))
        effect = effect + gain["tanh"] * pmd.math.tanh(TANH_HALF * x / half)
        effect = effect + gain["root"] * pmd.math.exp(exponent * pmd.math.log(x))
        effect = effect * (spend / unit / x)  # the chord from zero that SLSQP needs
        pmd.Deterministic("channel_contribution", effect)
        pmd.Deterministic("total_media_contribution_original_scale", effect.sum(dim=("date", "channel")))
    return model


def _posterior(instance: Instance) -> xr.DataTree:
    """The instance's draws as one chain."""
    curves = instance.curves
    family = np.array(curves.family)
    gain = curves.gain / instance.scale
    arrays: dict[str, Array] = {
        "half": curves.half,
        "exponent": curves.exponent,
        "unit": np.tile(curves.unit / instance.budget, (curves.draws, 1)),
    } | {f"gain_{part}": gain * np.isin(family, members) for part, members in PARTS.items()}
    data = {name: (("chain", "draw", "channel"), value[None]) for name, value in arrays.items()}
    coords = {"chain": [0], "draw": np.arange(curves.draws), "channel": _names(instance.cells)}
    return xr.DataTree.from_dict({"/posterior": xr.Dataset(data, coords=coords)})


def _allocate(optimizer: Any, instance: Instance, **settings: Any) -> Any:
    """``allocate_budget`` in shares of the budget."""
    lower, upper = instance.lower / instance.budget, instance.upper / instance.budget
    bounds = {name: (lower[j], upper[j]) for j, name in enumerate(_names(instance.cells))}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of numerics on the way
        return optimizer.allocate_budget(total_budget=1.0, budget_bounds=bounds, return_if_fail=True, **settings)


class Peer:
    """One compiled optimizer per size."""

    def __init__(self) -> None:
        self._compiled: dict[int, Any] = {}

    def solve(self, instance: Instance) -> Answer:
        """``allocate_budget`` with its defaults: SLSQP from the even split."""
        started = perf_counter()
        posterior = _posterior(instance)
        optimizer = self._compiled.get(instance.cells)
        if optimizer is None:
            mask = xr.DataArray(
                np.ones(instance.cells, dtype=bool), dims="channel", coords={"channel": _names(instance.cells)}
            )
            optimizer = BudgetOptimizer(
                model=_model(instance.cells), idata=posterior, num_periods=1, budgets_to_optimize=mask
            )
            optimizer.set_posterior(posterior)
            _allocate(optimizer, instance, minimize_kwargs={"options": {"maxiter": 1}})  # the first call compiles
            self._compiled[instance.cells] = optimizer
        optimizer.set_posterior(posterior)
        compiled = perf_counter() - started
        started = perf_counter()
        found = _allocate(optimizer, instance)
        seconds = perf_counter() - started
        spend = found.budgets.sel(channel=_names(instance.cells)).to_numpy() * instance.budget
        return Answer(spend, seconds, compiled, ending(found.scipy_result))

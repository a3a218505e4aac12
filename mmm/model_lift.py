"""Lift tests in the PyMC model: a normal likelihood on the model's own incremental effect."""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from mmm.design import Design
from mmm.lift_series import LiftSeries
from mmm.model_media import ShapeParameters, respond

Tensor = Any


def lift_likelihood(design: Design, series: LiftSeries, shape: ShapeParameters, effect: Tensor) -> None:
    """Add the tests to the model that is being built.

    Parameters
    ----------
    design : Design
        The data.
    series : LiftSeries
        The tests.
    shape : ShapeParameters
        Parameters of adstock and saturation.
    effect : tensor (G, active channels)
        Scaled KPI per unit of saturated media.
    """
    given, without = (_media(design, series, shape, x) for x in (series.given, series.without))
    position = np.searchsorted(design.blocks.active, series.channel)
    moved = effect[series.group, position] * (given - without)  # (W, R)
    by_cell = pt.dot(moved, _belongs(series.cell, len(series.test)))  # (W, Q)
    if design.log:
        by_cell = -pt.expm1(-by_cell)
    lift = pt.dot((by_cell * series.weight.T).sum(axis=0), _belongs(series.test, series.n_tests))
    pm.Normal("lift", lift, series.se, observed=series.observed)


def _belongs(owner: np.ndarray, n: int) -> np.ndarray:
    """One for each series or cell at its owner, (len(owner), n)."""
    return np.eye(n)[owner]


def _media(design: Design, series: LiftSeries, shape: ShapeParameters, x: np.ndarray) -> Tensor:
    """Saturated media of each series, (W, R)."""
    lengthened = x.T[:, None, :]
    contacts = series.contacts.T[:, None, :]
    return respond(design, shape, series.channel, lengthened, contacts)[:, 0, :]

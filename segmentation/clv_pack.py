"""A population's cells and priors as one flat buffer for compiled code."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from outlay.transforms import Array
from segmentation.clv_cells import MoneyCells, Places, PurchaseCells
from segmentation.clv_priors import Priors

BG_NBD, PARETO_NBD, GAMMA_GAMMA = 0, 1, 2
CODES = {"bg_nbd": BG_NBD, "pareto_nbd": PARETO_NBD}
LEAST_ABOVE = 0.25
"""Least shape above 2 that the variance of a customer's mean purchase is taken by: at 2 it is infinite."""

HEAD = 16
"""Numbers before the first array."""

_PRIORS = 4
"""Scales of priors in the head, from this place on: one for each of at most four parameters."""

_PRIORS_AT = 8


def pack_purchases(cells: PurchaseCells, model: str, priors: Priors) -> Array:
    """The buffer of a model of purchases, in natural coordinates."""
    counts, place = cells.counts
    weight = np.bincount(place, cells.weight, minlength=len(counts)).astype(float)
    after, ages, begins = cells.after
    until, recencies, pair = cells.until
    scales = (priors.r, priors.alpha, priors.s, priors.beta)
    return _buffer(
        CODES[model],
        4,
        (len(counts), len(ages), len(recencies), len(pair)),
        scales,
        [counts, weight, ages, recencies, cells.weight],
        [after, until, begins, pair],
    )


def pack_money(cells: MoneyCells, priors: Priors) -> Array:
    """The buffer of the model of money, in natural coordinates."""
    return _buffer(
        GAMMA_GAMMA,
        3,
        (len(cells.frequency), 0, 0, len(cells.total)),
        (priors.p, priors.q, priors.v, 1.0),
        [cells.frequency, cells.weight, cells.log_mean, cells.total, cells.many],
        [cells.begins],
    )


def moved(buffer: Array, centre: Array, root: Array) -> Array:
    """The same in coordinates z with ``theta = centre + root @ z``."""
    out = buffer.copy()
    dim = len(centre)
    out[HEAD : HEAD + dim] = centre
    out[HEAD + dim : HEAD + dim + dim * dim] = np.asarray(root).ravel()
    return out


def _buffer(
    code: int,
    dim: int,
    sizes: tuple[int, int, int, int],
    scales: tuple[float, float, float, float],
    floats: Sequence[Array],
    whole: Sequence[Places],
) -> Array:
    head = np.zeros(HEAD)
    parts = [np.zeros(dim), np.eye(dim).ravel(), *(np.asarray(part, dtype=float) for part in floats)]
    parts += [np.asarray(part, dtype=np.int64).view(np.float64) for part in whole]
    body = np.concatenate(parts)
    head[:7] = (HEAD + body.size, code, dim, *sizes)
    head[_PRIORS_AT : _PRIORS_AT + _PRIORS] = scales
    return np.concatenate([head, body])

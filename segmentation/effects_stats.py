"""The regression of value on taking part, by segment: its exact posterior from sums of squares.

For customer i in segment s with value y, covariates x and taking part d (0 or 1):

    y[i]      ~ Normal(intercept[s] + x[i] beta + effect[s] d[i], sigma r[s])
    effect[s] ~ Normal(effect, spread)            by segment, around the effect over all
    effect    ~ Normal(0, reach);   spread ~ HalfNormal(reach / 2);   sigma ~ flat on its logarithm
    intercept ~ Normal(mean of y, 10 scale);      beta ~ Normal(0, scale)

r[s] is the segment's own spread of residuals over that of all, taken as known. For given spread and sigma everything is
normal, so that the posterior is a mixture over a grid of the two: no sampler, and nothing that could fail to converge.
:mod:`segmentation.model_effect` states the same in PyMC.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from outlay.transforms import Array

SPREADS, SIGMAS = 48, 21
_FAR = 5.0


@dataclass(frozen=True, eq=False)
class EffectData:
    """Who took part, and what they spent. N customers, K segments, C covariates.

    Attributes
    ----------
    y : ndarray (N,)
        Value, or its logarithm.
    part : ndarray (N,)
        1 where the customer took part, else 0.
    place : ndarray of int (N,)
        Segment from 0.
    covariates : ndarray (N, C)
        Centred and scaled.
    weight : ndarray (N,)
        Mean 1.
    k : int
    ratio : ndarray (K,)
        Spread of a segment's residuals over that of all.
    reach : float
        How large an effect may well be, in units of y.
    """

    y: Array
    part: Array
    place: NDArray[np.intp]
    covariates: Array
    weight: Array
    k: int
    ratio: Array
    reach: float

    @cached_property
    def scale(self) -> float:
        """Standard deviation of y."""
        return float(np.sqrt(np.average((self.y - self.centre) ** 2, weights=self.weight)))

    @cached_property
    def centre(self) -> float:
        """Mean of y."""
        return float(np.average(self.y, weights=self.weight))

    def design(self) -> Array:
        """Columns (N, K + C + K): segments, covariates, taking part by segment."""
        own = (self.place[:, None] == np.arange(self.k)).astype(float)
        return np.concatenate([own, self.covariates, own * self.part[:, None]], axis=1)


@dataclass(frozen=True, eq=False)
class Squares:
    """Sums over rows, each divided by its segment's squared ratio. D columns of the design.

    Attributes
    ----------
    xx : ndarray (D, D)
    xy : ndarray (D,)
    yy : float
        Of y less its mean.
    n : float
        Sum of weights.
    logs : float
        Sum of weights times log ratio: the constant that the ratios add to the density.
    """

    xx: Array
    xy: Array
    yy: float
    n: float
    logs: float


def squares_of(data: EffectData) -> Squares:
    """Sums of squares and products, over blocks of rows of one size so that memory stays small."""
    width = 2 * data.k + data.covariates.shape[1]
    xx, xy, yy = np.zeros((width, width)), np.zeros(width), 0.0
    for start in range(0, len(data.y), 65_536):
        part = slice(start, start + 65_536)
        block = EffectData(
            data.y[part] - data.centre,
            data.part[part],
            data.place[part],
            data.covariates[part],
            data.weight[part],
            data.k,
            data.ratio,
            data.reach,
        )
        x = block.design()
        w = block.weight / data.ratio[block.place] ** 2
        xx += x.T @ (x * w[:, None])
        xy += x.T @ (w * block.y)
        yy += float(w @ block.y**2)
    return Squares(xx, xy, yy, float(data.weight.sum()), float(data.weight @ np.log(data.ratio[data.place])))


def prior_precision(data: EffectData, spread: float) -> Array:
    """Precision (D, D) of intercepts, covariates and effects by segment, the effect over all integrated out.

    Effects have the covariance spread^2 I + reach^2 1 1'; its inverse is I / spread^2 less a constant.
    """
    k, c = data.k, data.covariates.shape[1]
    precision = np.zeros((2 * k + c, 2 * k + c))
    diagonal = np.concatenate([np.full(k, (10 * data.scale) ** -2), np.full(c, data.scale**-2)])
    precision[: k + c, : k + c] = np.diag(diagonal)
    common = data.reach**2 / (spread**2 * (spread**2 + k * data.reach**2))
    precision[k + c :, k + c :] = np.eye(k) / spread**2 - common
    return precision


def log_prior_determinant(data: EffectData, spread: float) -> float:
    """Log determinant of :func:`prior_precision`."""
    k, c = data.k, data.covariates.shape[1]
    effects = -(k - 1) * np.log(spread**2) - np.log(spread**2 + k * data.reach**2)
    return float(effects - 2 * k * np.log(10 * data.scale) - 2 * c * np.log(data.scale))


def log_marginal(data: EffectData, squares: Squares, spread: float, sigma: float) -> tuple[float, Array, Array]:
    """Log density of the data given spread and sigma, with mean and precision of the coefficients.

    The likelihood is that of :class:`EffectData` with intercepts counted from the mean of y.
    """
    precision = squares.xx / sigma**2 + prior_precision(data, spread)
    root = np.linalg.cholesky(precision)
    mean = np.linalg.solve(precision, squares.xy / sigma**2)
    fit = squares.yy / sigma**2 - float(mean @ (squares.xy / sigma**2))
    constant = squares.n * np.log(2 * np.pi * sigma**2) + 2 * squares.logs
    determinant = 2 * float(np.log(np.diag(root)).sum()) - log_prior_determinant(data, spread)
    return float(-0.5 * (constant + fit + determinant)), np.asarray(mean), precision


@dataclass(frozen=True, eq=False)
class EffectPosterior:
    """Draws of the posterior, independent of each other. S draws.

    Attributes
    ----------
    effects : ndarray (S, K)
        Of taking part, by segment.
    spread, sigma : ndarray (S,)
    grid : ndarray (SPREADS, SIGMAS)
        Probability of each point of the grid.
    """

    effects: Array
    spread: Array
    sigma: Array
    grid: Array


def grid_of(data: EffectData, squares: Squares) -> tuple[Array, Array]:
    """Points of the grid: spreads evenly on the log scale, sigmas around that of least squares."""
    spreads = data.reach * np.geomspace(0.005, 2.0, SPREADS) if data.k > 1 else np.array([data.reach * 1e-3])
    coefficients = np.linalg.solve(squares.xx + 1e-8 * np.diag(np.diag(squares.xx) + 1e-12), squares.xy)
    rest = max(squares.yy - float(coefficients @ squares.xy), 1e-12 * max(squares.yy, 1e-300))
    free = max(squares.n - len(coefficients), 1.0)
    sigma, wide = np.sqrt(rest / free), _FAR / np.sqrt(2 * free)
    return spreads, sigma * np.exp(np.linspace(-wide, wide, SIGMAS))


def posterior_of(data: EffectData, draws: int, seed: int) -> EffectPosterior:
    """Draw from the posterior: points of the grid by their probability, then coefficients."""
    squares = squares_of(data)
    spreads, sigmas = grid_of(data, squares)
    logs = np.array([[log_marginal(data, squares, v, sigma)[0] for sigma in sigmas] for v in spreads])
    if data.k > 1:
        # steps of the grid are even in log spread: its density there is that of spread times spread
        logs += (np.log(spreads) - 0.5 * (spreads / (data.reach / 2)) ** 2)[:, None]
    grid = np.exp(logs - logs.max())
    grid /= grid.sum()
    rng = np.random.default_rng(seed)
    cells = rng.choice(grid.size, draws, p=grid.ravel())
    first = data.k + data.covariates.shape[1]
    effects = np.empty((draws, data.k))
    for cell in np.unique(cells):
        at = np.flatnonzero(cells == cell)
        i, j = divmod(int(cell), len(sigmas))
        _, mean, precision = log_marginal(data, squares, spreads[i], sigmas[j])
        covariance = np.linalg.inv(precision)[first:, first:]
        noise = rng.standard_normal((len(at), data.k))
        effects[at] = mean[first:] + noise @ np.linalg.cholesky(covariance).T
    return EffectPosterior(effects, spreads[cells // len(sigmas)], sigmas[cells % len(sigmas)], grid)

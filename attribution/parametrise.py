"""In which coordinates the sampler moves: chosen from the Laplace fit, direction by direction.

Within a term, effects have an isotropic prior, so any rotation of its free directions leaves the prior as it is; the
one that is taken makes the data's information diagonal. In such a direction the likelihood is nearly normal with
precision h and the prior has precision 1 / x^2 where x is the spread. Given the spread the posterior is nearly normal:

    precision a = h + 1 / x^2,    mean m = h b / a.

The coordinate is u = (effect - m) sqrt(a). Where the data say much (h large) that is the centred parametrisation, where
they say nothing (h = 0) the non-centred one, and in between whatever fits; it follows the spread continuously, so that
neither has a funnel. What correlation is left between terms at the mode is taken out by a fixed triangular matrix.

The spread has a coordinate of its own: the normal score of its marginal posterior under the same approximation, where
the term's effects as the data alone give them are Normal(0, spread^2 + 1 / h). A logarithm will not do: it falls off a
cliff where effects that are known rule out small spreads, and has a long tail where they do not. Tables of the score's
inverse are cubic splines, so that the density stays smooth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import ndtri

from attribution.conversion_links import Link
from attribution.laplace import Laplace, slices
from outlay.transforms import Array

_TINY = 1e-300

KNOTS_TO, ROWS = 7.0, 114
"""Spreads' coordinates have cubic pieces between minus and plus this, 8 to a unit, straight ones on either side."""

WHITEN_UP_TO = 600
"""Free directions up to which correlations between terms are taken out: the matrix costs their square in a gradient."""


@dataclass(frozen=True, eq=False)
class Coordinates:
    """The map from coordinates to parameters. T spreads first, then P coordinates z of the free directions.

    ``x = exp(curve(theta[:T]))`` are the spreads, ``u = root @ z``, ``b = 1 + information * x^2``,
    ``w = (pull * x^2 + sqrt(b) * x * u) / b`` (``pull / information + u / sqrt(information)`` for parameters outside
    any term), ``effects = basis @ w``.

    Attributes
    ----------
    link : Link
    curves : ndarray (T, ROWS, 4)
        Cubic pieces of each spread's logarithm by its coordinate, with a straight one before and behind.
    information, pull : ndarray (P,)
    root : ndarray (P, P)
        Lower triangle with rows of length one.
    bases : tuple of ndarray (K, d)
        The terms' bases, rotated.
    """

    link: Link
    curves: Array
    information: Array
    pull: Array
    root: Array
    bases: tuple[Array, ...]

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return len(self.curves) + self.information.size

    def split(self, theta: Array) -> tuple[Array, Array]:
        """Rotated free directions (..., P) and spreads (..., T) of coordinates (..., dim)."""
        n_terms = len(self.curves)
        spread = np.exp(self.log_spreads(theta[..., :n_terms]))
        u = theta[..., n_terms:] @ self.root.T
        out = self.pull / np.maximum(self.information, _TINY) + u / np.sqrt(np.maximum(self.information, _TINY))
        for t, place in enumerate(slices(self.link)):
            x = spread[..., t, None]
            b = 1.0 + self.information[place] * x**2
            out[..., place] = (self.pull[place] * x**2 + np.sqrt(b) * x * u[..., place]) / b
        return out, spread

    def log_spreads(self, scores: Array) -> Array:
        """Logarithms of spreads (..., T) at their coordinates."""
        out = np.empty_like(scores)
        pieces = ROWS - 2
        step = 2.0 * KNOTS_TO / pieces
        k = np.clip(np.floor((scores + KNOTS_TO) / step), -1, pieces).astype(int) + 1
        r = scores + KNOTS_TO - step * np.maximum(k - 1, 0)
        for t, curve in enumerate(self.curves):
            a, b, c, d = np.moveaxis(curve[k[..., t]], -1, 0)
            own = r[..., t]
            out[..., t] = a + own * (b + own * (c + own * d))
        return out

    def natural(self, theta: Array) -> tuple[Array, Array]:
        """Free directions in the terms' own bases (..., P), and spreads (..., T)."""
        rotated, spread = self.split(theta)
        out = rotated.copy()
        for term, place, basis in zip(self.link.terms, slices(self.link), self.bases, strict=True):
            back = np.linalg.lstsq(term.basis, basis, rcond=None)[0]
            out[..., place] = rotated[..., place] @ back.T
        return out, spread


def coordinates_of(fit: Laplace) -> Coordinates:
    """Coordinates in which the posterior is nearly a standard normal."""
    link, n_fixed = fit.link, len(fit.link.fixed)
    size = fit.mean.size
    turn, information = np.eye(size), np.empty(size)
    variance = np.diag(fit.covariance)[:n_fixed]
    information[:n_fixed] = 1.0 / variance
    for t, place in enumerate(slices(link)):
        precision = fit.spread[t] ** -2.0
        values, vectors = np.linalg.eigh(np.linalg.inv(fit.covariance[place, place]))
        information[place] = np.maximum(values - precision, 0.0)
        turn[place, place] = vectors
    total = information.copy()
    for t, place in enumerate(slices(link)):
        total[place] += fit.spread[t] ** -2.0
    width = np.sqrt(total)
    pull = (turn.T @ fit.mean) * total
    curves = np.empty((len(link.terms), ROWS, 4))
    for t, (term, place) in enumerate(zip(link.terms, slices(link), strict=True)):
        curves[t] = _curve(term.prior, information[place], pull[place])
    return Coordinates(
        link=link,
        curves=curves,
        information=information,
        pull=pull,
        root=_root((turn.T @ fit.covariance @ turn) * width[:, None] * width[None, :]),
        bases=tuple(term.basis @ turn[p, p] for term, p in zip(link.terms, slices(link), strict=True)),
    )


def _curve(prior: float, information: Array, pull: Array) -> Array:
    """Cubic pieces of log spread by the normal score of its approximate marginal posterior."""
    y = np.linspace(np.log(prior) - 45.0, np.log(9.0 * prior), 20_001)
    x2 = np.exp(2.0 * y)
    log = y - 0.5 * x2 / prior**2
    for h, own in zip(information, pull, strict=True):
        if h > _TINY:
            log -= 0.5 * (np.log1p(h * x2) + own**2 / h / (1.0 + h * x2))
    density = np.exp(log - log.max())
    cells = 0.5 * (density[1:] + density[:-1])
    below = np.concatenate([[0.0], np.cumsum(cells)]) / cells.sum()
    above = np.concatenate([np.cumsum(cells[::-1])[::-1], [0.0]]) / cells.sum()
    score = np.where(below < 0.5, ndtri(np.maximum(below, _TINY)), -ndtri(np.maximum(above, _TINY)))
    rising = np.concatenate([[True], np.diff(np.maximum.accumulate(score)) > 0])
    knots = np.linspace(-KNOTS_TO, KNOTS_TO, ROWS - 1)
    spline = CubicSpline(knots, np.interp(knots, score[rising], y[rising]))
    first, last = float(spline(knots[0])), float(spline(knots[-1]))
    out = np.zeros((ROWS, 4))
    out[1:-1] = spline.c[::-1].T
    out[0, :2] = first, float(spline(knots[0], 1))
    out[-1, :2] = last, float(spline(knots[-1], 1))
    return out


def _root(correlation: Array) -> Array:
    size = len(correlation)
    if size > WHITEN_UP_TO:
        return np.eye(size)
    return np.asarray(np.linalg.cholesky(0.5 * (correlation + correlation.T) + 1e-12 * np.eye(size)), dtype=float)

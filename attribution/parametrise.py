"""In which coordinates the sampler moves: chosen from the Laplace fit, direction by direction.

Within a term, effects have an isotropic prior, so any rotation of its free directions leaves the prior as it is; the
one that is taken makes the data's information diagonal. In such a direction the likelihood is nearly normal with
precision h and the prior has precision 1 / x^2 where x is the spread. Given the spread the posterior is nearly normal:

    precision a = h + 1 / x^2,    mean m = h b / a.

The coordinate is u = (effect - m) sqrt(a). Where the data say much (h large) that is the centred parametrisation, where
they say nothing (h = 0) the non-centred one, and in between whatever fits; it follows the spread continuously, so that
neither has a funnel. What correlation is left between terms at the mode is taken out by a fixed triangular matrix.

The spread itself is the size of a signed number x = c sinh(coordinate): a logarithm where x is well above c, a plain
number below. c is 1 / sqrt(mean of h), the size of effects that the data can tell from nothing. A spread that may be
zero has a long tail in its logarithm; through zero, effect = m + x u / sqrt(1 + h x^2) is smooth and has none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attribution.conversion_links import Link
from attribution.laplace import Laplace, slices
from outlay.transforms import Array

_TINY = 1e-300

WHITEN_UP_TO = 600
"""Free directions up to which correlations between terms are taken out: the matrix costs their square in a gradient."""


@dataclass(frozen=True, eq=False)
class Coordinates:
    """The map from coordinates to parameters. T spreads first, then P coordinates z of the free directions.

    ``x = unit * sinh(middle + scale * theta[:T])``, ``u = root @ z``, ``b = 1 + information * x^2``,
    ``w = (pull * x^2 + sqrt(b) * x * u) / b`` (``pull / information + u / sqrt(information)`` for parameters outside
    any term), ``effects = basis @ w``, spreads ``abs(x)``.

    Attributes
    ----------
    link : Link
    middle, scale, unit : ndarray (T,)
    information, pull : ndarray (P,)
    root : ndarray (P, P)
        Lower triangle with rows of length one.
    bases : tuple of ndarray (K, d)
        The terms' bases, rotated.
    """

    link: Link
    middle: Array
    scale: Array
    unit: Array
    information: Array
    pull: Array
    root: Array
    bases: tuple[Array, ...]

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return self.middle.size + self.information.size

    def split(self, theta: Array) -> tuple[Array, Array]:
        """Rotated free directions (..., P) and spreads (..., T) of coordinates (..., dim)."""
        n_terms = self.middle.size
        signed = self.unit * np.sinh(self.middle + self.scale * theta[..., :n_terms])
        u = theta[..., n_terms:] @ self.root.T
        out = self.pull / np.maximum(self.information, _TINY) + u / np.sqrt(np.maximum(self.information, _TINY))
        for t, place in enumerate(slices(self.link)):
            x = signed[..., t, None]
            b = 1.0 + self.information[place] * x**2
            out[..., place] = (self.pull[place] * x**2 + np.sqrt(b) * x * u[..., place]) / b
        return out, np.abs(signed)

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
    informed, unit = np.empty(len(link.terms)), np.array([term.prior for term in link.terms])
    variance = np.diag(fit.covariance)[:n_fixed]
    information[:n_fixed] = 1.0 / variance
    for t, place in enumerate(slices(link)):
        precision = fit.spread[t] ** -2.0
        values, vectors = np.linalg.eigh(np.linalg.inv(fit.covariance[place, place]))
        information[place] = np.maximum(values - precision, 0.0)
        turn[place, place] = vectors
        unit[t] = min(unit[t], max(float(information[place].mean()), _TINY) ** -0.5)
        informed[t] = (information[place] / (information[place] + precision)).sum()
    total = information.copy()
    for t, place in enumerate(slices(link)):
        total[place] += fit.spread[t] ** -2.0
    width = np.sqrt(total)
    return Coordinates(
        link=link,
        middle=np.arcsinh(fit.spread / unit),
        scale=fit.spread / np.hypot(fit.spread, unit) / np.sqrt(1.0 + 2.0 * informed),
        unit=unit,
        information=information,
        pull=(turn.T @ fit.mean) * total,
        root=_root((turn.T @ fit.covariance @ turn) * width[:, None] * width[None, :]),
        bases=tuple(term.basis @ turn[p, p] for term, p in zip(link.terms, slices(link), strict=True)),
    )


def _root(correlation: Array) -> Array:
    size = len(correlation)
    if size > WHITEN_UP_TO:
        return np.eye(size)
    return np.asarray(np.linalg.cholesky(0.5 * (correlation + correlation.T) + 1e-12 * np.eye(size)), dtype=float)

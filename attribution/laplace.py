"""The empirical-Bayes Laplace fit of a link: spreads at their mode, effects normal around theirs.

Newton's steps for the effects given the spreads, and closed steps for the spreads given the effects' mean and
covariance (EM on the marginal, in the logarithm of the spread, so that no spread is zero). It takes part of a second.
The sampler starts from it and is told by it how to move; alone it is the preview, whose intervals leave out what is not
known about the spreads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.linalg import block_diag, cho_factor, cho_solve

from attribution.conversion_links import Link, Part
from attribution.kernel_cells import crossed, gathered, scattered
from outlay.errors import TrustError
from outlay.sampling import STATS, Samples
from outlay.transforms import Array

_ROUNDS = 60
_SPREAD_STEPS = 12
"""Steps of the spreads for one of the effects: they cost a small inverse each, and no look at cells."""

_TOLERANCE = 1e-4
_LONGEST_STEP = 2.0
"""On the logit or logarithmic scale: further from the starting point than this the quadratic is not to be trusted."""

PREVIEW_DRAWS, PREVIEW_CHAINS = 1000, 2


@dataclass(frozen=True, eq=False)
class Laplace:
    """A normal approximation. P = F + sum of the terms' d free directions, parameters outside any term first.

    Attributes
    ----------
    link : Link
    spread : ndarray (T,)
        Mode of the spreads.
    mean : ndarray (P,)
    covariance : ndarray (P, P)
        Given the spreads.
    """

    link: Link
    spread: Array
    mean: Array
    covariance: Array


def design(link: Link) -> Array:
    """Levels by free directions, (F + L, P): parameters outside any term stand for themselves."""
    return np.asarray(block_diag(np.eye(len(link.fixed)), *(term.basis for term in link.terms)))


def slices(link: Link) -> list[slice]:
    """Where each term's free directions are among the P."""
    ends = np.cumsum([len(link.fixed), *(term.basis.shape[1] for term in link.terms)])
    return [slice(int(a), int(b)) for a, b in pairwise(ends)]


def fit_laplace(link: Link) -> Laplace:
    """Fit a link by empirical Bayes.

    Raises
    ------
    TrustError
        T007, where the steps run away: the data are extreme beyond what the model can hold.
    """
    to_levels, places = design(link), slices(link)
    n_fixed = len(link.fixed)
    at, spread = np.zeros(to_levels.shape[1]), np.array([0.5 * term.prior for term in link.terms])
    at[:n_fixed] = _start(link)
    prior = np.zeros_like(at)
    for _ in range(_ROUNDS):
        gradient, information = _curvature(link, to_levels @ at)
        score, data = to_levels.T @ gradient, to_levels.T @ information @ to_levels
        before = np.r_[at, spread]
        for place, width in zip(places, spread, strict=True):
            prior[place] = width**-2
        prior[:n_fixed] = link.fixed_sd**-2
        pull = -prior * at
        pull[:n_fixed] = -(at[:n_fixed] - link.fixed_mean) * prior[:n_fixed]
        step = cho_solve(cho_factor(data + np.diag(prior)), score + pull)
        size = float(np.abs(to_levels @ step).max())
        at = at + step * min(1.0, _LONGEST_STEP / max(size, 1e-300))
        if size < _LONGEST_STEP:
            at, spread = _spreads(
                link, (data, data @ at + to_levels.T @ _curvature(link, to_levels @ at)[0]), at, spread
            )
        if not np.isfinite(at).all():
            raise _ran_away(link)
        if np.abs(np.r_[at, spread] - before).max() < _TOLERANCE:
            break
    for place, width in zip(places, spread, strict=True):
        prior[place] = width**-2
    _, information = _curvature(link, to_levels @ at)
    covariance = np.linalg.inv(to_levels.T @ information @ to_levels + np.diag(prior))
    return Laplace(link, spread, at, 0.5 * (covariance + covariance.T))


def _spreads(link: Link, quadratic: tuple[Array, Array], at: Array, spread: Array) -> tuple[Array, Array]:
    """EM for the spreads, and the effects that go with them, where the likelihood is taken as quadratic."""
    data, right = quadratic
    places, n_fixed = slices(link), len(link.fixed)
    prior = np.zeros_like(at)
    prior[:n_fixed] = link.fixed_sd**-2
    shifted = right.copy()
    shifted[:n_fixed] += link.fixed_mean * prior[:n_fixed]
    for _ in range(_SPREAD_STEPS):
        for place, width in zip(places, spread, strict=True):
            prior[place] = width**-2
        covariance = np.linalg.inv(data + np.diag(prior))
        at, old = covariance @ shifted, spread
        spread = np.array(
            [
                _spread_mode(at[p] @ at[p] + np.trace(covariance[p, p]), p.stop - p.start, term.prior)
                for term, p in zip(link.terms, places, strict=True)
            ]
        )
        if spread.size == 0 or np.abs(np.log(spread / old)).max() < _TOLERANCE:
            break
    return at, spread


def _spread_mode(squares: float, size: int, prior: float) -> float:
    """Mode in the logarithm of a spread with a half-normal prior, given the expected sum of squares of its effects."""
    # (1 - size) log s - squares / (2 s^2) - s^2 / (2 prior^2) is highest where s^4/prior^2 + (size-1) s^2 = squares
    half = size - 1.0
    return float(np.sqrt(0.5 * prior**2 * (np.sqrt(half**2 + 4.0 * squares / prior**2) - half)))


def _start(link: Link) -> Array:
    """The intercept of everything together, a little away from a rate of none or all."""
    n, y = float(link.n.sum()), float(link.y.sum())
    if link.family == "binomial":
        rate = min((y + 0.5) / (n + 1.0), 1.0 - 0.5 / (n + 1.0))
        return np.array([np.log(rate / (1.0 - rate))])
    mean = y / n
    variance = max(float(link.q.sum()) / n - mean**2, 1e-4)
    return np.array([mean, 0.5 * np.log(variance)])


def _curvature(link: Link, levels: Array) -> tuple[Array, Array]:
    """Gradient and (expected) information of the log-likelihood by the F + L levels."""
    n_fixed, size = len(link.fixed), levels.size
    scale = [term.predictor == 1 for term in link.terms]
    if link.family == "binomial":
        index = _with_fixed(link, 0)
        rate = 1.0 / (1.0 + np.exp(-gathered(index, levels)))
        return (
            scattered(index, link.y - link.n * rate, size),
            crossed(index, link.n * rate * (1.0 - rate), size),
        )
    mean_at = np.c_[np.zeros(len(link.n), np.int64), link.index[:, ~np.array(scale, bool)] + n_fixed]
    width_at = np.c_[np.ones(len(link.n), np.int64), link.index[:, np.array(scale, bool)] + n_fixed]
    mean, precision = gathered(mean_at, levels), np.exp(-2.0 * gathered(width_at, levels))
    squares = np.maximum(link.q - 2.0 * mean * link.y + link.n * mean**2, 0.0)
    gradient = scattered(mean_at, (link.y - link.n * mean) * precision, size)
    gradient += scattered(width_at, squares * precision - link.n, size)
    return gradient, crossed(mean_at, link.n * precision, size) + crossed(width_at, 2.0 * link.n, size)


def _with_fixed(link: Link, fixed: int) -> Array:
    first = np.full((len(link.n), 1), fixed, np.int64)
    return np.ascontiguousarray(np.concatenate([first, link.index + len(link.fixed)], axis=1))


def _ran_away(link: Link) -> TrustError:
    return TrustError(
        "the first approximation of the posterior does not settle",
        where=f"the model of {link.name}",
        repair="Look for extreme counts or values among the leads. `outlay explain T007` tells more.",
        id="T007",
    )


def preview_parts(links: Sequence[Link], seed: int) -> list[Part]:
    """Draws from the normal approximation of every link, labelled as samples of route ``"laplace"``."""
    return [_preview(fit_laplace(link), np.random.default_rng([seed, i])) for i, link in enumerate(links)]


def _preview(fit: Laplace, rng: np.random.Generator) -> Part:
    shape = (PREVIEW_CHAINS, PREVIEW_DRAWS)
    root = np.linalg.cholesky(fit.covariance)
    free = fit.mean + rng.standard_normal((*shape, fit.mean.size)) @ root.T
    spread = np.broadcast_to(fit.spread, (*shape, fit.spread.size))
    return Part(fit.link, samples_of(fit.link, (free, spread), dict.fromkeys(STATS, np.zeros(shape)), "laplace"))


def samples_of(link: Link, draws: tuple[Array, Array], stats: dict[str, Array], route: str) -> Samples:
    """Named draws from free directions (chains, draws, P) and spreads (chains, draws, T)."""
    free, spread = draws
    values: dict[str, Array] = {name: free[..., f] for f, name in enumerate(link.fixed)}
    dims: dict[str, tuple[str, ...]] = dict.fromkeys(link.fixed, ())
    coords: dict[str, tuple[str, ...]] = {}
    for t, (term, place) in enumerate(zip(link.terms, slices(link), strict=True)):
        values |= {f"spread_{term.name}": spread[..., t], f"effect_{term.name}": free[..., place] @ term.basis.T}
        dims |= {f"spread_{term.name}": (), f"effect_{term.name}": (f"level_{term.name}",)}
        coords[f"level_{term.name}"] = term.levels
    return Samples(values=values, dims=dims, coords=coords, stats=stats, route=route)

"""From draws of the kernel's coordinates to draws of the model's parameters, the integrated ones included.

Given everything else, level and coefficients are Gaussian: they are drawn exactly, once per draw, on all draws at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np

from mmm.design import LEVEL_SD, Design
from mmm.kernel_data import COEFFICIENT
from mmm.kernel_density import effects_at, residuals
from mmm.kernel_groups import LOGNORMAL, factors
from mmm.kernel_jit import Buffer, njit
from mmm.kernel_linear import loadings
from mmm.kernel_media import media_at, typical_media
from mmm.kernel_prior import mean_factors, shares
from mmm.kernel_series import SCRATCH
from mmm.kernel_spec import PAID, Block, Spec
from mmm.kernel_views import SHARE, views
from outlay.transforms import Array

_STREAM = 20_077
"""Keeps these random numbers apart from others of the same seed."""


def named_draws(design: Design, spec: Spec, theta: Array, seed: int) -> dict[str, Array]:
    """Draws of every free parameter of the model by name, (S, ...).

    Parameters
    ----------
    design : Design
        The design.
    spec : Spec
        The same, as the kernel takes it.
    theta : ndarray (S, n)
        Draws of the coordinates.
    seed : int
        Of the integrated parameters.
    """
    rng = np.random.default_rng([seed, _STREAM])
    return sampled_parameters(spec, theta) | integrated_draws(design, spec, theta, rng)


def sampled_parameters(spec: Spec, theta: Array) -> dict[str, Array]:
    """The model's parameters that were not integrated out, by name, (S, ...)."""
    values = {block.name: _natural(block, theta) for block in spec.blocks if block.name != PAID} | _shares(spec, theta)
    for name, (spread, centring) in _centred(spec).items():
        values[name] = values[name] * values[spread][:, None, :] ** -centring
    return values


def _shares(spec: Spec, theta: Array) -> dict[str, Array]:
    """Shares, coefficients, and the paid total with its split, as the model has them."""
    data, buffer, theta = spec.data, spec.data.pack(), np.ascontiguousarray(theta)
    mean_factor, typical = np.ones((2, len(theta), len(data.share)))
    _in_parts(len(theta), lambda a, b: share_parts_of(theta[a:b], buffer, mean_factor[a:b], typical[a:b]))
    out = {}
    for block in spec.blocks:
        index = np.flatnonzero((data.at_share >= block.at) & (data.at_share < block.at + block.size))
        if not index.size:
            continue
        u = theta[:, block.at : block.at + block.size]
        if block.name == PAID:
            u = u - np.log(mean_factor[:, index])
            split = u - data.log_spend[index]
            out["paid_share_logit"] = np.log(np.exp(u).sum(axis=1))
            out["paid_split"] = split - split.mean(axis=1, keepdims=True)
        elif block.form == "log":
            out[block.name] = np.exp(u) / (mean_factor * typical)[:, index]
    if data.n_pooled == 1:
        del out["paid_split"]  # a single channel is the total
    return out


def _natural(block: Block, theta: Array) -> Array:
    x = theta[:, block.at : block.at + block.size]
    if block.form == "log":
        x = np.exp(x)
    elif block.form == "logit":
        x = 1.0 / (1.0 + np.exp(-x))
    return np.ascontiguousarray(x.reshape(len(theta), *block.shape))


def _centred(spec: Spec) -> dict[str, tuple[str, Array]]:
    """Effects of groups whose coordinates are centred in part, with their spreads."""
    effects = [block.name for block in spec.blocks if block.name.startswith("group_effect")]
    return {
        name: (name.replace("effect", "spread"), spec.data.centring[i])
        for i, name in enumerate(effects)
        if spec.data.centring[i].any()
    }


def integrated_draws(design: Design, spec: Spec, theta: Array, rng: np.random.Generator) -> dict[str, Array]:
    """Level and coefficients given the rest, in the model's own names."""
    data = spec.data
    sigma2 = np.exp(2.0 * theta[:, data.at_sigma : data.at_sigma + len(data.weight)])
    level_sd = 1.0 / np.sqrt(1.0 / LEVEL_SD**2 + data.y.shape[1] / sigma2)
    out = {"level": design.y_mean + level_sd * rng.standard_normal(sigma2.shape)}
    if data.lam.shape[1] == 0:
        return out
    p = _loadings(spec, np.ascontiguousarray(theta))
    if data.at_spread_linear < 0:
        own = _own(p[:, 0], data.lam[0], np.ones(1), sigma2[:, :1], rng)
        return out | {"coefficient": own @ data.u[0]}
    tau2 = np.exp(2.0 * theta[:, data.at_spread_linear])
    return out | _pooled(design, spec, p, (tau2, sigma2), rng)


def _loadings(spec: Spec, theta: Array) -> Array:
    """:func:`loadings_of` every draw."""
    p, buffer = np.empty((len(theta), *spec.data.lam.shape)), spec.data.pack()
    _in_parts(len(theta), lambda a, b: loadings_of(theta[a:b], buffer, p[a:b]))
    return p


def _in_parts(n: int, work: Callable[[int, int], None]) -> None:
    """Work on draws on all cores: each is computed alone, so that no number depends on how many cores there are."""
    edges = np.linspace(0, n, (os.cpu_count() or 1) + 1).astype(int)
    with ThreadPoolExecutor() as pool:
        for part in [pool.submit(work, a, b) for a, b in pairwise(edges)]:
            part.result()


def _own(p: Array, lam: Array, tau2: Array, sigma2: Array, rng: np.random.Generator) -> Array:
    """Deviations of one group's coefficients from their mean, (S, K), in the basis of its right singular vectors."""
    v = sigma2 + tau2[:, None] * lam
    mean = tau2[:, None] * np.sqrt(lam) * p / v
    return mean + np.sqrt(tau2[:, None] * sigma2 / v) * rng.standard_normal(p.shape)


def _pooled(
    design: Design, spec: Spec, p: Array, variances: tuple[Array, Array], rng: np.random.Generator
) -> dict[str, Array]:
    """Common coefficients, then each group's own."""
    tau2, sigma2 = variances
    lam, u = spec.data.lam, spec.data.u
    n_groups, k = lam.shape
    precision, pull = np.tile(np.eye(k), (len(p), 1, 1)), np.zeros((len(p), k))
    for g in range(n_groups):
        v = sigma2[:, g, None] + tau2[:, None] * lam[g]
        precision += (u[g].T[None] * (lam[g] / v)[:, None, :]) @ u[g]
        pull += (np.sqrt(lam[g]) * p[:, g] / v) @ u[g]
    low = np.linalg.cholesky(precision)
    white = np.linalg.solve(low, pull[..., None]) + rng.standard_normal((len(p), k, 1))
    common = np.linalg.solve(low.transpose(0, 2, 1), white)[..., 0]
    deviation = np.empty((len(p), n_groups, k))
    for g in range(n_groups):
        left = p[:, g] - np.sqrt(lam[g]) * (common @ u[g].T)
        deviation[:, g] = _own(left, lam[g], tau2, sigma2[:, g, None], rng) @ u[g]
    out = {"coefficient": common}
    if design.centred.any():
        out["coefficient_group"] = (common[:, None] + deviation)[..., design.centred]
    if not design.centred.all():
        out["coefficient_deviation"] = deviation[..., ~design.centred] / np.sqrt(tau2)[:, None, None]
    return out


@njit
def share_parts_of(theta: Buffer, buffer: Buffer, mean_factor: Buffer, typical: Buffer) -> None:
    """What the coordinates of shares hold beside them, for every draw (S, C): the groups' mean factor and, where the
    prior is on the coefficient, typical media; ones elsewhere.
    """
    data = views(buffer)
    sizes, channels, n_groups = data.sizes, data.channels, data.sizes.n_groups
    factor, unused = np.empty((n_groups, sizes.n_channels)), np.empty(sizes.dim)
    needed = False
    for c in range(sizes.n_channels):
        needed = needed or int(channels[SHARE, c]) == COEFFICIENT
    for s in range(theta.shape[0]):
        factors(theta[s], data.levels, sizes.hierarchy, unused, factor)
        mean_factors(channels, factor, data.weight, sizes.hierarchy == LOGNORMAL, mean_factor[s])
        if needed:
            media = media_at(theta[s], channels, (sizes.lags, sizes.n, SCRATCH), data.x, data.contacts)
            typical_media(media.mean, data.weight, media.typical)
            for c in range(sizes.n_channels):
                if int(channels[SHARE, c]) == COEFFICIENT:
                    typical[s, c] = media.typical[c]


@njit
def loadings_of(theta: Buffer, buffer: Buffer, out: Buffer) -> None:
    """The residuals of every draw along the left singular vectors of the linear block, (S, G, K)."""
    data = views(buffer)
    sizes, n_groups, n_channels = data.sizes, data.sizes.n_groups, data.sizes.n_channels
    share, mean_factor, unused = np.empty(n_channels), np.empty(n_channels), np.empty(sizes.dim)
    factor, effect = np.empty((n_groups, n_channels)), np.empty((n_groups, n_channels))
    for s in range(theta.shape[0]):
        factors(theta[s], data.levels, sizes.hierarchy, unused, factor)
        mean_factors(data.channels, factor, data.weight, sizes.hierarchy == LOGNORMAL, mean_factor)
        shares(theta[s], data.channels, mean_factor, share)
        media = media_at(theta[s], data.channels, (sizes.lags, sizes.n, SCRATCH), data.x, data.contacts)
        typical_media(media.mean, data.weight, media.typical)
        effects_at(share, media.typical, factor, effect)
        r = data.y.copy()
        residuals(data.levers, theta[s][sizes.at_lever :], media, effect, r)
        loadings(r, data.linear.q, out[s])

"""The log density of the whole model and its gradient by hand, with the linear block integrated out.

Forward: every series of media, group by group, kept for the way back; residuals; the linear block. Backward: from the
gradient by the residuals to effects, curves, carry-over and shares. Media are centred in the model; the gradient by the
residuals sums to zero in every group, so centring drops out of the way back.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

from mmm.kernel_groups import LOGNORMAL, factors, factors_back
from mmm.kernel_jit import CACHE, Buffer, add_scaled, dot, njit
from mmm.kernel_lift import lift_block
from mmm.kernel_linear import linear_block
from mmm.kernel_media import Media, media_at, media_back, typical_media
from mmm.kernel_prior import (
    mean_factors,
    mean_factors_back,
    priors,
    share_priors,
    shares,
    shares_back,
)
from mmm.kernel_series import SCRATCH
from mmm.kernel_views import Views, views

RECOVERABLE = 4
"""What the sampler takes as a point that it may not go to."""


@njit
def residuals(levers: Buffer, effects: Buffer, media: Media, effect: Buffer, out: Buffer) -> None:
    """Takes media and levers with a sign, both centred, out of ``out`` (G, F)."""
    n_groups, n_channels = effect.shape
    n, rows = out.shape[1], media.response.shape[2] // n_groups
    for g in range(n_groups):
        shift = 0.0
        for c in range(n_channels):
            shift += effect[g, c] * media.mean[g, c]
        for t in range(n):
            out[g, t] += shift
        for c in range(n_channels):
            add_scaled(-effect[g, c], media.response[0, c, g * rows : g * rows + n], out[g])
        for v in range(levers.shape[1]):
            add_scaled(-math.exp(effects[v]), levers[g, v], out[g])


@njit
def scales(theta: Buffer, at_sigma: int, at_spread: int, sigma2: Buffer) -> float:
    """Noise variance per group, and the variance of the linear block's groups."""
    for g in range(sigma2.shape[0]):
        sigma2[g] = math.exp(2.0 * theta[at_sigma + g])
    return math.exp(2.0 * theta[at_spread]) if at_spread >= 0 else 1.0


@njit
def effects_at(share: Buffer, typical: Buffer, factor: Buffer, out: Buffer) -> None:
    """KPI per unit of response, (G, C)."""
    for g in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[g, c] = share[c] * factor[g, c] / typical[c]


@njit
def log_density(theta: Buffer, gradient: Buffer, data: Views) -> float:
    """Log posterior density up to a constant, and its gradient."""
    sizes, channels, n_groups, n_channels = data.sizes, data.channels, data.sizes.n_groups, data.sizes.n_channels
    total = priors(theta, gradient, data.coordinates)
    share, factor, effect = np.empty(n_channels), np.empty((n_groups, n_channels)), np.empty((n_groups, n_channels))
    mean_factor, by_log_typical = np.empty(n_channels), np.zeros(n_channels)
    total += factors(theta, data.levels, sizes.hierarchy, gradient, factor)
    mean_factors(channels, factor, data.weight, sizes.hierarchy == LOGNORMAL, mean_factor)
    shares(theta, channels, mean_factor, share)
    media = media_at(theta, channels, (sizes.lags, sizes.n, SCRATCH), data.x, data.contacts)
    typical_media(media.mean, data.weight, media.typical)
    means, into = (mean_factor, media.typical), (gradient, by_log_typical)
    total += share_priors(theta, data.coordinates, sizes, channels, means, into)
    effects_at(share, media.typical, factor, effect)
    r = data.y.copy()
    residuals(data.levers, theta[sizes.at_lever :], media, effect, r)
    sigma2, by_sigma2, pooled = np.empty(n_groups), np.empty(n_groups), sizes.at_spread_linear >= 0
    tau2 = scales(theta, sizes.at_sigma, sizes.at_spread_linear, sigma2)
    linear, by_tau2 = linear_block(r, data.linear, (sigma2, tau2, sizes.level_variance, pooled), by_sigma2)
    for g in range(n_groups):
        gradient[sizes.at_sigma + g] += 2.0 * sigma2[g] * by_sigma2[g]
    if pooled:
        gradient[sizes.at_spread_linear] += 2.0 * tau2 * by_tau2
    _levers_back(theta, sizes.at_lever, data.levers, r, gradient)
    lifts = lift_block(channels, media, effect, data.lifts)
    by_share, by_factor, shift = np.zeros(n_channels), np.empty((n_groups, n_channels)), factor.copy()
    _effects_back((share, factor), media, (r, lifts.effect), by_share, by_factor)
    for c in range(n_channels):
        by_log_typical[c] -= by_share[c] * share[c]
    _shifts(by_log_typical, media.typical, data.weight, sizes.n, shift)
    pulls = (effect, shift, r, lifts.weight, lifts.shape)
    media_back(channels, media, (data.x, data.contacts), pulls, SCRATCH, gradient)
    shares_back(channels, share, by_share, gradient)
    if sizes.hierarchy == LOGNORMAL:
        mean_factors_back(channels, data.weight, mean_factor, gradient, by_factor)
    factors_back(theta, data.levels, sizes.hierarchy, factor, by_factor, gradient)
    return total + linear + lifts.value


@njit
def _levers_back(theta: Buffer, at: int, levers: Buffer, by_r: Buffer, gradient: Buffer) -> None:
    for v in range(levers.shape[1]):
        pull = 0.0
        for g in range(by_r.shape[0]):
            pull -= dot(by_r[g], levers[g, v])
        gradient[at + v] += pull * math.exp(theta[at + v])


@njit
def _effects_back(
    parts: tuple[Buffer, Buffer], media: Media, pulls: tuple[Buffer, Buffer], by_share: Buffer, by_factor: Buffer
) -> None:
    """Gradients by share and by the groups' factors, from those by the residuals and by the effects themselves."""
    share, factor = parts
    by_r, from_lifts = pulls
    n, rows = by_r.shape[1], media.response.shape[2] // factor.shape[0]
    for g in range(factor.shape[0]):
        for c in range(factor.shape[1]):
            by_effect = from_lifts[g, c] - dot(by_r[g], media.response[0, c, g * rows : g * rows + n])
            by_share[c] += by_effect * factor[g, c] / media.typical[c]
            by_factor[g, c] = by_effect * share[c] / media.typical[c]


@njit
def _shifts(by_log_typical: Buffer, typical: Buffer, weight: Buffer, n: int, out: Buffer) -> None:
    """What every row's gradient by the response loses because effects, and some priors, depend on typical media."""
    for g in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[g, c] = -by_log_typical[c] / typical[c] * weight[g] / n


@njit
def evaluate(theta: Buffer, gradient: Buffer, buffer: Buffer) -> float:
    """Log density and gradient from a packed model."""
    return log_density(theta, gradient, views(buffer))


@cache
def entries() -> tuple[Any, Any]:
    """The C functions of the log density, and of the identity that stands for naming the draws. Compiled, or loaded."""
    import numba as nb

    double = nb.types.CPointer(nb.types.double)
    size = nb.types.uint64

    @CACHE.cfunc(nb.types.int64(size, double, double, double, nb.types.voidptr))
    def density(dim: Any, at: Any, gradient_at: Any, value_at: Any, user: Any) -> int:
        theta, gradient = nb.carray(at, (int(dim),)), nb.carray(gradient_at, (int(dim),))
        head = nb.carray(user, (1,), np.float64)
        value = evaluate(theta, gradient, nb.carray(user, (int(head[0]),), np.float64))
        nb.carray(value_at, (1,))[0] = value
        if not math.isfinite(value):
            return RECOVERABLE
        for i in range(theta.shape[0]):
            if not math.isfinite(gradient[i]):
                return RECOVERABLE - 1
        return 0

    @CACHE.cfunc(nb.types.int64(size, size, double, double, nb.types.voidptr))
    def identity(dim: Any, expanded: Any, at: Any, out_at: Any, user: Any) -> int:
        theta, out = nb.carray(at, (int(dim),)), nb.carray(out_at, (int(expanded),))
        for i in range(out.shape[0]):
            out[i] = theta[i]
        return 0

    return density, identity

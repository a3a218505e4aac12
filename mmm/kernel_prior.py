"""Priors, and shares of the KPI from the coordinates that they are written in, with gradients back.

Every channel has a coordinate of its own, so that each has its own scale. Of a pooled channel it is the log odds of its
share: of ``u``, the logarithm of the sum of exponentials is the logit of the paid total, and ``u`` less the log shares
of spend, from its mean, is the split. Of the others it is the log share, whatever the prior is about; of a signed one
the share. Under a lognormal hierarchy the coordinate holds the groups' mean factor as well, which the data know better
than the typical group's share. All are changes of coordinates whose Jacobian is constant.
"""

from __future__ import annotations

import math

from mmm.kernel_data import BETA, COEFFICIENT, HALF_NORMAL, NORMAL, POOLED, SIGNED
from mmm.kernel_jit import Buffer, njit
from mmm.kernel_views import AT_SHARE, LOG_SPEND, SHARE, Sizes

HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)
_LOG2 = math.log(2.0)


@njit
def priors(theta: Buffer, gradient: Buffer, coordinates: Buffer) -> float:
    """Log prior of every coordinate that stands alone, Jacobians included; starts the gradient."""
    total = 0.0
    for i in range(theta.shape[0]):
        kind, x, mean, sd = int(coordinates[0, i]), theta[i], coordinates[1, i], coordinates[2, i]
        gradient[i] = 0.0
        if kind == NORMAL:
            z = (x - mean) / sd
            total -= 0.5 * z * z + math.log(sd) + HALF_LOG_2PI
            gradient[i] = -z / sd
        elif kind == HALF_NORMAL:
            z = math.exp(x) / sd
            total += x - 0.5 * z * z + _LOG2 - math.log(sd) - HALF_LOG_2PI
            gradient[i] = 1.0 - z * z
        elif kind == BETA:
            rest = math.log1p(math.exp(-abs(x)))
            total += mean * (min(x, 0.0) - rest) + sd * (-max(x, 0.0) - rest)
            total += math.lgamma(mean + sd) - math.lgamma(mean) - math.lgamma(sd)
            gradient[i] = mean - (mean + sd) / (1.0 + math.exp(-x))
    return total


@njit
def shares(theta: Buffer, channels: Buffer, mean_factor: Buffer, out: Buffer) -> None:
    """Share of the KPI per channel in a typical group, (C,)."""
    odds = 0.0
    for c in range(out.shape[0]):
        kind, at = int(channels[SHARE, c]), int(channels[AT_SHARE, c])
        out[c] = theta[at] if kind == SIGNED else math.exp(theta[at]) / mean_factor[c]
        if kind == POOLED:
            odds += out[c]
    for c in range(out.shape[0]):
        if int(channels[SHARE, c]) == POOLED:
            out[c] /= 1.0 + odds


@njit
def share_priors(
    theta: Buffer,
    coordinates: Buffer,
    sizes: Sizes,
    channels: Buffer,
    means: tuple[Buffer, Buffer],
    out: tuple[Buffer, Buffer],
) -> float:
    """Log prior of the shares. ``means``: mean factors of the groups and typical media, (C,) each.

    Adds to ``out``: the gradient, and the gradient by the log of typical media (C,), which a coefficient depends on.
    """
    mean_factor, typical = means
    gradient, by_log_typical = out
    total = _pooled_prior(theta, sizes, channels, mean_factor, gradient)
    for c in range(channels.shape[1]):
        kind, at = int(channels[SHARE, c]), int(channels[AT_SHARE, c])
        if kind != POOLED:
            x = theta[at] if kind == SIGNED else theta[at] - math.log(mean_factor[c])
            if kind == COEFFICIENT:
                x -= math.log(typical[c])
            z = (x - coordinates[1, at]) / coordinates[2, at]
            total -= 0.5 * z * z + math.log(coordinates[2, at]) + HALF_LOG_2PI
            gradient[at] -= z / coordinates[2, at]
            if kind == COEFFICIENT:
                by_log_typical[c] += z / coordinates[2, at]
    return total


@njit
def _pooled_prior(theta: Buffer, sizes: Sizes, channels: Buffer, mean_factor: Buffer, gradient: Buffer) -> float:
    """A normal logit of the total, and a zero-sum normal split around the shares of spend."""
    n, mean, odds = sizes.n_pooled, 0.0, 0.0
    if n == 0:
        return 0.0
    for c in range(channels.shape[1]):
        if int(channels[SHARE, c]) == POOLED:
            u = theta[int(channels[AT_SHARE, c])] - math.log(mean_factor[c])
            odds += math.exp(u)
            mean += (u - channels[LOG_SPEND, c]) / n
    z = (math.log(odds) - sizes.total_mean) / sizes.total_sd
    total = -0.5 * z * z - math.log(sizes.total_sd) - HALF_LOG_2PI - 0.5 * math.log(n)
    total -= (n - 1) * (math.log(sizes.split_sd) + HALF_LOG_2PI)
    for c in range(channels.shape[1]):
        if int(channels[SHARE, c]) == POOLED:
            at = int(channels[AT_SHARE, c])
            u = theta[at] - math.log(mean_factor[c])
            split = (u - channels[LOG_SPEND, c] - mean) / sizes.split_sd
            total -= 0.5 * split * split
            gradient[at] -= z / sizes.total_sd * math.exp(u) / odds + split / sizes.split_sd
    return total


@njit
def shares_back(channels: Buffer, share: Buffer, by_share: Buffer, gradient: Buffer) -> None:
    """Adds to the gradient from ``by_share``, the gradient by each channel's share."""
    pull = 0.0
    for c in range(share.shape[0]):
        if int(channels[SHARE, c]) == POOLED:
            pull += by_share[c] * share[c]
    for c in range(share.shape[0]):
        kind, at = int(channels[SHARE, c]), int(channels[AT_SHARE, c])
        if kind == SIGNED:
            gradient[at] += by_share[c]
        else:
            gradient[at] += share[c] * (by_share[c] - (pull if kind == POOLED else 0.0))


@njit
def mean_factors(channels: Buffer, factor: Buffer, weight: Buffer, lognormal: bool, out: Buffer) -> None:
    """What a coordinate holds beside the typical group's share: the groups' mean factor, or one."""
    for c in range(out.shape[0]):
        out[c] = 1.0
        if lognormal and int(channels[SHARE, c]) != SIGNED:
            out[c] = 0.0
            for g in range(weight.shape[0]):
                out[c] += weight[g] * factor[g, c]


@njit
def mean_factors_back(
    channels: Buffer, weight: Buffer, mean_factor: Buffer, gradient: Buffer, by_factor: Buffer
) -> None:
    """Adds to ``by_factor`` what a coordinate's whole gradient says of the mean factor that it holds."""
    for c in range(mean_factor.shape[0]):
        if int(channels[SHARE, c]) != SIGNED:
            for g in range(weight.shape[0]):
                by_factor[g, c] -= gradient[int(channels[AT_SHARE, c])] * weight[g] / mean_factor[c]

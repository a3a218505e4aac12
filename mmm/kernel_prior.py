"""Priors, and shares of the KPI from the coordinates that they are written in, with gradients back."""

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
def shares(theta: Buffer, sizes: Sizes, channels: Buffer, out: Buffer) -> None:
    """Share of the KPI per channel, or its coefficient."""
    n = sizes.n_pooled
    norm, root, top, mass = 0.0, math.sqrt(max(n, 1)), -math.inf, 0.0
    for i in range(n - 1):
        norm += theta[sizes.at_split + i]
    last = -norm / root
    norm /= root + n
    for c in range(out.shape[0]):
        kind, at = int(channels[SHARE, c]), int(channels[AT_SHARE, c])
        if kind == POOLED:
            # Log weights: numbers that add to zero, by PyMC's rotation, around the log shares of spend.
            split = theta[sizes.at_split + at] - norm if at < n - 1 else last
            out[c] = split + channels[LOG_SPEND, c]
            top = max(top, out[c])
        elif kind == SIGNED:
            out[c] = theta[at]
        else:
            out[c] = math.exp(theta[at])
    for c in range(out.shape[0]):
        if int(channels[SHARE, c]) == POOLED:
            out[c] = math.exp(out[c] - top)
            mass += out[c]
    for c in range(out.shape[0]):
        if int(channels[SHARE, c]) == POOLED:
            out[c] /= mass * (1.0 + math.exp(-theta[sizes.at_total]))


@njit
def shares_back(
    theta: Buffer, sizes: Sizes, channels: Buffer, share: Buffer, by_share: Buffer, gradient: Buffer
) -> None:
    """Adds to the gradient from ``by_share``, the gradient by each channel's share."""
    n = sizes.n_pooled
    pull = 0.0
    for c in range(share.shape[0]):
        kind, at = int(channels[SHARE, c]), int(channels[AT_SHARE, c])
        if kind == POOLED:
            pull += by_share[c] * share[c]
        elif kind == SIGNED:
            gradient[at] += by_share[c]
        else:
            gradient[at] += by_share[c] * share[c]
    if n == 0:
        return
    total = 1.0 / (1.0 + math.exp(-theta[sizes.at_total]))
    gradient[sizes.at_total] += pull * (1.0 - total)
    # By log weight: a channel's own pull less its part of all; then back through the rotation.
    root, last, rest = math.sqrt(n), 0.0, 0.0
    for c in range(share.shape[0]):
        if int(channels[SHARE, c]) == POOLED:
            rank = int(channels[AT_SHARE, c])
            by_weight = by_share[c] * share[c] - pull * share[c] / total
            if rank < n - 1:
                gradient[sizes.at_split + rank] += by_weight
                rest += by_weight
            else:
                last = by_weight
    for i in range(n - 1):
        gradient[sizes.at_split + i] -= rest / (root + n) + last / root


@njit
def has_share(channels: Buffer, c: int) -> bool:
    """Whether a channel's effect is its share over its typical media, and not its coefficient."""
    return int(channels[SHARE, c]) != COEFFICIENT

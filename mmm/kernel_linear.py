"""The linear block with Gaussian priors, integrated out.

Of group g the residual is ``r = Z b + noise`` with ``Z = Q diag(sqrt(lam)) U'``, and ``b ~ N(beta, tau^2 I)``,
``beta ~ N(0, I)`` where groups are pooled, else ``b ~ N(0, I)``. In the basis of Q the residual is independent, with
variances ``v_k = sigma^2 + tau^2 lam_k``; beta is then a regression on ``K`` numbers per group. The level has its own
direction, because everything else is centred, and its prior's mean is the data's mean.
"""

from __future__ import annotations

import math

import numpy as np

from mmm.kernel_jit import Buffer, add_scaled, cholesky, dot, invert_lower, njit
from mmm.kernel_views import Linear

_LOG_2PI = math.log(2.0 * math.pi)


@njit
def loadings(r: Buffer, q: Buffer, p: Buffer) -> None:
    """``p = Q' r`` per group, and takes ``Q p`` out of ``r``."""
    for g in range(r.shape[0]):
        for k in range(q.shape[1]):
            p[g, k] = dot(q[g, k], r[g])
        for k in range(q.shape[1]):
            add_scaled(-p[g, k], q[g, k], r[g])


@njit
def linear_block(
    r: Buffer,
    linear: Linear,
    variances: tuple[Buffer, float, float, bool],
    by_sigma2: Buffer,
) -> tuple[float, float]:
    """Log density of the residuals ``r`` (G, F), the gradient by tau^2, and those by sigma^2 in ``by_sigma2``.

    ``r`` is overwritten by the gradient of the log density by itself. ``variances``: sigma^2 per group, tau^2, the
    level's prior variance, and whether groups are pooled.
    """
    sigma2, tau2, level2, pooled = variances
    lam, q, u = linear
    n_groups, n = r.shape
    n_terms = q.shape[1]
    p, v = np.empty((n_groups, n_terms)), np.empty((n_groups, n_terms))
    loadings(r, q, p)
    total = 0.0
    for g in range(n_groups):
        s2 = sigma2[g]
        rest = dot(r[g], r[g])
        apart = s2 + n * level2
        total -= 0.5 * (rest / s2 + (n - 1 - n_terms) * math.log(s2) + math.log(apart) + n * _LOG_2PI)
        by_sigma2[g] = 0.5 * rest / (s2 * s2) - 0.5 * (n - 1 - n_terms) / s2 - 0.5 / apart
        for k in range(n_terms):
            v[g, k] = s2 + tau2 * lam[g, k]
            total -= 0.5 * (p[g, k] * p[g, k] / v[g, k] + math.log(v[g, k]))
    shift = np.zeros((n_groups, n_terms))  # variance of the common coefficients along each direction, lam * C_kk
    if pooled and n_terms > 0:
        total += _common(p, v, lam, u, shift)
    by_tau2 = 0.0
    for g in range(n_groups):
        s2 = 1.0 / sigma2[g]
        for t in range(n):
            r[g, t] *= -s2
        for k in range(n_terms):
            iv = 1.0 / v[g, k]
            by_v = 0.5 * ((p[g, k] * p[g, k] + shift[g, k]) * iv * iv - iv)
            by_sigma2[g] += by_v
            by_tau2 += by_v * lam[g, k]
            add_scaled(-p[g, k] * iv, q[g, k], r[g])
    return total, by_tau2


@njit
def _common(p: Buffer, v: Buffer, lam: Buffer, u: Buffer, shift: Buffer) -> float:
    """What the common coefficients add to the log density. Takes their mean out of ``p``; fills ``shift``."""
    n_groups, n = p.shape
    a, h, inverse = np.zeros((n, n)), np.zeros(n), np.empty((n, n))
    for g in range(n_groups):
        for k in range(n):
            scale, pull = lam[g, k] / v[g, k], math.sqrt(lam[g, k]) * p[g, k] / v[g, k]
            row = u[g, k]
            for i in range(n):
                along = scale * row[i]
                for j in range(i + 1):
                    a[i, j] += along * row[j]
                h[i] += pull * row[i]
    for i in range(n):
        a[i, i] += 1.0
    log_det = cholesky(a)
    invert_lower(a, inverse)
    white, beta = np.zeros(n), np.zeros(n)
    for i in range(n):
        white[i] = dot(inverse[i], h)
    for i in range(n):
        add_scaled(white[i], inverse[i], beta)
    for g in range(n_groups):
        for k in range(n):
            root, row = math.sqrt(lam[g, k]), u[g, k]
            p[g, k] -= root * dot(row, beta)
            spread = 0.0
            for i in range(n):
                along = 0.0
                for j in range(i + 1):
                    along += inverse[i, j] * row[j]
                spread += along * along
            shift[g, k] = lam[g, k] * spread
    return 0.5 * dot(white, white) - 0.5 * log_det

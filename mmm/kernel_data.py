"""What the kernel reads: plain arrays, and their place in the one buffer of numbers that compiled code is given."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from outlay.transforms import Array

Ints = NDArray[np.int64]

NORMAL, HALF_NORMAL, BETA, ELSEWHERE = 0, 1, 2, 3
"""Priors of one coordinate: normal on it; half-normal or beta of what it is the log or logit of; or told elsewhere."""

POOLED, POSITIVE, SIGNED, COEFFICIENT = 0, 1, 2, 3
"""What a channel's prior is about: its part of the paid total, its log share, its share, or its log coefficient."""


@dataclass(frozen=True)
class KernelData:
    """A model for the kernel. Places are indices of coordinates, -1 for none.

    Shapes: n coordinates, C channels, G groups, F scored rows, L lags, R = F + L - 1 rows, N panel dimensions,
    K columns of the linear block, V levers with a sign, J lift tests, M series of tests of W periods.

    Attributes
    ----------
    lags, at_spread_linear, at_sigma, at_lever, hierarchy : int
        L; where single parameters and blocks begin; 1 for lognormal effects of groups, 2 for normal ones.
    total_mean, total_sd, split_sd : float
        Prior of the logit of the paid total and of its split.
    level_variance : float
        Prior variance of the level.
    prior, prior_mean, prior_sd : ndarray (n,)
        The prior of each coordinate; for a beta its two parameters. Of one that is told elsewhere, ``prior_mean`` is
        where chains start around.
    adstock, saturation, order : ndarray of int (C,)
        Families, as :mod:`mmm.kernel_adstock` and :mod:`mmm.kernel_series` number them.
    exponent : ndarray (C,)
        Fixed exponent, where it is not a coordinate.
    at_half_life, at_shape, at_half_saturation, at_exponent, at_share : ndarray of int (C,)
        Places.
    share : ndarray of int (C,)
        What the prior is about.
    log_spend : ndarray (C,)
        Log share of spend of pooled channels.
    level_index : ndarray of int (N, G)
        Which value of a dimension each group has.
    at_spread, at_effect : ndarray of int (N,)
        Where the spreads and the effects of a dimension begin.
    centring : ndarray (N, C)
        Effects are sampled as ``z * spread ** centring``: 0 not centred, 1 centred.
    weight : ndarray (G,)
        Share of each group in the KPI.
    y : ndarray (G, F)
        Scaled KPI less its mean.
    lam : ndarray (G, K)
        Squared singular values of the linear block.
    q, u : ndarray (G, K, F), (G, K, K)
        Its singular vectors, as rows.
    levers : ndarray (G, V, F)
        Centred columns with a direction.
    x, contacts : ndarray (C, G, R)
        Scaled exposure (or reach), and contacts; contacts may be empty.
    lift_observed, lift_se : ndarray (J,)
        What each lift test measured.
    lift_test, lift_group, lift_channel, lift_sign : ndarray (M,)
        Where each series of a test belongs; 1 as it was, -1 without the test's change.
    lift_x, lift_contacts : ndarray (M, W)
        Its scaled exposure and contacts, from L - 1 periods before the test.
    lift_weight : ndarray (M, W - L + 1)
        What a unit of its effect is worth in each counted period.
    """

    lags: int
    total_mean: float
    total_sd: float
    split_sd: float
    at_spread_linear: int
    at_sigma: int
    at_lever: int
    hierarchy: int
    level_variance: float
    prior: Ints
    prior_mean: Array
    prior_sd: Array
    adstock: Ints
    saturation: Ints
    order: Ints
    exponent: Array
    at_half_life: Ints
    at_shape: Ints
    at_half_saturation: Ints
    at_exponent: Ints
    at_share: Ints
    share: Ints
    log_spend: Array
    level_index: Ints
    at_spread: Ints
    at_effect: Ints
    centring: Array
    weight: Array
    y: Array
    lam: Array
    q: Array
    u: Array
    levers: Array
    x: Array
    contacts: Array
    lift_observed: Array
    lift_se: Array
    lift_test: Ints
    lift_group: Ints
    lift_channel: Ints
    lift_sign: Ints
    lift_x: Array
    lift_contacts: Array
    lift_weight: Array

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return len(self.prior)

    @property
    def n_pooled(self) -> int:
        """Channels that share the prior on paid media."""
        return int((self.share == POOLED).sum())

    def pack(self) -> Array:
        """One buffer: its size, the sizes and single numbers, then every array in the order of the fields."""
        arrays = [np.ravel(np.asarray(value, float)) for value in self._values() if isinstance(value, np.ndarray)]
        n_channels, n_groups, _ = self.x.shape
        singles = [value for value in self._values() if isinstance(value, int | float)]
        sizes = [
            self.dim,
            n_channels,
            n_groups,
            self.y.shape[1],
            len(self.level_index),
            self.lam.shape[1],
            self.levers.shape[1],
            self.contacts.shape[0],
            self.n_pooled,
            *self.lift_x.shape,
            len(self.lift_observed),
        ]
        parts = [np.array([0.0, *sizes, *singles]), *arrays]
        buffer = np.concatenate(parts)
        buffer[0] = buffer.size
        return np.ascontiguousarray(buffer)

    def _values(self) -> list[object]:
        return [getattr(self, field.name) for field in fields(self)]

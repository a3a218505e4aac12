"""Adstock and saturation on arrays: the numbers behind every curve and contribution.

The model graph is built from PyMC-Marketing's components; these are the same functions on plain arrays, so that tables,
reports and the optimizer need neither PyMC nor a compiler. Tests hold them against PyMC-Marketing to 1e-10.

Every saturation maps a scaled exposure ``x >= 0`` to ``[0, 1)``, is zero at zero, and is parametrised by its
*half-saturation* ``k``: the ``x`` at which it reaches one half. The families then share one prior and one meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LOG3 = float(np.log(3.0))
"""``lam = LOG3 / k`` turns a half-saturation ``k`` into the rate of the logistic curve."""


def retention(half_life: Array) -> Array:
    """Share of an effect that is left after one period, ``2 ** (-1 / half_life)``.

    Parameters
    ----------
    half_life : ndarray
        Periods until half of the effect has gone, any shape, positive.
    """
    return np.exp2(-1.0 / half_life)


def geometric_weights(alpha: Array, l_max: int) -> Array:
    """Weights of the normalised geometric adstock, shape ``(*alpha.shape, l_max)``, each row summing to one.

    Parameters
    ----------
    alpha : ndarray
        Retention per period, in ``[0, 1)``.
    l_max : int
        Number of periods over which an exposure acts, its own period included.

    Notes
    -----
    Jin, Wang, Sun, Chan and Koehler (2017), "Bayesian methods for media mix modeling with carryover and shape effects",
    equation 1, with the normalisation of PyMC-Marketing's ``geometric_adstock(normalize=True)``.
    """
    weights = np.asarray(alpha, float)[..., None] ** np.arange(l_max)
    return weights / weights.sum(axis=-1, keepdims=True)


def carry_over(x: Array, weights: Array) -> Array:
    """Adstocked series for every draw of the weights: ``out[..., t] = sum_l weights[..., l] x[t - l]``.

    Parameters
    ----------
    x : ndarray, shape (T,)
        Exposure per period; before its first entry nothing is assumed to have run.
    weights : ndarray, shape (..., l_max)
        Adstock weights.

    Returns
    -------
    ndarray, shape (..., T)
    """
    l_max = weights.shape[-1]
    padded = np.concatenate([np.zeros(l_max - 1), np.asarray(x, float)])
    lagged = np.lib.stride_tricks.sliding_window_view(padded, l_max)[:, ::-1]
    return np.asarray(weights @ lagged.T)


@dataclass(frozen=True)
class Saturation:
    """One concave family: its value and slope at scaled exposure ``x`` with half-saturation ``k``, broadcasting."""

    value: Callable[[Array, Array], Array]
    slope: Callable[[Array, Array], Array]


def _hill_value(x: Array, k: Array) -> Array:
    return np.asarray(x / (x + k))


def _hill_slope(x: Array, k: Array) -> Array:
    return np.asarray(k / (x + k) ** 2)


def _logistic_value(x: Array, k: Array) -> Array:
    return np.tanh(0.5 * LOG3 / k * x)


def _logistic_slope(x: Array, k: Array) -> Array:
    rate = 0.5 * LOG3 / k
    return np.asarray(rate * (1.0 - np.tanh(rate * x) ** 2))


SATURATIONS: Mapping[str, Saturation] = MappingProxyType(
    {
        "hill": Saturation(_hill_value, _hill_slope),
        "logistic": Saturation(_logistic_value, _logistic_slope),
    }
)
"""Concave saturation families by name. ``hill`` has slope 1 (Michaelis-Menten)."""

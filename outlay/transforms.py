"""Adstock and saturation on arrays: the numbers behind every curve and contribution.

The model's definition is built from PyMC-Marketing's components; these are the same functions on plain arrays, so that
tables, reports and the optimizer need neither PyMC nor a compiler. Tests hold them against PyMC-Marketing 1.3.0 to
1e-10.

Every adstock is parametrised by a *half-life* in periods and, where its family has one, a *shape*; its weights are
never negative and sum to one. Every saturation maps a scaled exposure ``x >= 0`` to a number that is zero at zero, and
is parametrised by a *half-saturation* ``k``, the ``x`` at which it reaches one half of the most, and an *exponent*
``s``; a family ignores what it does not have. The families then share their priors and their words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

LOG2 = float(np.log(2.0))
LOG3 = float(np.log(3.0))
"""``lam = LOG3 / k`` turns a half-saturation ``k`` into the rate of PyMC-Marketing's logistic curve."""

_LARGEST_LOG = 690.0
"""Exponentials stop here: past it a weight is zero anyway, and a few thousand of them still add up to a number."""


def adstock_weights(family: str, half_life: ArrayLike, shape: ArrayLike, l_max: int) -> Array:
    """Weights of a normalised adstock: how an exposure's effect is spread over its own period and those after it.

    Parameters
    ----------
    family : str
        A key of :data:`ADSTOCKS`.
    half_life : array_like
        In periods, positive; what it means is the family's. Ignored by ``none``.
    shape : array_like
        Periods until the peak (``delayed``, zero or more) or the Weibull's shape (positive); broadcasts with
        ``half_life``. Ignored by ``none`` and ``geometric``.
    l_max : int
        Number of periods over which an exposure acts, its own period included.

    Returns
    -------
    ndarray, shape (*broadcast shape, l_max)
        Each row sums to one.

    Notes
    -----
    With lag ``l = 0 .. l_max - 1`` and before the rows are divided by their sums:

    - ``none``: all of the effect in the exposure's own period.
    - ``geometric``: ``a ** l`` with ``a = 2 ** (-1 / half_life)``; half of the effect of a period is left one half-life
      later. Broadbent (1979), "One way TV advertisements work"; Jin, Wang, Sun, Chan and Koehler (2017), "Bayesian
      methods for media mix modeling with carryover and shape effects". ``geometric_adstock`` in PyMC-Marketing.
    - ``delayed``: ``a ** ((l - shape) ** 2)`` with ``a = 2 ** (-1 / half_life ** 2)``; the peak is ``shape`` periods
      after the exposure, and half a peak is left one half-life from it. Jin et al. (2017). ``delayed_adstock``.
    - ``weibull``: the Weibull density at ``l + 1``, less its smallest value over the lags; the half-life is the median
      of the density, so the scale is ``half_life / log(2) ** (1 / shape)``. From Robyn ("Weibull PDF" adstock) as
      ``weibull_adstock(type="PDF")`` has it. The smallest weight is always zero: with ``l_max = 2`` all of the effect
      lies in one period. Where no lag differs from another there is nothing to subtract from, and all weights are
      equal; so ``l_max = 1`` gives the weight one.
    - ``weibull_cdf``: one, then the running product of the Weibull's survival ``1 - cdf(l)``, with the same scale, so
      that half is left after a half-life. ``weibull_adstock(type="CDF")``.
    """
    wide, narrow = np.broadcast_arrays(np.asarray(half_life, float), np.asarray(shape, float))
    with np.errstate(over="ignore", under="ignore"):
        raw = ADSTOCKS[family](wide[..., None], narrow[..., None], np.arange(float(l_max)))
    return np.asarray(raw / raw.sum(axis=-1, keepdims=True))


def _none_weights(half_life: Array, shape: Array, lags: Array) -> Array:
    return np.broadcast_to(np.where(lags == 0, 1.0, 0.0), (*half_life.shape[:-1], len(lags)))


def _geometric_weights(half_life: Array, shape: Array, lags: Array) -> Array:
    return np.asarray(np.exp2(-lags / half_life))


def _delayed_weights(half_life: Array, shape: Array, lags: Array) -> Array:
    # Against the lag nearest to the peak, which has weight one: a short half-life cannot make every weight zero.
    distance = np.abs(lags - shape)
    nearest = distance.min(axis=-1, keepdims=True)
    return np.asarray(np.exp2(-((distance - nearest) / half_life) * ((distance + nearest) / half_life)))


def _weibull_weights(half_life: Array, shape: Array, lags: Array) -> Array:
    log_t = np.log(lags + 1.0)
    # Log density less that of the first lag; (t / scale) ** shape is LOG2 (t / half_life) ** shape.
    fallen = np.exp(np.minimum(shape * (log_t - np.log(half_life)), _LARGEST_LOG)) * -np.expm1(-shape * log_t)
    log_density = (shape - 1.0) * log_t - LOG2 * fallen
    log_density = log_density - log_density.max(axis=-1, keepdims=True)
    smallest = log_density.min(axis=-1, keepdims=True)
    # density - smallest, without the cancellation where a long half-life makes all of them nearly equal.
    above = np.exp(log_density) * -np.expm1(smallest - log_density)
    return np.where(smallest == 0.0, 1.0, above)


def _weibull_cdf_weights(half_life: Array, shape: Array, lags: Array) -> Array:
    with np.errstate(divide="ignore"):
        log_t = np.log(lags)  # minus infinity at lag zero, whose survival is one
    gone = np.exp(np.minimum(shape * (log_t - np.log(half_life)), _LARGEST_LOG))
    return np.asarray(np.exp(-LOG2 * np.cumsum(gone, axis=-1)))


ADSTOCKS: Mapping[str, Callable[[Array, Array, Array], Array]] = MappingProxyType(
    {
        "none": _none_weights,
        "geometric": _geometric_weights,
        "delayed": _delayed_weights,
        "weibull": _weibull_weights,
        "weibull_cdf": _weibull_cdf_weights,
    }
)
"""Adstock families by name: weights before normalisation. Call :func:`adstock_weights`."""


def carry_over(x: Array, weights: Array) -> Array:
    """Adstocked series for every draw of the weights: ``out[..., t] = sum_l weights[..., l] x[..., t - l]``.

    Parameters
    ----------
    x : ndarray, shape (T,) or (..., T)
        Exposure per period, one series for all draws or one for each; before its first entry nothing is assumed to
        have run.
    weights : ndarray, shape (..., l_max)
        Adstock weights.

    Returns
    -------
    ndarray, shape (..., T)
    """
    l_max, x = weights.shape[-1], np.asarray(x, float)
    padded = np.concatenate([np.zeros((*x.shape[:-1], l_max - 1)), x], axis=-1)
    lagged = np.lib.stride_tricks.sliding_window_view(padded, l_max, axis=-1)[..., ::-1]
    if x.ndim == 1:
        return np.asarray(weights @ lagged.T)
    return np.asarray(np.einsum("...tl,...l->...t", lagged, weights))


@dataclass(frozen=True)
class Saturation:
    """One family, at scaled exposure ``x >= 0`` with half-saturation ``k > 0`` and exponent ``s > 0``, broadcasting.

    Attributes
    ----------
    value : callable
        ``value(x, k, s)``; zero at zero.
    slope : callable
        Its derivative in ``x``; infinite at zero where the curve rises steeply from there (an exponent below one).
    concave : callable
        ``concave(s)``: whether returns diminish everywhere, per exponent. A straight line counts as concave.
    """

    value: Callable[[ArrayLike, ArrayLike, ArrayLike], Array]
    slope: Callable[[ArrayLike, ArrayLike, ArrayLike], Array]
    concave: Callable[[ArrayLike], Flags]


def _always(s: ArrayLike) -> Flags:
    return np.ones(np.shape(s), bool)


def _up_to_one(s: ArrayLike) -> Flags:
    return np.asarray(np.asarray(s, float) <= 1.0)


def _michaelis_menten_value(x: ArrayLike, k: ArrayLike, s: ArrayLike) -> Array:
    return np.asarray(np.asarray(x) / np.add(x, k))


def _michaelis_menten_slope(x: ArrayLike, k: ArrayLike, s: ArrayLike) -> Array:
    inverse = 1.0 / np.add(x, k)
    return np.asarray(np.asarray(k) * inverse * inverse)


def _log_ratio(x: ArrayLike, k: ArrayLike, s: ArrayLike) -> Array:
    """``log((x / k) ** s)``, minus infinity at ``x = 0``."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.asarray(s) * (np.log(x) - np.log(k)))


def _hill_value(x: ArrayLike, k: ArrayLike, s: ArrayLike) -> Array:
    if np.all(np.asarray(s) == 1.0):
        return _michaelis_menten_value(x, k, s)  # the usual case, and many times faster
    with np.errstate(over="ignore"):
        return np.asarray(1.0 / (1.0 + np.exp(-_log_ratio(x, k, s))))


def _hill_slope(x: ArrayLike, k: ArrayLike, s: ArrayLike) -> Array:
    if np.all(np.asarray(s) == 1.0):
        return _michaelis_menten_slope(x, k, s)
    x, k, s = np.broadcast_arrays(np.asarray(x, float), np.asarray(k, float), np.asarray(s, float))
    ratio = _log_ratio(x, k, s)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        inside = s / x / (1.0 + np.exp(-ratio)) / (1.0 + np.exp(ratio))
        at_zero = np.where(s > 1.0, 0.0, np.where(s < 1.0, np.inf, 1.0 / k))
    return np.where(x > 0, inside, at_zero)


def _tanh_value(x: ArrayLike, k: ArrayLike, s: ArrayLike) -> Array:
    with np.errstate(over="ignore"):
        return np.asarray(np.tanh(0.5 * LOG3 * np.asarray(x) / np.asarray(k)))


def _tanh_slope(x: ArrayLike, k: ArrayLike, s: ArrayLike) -> Array:
    # 1 - tanh(u) ** 2 by exp(-2 u), which keeps its digits where the curve is nearly flat.
    with np.errstate(over="ignore", under="ignore"):
        decayed = np.exp(-LOG3 * np.asarray(x) / np.asarray(k))
    return np.asarray(2.0 * LOG3 / np.asarray(k) * decayed / (1.0 + decayed) ** 2)


def _root_value(x: ArrayLike, k: ArrayLike, s: ArrayLike) -> Array:
    return np.asarray(np.power(np.asarray(x, float), s))


def _root_slope(x: ArrayLike, k: ArrayLike, s: ArrayLike) -> Array:
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(s * np.power(np.asarray(x, float), np.asarray(s) - 1.0))


def _none_value(x: ArrayLike, k: ArrayLike, s: ArrayLike) -> Array:
    return np.broadcast_to(np.asarray(x, float), np.broadcast_shapes(np.shape(x), np.shape(k), np.shape(s)))


def _none_slope(x: ArrayLike, k: ArrayLike, s: ArrayLike) -> Array:
    return np.ones(np.broadcast_shapes(np.shape(x), np.shape(k), np.shape(s)))


_tanh = Saturation(_tanh_value, _tanh_slope, _always)

SATURATIONS: Mapping[str, Saturation] = MappingProxyType(
    {
        "hill": Saturation(_hill_value, _hill_slope, _up_to_one),
        "michaelis_menten": Saturation(_michaelis_menten_value, _michaelis_menten_slope, _always),
        "logistic": _tanh,
        "tanh": _tanh,
        "root": Saturation(_root_value, _root_slope, _up_to_one),
        "none": Saturation(_none_value, _none_slope, _always),
    }
)
"""Saturation families by name, with their names in PyMC-Marketing 1.3.0:

- ``hill``: ``x^s / (x^s + k^s)`` (``hill_function``); S-shaped where ``s > 1``. Jin et al. (2017).
- ``michaelis_menten``: ``x / (x + k)``, which is ``hill`` with ``s = 1`` (``michaelis_menten``).
- ``logistic``: ``(1 - e^(-lam x)) / (1 + e^(-lam x))`` with ``lam = log(3) / k`` (``logistic_saturation``), and
  ``tanh``: ``tanh(atanh(1/2) x / k)`` (``tanh_saturation`` with ``b = 1``). By the half-saturation they are one curve.
- ``root``: ``x^s`` with ``0 < s <= 1`` (``root_saturation``); it has no most and so no half-saturation.
- ``none``: ``x``, a straight line.
"""


@dataclass(frozen=True)
class Bend:
    """A channel's saturation over draws.

    Attributes
    ----------
    family : str
        A key of :data:`SATURATIONS`.
    k, s : ndarray (S,)
        Half-saturation and exponent per draw.
    first : bool
        Whether each period's exposure saturates before it carries over, and not the adstocked exposure after.
    """

    family: str
    k: Array
    s: Array
    first: bool = False

    def value(self, x: Array) -> Array:
        """Saturated ``x`` (T,) or (S, T) per draw: (S, T)."""
        return SATURATIONS[self.family].value(x, self.k[:, None], self.s[:, None])

    def slope(self, x: Array) -> Array:
        """Its derivative in ``x``: (S, T)."""
        return SATURATIONS[self.family].slope(x, self.k[:, None], self.s[:, None])


def saturated_adstock(x: Array, weights: Array, bend: Bend, multiplier: Array | None = None) -> Array:
    """The transformed series of one channel per draw, (S, T).

    Parameters
    ----------
    x : ndarray (T,)
        Scaled exposure; for a channel of reach and frequency, the frequency.
    weights : ndarray (S, l_max)
        Adstock weights per draw.
    bend : Bend
        The saturation and its place before or after the adstock.
    multiplier : ndarray (T,), optional
        Scaled reach: what carries over is reach times saturated frequency, so the saturation comes first.

    Raises
    ------
    ValueError
        For a multiplier of a saturation that does not come first.
    """
    if bend.first:
        saturated = bend.value(x)
        return carry_over(saturated if multiplier is None else saturated * multiplier, weights)
    if multiplier is not None:
        raise ValueError("a multiplier needs a saturation that comes before the adstock")
    return bend.value(carry_over(x, weights))

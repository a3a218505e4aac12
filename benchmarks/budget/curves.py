"""Mean response curves over posterior draws, evaluated exactly: what every side is scored on, and what the peers climb.

Plain numpy, one exponential per draw and curve, so that a peer is not slowed by the way its function is written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Pair = tuple[Array, Array]

LEAST = 1e-12
"""Below this exposure (the last plan's is one) a curve is taken for a chord from zero: too near to matter."""

CHORD = 1e-4
"""The same for what the peers climb: roots and Hill curves below one are infinitely steep at zero.

SLSQP would lose up to 20 % on concave curves by it, and loses nothing with a chord up to here. Plans are judged on the
curves themselves.
"""

TANH_HALF = float(np.arctanh(0.5))


def hill(x: Array, half: Array, exponent: Array) -> Pair:
    """Value and slope of ``x^s / (x^s + k^s)``."""
    share = 1.0 / (1.0 + np.exp(exponent * (np.log(half) - np.log(x))))
    return share, share * (1.0 - share) * exponent / x


def michaelis_menten(x: Array, half: Array, exponent: Array) -> Pair:
    """Value and slope of ``x / (x + k)``."""
    share = x / (x + half)
    return share, share * (1.0 - share) / x


def tanh(x: Array, half: Array, exponent: Array) -> Pair:
    """Value and slope of ``tanh(atanh(1/2) x / k)``, which is the logistic saturation too."""
    steep = TANH_HALF / half
    value = np.tanh(steep * x)
    return value, steep * (1.0 - value * value)


def root(x: Array, half: Array, exponent: Array) -> Pair:
    """Value and slope of ``x^s``."""
    value = np.exp(exponent * np.log(x))
    return value, exponent * value / x


FAMILIES: dict[str, Callable[[Array, Array, Array], Pair]] = {
    "hill": hill,
    "michaelis_menten": michaelis_menten,
    "tanh": tanh,
    "logistic": tanh,
    "root": root,
}


@dataclass(frozen=True, eq=False)
class Curves:
    """Response of K cells on S draws: ``f_sj(x) = gain_sj * saturation_j(x / unit_j; half_sj, exponent_sj)``.

    Attributes
    ----------
    family : tuple of str
        Per cell, a key of ``outlay.transforms.SATURATIONS``.
    unit : ndarray (K,)
        Spend that is one unit of exposure.
    gain, half, exponent : ndarray (S, K)
    """

    family: tuple[str, ...]
    unit: Array
    gain: Array
    half: Array
    exponent: Array
    _parts: list[tuple[str, NDArray[np.intp], Array, Array, Array]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        parts = []
        for family in dict.fromkeys(self.family):
            cells = np.flatnonzero(np.array(self.family) == family)
            half, exponent, gain = (value[:, cells].T.copy() for value in (self.half, self.exponent, self.gain))
            parts.append((family, cells, half, exponent, gain))
        object.__setattr__(self, "_parts", parts)

    @property
    def cells(self) -> int:
        """K."""
        return len(self.family)

    @property
    def draws(self) -> int:
        """S."""
        return len(self.gain)

    def mean(self, spend: Array, least: float = LEAST) -> Pair:
        """Mean over draws of outcome and slope of a plan (K,): (K,) each."""
        value, slope = self.per_draw(spend, least)
        return value.mean(axis=1), slope.mean(axis=1)

    def per_draw(self, spend: Array, least: float = LEAST) -> Pair:
        """Outcome and slope of a plan (K,) on every draw: (K, S) each."""
        value, slope = np.empty((self.cells, self.draws)), np.empty((self.cells, self.draws))
        exposure = spend / self.unit
        for family, cells, half, exponent, gain in self._parts:
            x = np.maximum(exposure[cells, None], least)
            share, rise = FAMILIES[family](x, half, exponent)
            low = exposure[cells, None] < least
            value[cells] = gain * share * np.where(low, exposure[cells, None] / least, 1.0)
            slope[cells] = gain * np.where(low, share / least, rise) / self.unit[cells, None]
        return value, slope

    def total(self, spend: Array) -> float:
        """Mean outcome of a plan."""
        return float(self.mean(spend)[0].sum())

    def along(self, cell: int, spends: Array) -> Array:
        """Mean outcome (J,) of one cell at some spends (J,)."""
        out = np.empty(len(spends))
        curve = FAMILIES[self.family[cell]]
        half, exponent, gain = self.half[:, cell, None], self.exponent[:, cell, None], self.gain[:, cell]
        for start in range(0, len(spends), 64):  # a block of draws x 64 stays in the cache
            x = spends[start : start + 64] / self.unit[cell]
            share, _ = curve(np.maximum(x, LEAST), half, exponent)
            out[start : start + 64] = gain @ share / self.draws * np.minimum(x / LEAST, 1.0)
        return out

    def population(self, spends: Array) -> Array:
        """Mean outcome (P,) of many plans (P, K)."""
        return sum((self.along(cell, spends[:, cell]) for cell in range(self.cells)), np.zeros(len(spends)))

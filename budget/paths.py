"""Outcome of a plan whose periods are coupled by carry-over: values, slopes and curvature per draw, all exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from budget.cells import Index
from budget.kernel_paths import PathArrays, adstock_into, pull_back, respond, straighten
from budget.kernel_shapes import code_of
from outlay.transforms import SATURATIONS, Array, Flags

_KEPT = 4_000_000  # terms of envelopes that are kept: 32 bytes each

Block = tuple[Index, Array]
"""Columns (d,) and a symmetric matrix (d, d) over them."""


class Oracle(Protocol):
    """Outcome per draw as a smooth function of the decisions."""

    @property
    def n_draws(self) -> int:
        """Draws S."""
        ...

    @property
    def n(self) -> int:
        """Decisions N."""
        ...

    @property
    def concave(self) -> bool:
        """Whether every draw's outcome is concave over plans that are not negative."""
        ...

    @property
    def steep(self) -> Flags:
        """Decisions (N,) whose slope may be infinite at zero."""
        ...

    def within(self, upper: Array) -> Oracle:
        """The same outcome for decisions below bounds (N,), with no slope where none of them can act."""
        ...

    def outcome(self, z: Array) -> Array:
        """Outcome per draw, (S,)."""
        ...

    def jacobian(self, z: Array) -> tuple[Array, Array]:
        """Outcome (S,) and its derivatives (S, N): where concave, a plane that no plan exceeds."""
        ...

    def parts(self, z: Array, q: Array) -> list[tuple[Index, float]]:
        """``q @ outcome`` as a sum: what each part adds, and the columns that it depends on."""
        ...

    def curvature(self, z: Array, q: Array) -> list[Block]:
        """Second derivatives of ``q @ outcome`` in blocks, without the directions in which it is convex."""
        ...


@dataclass(frozen=True, eq=False)
class Path:
    """One cell over time: S draws, P counted periods, H periods of the window, L lags, d decisions.

    ``outcome_s(z) = sum_t gain_st [sat(adstock_s(lead, x)_t) - sat(adstock_s(lead, 0)_t)]`` with
    ``x = unit * spread @ z[columns]``.

    Attributes
    ----------
    gain : ndarray (S, P)
        Outcome per unit of saturated adstock; more periods than the window's where carry-over after it counts.
    weights : ndarray (S, L)
        Adstock.
    lead : ndarray (L - 1,)
        Scaled exposure before the window, oldest first.
    unit : float
        Scaled exposure per unit of a decision's money.
    family : str
        A key of :data:`outlay.transforms.SATURATIONS`.
    half, exponent : ndarray (S,)
    spread : ndarray (H, d)
        Share of each decision in each period; columns sum to one.
    columns : ndarray (d,) of int
        Its decisions' places in ``z``.
    after : ndarray (P - H,)
        Scaled exposure after the window that is there whatever the decisions are; empty for none.
    """

    gain: Array
    weights: Array
    lead: Array
    unit: float
    family: str
    half: Array
    exponent: Array
    spread: Array
    columns: Index
    after: Array = field(default_factory=lambda: np.empty(0))

    @property
    def concave(self) -> bool:
        """Whether returns diminish in every draw."""
        if self.family == "none":
            return True
        return bool((self.gain >= 0.0).all() and SATURATIONS[self.family].concave(self.exponent).all())

    @property
    def steep(self) -> bool:
        """Whether the curve of some draw rises from zero with an infinite slope."""
        return self.family in ("root", "hill") and bool((self.exponent < 1.0).any())

    def exposure(self, z: Array) -> Array:
        """Scaled exposure from the first lead-in period to the last counted one, (L - 1 + P,)."""
        periods, window = self.gain.shape[1], self.unit * (self.spread @ z[self.columns])
        after = np.zeros(max(periods - len(window), 0))
        after[: len(self.after)] = self.after[: len(after)]
        return np.concatenate([self.lead, window[:periods], after])


def arrays(path: Path) -> PathArrays:
    """A path as the kernel takes it."""
    code = code_of(path.family, path.exponent)
    empty = np.empty((0, 0))
    gain, weights = np.ascontiguousarray(path.gain.T, float), np.ascontiguousarray(path.weights.T, float)
    half, exponent = np.ascontiguousarray(path.half, float), np.ascontiguousarray(path.exponent, float)
    return PathArrays(code, gain, weights, half, exponent, empty, empty, empty, empty)


@dataclass(frozen=True, eq=False)
class _Ready:
    """A path, its arrays, and the outcome of its lead-in alone (S,)."""

    path: Path
    arrays: PathArrays
    without: Array


class PathOracle:
    """The outcome of all paths together.

    Parameters
    ----------
    paths : sequence of Path
    n : int
        Number of decisions N.
    """

    def __init__(self, paths: Sequence[Path], n: int) -> None:
        self.n = n
        self.n_draws = len(paths[0].gain)
        self.concave = all(path.concave for path in paths)
        self.steep: Flags = np.zeros(n, bool)
        self._ready = []
        for path in paths:
            self.steep[path.columns] |= path.steep
            ready = arrays(path)
            self._ready.append(_Ready(path, ready, _outcome(ready, path.exposure(np.zeros(n)))))
        self._seconds: tuple[Array, list[Array]] = (np.empty(0), [])
        self._wide: dict[tuple[int, bytes, bytes], PathArrays] = {}

    def over(self, lower: Array, upper: Array) -> PathOracle:
        """A concave outcome that is no less than this one for decisions within bounds, (N,) each.

        Every draw's term of every period is replaced by its concave envelope over the adstocks that the bounds allow:
        a straight line from the least adstock to where it touches the curve. For ``hill`` from zero that is where the
        curve has ``1 - 1 / exponent`` of its most.
        """
        return self._with(
            [
                ready if ready.path.concave else replace(ready, arrays=self._line(at, lower, upper))
                for at, ready in enumerate(self._ready)
            ],
            concave=True,
        )

    def within(self, upper: Array) -> PathOracle:
        """The same outcome without the periods that no spend below ``upper`` (N,) reaches, nor the lead-in.

        Their adstock is zero, where a steep curve would have a slope that no plan can use.
        """
        closed = [ready.path.steep and not upper[ready.path.columns].all() for ready in self._ready]
        if not any(closed):
            return self
        ready = [_reached(one, upper) if shut else one for one, shut in zip(self._ready, closed, strict=True)]
        return self._with(ready, concave=self.concave)

    def _with(self, ready: list[_Ready], concave: bool) -> PathOracle:
        other = PathOracle.__new__(PathOracle)
        other.n, other.n_draws, other.concave, other.steep = self.n, self.n_draws, concave, self.steep
        other._ready, other._seconds, other._wide = ready, (np.empty(0), []), {}
        return other

    def _line(self, at: int, lower: Array, upper: Array) -> PathArrays:
        """One path's envelope; the last ones are kept, since boxes that follow each other differ in one decision."""
        ready = self._ready[at]
        columns = ready.path.columns
        key = (at, lower[columns].tobytes(), upper[columns].tobytes())
        made = self._wide.pop(key, None)
        self._wide[key] = made = _straightened(ready, lower, upper) if made is None else made
        while len(self._wide) > max(_KEPT // made.gain.size, len(self._ready)):
            self._wide.pop(next(iter(self._wide)))
        return made

    def outcome(self, z: Array) -> Array:
        """Outcome per draw, (S,)."""
        total = np.zeros(self.n_draws)
        for ready in self._ready:
            total += _outcome(ready.arrays, ready.path.exposure(z)) - ready.without
        return total

    def parts(self, z: Array, q: Array) -> list[tuple[Index, float]]:
        """``q @ outcome`` per cell, with the cell's columns."""
        return [
            (ready.path.columns, float(q @ (_outcome(ready.arrays, ready.path.exposure(z)) - ready.without)))
            for ready in self._ready
        ]

    def jacobian(self, z: Array) -> tuple[Array, Array]:
        """Outcome (S,) and its derivatives (S, N)."""
        total, slopes, seconds = np.zeros(self.n_draws), np.zeros((self.n, self.n_draws)), []
        for ready in self._ready:
            path, gain = ready.path, ready.arrays.gain
            value, first, second = np.zeros(self.n_draws), np.empty(gain.shape), np.empty(gain.shape)
            respond(ready.arrays, path.exposure(z), 1, value, first, second)
            total += value - ready.without
            seconds.append(second)
            by_period = np.empty((min(len(path.spread), len(gain)), self.n_draws))
            pull_back(ready.arrays.weights, first, by_period)
            slopes[path.columns] += path.unit * (path.spread[: len(by_period)].T @ by_period)
        self._seconds = (z.copy(), seconds)
        return total, slopes.T

    def curvature(self, z: Array, q: Array) -> list[Block]:
        """Second derivatives of ``q @ outcome`` per cell, without the directions in which it is convex."""
        if not np.array_equal(self._seconds[0], z):
            self.jacobian(z)
        return [
            (ready.path.columns, _block(ready, second * q))
            for ready, second in zip(self._ready, self._seconds[1], strict=True)
        ]


def _outcome(ready: PathArrays, x: Array) -> Array:
    total, unused = np.zeros(ready.gain.shape[1]), np.empty((0, 0))
    respond(ready, x, 0, total, unused, unused)
    return total


def _straightened(ready: _Ready, lower: Array, upper: Array) -> PathArrays:
    sides = []
    for bound in (lower, upper):
        x, side = ready.path.exposure(bound), np.empty(ready.arrays.gain.shape)
        for t in range(len(side)):
            adstock_into(ready.arrays.weights, x, t, side[t])
        sides.append(side)
    low, high, anchor, slope = (np.zeros(ready.arrays.gain.shape) for _ in range(4))
    wide = ready.arrays._replace(low=low, high=high, anchor=anchor, slope=slope)
    straighten(wide, *sides)
    return wide


def _reached(ready: _Ready, upper: Array) -> _Ready:
    """Without gain where neither spend within the bounds nor the lead-in reaches a period's adstock."""
    path, gain = ready.path, ready.arrays.gain
    runs = path.exposure(upper) > 0.0
    lags = np.lib.stride_tricks.sliding_window_view(runs, path.weights.shape[1])[:, ::-1]
    reached = lags.astype(float) @ (path.weights.T > 0.0).astype(float)
    return replace(ready, arrays=ready.arrays._replace(gain=np.where(reached > 0.0, gain, 0.0)))


def _block(ready: _Ready, second: Array) -> Array:
    """``sum_ts second[t, s] w[t - i, s] w[t - j, s]`` by the periods i and j of the window, then by the decisions."""
    path, weights = ready.path, ready.arrays.weights
    lags, periods = len(weights), len(second)
    window = min(len(path.spread), periods)
    matrix = np.zeros((window, window))
    for apart in range(min(lags, window)):
        products = (weights[apart:] * weights[: lags - apart]) @ second.T  # (lags - apart, P)
        here = np.zeros(window - apart)
        for lag, row in enumerate(products):
            part = row[apart + lag : window + lag]
            here[: len(part)] += part
        index = np.arange(window - apart)
        matrix[index, index + apart] = matrix[index + apart, index] = here
    basis = path.unit * path.spread[:window]
    block = np.asarray(basis.T @ matrix @ basis)
    if path.concave:
        return block
    size, axes = np.linalg.eigh(block)
    return np.asarray((axes * np.minimum(size, 0.0)) @ axes.T)

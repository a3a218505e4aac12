"""Hierarchical recalibration: what a score says, put right per segment and channel as far as the data bear it.

On the logit of the score, every cell k (a segment in a channel) has an intercept and a slope:

    logit p' = a + u_k + (b + d_k) (x - centre),   u_k = u_segment + u_channel + u_pair, d_k likewise

with each family of effects normal around zero and its variance learnt from the data (empirical Bayes: EM around the
Laplace approximation). A cell with few leads stays near the whole, one with many says what it is.

The overall rate is left alone: `a` is set so that the mean probability stays what it was. How the overall rate moves
is for :mod:`attribution.drift_rate`; both here would count a drift twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from outlay.transforms import Array

LEAST, MOST = 1e-6, 1 - 1e-6
_EM_STEPS, _NEWTON_STEPS, _TOLERANCE = 40, 4, 1e-4
_SLOPE_SD, _LEVEL_SD = 0.5, 5.0
_START, _FLOOR = 0.05, 1e-7


def logit_of(probability: Array) -> Array:
    """Log-odds, kept finite."""
    p = np.clip(np.asarray(probability, float), LEAST, MOST)
    return np.asarray(np.log(p) - np.log1p(-p))


@dataclass(frozen=True, eq=False)
class Cells:
    """Which cells there are. N leads, K cells.

    Attributes
    ----------
    names : tuple of (str, str)
        Segment and channel of each cell (K).
    code : ndarray of int (N,)
        Cell of each lead.
    """

    names: tuple[tuple[str, str], ...]
    code: NDArray[np.int64]

    @classmethod
    def of(cls, segment: NDArray[np.object_], channel: NDArray[np.object_]) -> Cells:
        """Cells of leads by their segment and channel."""
        pairs = list(zip(map(str, segment), map(str, channel), strict=True))
        names = tuple(sorted(set(pairs)))
        place = {pair: k for k, pair in enumerate(names)}
        return cls(names, np.array([place[pair] for pair in pairs], dtype=np.int64))


@dataclass(frozen=True, eq=False)
class Recalibration:
    """A fitted recalibration.

    Attributes
    ----------
    names : tuple of (str, str)
        Segment and channel of each cell (K).
    level, slope : ndarray (K,)
        Intercept and slope of each cell.
    spread : ndarray (K, 2, 2)
        Posterior covariance of the two.
    centre : float
        Logit at which the intercepts hold.
    parts : mapping of str to (ndarray, ndarray)
        By segment and by channel what a pair that was never seen gets: names and (level, slope) in rows.
    variances : mapping of str to float
        Learnt variance of each family of effects.
    """

    names: tuple[tuple[str, str], ...]
    level: Array
    slope: Array
    spread: Array
    centre: float
    parts: dict[str, dict[str, tuple[float, float]]]
    whole: tuple[float, float]
    variances: dict[str, float]

    def apply(self, logit: Array, segment: NDArray[np.object_], channel: NDArray[np.object_]) -> Array:
        """Recalibrated logits; a pair that was never seen gets what is known of its segment and its channel."""
        return self._moved(logit, segment, channel)[0]

    def apply_with_spread(
        self, logit: Array, segment: NDArray[np.object_], channel: NDArray[np.object_]
    ) -> tuple[Array, Array]:
        """Recalibrated logits, and the posterior sd that the recalibration itself has."""
        return self._moved(logit, segment, channel)

    def _moved(self, logit: Array, segment: NDArray[np.object_], channel: NDArray[np.object_]) -> tuple[Array, Array]:
        cells = Cells.of(segment, channel)
        known = {pair: k for k, pair in enumerate(self.names)}
        level, slope, spread = (np.empty(len(cells.names)) for _ in range(3))
        cover = np.empty((len(cells.names), 2, 2))
        widest = self.spread.max(axis=0) if len(self.spread) else np.zeros((2, 2))
        for k, pair in enumerate(cells.names):
            at = known.get(pair)
            if at is None:
                parts = [self.parts[kind].get(name, (0.0, 0.0)) for kind, name in zip(self.parts, pair, strict=True)]
                level[k], slope[k] = (self.whole[i] + sum(part[i] for part in parts) for i in (0, 1))
                cover[k] = np.diag(np.diag(widest))
            else:
                level[k], slope[k], cover[k] = self.level[at], self.slope[at], self.spread[at]
        x = logit - self.centre
        spread = np.sqrt(cover[cells.code, 0, 0] + 2 * x * cover[cells.code, 0, 1] + x * x * cover[cells.code, 1, 1])
        return level[cells.code] + slope[cells.code] * x, spread


def recalibrate(
    logit: Array,
    outcome: Array,
    segment: NDArray[np.object_],
    channel: NDArray[np.object_],
    block: NDArray[np.int64] | None = None,
    *,
    keep_slope: bool = False,
) -> Recalibration:
    """Fit a recalibration to leads that the score had not learnt from.

    Parameters
    ----------
    logit, outcome : ndarray (N,)
        Log-odds that the score said, and what came (0 or 1).
    segment, channel : ndarray of str (N,)
    block : ndarray of int (N,), optional
        Part of time of each lead: each gets its own overall level, so that a drift is not taken for a segment's.
    keep_slope : bool
        Whether to leave the overall slope as it is, for the drift term to follow, and to say only how cells differ.
    """
    cells = Cells.of(segment, channel)
    block = np.zeros(len(logit), dtype=np.int64) if block is None else np.unique(block, return_inverse=True)[1]
    design = _Design.of(cells, int(block.max()) + 1)
    centre = float(logit.mean())
    x, y = logit - centre, np.asarray(outcome, float)
    variance = np.full(len(design.families), _START)
    theta = np.zeros(design.width)
    theta[design.slope_at] = 1.0
    cover = np.eye(design.width)
    for _ in range(_EM_STEPS):
        theta, cover = _mode(theta, variance, design, x, y, cells.code, block)
        new = np.array([(theta[s] @ theta[s] + np.trace(cover[s, s])) / (s.stop - s.start) for s in design.spans])
        new = np.maximum(new, _FLOOR)
        done = np.max(np.abs(np.sqrt(new) - np.sqrt(variance)), initial=0.0) < _TOLERANCE
        variance = new
        if done:
            break
    return _finished(theta, cover, variance, design, cells, (x, centre, logit), keep_slope)


@dataclass(frozen=True, eq=False)
class _Design:
    """Where each parameter stands: levels of the blocks, the slope, then six families of effects."""

    families: tuple[str, ...]
    spans: tuple[slice, ...]
    level: Array  # (K, width): what a cell's intercept is made of, without the block's
    slope: Array  # (K, width)
    blocks: int
    slope_at: int
    width: int
    levels: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, cells: Cells, blocks: int) -> _Design:
        levels: dict[str, tuple[str, ...]] = {
            "segment": tuple(sorted({pair[0] for pair in cells.names})),
            "channel": tuple(sorted({pair[1] for pair in cells.names})),
        }
        kinds = {kind: names for kind, names in levels.items() if len(names) > 1}
        codes = {
            kind: np.array([names.index(pair[0 if kind == "segment" else 1]) for pair in cells.names])
            for kind, names in kinds.items()
        }
        if len(kinds) == 2:
            codes["pair"] = np.arange(len(cells.names))
        sizes = {kind: int(code.max()) + 1 for kind, code in codes.items()}
        width = blocks + 1 + 2 * sum(sizes.values())
        level, slope = np.zeros((len(cells.names), width)), np.zeros((len(cells.names), width))
        slope[:, blocks] = 1.0
        families, spans, at = [], [], blocks + 1
        for kind, code in codes.items():
            for what, matrix in (("level", level), ("slope", slope)):
                matrix[np.arange(len(code)), at + code] = 1.0
                families.append(f"{kind} {what}")
                spans.append(slice(at, at + sizes[kind]))
                at += sizes[kind]
        return cls(tuple(families), tuple(spans), level, slope, blocks, blocks, width, levels)


def _mode(
    theta: Array,
    variance: Array,
    design: _Design,
    x: Array,
    y: Array,
    cell: NDArray[np.int64],
    block: NDArray[np.int64],
) -> tuple[Array, Array]:
    """Mode of the penalised likelihood by Newton steps, and the inverse of its curvature."""
    prior, middle = np.empty(design.width), np.zeros(design.width)
    prior[: design.blocks], prior[design.slope_at], middle[design.slope_at] = _LEVEL_SD**-2, _SLOPE_SD**-2, 1.0
    for span, s2 in zip(design.spans, variance, strict=True):
        prior[span] = 1 / s2
    n_cells = len(design.level)
    joint = cell * design.blocks + block  # rows of a cell in a block share their design
    shape = n_cells * design.blocks
    rows = np.repeat(design.level, design.blocks, axis=0)
    rows[np.arange(shape), np.tile(np.arange(design.blocks), n_cells)] += 1.0
    slopes = np.repeat(design.slope, design.blocks, axis=0)
    curvature = np.diag(prior)
    for _ in range(_NEWTON_STEPS):
        p = expit((rows @ theta)[joint] + (slopes @ theta)[joint] * x)
        w = p * (1 - p)
        sums = [np.bincount(joint, weights=v, minlength=shape) for v in (y - p, (y - p) * x, w, w * x, w * x * x)]
        gradient = rows.T @ sums[0] + slopes.T @ sums[1] - prior * (theta - middle)
        cross = rows.T @ (sums[3][:, None] * slopes)
        curvature = (
            rows.T @ (sums[2][:, None] * rows) + cross + cross.T + slopes.T @ (sums[4][:, None] * slopes)
        ) + np.diag(prior)
        step = np.linalg.solve(curvature, gradient)
        theta = theta + step / max(1.0, float(np.abs(step).max()) / 2)
        if np.abs(step).max() < 1e-6:
            break
    return theta, np.asarray(np.linalg.inv(curvature), dtype=float)


def _finished(
    theta: Array,
    cover: Array,
    variance: Array,
    design: _Design,
    cells: Cells,
    about: tuple[Array, float, Array],
    keep_slope: bool,
) -> Recalibration:
    x, centre, logit = about
    if keep_slope:
        theta = theta.copy()
        theta[design.slope_at] = 1.0
    slope, level = design.slope @ theta, design.level @ theta
    wanted, tilt = float(expit(logit).mean()), level[cells.code] + slope[cells.code] * x
    overall = _level_that_keeps(wanted, tilt)
    both = np.stack([design.level, design.slope], axis=1)
    spread = np.einsum("kip,pq,kjq->kij", both, cover, both)
    parts: dict[str, dict[str, tuple[float, float]]] = {"segment": {}, "channel": {}}
    spans = dict(zip(design.families, design.spans, strict=True))
    for kind in parts:
        if f"{kind} level" in spans:
            rows = zip(theta[spans[f"{kind} level"]], theta[spans[f"{kind} slope"]], strict=True)
            parts[kind] = {name: (float(a), float(b)) for name, (a, b) in zip(design.levels[kind], rows, strict=True)}
    return Recalibration(
        names=cells.names,
        level=level + overall,
        slope=slope,
        spread=spread,
        centre=centre,
        parts=parts,
        whole=(overall, float(theta[design.slope_at])),
        variances=dict(zip(design.families, map(float, variance), strict=True)),
    )


def _level_that_keeps(wanted: float, tilt: Array) -> float:
    """The intercept at which the mean probability is `wanted` (monotone: bisection cannot fail)."""
    low, high = -30.0, 30.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if float(expit(tilt + middle).mean()) < wanted else (low, middle)
    return (low + high) / 2

"""What one cell adds to the model's mean over a window and after it, and how much of that the window's exposure caused.

A window needs four series of a cell: its effect as it was, the part that the window's exposure caused, what one per
cent more of that exposure would add, and the part that is immediate. Adstock is linear, so one carry-over of all
exposure and one of the window's are enough for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mmm.draws import MediaDraws
from outlay.transforms import Array, Bend, carry_over

MARGIN = 0.01
"""Share by which spend is raised for a marginal ROI."""

_NUMBERS_AT_ONCE = 80_000
"""Draws x periods that are worked on together: they stay in the processor's cache."""


@dataclass(frozen=True)
class CellPaths:
    """Effects on the model's mean per draw and period, (S, R).

    Attributes
    ----------
    now : ndarray
        As it was.
    caused : ndarray
        What would be missing without the window's exposure.
    extra : ndarray
        What one per cent more of the window's exposure would add.
    immediate : ndarray
        What would be missing had nothing run in the very same period.
    """

    now: Array
    caused: Array
    extra: Array
    immediate: Array


def added(cells: Sequence[CellPaths]) -> CellPaths:
    """Several channels of one group at once: their effects on the model's mean add up under every likelihood."""
    return CellPaths(
        now=np.sum([paths.now for paths in cells], axis=0),
        caused=np.sum([paths.caused for paths in cells], axis=0),
        extra=np.sum([paths.extra for paths in cells], axis=0),
        immediate=np.sum([paths.immediate for paths in cells], axis=0),
    )


def draw_blocks(draws: MediaDraws, periods: int) -> Iterator[tuple[slice, MediaDraws]]:
    """The draws in pieces of a size that computes fast over so many periods, each with where it lies."""
    size = max(_NUMBERS_AT_ONCE // max(periods, 1), 50)
    for start in range(0, draws.n_draws, size):
        block = slice(start, min(start + size, draws.n_draws))
        yield block, draws.take(block)


def cell_paths(draws: MediaDraws, group: int, channel: int, window: slice, reach: slice) -> CellPaths:
    """The four series of a cell.

    Parameters
    ----------
    draws : MediaDraws
        The posterior.
    group, channel : int
        The cell.
    window : slice
        Periods whose exposure is asked about.
    reach : slice
        The window and the periods after it in which it still acts; they may lie beyond the data, where nothing runs.
    """
    design = draws.design
    start = max(window.start - design.l_max + 1, 0)  # nothing earlier reaches the window
    exposure = design.panel.exposure[start : reach.stop, group, channel] / design.x_scale[group, channel]
    x = np.concatenate([exposure, np.zeros(reach.stop - start - len(exposure))])
    inside = np.zeros_like(x)
    inside[window.start - start : window.stop - start] = x[window.start - start : window.stop - start]
    weights, bend = draws.weights(channel), draws.bend(channel)
    contacts = draws.contacts(group, channel)
    if contacts is not None:
        seen = np.concatenate([contacts[start : reach.stop], np.zeros(len(x) - len(exposure))])
        height = bend.value(seen)
        paths = _first(x * height, inside * height, MARGIN * inside * height, weights)
    elif bend.first:
        own, more = bend.value(x), bend.value((1.0 + MARGIN) * inside)
        within = bend.value(inside)
        paths = _first(own, within, more - within, weights)
    else:
        paths = _after(x, inside, weights, bend)
    gain, cut = draws.coefficient[:, group, channel, None], slice(window.start - start, None)
    return CellPaths(*(gain * path[:, cut] for path in paths))


def _first(now: Array, inside: Array, extra: Array, weights: Array) -> tuple[Array, Array, Array, Array]:
    """Where saturation comes first: exposures add up, each with its own carry-over, (S, N) in."""
    return carry_over(now, weights), carry_over(inside, weights), carry_over(extra, weights), weights[:, :1] * now


def _after(x: Array, inside: Array, weights: Array, bend: Bend) -> tuple[Array, Array, Array, Array]:
    """Where the carried-over exposure saturates, (N,) in."""
    carried, from_inside = carry_over(x, weights), carry_over(inside, weights)
    now = bend.value(carried)
    caused = now.copy()
    others = np.convolve(x - inside, np.ones(weights.shape[1]))[: len(x)] > 0  # else nothing would be left
    # A difference of sums may end below zero by rounding, where a curve has no value.
    rest = np.maximum(carried[:, others] - from_inside[:, others], 0.0)
    caused[:, others] -= bend.value(rest)
    immediate = np.zeros_like(now)
    ran = x > 0
    before = np.maximum(carried[:, ran] - weights[:, :1] * x[ran], 0.0)
    immediate[:, ran] = now[:, ran] - bend.value(before)
    return now, caused, bend.value(carried + MARGIN * from_inside) - now, immediate

"""What media returned: contribution, ROI and marginal ROI of channels and levers over a window, draw by draw.

Contribution is the outcome inside the window that the channel caused, carry-over from earlier exposure included. ROI is
the outcome that the window's spend caused, including after the window, over that spend: history as it was, against the
same history with the window's exposure taken out. Marginal ROI is the same for one per cent more of the window's
flighting. Under a log likelihood effects multiply, so what all paid media returned is asked at once, and is not the sum
of the channels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.draws import MediaDraws
from mmm.link import expected_kpi, lost, won
from mmm.paths import MARGIN, CellPaths, added, cell_paths, draw_blocks
from outlay.transforms import Array


@dataclass(frozen=True)
class Returns:
    """Draws of returns over a window. Shapes: S draws, G groups, C channels, V levers.

    Attributes
    ----------
    window : slice
        Its periods.
    spend : ndarray (G, C)
        Spend in the window, currency.
    outcome : ndarray (G,)
        Observed outcome in the window.
    contribution : ndarray (S, G, C)
        Outcome in the window caused by the channel.
    incremental : ndarray (S, G, C)
        Outcome caused by the window's exposure, after the window too.
    extra : ndarray (S, G, C)
        Outcome that one per cent more of the window's exposure would have caused.
    units : ndarray (S, G, C)
        As ``incremental``, in units of the KPI.
    carried : ndarray (S, G, C)
        Part of ``contribution`` that earlier periods' exposure carried over into each period; the rest is immediate.
    together : Together
        All paid channels with an effect to estimate.
    levers : LeverReturns
        The levers.
    """

    window: slice
    spend: Array
    outcome: Array
    contribution: Array
    incremental: Array
    extra: Array
    units: Array
    carried: Array
    together: Together
    levers: LeverReturns


@dataclass(frozen=True)
class Together:
    """Paid channels off at once, or all of them with one per cent more, as in :class:`Returns`: (S, G) each."""

    contribution: Array
    incremental: Array
    extra: Array
    carried: Array


@dataclass(frozen=True)
class LeverReturns:
    """Levers, from their reference. Shapes: S draws, G groups, V levers. They do not carry over.

    Attributes
    ----------
    cost : ndarray (G, V)
        Currency; zero where the lever names none.
    contribution : ndarray (S, G, V)
        Outcome in the window.
    extra : ndarray (S, G, V)
        Outcome of one per cent more distance from the reference.
    units : ndarray (S, G, V)
        As ``contribution``, in units of the KPI.
    """

    cost: Array
    contribution: Array
    extra: Array
    units: Array


def window_returns(draws: MediaDraws, rows: slice | None = None) -> Returns:
    """Returns of a window for every cell.

    Parameters
    ----------
    draws : MediaDraws
        The posterior.
    rows : slice, optional
        Periods of the window; all scored ones by default. They need to lie among the scored ones.
    """
    design, panel = draws.design, draws.design.panel
    window = rows if rows is not None else design.fit
    reach = slice(window.start, window.stop + design.l_max - 1)
    value = np.concatenate([panel.value, design.future.value[: design.l_max - 1]])[reach]
    shape = (draws.n_draws, panel.n_groups)
    channel = {name: np.zeros((*shape, panel.n_channels)) for name in _CHANNEL}
    paid = {name: np.zeros((*shape, 1)) for name in _TOGETHER}
    lever = {name: np.zeros((*shape, len(panel.lever_names))) for name in _LEVER}
    if design.log:
        draws.intercept  # noqa: B018  the expected KPI needs it, and it is computed for all draws at once
    for block, part in draw_blocks(draws, reach.stop - reach.start):
        for g in range(panel.n_groups):
            sums = _Sums(expected_kpi(part, g, reach), value[:, g], window.stop - window.start)
            cells = {c: cell_paths(part, g, int(c), window, reach) for c in np.flatnonzero(design.active)}
            for c, paths in cells.items():
                _put(channel, (block, g, int(c)), _cell_sums(paths, sums))
            bought = [paths for c, paths in cells.items() if panel.paid[c]]
            if bought and design.log:
                _put(paid, (block, g, 0), _cell_sums(added(bought), sums))
            for v, effect in enumerate(lever_effects(part, g, window)):
                _put(lever, (block, g, v), _lever_sums(effect, sums))
    if not design.log:
        paid = {name: channel[name][:, :, panel.paid & design.active].sum(-1, keepdims=True) for name in _TOGETHER}
    return Returns(
        window=window,
        spend=panel.spend[window].sum(0),
        outcome=(panel.kpi * panel.value)[window].sum(0),
        together=Together(**{name: values[..., 0] for name, values in paid.items()}),
        levers=LeverReturns(cost=panel.lever_cost[window].sum(0), **lever),
        **channel,
    )


_CHANNEL = ("contribution", "incremental", "extra", "units", "carried")
_TOGETHER = ("contribution", "incremental", "extra", "carried")
_LEVER = ("contribution", "extra", "units")


@dataclass(frozen=True)
class _Sums:
    """Sums of one group over periods: the expected KPI where effects multiply, values, and how many lie inside."""

    expected: Array | None
    value: Array
    inside: int

    def missing(self, effect: Array, *, inside: bool = False, units: bool = False) -> Array:
        """Outcome that would be missing without an effect, (S,)."""
        gone = lost(effect, None if self.expected is None else self.expected[:, : effect.shape[1]])
        if units:
            return np.asarray(gone.sum(1))
        stop = self.inside if inside else effect.shape[1]
        return np.asarray(gone[:, :stop] @ self.value[:stop])

    def gained(self, effect: Array) -> Array:
        """Outcome that one more effect would add, (S,)."""
        more = won(effect, None if self.expected is None else self.expected[:, : effect.shape[1]])
        return np.asarray(more @ self.value[: effect.shape[1]])


def _put(into: dict[str, Array], where: tuple[slice | int, ...], found: dict[str, Array]) -> None:
    for name, values in into.items():
        values[where] = found[name]


def _cell_sums(paths: CellPaths, sums: _Sums) -> dict[str, Array]:
    contribution = sums.missing(paths.now, inside=True)
    return {
        "contribution": contribution,
        "incremental": sums.missing(paths.caused),
        "extra": sums.gained(paths.extra),
        "units": sums.missing(paths.caused, units=True),
        "carried": contribution - sums.missing(paths.immediate, inside=True),
    }


def lever_effects(draws: MediaDraws, group: int, rows: slice) -> list[Array]:
    """What each lever adds to the model's mean, counted from its reference, (S, rows) each."""
    terms = {term.component: (k, term) for k, term in enumerate(draws.design.terms) if term.kind == "lever"}
    return [
        draws.terms[:, group, k, None] * (term.values[rows, group] - term.origin)
        for k, term in (terms[name] for name in draws.design.panel.lever_names)
    ]


def _lever_sums(effect: Array, sums: _Sums) -> dict[str, Array]:
    return {
        "contribution": sums.missing(effect),
        "extra": sums.gained(MARGIN * effect),
        "units": sums.missing(effect, units=True),
    }

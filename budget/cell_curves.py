"""Mean response curves over one half of the draws, evaluated where the optimizer asks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from budget.catalogue import CATALOGUE
from budget.cells import Cells
from outlay.errors import PlanError
from outlay.findings import Finding
from outlay.response import CellWindow, ResponseDraws, cell_response
from outlay.transforms import SATURATIONS, Array


def ensure_concave(response: ResponseDraws) -> None:
    """Refuse responses for which the certificate of this version does not hold.

    Raises
    ------
    PlanError
        P018, for effects that multiply; P017, for S-shaped responses; P011, for negative effects.
    """
    if response.link != "identity":
        raise _refusal("P018", f"the fitted model's effects multiply (its link is {response.link})", "[plan]")
    for channel, name in enumerate(response.channels):
        family = response.saturation[channel]
        bent = float(np.mean(~SATURATIONS[family].concave(response.exponent[:, channel])))
        if bent > 0:
            most = float(response.exponent[:, channel].max())
            what = f'its "{family}" response is S-shaped: the exponent is above one in {bent:.1%} of the draws'
            raise _refusal("P017", f"{what} (up to {most:.3g})", name)
        negative = float((response.coefficient[:, :, channel] < 0).mean())
        if negative > 0:
            what = f"its effect is negative in {negative:.1%} of the draws, so its mean curve need not flatten"
            raise _refusal("P011", what, name)


def shape_findings(response: ResponseDraws) -> tuple[Finding, ...]:
    """What a plan inherits from a channel's family and not from data: no flattening, or an infinitely steep start."""
    straight, steep = [], []
    for channel, name in enumerate(response.channels):
        bend = response.bend(channel)
        if bend.family == "none":
            straight.append(name)
        elif np.isinf(bend.slope(np.zeros(1))).any():
            steep.append(name)
    told = {"P058": (straight, "never flattens"), "P059": (steep, "rises infinitely steeply from zero")}
    return tuple(
        CATALOGUE.finding(id, "[plan]", f"the response {what}: {', '.join(names)}")
        for id, (names, what) in told.items()
        if names
    )


def _refusal(id: str, what: str, where: str) -> PlanError:
    return PlanError(what, where=where, repair=CATALOGUE[id].repair, id=id)


@dataclass(frozen=True)
class Curves:
    """Response of every cell on some draws, over the plan's window.

    Attributes
    ----------
    response : ResponseDraws
        The draws.
    cells : Cells
    windows : tuple of CellWindow
        Lead-in, flighting and values, per cell.
    """

    response: ResponseDraws
    cells: Cells
    windows: tuple[CellWindow, ...]

    def draws(self, cell: int, totals: Array) -> tuple[Array, Array]:
        """Outcome and slope per draw at some totals of one cell: (S, J) each."""
        return cell_response(
            self.response, self.cells.group_of(cell), self.cells.channel_of(cell), self.windows[cell], totals
        )

    def mean(self, cell: int, totals: Array) -> tuple[Array, Array]:
        """Mean over draws of outcome and slope at some totals of one cell: (J,) each."""
        outcome, slope = self.draws(cell, totals)
        return outcome.mean(axis=0), slope.mean(axis=0)

    def plan(self, spend: Array) -> tuple[Array, Array]:
        """Mean outcome and slope of every cell at a plan: (K,) each."""
        pairs = [self.mean(cell, spend[cell : cell + 1]) for cell in range(len(self.cells))]
        return np.array([outcome[0] for outcome, _ in pairs]), np.array([slope[0] for _, slope in pairs])

    def plan_draws(self, spend: Array) -> Array:
        """Outcome of every cell at a plan, per draw: (S, K)."""
        return np.stack([self.draws(cell, spend[cell : cell + 1])[0][:, 0] for cell in range(len(self.cells))], axis=1)


def cell_windows(cells: Cells, lead_in: Array, flighting: Array, value: Array) -> tuple[CellWindow, ...]:
    """The window of every cell, from ``lead_in`` (L - 1, G, C), ``flighting`` (H, K) and ``value`` (P, G)."""
    lead = cells.flat(lead_in)
    return tuple(
        CellWindow(lead_in=lead[:, cell], flighting=flighting[:, cell], value=value[:, cells.group_of(cell)])
        for cell in range(len(cells))
    )

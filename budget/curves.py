"""Mean response curves over one half of the draws, evaluated where the optimizer asks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from budget.catalogue import CATALOGUE
from budget.cells import Cells
from outlay.errors import PlanError
from outlay.response import CellWindow, ResponseDraws, cell_response
from outlay.transforms import Array

CONCAVE = frozenset({"hill", "logistic"})
"""Families with diminishing returns everywhere (hill has slope 1 here)."""


def ensure_concave(response: ResponseDraws) -> None:
    """Refuse responses for which the certificate of this version does not hold.

    Raises
    ------
    PlanError
        P011, for a saturation family that is not concave or for negative effects.
    """
    for channel, (name, family) in enumerate(zip(response.channels, response.saturation, strict=True)):
        if family not in CONCAVE:
            raise PlanError(
                f'the saturation "{family}" can be S-shaped, and S-shaped responses are not in this version',
                where=name,
                repair=CATALOGUE["P011"].repair,
                id="P011",
            )
        negative = float((response.coefficient[:, :, channel] < 0).mean())
        if negative > 0:
            raise PlanError(
                f"its effect is negative in {negative:.1%} of the draws, so its mean curve need not flatten",
                where=name,
                repair=CATALOGUE["P011"].repair,
                id="P011",
            )


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

"""Random cells over time and rules over them, scaled as the engine takes them; no model is fitted here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from budget.paths import Path
from budget.polytope import Polytope, Semi
from outlay.transforms import Array, adstock_weights

EXPONENTS = {"root": (0.4, 0.9), "steep": (0.4, 0.9), "hill": (1.5, 3.0)}
"""Of the families that have one; ``steep`` is a hill below one."""


@dataclass(frozen=True)
class World:
    """Cells, periods, draws, lags, and the family of all cells."""

    cells: int = 3
    periods: int = 6
    draws: int = 8
    lags: int = 4
    family: str = "michaelis_menten"
    free: bool = True
    seed: int = 0

    @property
    def n(self) -> int:
        """Decisions: one per cell and period, or one per cell."""
        return self.cells * self.periods if self.free else self.cells

    def paths(self) -> list[Path]:
        """Cells whose half-saturation is near an even plan's adstock, with carry-over counted after the window."""
        rng = np.random.default_rng(self.seed)
        return [self._path(rng, cell) for cell in range(self.cells)]

    def _path(self, rng: np.random.Generator, cell: int) -> Path:
        draws, periods = self.draws, self.periods
        life = np.exp(rng.normal(0.3, 0.5) + 0.2 * rng.standard_normal(draws))
        value = rng.uniform(0.6, 1.4, periods + self.lags - 1)
        size = rng.uniform(0.5, 1.5) * np.exp(0.3 * rng.standard_normal(draws)) / self.cells / periods
        low, high = EXPONENTS.get(self.family, (1.0, 1.0))
        flighting = rng.dirichlet(np.full(periods, 3.0))[:, None]
        at = np.arange(cell * periods, (cell + 1) * periods) if self.free else np.array([cell])
        return Path(
            gain=size[:, None] * value,
            weights=adstock_weights("geometric", life, np.zeros(draws), self.lags),
            lead=rng.uniform(0.0, 1.0, self.lags - 1),
            unit=float(self.cells * periods),
            family="hill" if self.family == "steep" else self.family,
            half=rng.uniform(0.5, 2.0) * np.exp(0.2 * rng.standard_normal(draws)),
            exponent=rng.uniform(low, high, draws),
            spread=np.eye(periods) if self.free else flighting,
            columns=at,
        )

    def cell_totals(self) -> Array:
        """Rows that sum each cell's decisions: (cells, N)."""
        return np.asarray(np.kron(np.eye(self.cells), np.ones((1, self.n // self.cells))), float)


def box(
    n: int, most: float = 0.6, semis: tuple[Semi, ...] = (), rows: Array | None = None, cap: float = 1.0
) -> Polytope:
    """Plans that spend one, no decision above ``most``, and each further row at most ``cap``."""
    more = np.zeros((0, n)) if rows is None else rows
    matrix = sp.csr_array(np.vstack([np.ones((1, n)), more]))
    low, high = np.r_[1.0, np.full(len(more), -np.inf)], np.r_[1.0, np.full(len(more), cap)]
    return Polytope(n, matrix, low, high, np.zeros(n), np.full(n, most), np.zeros(n, bool), semis)


def allowed(polytope: Polytope, rng: np.random.Generator, count: int) -> Array:
    """Random plans (count, N) that keep the rules: of many random ones those that do."""
    n = polytope.n
    plans = rng.dirichlet(np.full(n, rng.choice([0.3, 1.0, 5.0])), size=20 * count)
    sums = plans @ polytope.matrix.toarray().T
    good = (plans <= polytope.upper).all(axis=1) & (plans >= polytope.lower).all(axis=1)
    good &= (sums <= polytope.high + 1e-9).all(axis=1) & (sums >= polytope.low - 1e-9).all(axis=1)
    for semi in polytope.semis:
        total = plans[:, semi.index].sum(axis=1)
        good &= (total == 0.0) | (total >= semi.least)
    return np.asarray(plans[good][:count])

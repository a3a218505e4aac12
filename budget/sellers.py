"""What sellers can work: leads by segment and score band, the most valuable first, within the hours of each team.

A team works the leads that are worth most until its hours are spent, those that come without any plan included. What a
plan brings is the worth of all leads that are worked less that of the leads which would be worked anyway. In every draw
that is concave in the numbers of leads: the least over prices of an hour of a sum that is linear in them. Each price is
a weighting of the decisions' outcome, and every weighting gives a bound, as for :class:`budget.objective.Capacity`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from budget import kernel_work as kernel
from budget.cells import Index
from outlay.downstream import Downstream
from outlay.transforms import Array


@dataclass(frozen=True)
class Team:
    """Who works the leads of some segments in some groups.

    Attributes
    ----------
    segments, groups : tuple of int
        Positions of segments and groups; every pair lies in one team.
    most : float
        Leads that can be worked in the window; infinite where nothing limits them.
    hours_per_lead : float or None
    number : int or None
        Position of the ``[[plan.capacity]]`` that it comes from.
    """

    segments: tuple[int, ...]
    groups: tuple[int, ...]
    most: float = np.inf
    hours_per_lead: float | None = None
    number: int | None = None


@dataclass(frozen=True, eq=False)
class Sellers:
    """Teams beside the leads of one set of draws. N decisions or cells, K cells, G groups, S draws.

    Attributes
    ----------
    teams : tuple of Team
    kinds : Kinds
        Kinds of leads: team by team, all segments, bands and sources.
    segment, band : ndarray of int (T,)
        Of each kind.
    cell : ndarray of int (N,)
        The cell that each row of an outcome belongs to.
    leads : ndarray (S, K)
        Leads in one unit of a cell's outcome.
    beside : ndarray (S, K + G)
        Leads that come whatever the plan is: what earlier spend brings, then the baseline.
    anyway : ndarray (S,)
        What those are worth worked, in currency.
    unit : float
        Currency in one unit of outcome.
    """

    teams: tuple[Team, ...]
    kinds: kernel.Kinds
    segment: Index
    band: Index
    cell: Index
    leads: Array
    beside: Array
    anyway: Array
    unit: float

    @classmethod
    def of(cls, downstream: Downstream, teams: tuple[Team, ...], beside: Array) -> Sellers:
        """Teams on some draws, for outcomes by cell in currency; ``beside`` is (S, K + G)."""
        kinds, segment, band = _kinds(downstream, teams)
        worth = downstream.worth_of_lead[:, :, :-1]
        leads = 1.0 / np.swapaxes(worth, 1, 2).reshape(len(worth), -1)
        anyway = kernel.best(kinds, np.ascontiguousarray(beside))[0].sum(axis=1)
        cells = np.arange(leads.shape[1], dtype=np.intp)
        return cls(teams, kinds, segment, band, cells, leads, beside, anyway, 1.0)

    def scaled(self, unit: float) -> Sellers:
        """The same for outcomes in multiples of ``unit`` in currency."""
        return replace(self, leads=self.leads * (unit / self.unit), unit=unit)

    def on(self, cell: Index) -> Sellers:
        """The same for outcomes whose rows are of these cells."""
        return replace(self, cell=np.asarray(cell, np.intp))

    def volumes(self, outcome: Array) -> Array:
        """Leads by cell, and the baseline's, from outcomes (N, S): (S, K + G)."""
        by_cell = outcome if len(self.cell) == self.leads.shape[1] and self._plain else self._sum @ outcome
        volumes = self.beside.copy()
        volumes[:, : self.leads.shape[1]] += by_cell.T * self.leads
        return volumes

    def worked(self, outcome: Array) -> Array:
        """What the plan's leads add to the worth of what is worked, per draw: (S,)."""
        return np.asarray((self.total(outcome) - self.anyway) / self.unit)

    def total(self, outcome: Array) -> Array:
        """What all leads that are worked are worth, in currency: (S,)."""
        return np.asarray(kernel.best(self.kinds, self.volumes(outcome))[0].sum(axis=1))

    def prices(self, outcome: Array) -> Array:
        """Worth of one more lead that a team can work, in currency: (S, M)."""
        return np.asarray(kernel.best(self.kinds, self.volumes(outcome))[1])

    def cut(self, outcome: Array, q: Array) -> tuple[Array, float]:
        """Weights (N, S) and a constant: exact at this outcome, and nowhere too small."""
        worth, price = kernel.best(self.kinds, self.volumes(outcome))
        each = kernel.counting(self.kinds, price, self.beside.shape[1])
        weights = (each[:, : self.leads.shape[1]] * self.leads / self.unit)[:, self.cell].T
        constant = (worth.sum(axis=1) - self.anyway) / self.unit - (weights * outcome).sum(axis=0)
        return np.ascontiguousarray(weights * q), float(constant @ q)

    def filled(self, outcome: Array) -> Array:
        """Leads of each kind that are worked, (S, T)."""
        return np.asarray(kernel.filled(self.kinds, self.volumes(outcome)))

    def in_one_order(self, outcome: Array) -> Array:
        """What is worked where every draw keeps the order of the expected worths, in currency: (S,).

        Sellers do not know which draw is true: this is what they reach who know no more than the expectation.
        """
        order = _order(self.kinds.worth.mean(axis=0, keepdims=True), self.kinds.first)
        kinds = self.kinds._replace(order=np.repeat(order, len(self.kinds.worth), axis=0))
        return np.asarray((kernel.filled(kinds, self.volumes(outcome)) * kinds.worth).sum(axis=1))

    @cached_property
    def _plain(self) -> bool:
        return bool((self.cell == np.arange(len(self.cell))).all())

    @cached_property
    def _sum(self) -> NDArray[np.float64]:
        return (np.arange(self.leads.shape[1])[:, None] == self.cell).astype(float)


def _kinds(downstream: Downstream, teams: tuple[Team, ...]) -> tuple[kernel.Kinds, Index, Index]:
    """All kinds of leads, team by team, with their segments and bands."""
    n_groups, sources = downstream.split.shape[1:3]
    bands = np.arange(len(downstream.bands))
    found: list[list[Index]] = []
    for team in teams:
        parts = np.meshgrid(team.groups, np.arange(sources), team.segments, bands, indexing="ij")
        found.append([part.ravel().astype(np.intp) for part in parts])
    first = np.cumsum([0, *(len(parts[0]) for parts in found)])
    g, c, k, b = (np.concatenate([parts[axis] for parts in found]) for axis in range(4))
    channels = sources - 1
    worth = np.ascontiguousarray(downstream.worth[:, g, c, k, b])
    kinds = kernel.Kinds(
        first=first.astype(np.int64),
        source=np.where(c < channels, c * n_groups + g, channels * n_groups + g),
        part=np.ascontiguousarray(downstream.split[:, g, c, k, b]),
        worth=worth,
        order=_order(worth, first),
        most=np.array([team.most for team in teams], float),
    )
    return kinds, k, b


def _order(worth: Array, first: Index) -> NDArray[np.int64]:
    """Kinds of each team from the most valuable to the least, (S, T)."""
    order = np.empty(worth.shape, np.int64)
    for start, stop in pairwise(first):
        order[:, start:stop] = start + np.argsort(-worth[:, start:stop], axis=1, kind="stable")
    return order

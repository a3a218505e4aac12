"""What a plan brings, per draw: the definition for whole plans, and the pieces that the engines are given.

Effects add up unless the model was fitted with a log likelihood. Then a period's outcome is its baseline times the
exponential of the effects' sum, and the outcome of a plan is what the spend adds to that.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from budget.cells import Cells, Index
from budget.curves import Curves, Term
from budget.decision import Decision
from budget.kept import Kept
from budget.paths import Path
from outlay.response import CellWindow, ResponseDraws, cell_response
from outlay.transforms import Array, Bend

REMEMBERED = 6
"""Plans whose outcome is kept."""


@dataclass(frozen=True, eq=False)
class Responses:
    """Responses of every cell on some draws, over the window of a plan.

    Shapes: S draws, H periods of the window, P counted periods (more where carry-over after the window counts), K
    cells, G groups, L lags.

    Attributes
    ----------
    response : ResponseDraws
    cells : Cells
    lead_in : ndarray (L - 1, K)
        Exposure just before the window.
    value : ndarray (P, G)
        Outcome per unit of KPI.
    after : ndarray (P - H, K)
        Exposure after the window that is there whatever the plan is.
    base : ndarray (S, P, G) or None
        Where effects multiply: outcome of each counted period without any paid media.
    """

    response: ResponseDraws
    cells: Cells
    lead_in: Array
    value: Array
    after: Array
    base: Array | None = None
    _known: Kept[bytes, Array] = field(default_factory=lambda: Kept(REMEMBERED), init=False, repr=False)
    _of_cell: dict[int, Kept[bytes, tuple[Array, Array]]] = field(default_factory=dict, init=False, repr=False)

    @property
    def n_draws(self) -> int:
        """Number of draws S."""
        return self.response.n_draws

    @property
    def multiplies(self) -> bool:
        """Whether effects multiply."""
        return self.base is not None

    def take(self, draws: Index | slice) -> Responses:
        """The same responses on some of the draws."""
        base = None if self.base is None else self.base[draws]
        return replace(self, response=self.response.take(draws), base=base)

    def outcomes(self, spend: Array) -> Array:
        """What each cell's spend in a plan (H, K) brings, per draw: (S, K).

        Where effects multiply it is what taking the cell out would lose, and the sum is not the plan's outcome. The
        last few plans are remembered: one answer asks for the same plan many times.
        """
        return self._known.get(spend.tobytes(), lambda: self._outcomes(spend))

    def _outcomes(self, spend: Array) -> Array:
        if self.base is None:
            return np.stack([self._outcome(spend, cell) for cell in range(len(self.cells))], axis=1)
        every, none = self.effects(spend), self.effects(np.zeros_like(spend))
        total = self._sum_by_group(every)
        lost = np.empty((self.n_draws, len(self.cells)))
        for cell in range(len(self.cells)):
            group = self.cells.group_of(cell)
            without = total[:, :, group] - every[:, :, cell] + none[:, :, cell]
            lost[:, cell] = (self.base[:, :, group] * (np.exp(total[:, :, group]) - np.exp(without))).sum(axis=1)
        return lost

    def outcome(self, spend: Array) -> Array:
        """What a plan (H, K) brings, per draw: (S,)."""
        if self.base is None:
            return np.asarray(self.outcomes(spend).sum(axis=1))
        with_plan = self._sum_by_group(self.effects(spend))
        without = self._sum_by_group(self.effects(np.zeros_like(spend)))
        return np.asarray((self.base * (np.exp(with_plan) - np.exp(without))).sum(axis=(1, 2)))

    def effects(self, spend: Array) -> Array:
        """Effect of every cell in every counted period, exposure before the window included: (S, P, K)."""
        counted = len(self.value)
        out = np.empty((self.n_draws, counted, len(self.cells)))
        for cell in range(len(self.cells)):
            channel, group = self.cells.channel_of(cell), self.cells.group_of(cell)
            bend, weights = self.response.bend(channel), self.response.weights[:, channel]
            path = self._path(spend[:, cell], cell, counted)
            lagged = np.lib.stride_tricks.sliding_window_view
            reach = weights.shape[1]
            if bend.first:
                sat = bend.value(path[None])
                stock = np.einsum("spl,sl->sp", lagged(sat, reach, axis=1)[..., ::-1], weights)
            else:
                stock = bend.value(weights @ lagged(path, reach)[:, ::-1].T)
            out[:, :, cell] = self.response.coefficient[:, group, channel, None] * stock
        return out

    def pieces(
        self, decision: Decision, money: float, outcome: float, weight: Array | None = None, *, as_paths: bool = False
    ) -> list[Term | Path]:
        """What every decision brings alone, or a cell's decisions together, in units of ``money`` and ``outcome``.

        A cell with a given timing is one curve of its total; so is each period of a cell whose periods do not meet in
        a curve; other cells are paths. Terms stand in the order of their decisions.

        Parameters
        ----------
        decision : Decision
        money, outcome : float
            Currency and outcome that count as one.
        weight : ndarray (S, P, G) or None
            Outcome per unit of effect, in place of ``value``: how effects that multiply are made to add up.
        """
        found: list[Term | Path] = []
        for cell in range(len(self.cells)):
            columns = decision.columns(cell)
            spread = _cell_spread(decision, cell, columns)
            scaled = self._scaled(cell, money, outcome, weight)
            found += [scaled.as_path(spread, columns)] if as_paths else scaled.pieces(spread, columns)
        return found

    def _scaled(self, cell: int, money: float, outcome: float, weight: Array | None) -> _Cell:
        response, channel, group = self.response, self.cells.channel_of(cell), self.cells.group_of(cell)
        value = self.value[None, :, group] if weight is None else weight[:, :, group]
        bought = response.cost_per_exposure[group, channel] * response.scale[group, channel]
        return _Cell(
            bend=response.bend(channel),
            weights=response.weights[:, channel],
            gain=response.coefficient[:, group, channel, None] * value / outcome,
            lead=self.lead_in[:, cell] / response.scale[group, channel],
            after=self.after[:, cell] / response.scale[group, channel],
            unit=money / bought,
        )

    def _outcome(self, spend: Array, cell: int) -> Array:
        if not spend[:, cell].any():
            return np.zeros(self.n_draws)
        total = float(spend[:, cell].sum())
        return self.along(cell, total, spend[:, cell] / total)[0]

    def along(self, cell: int, total: float, flighting: Array) -> tuple[Array, Array]:
        """What a cell's total under a flighting (H,) brings where effects add up, and its slope, per draw: (S,) each.

        The last few are remembered: a hand that moves money moves one channel, and the others bring what they brought.
        """
        known = self._of_cell.setdefault(cell, Kept(REMEMBERED))
        return known.get(np.append(flighting, total).tobytes(), lambda: self._along(cell, total, flighting))

    def _along(self, cell: int, total: float, flighting: Array) -> tuple[Array, Array]:
        channel, group = self.cells.channel_of(cell), self.cells.group_of(cell)
        window = CellWindow(self.lead_in[:, cell], flighting, self.value[:, group], self.after[:, cell])
        outcome, slope = cell_response(self.response, group, channel, window, np.array([total]))
        return outcome[:, 0], slope[:, 0]

    def _path(self, spend: Array, cell: int, counted: int) -> Array:
        """Scaled exposure from the first lead-in period to the last counted one."""
        channel, group = self.cells.channel_of(cell), self.cells.group_of(cell)
        scale = self.response.scale[group, channel]
        bought = spend / self.response.cost_per_exposure[group, channel]
        return (
            np.concatenate([self.lead_in[:, cell], bought[:counted], self.after[: counted - len(spend), cell]]) / scale
        )

    def _sum_by_group(self, effects: Array) -> Array:
        shape = (*effects.shape[:2], len(self.cells.channels), len(self.cells.groups))
        return np.asarray(effects.reshape(shape).sum(axis=2))


@dataclass(frozen=True, eq=False)
class _Cell:
    """One cell's response in scaled units: its ``gain`` (S, P) counts outcome per unit of saturated exposure."""

    bend: Bend
    weights: Array
    gain: Array
    lead: Array
    after: Array
    unit: float

    def pieces(self, spread: Array, columns: Index) -> list[Term | Path]:
        """One curve per decision where periods do not meet in a curve, else one path; ``spread`` is (H, d)."""
        bend, half, exponent = self.bend, self.bend.k, self.bend.s
        counted, decisions = self.gain.shape[1], range(len(columns))
        if bend.family == "none" or bend.first:
            ahead = _ahead(self.gain, self.weights, len(spread))
            if bend.family == "none":
                rises = (ahead @ spread) * self.unit
                return [_term("none", rises[None, :, j], 0.0, 1.0, half, exponent) for j in decisions]
            return [_rows(bend.family, ahead, spread[:, j] * self.unit, half, exponent) for j in decisions]
        if len(columns) == 1:
            beside = np.concatenate([self.lead, np.zeros(len(spread)), self.after])
            base = _adstock_after(beside[: len(self.lead) + counted], self.weights, len(self.lead))
            path = np.concatenate([np.zeros(len(self.lead)), spread[:, 0] * self.unit, np.zeros(len(self.after))])
            per_unit = _adstock_after(path[: len(self.lead) + counted], self.weights, len(self.lead))
            return [_term(bend.family, self.gain.T, base.T, per_unit.T, half, exponent)]
        if (self.weights[:, 1:] == 0.0).all():
            now = self.gain[:, : len(spread)]
            return [_rows(bend.family, now, spread[: now.shape[1], j] * self.unit, half, exponent) for j in decisions]
        return [self.as_path(spread, columns)]

    def as_path(self, spread: Array, columns: Index) -> Path:
        """The cell as one path, whatever its shape."""
        bend, gain, weights, lead, after = self.bend, self.gain, self.weights, self.lead, self.after
        if bend.family == "none" or bend.first:
            gain, weights = _ahead(gain, weights, len(spread)), np.ones((len(gain), 1))
            lead = after = np.empty(0)
        return Path(gain, weights, lead, float(self.unit), bend.family, bend.k, bend.s, spread, columns, after)


def curves_of(pieces: list[Term | Path], n_draws: int) -> Curves:
    """The curves among the pieces, in their order."""
    return Curves.of([piece for piece in pieces if isinstance(piece, Term)], n_draws)


def _cell_spread(decision: Decision, cell: int, columns: Index) -> Array:
    """Share of a cell's decisions in each period of the window, (H, d)."""
    periods, n_cells = decision.shape.shape
    rows = np.arange(periods) * n_cells + cell
    return np.asarray(decision.spread[rows][:, columns].todense()).reshape(periods, len(columns))


def _rows(family: str, gain: Array, unit: Array, half: Array, exponent: Array) -> Term:
    """A term without carry-over in the curve; periods that the decision does not reach are left out."""
    used = np.flatnonzero(unit > 0.0)
    return _term(family, gain[:, used].T, 0.0, np.repeat(unit[used, None], gain.shape[0], axis=1), half, exponent)


def _term(family: str, gain: Array, base: Array | float, unit: Array | float, half: Array, exponent: Array) -> Term:
    shape = gain.shape
    return Term(family, gain, np.broadcast_to(base, shape), np.broadcast_to(unit, shape), half, exponent)


def _ahead(gain: Array, weights: Array, periods: int) -> Array:
    """Outcome per unit of saturated exposure in each period of the window, now and later, per draw: (S, periods)."""
    reach = weights.shape[1]
    short = max(periods + reach - 1 - gain.shape[1], 0)
    after = np.concatenate([gain, np.zeros((len(gain), short))], axis=1)
    view = np.lib.stride_tricks.sliding_window_view(after, reach, axis=1)[:, :periods]
    return np.asarray(np.einsum("spl,sl->sp", view, weights))


def _adstock_after(x: Array, weights: Array, lead: int) -> Array:
    """Adstock of ``x`` in the periods after its first ``lead`` ones, per draw: (S, len(x) - lead)."""
    lagged = np.lib.stride_tricks.sliding_window_view(x, weights.shape[1])[:, ::-1]
    return np.asarray(weights @ lagged.T)[:, : len(x) - lead]

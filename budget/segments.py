"""The linear program of a round: the rules over the segments of concave polygons, by HiGHS."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from budget.cells import Index
from budget.hull import Polygons
from budget.objective import Objective
from budget.polytope import LinearAnswer, Polytope, solve_linear
from outlay.transforms import Array

if TYPE_CHECKING:
    from scipy.sparse import csc_array


@dataclass(frozen=True, eq=False)
class Cut:
    """A valuation that no plan's worth exceeds: ``constant + sum over decisions of q @ outcome``.

    Attributes
    ----------
    q : ndarray (1, S) or (N, S)
        Weights of the draws, for all decisions alike or for each.
    constant : float
        What counts beside.
    shift : float
        What is taken off before the objective, and not before the floor.
    """

    q: Array
    constant: float = 0.0
    shift: float = 0.0


@dataclass(frozen=True, eq=False)
class MasterAnswer:
    """What the program says.

    Attributes
    ----------
    z : ndarray (N,)
        Its plan.
    value : float
        Upper bound on the objective.
    share : ndarray (I,)
        How much of the answer rests on each cut; sums to one.
    row_price : ndarray (M,)
    floor_price : float
    slope : ndarray (N,) or None
        Outcome per unit that each decision has to bring at these prices; None where outcome has no price.
    """

    z: Array
    value: float
    share: Array
    row_price: Array
    floor_price: float
    slope: Array | None


class Master:
    """Rules and objective of one question, ready to be joined with polygons.

    Columns are the part of each segment that is used, then the auxiliary columns of the rules, then ``theta`` (what
    counts as outcome) and ``phi`` (the same for the floor).
    """

    def __init__(self, polytope: Polytope, objective: Objective) -> None:
        matrix = polytope.matrix.tocsc()
        self.polytope, self.objective = polytope, objective
        self.rules, self.others = matrix[:, : polytope.n], matrix[:, polytope.n :]

    def solve(self, polygons: list[Polygons], cuts: list[Cut], lower: Array, upper: Array) -> MasterAnswer:
        """The best plan under polygons that over-estimate the curves, one set per cut.

        Raises
        ------
        InfeasibleRulesError
        SolverFailure
        """
        parts = [_segments(found) for found in polygons]
        program = self._program(parts, polygons, cuts)
        gain = np.zeros(len(program.lower))
        gain[-2] = self.objective.per_outcome
        first = parts[0]
        gain[: len(first.width)] = -self.objective.per_spend * first.width
        answer = solve_linear(gain, program)
        value = answer.value
        if program.integer.any():
            answer = solve_linear(gain, fixed_switches(program, answer))
        start = polygons[0].x[:, 0]
        z = start + np.bincount(first.owner, first.width * answer.y[: len(first.width)], minlength=len(start))
        constant = -self.objective.per_spend * float(start.sum())
        return self._read(answer, np.clip(z, lower, upper), value + constant, len(polygons))

    def _read(self, answer: LinearAnswer, z: Array, value: float, sets: int) -> MasterAnswer:
        m, n = self.polytope.matrix.shape[0], self.polytope.n
        row_price = answer.price[:m]
        valued = answer.price[m + n * (sets - 1) :]
        theta, floor_price = valued[:sets], 0.0
        if self.objective.floor is not None:
            theta = theta + valued[sets : 2 * sets]
            floor_price = max(float(valued[-1]), 0.0)
        whole = float(theta.sum())
        share = np.maximum(theta, 0.0) / whole if whole > 0 else np.eye(1, sets)[0]
        slope = None
        if whole > 0:
            price = self.rules.T @ row_price + self.objective.per_spend
            slope = (price + floor_price * self.objective.floor_per_spend) / whole
        return MasterAnswer(z, value, share, row_price, floor_price, slope)

    def _program(self, parts: list[_Segments], polygons: list[Polygons], cuts: list[Cut]) -> Polytope:
        """All rows: rules, equal plans under every cut, theta and phi of each, the floor."""
        import scipy.sparse as sparse

        n, extra, sets = self.polytope.n, self.polytope.extra, len(polygons)
        start = polygons[0].x[:, 0]
        zero = np.zeros(n)
        tail = sparse.csc_array((self.rules.shape[0], 2))
        blank = [sparse.csc_array((self.rules.shape[0], len(part.width))) for part in parts[1:]]
        rows = [sparse.hstack([self.rules @ parts[0].widths(n), *blank, self.others, tail])]
        shift = self.rules @ start
        low, high = [self.polytope.low - shift], [self.polytope.high - shift]
        for i in range(1, sets):
            blocks = [sparse.csc_array((n, len(part.width))) for part in parts]
            blocks[0], blocks[i] = parts[0].widths(n), -parts[i].widths(n)
            rows.append(sparse.hstack([*blocks, sparse.csc_array((n, extra + 2))]))
            low.append(zero)
            high.append(zero)
        columns = sum(len(part.width) for part in parts) + extra + 2
        counted, most = self._valuations(parts, polygons, cuts, columns)
        rows.append(sparse.csr_array(counted))
        low.append(np.full(len(most), -np.inf))
        high.append(most)
        ones = columns - extra - 2
        tall = max(float(np.abs(part.height).sum()) + abs(top) for part, top in zip(parts, most, strict=False)) + 1.0
        return Polytope(
            n=columns,
            matrix=sparse.vstack(rows).tocsr(),
            low=np.concatenate(low),
            high=np.concatenate(high),
            lower=np.concatenate([np.zeros(ones), self.polytope.lower[n:], np.full(2, -10.0 * tall)]),
            upper=np.concatenate([np.ones(ones), self.polytope.upper[n:], np.full(2, 10.0 * tall)]),
            integer=np.concatenate([np.zeros(ones, bool), self.polytope.integer[n:], np.zeros(2, bool)]),
        )

    def _valuations(
        self, parts: list[_Segments], polygons: list[Polygons], cuts: list[Cut], columns: int
    ) -> tuple[Array, Array]:
        """Rows that hold theta and, where there is a floor, phi below every cut, and phi above the floor."""
        objective, sets = self.objective, len(cuts)
        floored = objective.floor is not None
        counted, most = np.zeros((sets * (1 + floored) + floored, columns)), np.empty(sets * (1 + floored) + floored)
        at = 0
        for i, (part, found, cut) in enumerate(zip(parts, polygons, cuts, strict=True)):
            inside = slice(at, at + len(part.width))
            base = float(found.y[:, 0].sum()) + cut.constant
            counted[i, inside], counted[i, -2], most[i] = -part.height, 1.0, base - cut.shift
            if floored:
                counted[sets + i, inside], counted[sets + i, -1], most[sets + i] = -part.height, 1.0, base
            at = inside.stop
        if objective.floor is not None:
            counted[-1, -1] = -1.0
            counted[-1, : len(parts[0].width)] = objective.floor_per_spend * parts[0].width
            most[-1] = -objective.floor - objective.floor_per_spend * float(polygons[0].x[:, 0].sum())
        return counted, most


@dataclass(frozen=True)
class _Segments:
    """The segments of all polygons of one cut: whose they are, how wide and how high (J,)."""

    owner: Index
    width: Array
    height: Array

    def widths(self, n: int) -> csc_array:
        """The segments' widths as a matrix (N, J): spend of each decision from the parts used."""
        import scipy.sparse as sparse

        count = len(self.width)
        return sparse.csc_array((self.width, self.owner, np.arange(count + 1)), shape=(n, count))


def _segments(found: Polygons) -> _Segments:
    inside = np.arange(found.x.shape[1] - 1) < found.count[:, None] - 1
    owner = np.nonzero(inside)[0]
    with np.errstate(invalid="ignore"):
        return _Segments(owner, np.diff(found.x)[inside], np.diff(found.y)[inside])


def fixed_switches(polytope: Polytope, answer: LinearAnswer) -> Polytope:
    """The same polytope with its integer columns held at an answer's values."""
    lower, upper = polytope.lower.copy(), polytope.upper.copy()
    whole = polytope.integer
    lower[whole] = upper[whole] = np.rint(answer.y[whole])
    return replace(polytope, lower=lower, upper=upper, integer=np.zeros_like(whole))

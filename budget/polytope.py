"""The plans that the rules allow, as rows of numbers in the solver's units, and linear programs over them (HiGHS)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from budget.cells import Index
from outlay.transforms import Array

if TYPE_CHECKING:
    from scipy.sparse import csr_array

FEASIBLE = 1e-9
"""Tolerance of every linear program, in shares of the budget."""


@dataclass(frozen=True, eq=False)
class Semi:
    """Nothing, or at least an amount: the sum of some decisions.

    Attributes
    ----------
    index : ndarray of int
        The decisions that are summed.
    least : float
        Scaled; positive.
    """

    index: Index
    least: float


@dataclass(frozen=True, eq=False)
class Polytope:
    """``low <= matrix @ y <= high`` and ``lower <= y <= upper``, for ``y`` the N decisions and A auxiliary columns.

    Decisions are spend in shares of the plan's scale of money, so that their sum is the spend of the plan.

    Attributes
    ----------
    n : int
        Number of decisions N: the first columns.
    matrix : csr_array (M, N + A)
    low, high : ndarray (M,)
    lower, upper : ndarray (N + A,)
        The decisions' are finite and not negative.
    integer : ndarray (N + A,) of bool
        Columns that must be whole numbers; only auxiliary ones are.
    semis : tuple of Semi
    """

    n: int
    matrix: csr_array
    low: Array
    high: Array
    lower: Array
    upper: Array
    integer: NDArray[np.bool_]
    semis: tuple[Semi, ...] = ()

    @property
    def extra(self) -> int:
        """Number of auxiliary columns."""
        return len(self.lower) - self.n


@dataclass(frozen=True, eq=False)
class LinearAnswer:
    """A linear program's answer.

    Attributes
    ----------
    y : ndarray
        Values of all columns.
    value : float
        Largest value of the objective: a bound that follows from the prices, whatever the solver's tolerance.
    price : ndarray (M,)
        Gain of the objective per unit by which a row's binding side is raised; zeros where there are integer columns.
    """

    y: Array
    value: float
    price: Array


class SolverFailure(Exception):
    """The solver ended without an answer that can be used; the message is its status."""


class InfeasibleRulesError(Exception):
    """No plan satisfies the rules; the caller says which of them conflict."""


def with_switches(polytope: Polytope, most: float | None = None) -> Polytope:
    """Every semi as a whole column ``on``: ``least on <= sum <= most on``.

    Parameters
    ----------
    polytope : Polytope
    most : float, optional
        What no sum exceeds, scaled. Default: the sum of its decisions' upper bounds.
    """
    from scipy.sparse import csr_array, diags_array, hstack, vstack

    semis, count = polytope.semis, len(polytope.semis)
    if not count:
        return polytope
    owner = np.repeat(np.arange(count), [len(semi.index) for semi in semis])
    members = np.concatenate([semi.index for semi in semis])
    sums = csr_array((np.ones(len(owner)), (owner, members)), shape=(count, len(polytope.lower)))
    least = np.array([semi.least for semi in semis])
    reach = [polytope.upper[semi.index].sum() if most is None else most for semi in semis]
    rows = (
        hstack([polytope.matrix, csr_array((len(polytope.low), count))]),
        hstack([sums, diags_array(-least)]),
        hstack([sums, diags_array(-np.maximum(reach, least))]),
    )
    endless = np.full(count, np.inf)
    return replace(
        polytope,
        matrix=vstack(rows, format="csr"),
        low=np.concatenate([polytope.low, np.zeros(count), -endless]),
        high=np.concatenate([polytope.high, endless, np.zeros(count)]),
        lower=np.concatenate([polytope.lower, np.zeros(count)]),
        upper=np.concatenate([polytope.upper, np.ones(count)]),
        integer=np.concatenate([polytope.integer, np.ones(count, bool)]),
        semis=(),
    )


def linear_best(gain: Array, polytope: Polytope) -> LinearAnswer:
    """Maximise ``gain @ y`` over a polytope, ``gain`` (N + A,) or (N,); semis are not looked at.

    Raises
    ------
    InfeasibleRulesError
        Where the polytope is empty.
    SolverFailure
        Where HiGHS has no optimal answer.
    """
    full = np.zeros(len(polytope.lower))
    full[: len(gain)] = gain
    return solve_linear(full, polytope)


def solve_linear(gain: Array, polytope: Polytope, gap: float = 1e-7) -> LinearAnswer:
    """One linear (or mixed-integer, to the relative ``gap``) program by HiGHS; see :func:`linear_best`."""
    import highspy

    model = _model(gain, polytope)
    solver = highspy.Highs()
    solver.callbacks.clear()  # they hold the solver: without them its memory is free as soon as this returns
    for name, value in (
        ("output_flag", False),
        ("threads", 1),
        ("primal_feasibility_tolerance", FEASIBLE),
        ("dual_feasibility_tolerance", FEASIBLE),
        ("mip_rel_gap", gap),
        # Presolve takes ten times as long as the simplex on programs of many columns and few rows.
        ("presolve", "choose" if polytope.integer.any() else "off"),
        ("mip_feasibility_tolerance", FEASIBLE),
    ):
        solver.setOptionValue(name, value)
    solver.passModel(model)
    solver.run()
    status = solver.getModelStatus()
    if status in (highspy.HighsModelStatus.kUnknown, highspy.HighsModelStatus.kSolveError):
        # The dual simplex now and then ends a hair outside of its tolerance; from the other side it does not.
        solver.clearSolver()
        solver.setOptionValue("presolve", "on")
        solver.setOptionValue("simplex_strategy", 4)
        solver.run()
        status = solver.getModelStatus()
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        raise InfeasibleRulesError
    if status != highspy.HighsModelStatus.kOptimal:
        raise SolverFailure(solver.modelStatusToString(status))
    solution = solver.getSolution()
    y = np.asarray(solution.col_value)
    if polytope.integer.any() or not solution.dual_valid:
        return LinearAnswer(y, -float(solver.getInfo().mip_dual_bound), np.zeros(len(polytope.low)))
    price = -np.asarray(solution.row_dual)
    return LinearAnswer(y, _proven(gain, polytope, price, -float(solver.getObjectiveValue())), price)


def _proven(gain: Array, polytope: Polytope, price: Array, told: float) -> float:
    """The bound of weak duality: rows at the side that their price pays for, columns at the better of their bounds.

    A solver allows every column's reduced gain a tolerance, and thousands of columns add up; this does not rest on it.
    Where a column without bounds leaves it infinite, the solver's own value stands.
    """
    price = np.where(np.abs(price) > 1e-13 * np.abs(price).max(initial=0.0), price, 0.0)  # roundoff on an open side
    reduced = gain - polytope.matrix.T @ price
    with np.errstate(invalid="ignore"):
        rows = np.where(price > 0, price * polytope.high, np.where(price < 0, price * polytope.low, 0.0))
        columns = np.where(reduced > 0, reduced * polytope.upper, np.where(reduced < 0, reduced * polytope.lower, 0.0))
    bound = float(rows.sum() + columns.sum())
    return bound if np.isfinite(bound) else told


def _model(gain: Array, polytope: Polytope) -> Any:
    """HiGHS minimises, so the gain changes its sign."""
    import highspy

    matrix = polytope.matrix.tocsr()
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = matrix.shape
    model.col_cost_ = -np.asarray(gain, float)
    model.col_lower_, model.col_upper_ = polytope.lower, polytope.upper
    model.row_lower_, model.row_upper_ = polytope.low, polytope.high
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
    model.a_matrix_.value_ = matrix.data
    if polytope.integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        model.integrality_ = [kinds[int(whole)] for whole in polytope.integer]
    return model

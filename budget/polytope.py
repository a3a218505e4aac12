"""The plans that the rules allow, as rows of numbers in the solver's units, and linear programs over them (HiGHS)."""

from __future__ import annotations

from dataclasses import dataclass
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
        Largest value of the objective.
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
    for name, value in (
        ("output_flag", False),
        ("threads", 1),
        ("primal_feasibility_tolerance", FEASIBLE),
        ("dual_feasibility_tolerance", FEASIBLE),
        ("mip_rel_gap", gap),
        ("mip_feasibility_tolerance", FEASIBLE),
    ):
        solver.setOptionValue(name, value)
    solver.passModel(model)
    solver.run()
    status = solver.getModelStatus()
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        raise InfeasibleRulesError
    if status != highspy.HighsModelStatus.kOptimal:
        raise SolverFailure(solver.modelStatusToString(status))
    solution = solver.getSolution()
    whole = bool(polytope.integer.any())
    value = solver.getInfo().mip_dual_bound if whole else solver.getObjectiveValue()
    price = np.zeros(len(polytope.low)) if whole or not solution.dual_valid else -np.asarray(solution.row_dual)
    return LinearAnswer(np.asarray(solution.col_value), -float(value), price)


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

"""cvxpy as the language of rules: its canonical rows, and the expressions that a planner's own rules are written in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from budget._entries_rules import RULE_CATALOGUE
from budget.cells import Index
from budget.decision import Decision
from budget.rules_grid import Grid
from outlay.errors import ConfigError
from outlay.transforms import Array

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Custom = Callable[["PlanVariables"], Mapping[str, Sequence[Any]]]
"""A planner's own rules: from the plan's variables to cvxpy constraints by the words that name them."""

WHERE = "rules of your own"


@dataclass(frozen=True, eq=False)
class PlanVariables:
    """The plan as cvxpy expressions in currency, to write rules with.

    Attributes
    ----------
    spend : cvxpy expression (H, K)
        Spend per period and cell; all groups of the first channel first.
    total : cvxpy expression
        Spend of the whole plan.
    budget : cvxpy expression
        The budget, or the reference plan's total where the total is free: a rule that is written with it moves with it
        when plans for several budgets are made.
    grid : Grid
    """

    spend: Any
    total: Any
    budget: Any
    grid: Grid

    def channel(self, name: str) -> Any:
        """Spend on a channel over the window and all groups."""
        return self._sum(self.grid.select(name, None, WHERE))

    def group(self, name: str) -> Any:
        """Spend in a group over the window and all channels."""
        return self._sum(self.grid.select(None, name, WHERE))

    def cell(self, channel: str, group: str | None = None) -> Any:
        """Spend on a channel in a group over the window."""
        return self._sum(self.grid.select(channel, group, WHERE))

    def period(self, day: date) -> Any:
        """Spend in the period that a day lies in."""
        import cvxpy as cp

        return cp.sum(self.spend[self.grid.period_of(day, WHERE), :])

    def _sum(self, cells: Index) -> Any:
        import cvxpy as cp

        return cp.sum(self.spend[:, [int(cell) for cell in cells]])


@dataclass(frozen=True, eq=False)
class Block:
    """Canonical rows ``low <= matrix @ (z, auxiliary columns) <= high``; ``*_moves`` is their change with the budget.

    The budget counts in multiples of the one that the rules were made for, so rows hold as they are at one.
    """

    matrix: csr_array
    low: Array
    high: Array
    matrix_moves: csr_array | None
    limit_moves: Array
    lower: Array
    upper: Array
    integer: NDArray[np.bool_]


def canonical(constraints: Sequence[Any], spend: Any, budget: Any = None) -> Block:
    """cvxpy's canonical form of constraints on the decisions ``spend``, with its auxiliary columns after them.

    ``budget`` is the parameter, if any, that rows may depend on (affinely, which is all that cvxpy's rules for
    parameters allow, so two evaluations give the whole dependence).
    """
    import cvxpy as cp
    from scipy.sparse import csr_array

    problem = cp.Problem(cp.Minimize(cp.sum(spend)), list(constraints))
    if budget is not None:
        budget.value = 1.0
    data, _, _ = problem.get_problem_data(cp.HIGHS)
    columns, n = _columns(data, spend)
    matrix, limit = csr_array(data["A"])[:, columns], np.asarray(data["b"], float)
    matrix_moves, limit_moves = None, np.zeros(len(limit))
    if any(parameter is budget for parameter in problem.parameters()):
        budget.value = 2.0
        moved, _, _ = problem.get_problem_data(cp.HIGHS)
        difference = csr_array(moved["A"])[:, columns] - matrix
        matrix_moves = difference if difference.nnz and abs(difference).max() > 0 else None
        limit_moves = np.asarray(moved["b"], float) - limit
    low = np.full(len(limit), -np.inf)
    low[: data["dims"].zero] = limit[: data["dims"].zero]
    lower, upper, integer = _bounds(data, len(columns))
    return Block(
        matrix, low, limit, matrix_moves, limit_moves, lower[columns][n:], upper[columns][n:], integer[columns][n:]
    )


def _columns(data: Mapping[str, Any], spend: Any) -> tuple[Index, int]:
    """cvxpy's columns in our order: the decisions, then all others."""
    first, n = data["param_prob"].var_id_to_col[spend.id], spend.size
    mine = first + np.arange(n)
    return np.concatenate([mine, np.setdiff1d(np.arange(data["A"].shape[1]), mine)]).astype(np.intp), n


def _bounds(data: Mapping[str, Any], size: int) -> tuple[Array, Array, NDArray[np.bool_]]:
    lower, upper = np.full(size, -np.inf), np.full(size, np.inf)
    if data.get("lower_bounds") is not None:
        lower = np.asarray(data["lower_bounds"], float).copy()
    if data.get("upper_bounds") is not None:
        upper = np.asarray(data["upper_bounds"], float).copy()
    integer = np.zeros(size, bool)
    switches = np.asarray(data["bool_vars_idx"], np.intp)
    integer[switches] = True
    integer[np.asarray(data["int_vars_idx"], np.intp)] = True
    lower[switches], upper[switches] = np.maximum(lower[switches], 0.0), np.minimum(upper[switches], 1.0)
    return lower, upper, integer


def custom_blocks(
    custom: Custom, grid: Grid, decision: Decision, money_scale: float, budget: float
) -> list[tuple[str, Block]]:
    """The planner's own rules as canonical rows, by their words; rules that share a helper variable go together.

    Raises
    ------
    ConfigError
        P075, where they are not linear (or whole-numbered and linear).
    """
    import cvxpy as cp

    spend, parameter = cp.Variable(len(decision)), cp.Parameter(nonneg=True)
    on_grid = cp.reshape(money_scale * (decision.spread @ spend), decision.shape.shape, order="C")
    total = money_scale * cp.sum(spend)
    written = custom(PlanVariables(on_grid, total, budget * parameter, grid))
    if not isinstance(written, Mapping):
        raise _unusable(
            "they must be a mapping from words to lists of constraints, "
            f"such as {{'tv at least as much as radio': [...]}}, and are {type(written).__name__}"
        )
    return [(words, _block(words, constraints, spend, parameter)) for words, constraints in _together(written, spend)]


def _together(written: Mapping[str, Sequence[Any]], spend: Any) -> list[tuple[str, list[Any]]]:
    """Rules that share a helper variable are one rule: apart, each would have a helper of its own."""
    found: list[tuple[str, list[Any], set[int]]] = []
    for words, given in written.items():
        constraints = list(given) if isinstance(given, list | tuple) else [given]
        helpers = {v.id for c in constraints if hasattr(c, "variables") for v in c.variables()} - {spend.id}
        for other in [entry for entry in found if entry[2] & helpers]:
            found.remove(other)
            words, constraints = f"{other[0]}; {words}", other[1] + constraints
            helpers |= other[2]
        found.append((words, constraints, helpers))
    return [(words, constraints) for words, constraints, _ in found]


def _block(words: str, constraints: list[Any], spend: Any, parameter: Any) -> Block:
    import cvxpy as cp

    wrong = [c for c in constraints if not isinstance(c, cp.constraints.constraint.Constraint | bool | np.bool_)]
    if wrong:
        raise _unusable(f'"{words}" holds {type(wrong[0]).__name__} where a cvxpy constraint belongs')
    try:
        for constraint in constraints:
            if hasattr(constraint, "is_dcp") and not constraint.is_dcp(dpp=True):
                raise _unusable(f'"{words}" is not convex in the spend: {constraint}')
        return canonical(constraints, spend, parameter)
    except (cp.DCPError, cp.SolverError) as failure:
        raise _unusable(f'"{words}" is not linear in the spend') from failure


def _unusable(what: str) -> ConfigError:
    return ConfigError(what, where=WHERE, repair=RULE_CATALOGUE["P075"].repair, id="P075")

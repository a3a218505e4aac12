"""What an engine returns: a plan with its proof, in the solver's units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from outlay.transforms import Array

Status = Literal["optimal", "time", "local"]


@dataclass(frozen=True, eq=False)
class Optimum:
    """A plan and what no plan within the rules can exceed, both scaled.

    Attributes
    ----------
    z : ndarray (N,)
        Decisions.
    value, bound : float
        The objective of the plan, and its upper bound over all plans within the rules.
    gradient : ndarray (N,)
        What a unit of each decision adds to the objective at ``z``, the worth of the floor included.
    row_price : ndarray (M,)
        What a unit by which a row of the polytope is moved adds to the objective.
    floor_price : float
        What a unit by which the floor is lowered adds to the objective; zero where there is none.
    q : ndarray (S,)
        Weights of the draws under which the plan was valued.
    nodes, rounds : int
        Nodes of the branch and bound; programs solved.
    status : {"optimal", "time", "local"}
        Proven to the aim; stopped by the clock; or the best of several local optima, with a bound that is further off.
    seconds : float
    solver : str
    """

    z: Array
    value: float
    bound: float
    gradient: Array
    row_price: Array
    floor_price: float
    q: Array
    nodes: int
    rounds: int
    status: Status
    seconds: float
    solver: str

    @property
    def gap(self) -> float:
        """``(bound - value) / |value|``, never negative; zero where both are zero."""
        difference = max(self.bound - self.value, 0.0)
        return difference / max(abs(self.value), 1e-12) if difference else 0.0

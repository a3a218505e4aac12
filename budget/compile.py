"""From the planner's rules to the polytope that engines work on: canonicalised by cvxpy once, for every budget."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from budget.cells import Index
from budget.compile_rows import Gathered, gather
from budget.decision import Decision
from budget.kept import Kept
from budget.polytope import Polytope, Semi
from budget.rules import CENT, Rule, Rules
from budget.rules_custom import WHERE, Block, Custom, canonical, custom_blocks
from outlay.transforms import Array

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, eq=False)
class Owners:
    """Whose a row or a bound of the polytope is: positions in ``Compiled.rules``, -1 where it is nobody's.

    Attributes
    ----------
    row : ndarray (M,)
    lower, upper : ndarray (N + A,)
    semi : ndarray
        One per entry of ``Polytope.semis``.
    unit : ndarray (M,)
        Units of a rule's limit in one unit of a row's: the scale of money, or the size of a row of the planner's own.
    lower_factor, upper_factor : ndarray (N + A,)
        Coefficient by which a bound's limit was divided: the part of a decision that its rule sums.
    row_moves, lower_moves, upper_moves : ndarray
        Change of each limit and bound per unit of the budget, both in units of the polytope.
    """

    row: Index
    lower: Index
    upper: Index
    semi: Index
    unit: Array
    lower_factor: Array
    upper_factor: Array
    row_moves: Array
    lower_moves: Array
    upper_moves: Array


@dataclass(frozen=True, eq=False)
class Compiled:
    """A plan's rules in the solver's units.

    Attributes
    ----------
    polytope : Polytope
    owners : Owners
    rules : tuple of Rule
        ``Rules.every``, then one of kind ``custom`` per rule that the planner wrote in cvxpy.
    decision : Decision
    money_scale : float
        Currency in one unit of ``z``.
    budget : float
        The budget, or the reference plan's total, that these rows hold for.
    """

    polytope: Polytope
    owners: Owners
    rules: tuple[Rule, ...]
    decision: Decision
    money_scale: float
    budget: float
    _parts: _Parts

    def at(self, budget: float) -> Compiled:
        """The same rules for another budget, in the same units; no cvxpy work. The rules' words stay as they were."""
        return _assemble(replace(self._parts, times=budget / self._parts.gathered.rules.budget))

    def keep(self, kept: NDArray[np.bool_], room: float = 0.0) -> Polytope:
        """The polytope of some of the rules only, (number of rules,), each limit with more room, in currency."""
        return _assemble(
            replace(self._parts, kept=np.asarray(kept, bool), room=self._parts.room + room / self.money_scale)
        ).polytope

    @property
    def stated(self) -> Gathered:
        """The project file's rules over the decisions, before the tightest bounds were taken."""
        return self._parts.gathered

    @property
    def times(self) -> float:
        """The budget in multiples of the one that the rules were made for."""
        return self._parts.times

    def with_rules(self, every: tuple[Rule, ...]) -> Compiled:
        """Other rules of the project file in place of its own; the planner's rules in cvxpy stay."""
        gathered = gather(replace(self.stated.rules, every=every), self.decision, self.money_scale)
        return _assemble(replace(self._parts, gathered=gathered, blocks=(_stated(gathered), *self._parts.blocks[1:])))

    def with_room(self, room: float) -> Compiled:
        """All rules, each limit with so much room, in currency: for amounts that were rounded to the cent."""
        return _assemble(replace(self._parts, room=self._parts.room + room / self.money_scale))


@dataclass(frozen=True, eq=False)
class _Parts:
    """What a polytope is put together from, for any budget and any choice of rules."""

    gathered: Gathered
    blocks: tuple[Block, ...]
    sizes: tuple[Array, ...]
    names: tuple[str, ...]
    decision: Decision
    money_scale: float
    kept: NDArray[np.bool_] | None = None
    room: float = 0.0
    times: float = 1.0


def compile_rules(rules: Rules, decision: Decision, money_scale: float, custom: Custom | None = None) -> Compiled:
    """Turn rules into a polytope over the decisions.

    Parameters
    ----------
    rules : Rules
    decision : Decision
    money_scale : float
        Currency in one unit of ``z``: the budget, or the reference plan's total where the total is free.
    custom : callable, optional
        From :class:`PlanVariables` to lists of cvxpy constraints by the words that name them.

    Raises
    ------
    ConfigError
        P075, where a rule of the planner's own is not linear.
    """
    gathered = gather(rules, decision, money_scale)
    own = [] if custom is None else custom_blocks(custom, rules.grid, decision, money_scale, rules.budget)
    scaled = [_scaled(block, money_scale, len(decision)) for _, block in own]
    blocks, sizes = (_stated(gathered), *(block for block, _ in scaled)), tuple(size for _, size in scaled)
    return _assemble(_Parts(gathered, blocks, sizes, tuple(words for words, _ in own), decision, money_scale))


FORMS = 16
"""Canonical forms that are kept: other totals, bounds and limits of the same rules are numbers in the same form."""

_FORMS: Kept[tuple[object, ...], Block] = Kept(FORMS)


def _stated(gathered: Gathered) -> Block:
    """The project file's rules in canonical form; rows in the order gathered, with the limits of this question."""
    matrix, side = gathered.matrix, gathered.side
    stored = (matrix.shape, matrix.data.tobytes(), matrix.indices.tobytes(), matrix.indptr.tobytes(), side.tobytes())
    form = _FORMS.get((gathered.helpers, gathered.switches, *stored), lambda: _form(gathered))
    return replace(
        form,
        low=np.where(side == "high", -np.inf, gathered.limit),
        high=np.where(side == "low", np.inf, gathered.limit),
        limit_moves=gathered.moves,
    )


def _form(gathered: Gathered) -> Block:
    """The rules as vectorised cvxpy constraints, canonicalised."""
    import cvxpy as cp

    spend = cp.Variable(gathered.n)
    n_helpers, n_switches = gathered.helpers, gathered.switches
    parts = [spend]
    if n_helpers:
        parts.append(cp.Variable(n_helpers))
    if n_switches:
        parts.append(cp.Variable(n_switches, boolean=True))
    y = cp.hstack(parts)
    exact, least, most = gathered.sides()
    constraints = []
    for at, side in ((exact, "both"), (most, "high"), (least, "low")):
        if not len(at):
            continue
        sums, limit = gathered.matrix[at] @ y, gathered.limit[at]
        constraints.append({"both": sums == limit, "high": sums <= limit, "low": sums >= limit}[side])
    block = canonical(constraints, spend)
    return _in_order(block, np.concatenate([exact, most, least]), len(least))


def _in_order(block: Block, order: Index, n_least: int) -> Block:
    """cvxpy writes every row as ``<=``: the least ones are turned back, and all put in the order gathered."""
    sign = np.ones(len(order))
    sign[len(order) - n_least :] = -1.0
    return replace(block, matrix=block.matrix.multiply(sign[:, None]).tocsr()[np.argsort(order)])


def _scaled(block: Block, money_scale: float, n: int) -> tuple[Block, Array]:
    """A block in currency in the solver's units, with the size that each row was divided by.

    Helper columns are money until the contrary is shown by their being whole numbers.
    """
    from scipy.sparse import diags_array

    column = np.concatenate([np.ones(n), np.where(block.integer, 1.0, money_scale)])
    matrix = block.matrix @ diags_array(column)
    largest = np.asarray(abs(matrix).max(axis=1).todense()).ravel()
    size = np.where(largest > 0, largest, 1.0)
    divide = diags_array(1.0 / size)
    moves = None if block.matrix_moves is None else divide @ (block.matrix_moves @ diags_array(column))
    own = column[n:]
    return (
        Block(
            matrix=(divide @ matrix).tocsr(),
            low=block.low / size,
            high=block.high / size,
            matrix_moves=None if moves is None else moves.tocsr(),
            limit_moves=block.limit_moves / size,
            lower=block.lower / own,
            upper=block.upper / own,
            integer=block.integer,
        ),
        size,
    )


def _assemble(parts: _Parts) -> Compiled:
    """Put the polytope together for the parts' budget and choice of rules."""
    gathered, n = parts.gathered, parts.gathered.n
    rules = (*gathered.rules.every, *(_own_rule(words, gathered.rules) for words in parts.names))
    kept = np.ones(len(rules), bool) if parts.kept is None else parts.kept
    row = np.concatenate(
        [gathered.owner]
        + [np.full(len(block.high), len(gathered.rules.every) + i) for i, block in enumerate(parts.blocks[1:])]
    ).astype(np.intp)
    low, high = _limits(parts, row, kept)
    bounds = _bounds(parts, kept)
    semis = [(semi, owner) for semi, owner in gathered.semis if kept[owner]]
    polytope = Polytope(
        n=n,
        matrix=_matrix(parts),
        low=low,
        high=high,
        lower=np.concatenate([bounds.lower, *(block.lower for block in parts.blocks)]),
        upper=np.concatenate([bounds.upper, *(block.upper for block in parts.blocks)]),
        integer=np.concatenate([np.zeros(n, bool), *(block.integer for block in parts.blocks)]),
        semis=tuple(_roomy(semi, parts.room) for semi, _ in semis),
    )
    extra, per_money = polytope.extra, parts.money_scale / gathered.rules.budget
    owners = Owners(
        row=row,
        lower=np.concatenate([bounds.lower_owner, np.full(extra, -1)]).astype(np.intp),
        upper=np.concatenate([bounds.upper_owner, np.full(extra, -1)]).astype(np.intp),
        semi=np.array([owner for _, owner in semis], np.intp),
        unit=np.concatenate([np.full(len(gathered.owner), parts.money_scale), *parts.sizes]),
        lower_factor=np.concatenate([bounds.lower_factor, np.ones(extra)]),
        upper_factor=np.concatenate([bounds.upper_factor, np.ones(extra)]),
        row_moves=np.concatenate([block.limit_moves for block in parts.blocks]) * per_money,
        lower_moves=np.concatenate([bounds.lower_moves, np.zeros(extra)]) * per_money,
        upper_moves=np.concatenate([bounds.upper_moves, np.zeros(extra)]) * per_money,
    )
    budget = parts.times * gathered.rules.budget
    return Compiled(polytope, owners, rules, parts.decision, parts.money_scale, budget, parts)


def _own_rule(words: str, rules: Rules) -> Rule:
    from scipy.sparse import csr_array

    nothing = csr_array((0, len(rules.grid)))
    return Rule("custom", words, words, nothing, np.empty(0), "high", hard=True, where=WHERE)


def _roomy(semi: Semi, room: float) -> Semi:
    return replace(semi, least=max(semi.least - room, 0.5 * semi.least)) if room else semi


def _matrix(parts: _Parts) -> csr_array:
    """All blocks' rows over all columns: the decisions are shared, the other columns are each block's own."""
    from scipy.sparse import block_array, hstack, vstack

    blocks, n = parts.blocks, parts.gathered.n
    now = [
        block.matrix if block.matrix_moves is None else block.matrix + (parts.times - 1.0) * block.matrix_moves
        for block in blocks
    ]
    if len(blocks) == 1:
        return now[0].tocsr()
    shared = vstack([matrix[:, :n] for matrix in now], format="csr")
    own = block_array(
        [[matrix[:, n:] if i == j else None for j in range(len(now))] for i, matrix in enumerate(now)], format="csr"
    )
    return hstack([shared, own], format="csr")


def _limits(parts: _Parts, row: Index, kept: NDArray[np.bool_]) -> tuple[Array, Array]:
    moved = (parts.times - 1.0) * np.concatenate([block.limit_moves for block in parts.blocks])
    low = np.concatenate([block.low for block in parts.blocks]) + moved
    high = np.concatenate([block.high for block in parts.blocks]) + moved
    # The total stays exact: it is the other amounts that were rounded.
    exact = np.array([rule.kind.startswith("budget") for rule in parts.gathered.rules.every])
    stated = (row >= 0) & (row < len(exact))
    room = np.where((row >= 0) & ~(stated & exact[np.where(stated, row, 0)]), parts.room, 0.0)
    gone = (row >= 0) & ~kept[row]
    return np.where(gone, -np.inf, low - room), np.where(gone, np.inf, high + room)


@dataclass(frozen=True, eq=False)
class _Tightest:
    """The tightest bounds on the decisions, whose they are, and what part of a decision those rules sum."""

    lower: Array
    upper: Array
    lower_owner: Index
    upper_owner: Index
    lower_factor: Array
    upper_factor: Array
    lower_moves: Array
    upper_moves: Array


def _bounds(parts: _Parts, kept: NDArray[np.bool_]) -> _Tightest:
    given, rules, n = parts.gathered.bounds, parts.gathered.rules, parts.gathered.n
    # Where rules are left out, what follows from all of them must not stand in for them.
    most = rules.most / parts.money_scale * (1.0 if rules.free else parts.times)
    lower, upper = np.zeros(n), np.full(n, most if kept.all() else np.inf)
    owners, factors, moves = np.full((2, n), -1, np.intp), np.ones((2, n)), np.zeros((2, n))
    moves[1] = 0.0 if rules.free else rules.most / parts.money_scale
    value = given.value + (parts.times - 1.0) * given.moves
    # Tightest first, so that the first one of each column is the one that counts.
    for side, edge, better in ((0, lower, -1.0), (1, upper, 1.0)):
        mine = np.flatnonzero((given.is_upper == bool(side)) & kept[given.owner])
        order = mine[np.argsort(better * value[mine], kind="stable")]
        columns, first = np.unique(given.column[order], return_index=True)
        chosen = order[first]
        limit = value[chosen] + better * parts.room / np.abs(given.factor[chosen])
        tighter = better * (edge[columns] - limit) >= 0.0
        columns, chosen, limit = columns[tighter], chosen[tighter], limit[tighter]
        edge[columns], owners[side, columns], factors[side, columns] = limit, given.owner[chosen], given.factor[chosen]
        moves[side, columns] = given.moves[chosen]
    # Bounds that are equal but for a rounded cent must not cross.
    cent = CENT / parts.money_scale
    upper = np.where((lower > upper) & (lower <= upper + cent), lower, upper)
    return _Tightest(lower, upper, *owners, *factors, *moves)

"""Rules that contradict each other by arithmetic, found before any solve and told with their amounts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from budget._entries_rules import RULE_CATALOGUE
from budget.catalogue import CATALOGUE
from budget.cells import Cells, money
from budget.compile import Compiled
from budget.feasible import can_hold
from budget.rules import Rule, Rules
from outlay.errors import PlanError
from outlay.transforms import Array

CENT = 0.0101


def refuse_contradictions(compiled: Compiled) -> None:
    """Raise where arithmetic alone shows that no plan can satisfy the rules.

    Raises
    ------
    PlanError
        P003 to P006, P013, P074, P078 and P079, with the amounts.
    """
    rules = compiled.stated.rules
    _above_the_total(rules)
    _same_sum(rules)
    _idle(compiled)
    _single_decisions(compiled)
    _parts(compiled)
    shares = _share_rules(rules)
    _together(shares, rules)
    limits = _channel_limits(compiled)
    _total(limits, rules)
    _shares(shares, limits, rules)
    _ratios(limits, rules)


@dataclass(frozen=True, eq=False)
class _Limits:
    """Least and most spend per cell (K,) and per channel (C,), in currency."""

    least: Array
    most: Array
    channel_least: Array
    channel_most: Array
    cells: Cells

    def of(self, inside: NDArray[np.bool_]) -> tuple[float, float]:
        """Least and most of some cells (K,); rules on whole channels count where whole channels are meant."""
        shape = (len(self.cells.channels), len(self.cells.groups))
        grid = inside.reshape(shape)
        whole = grid.all(axis=1)
        if (whole | ~grid.any(axis=1)).all():
            return float(self.channel_least[whole].sum()), float(self.channel_most[whole].sum())
        return float(self.least[inside].sum()), float(self.most[inside].sum())


def _as_amount(rule: Rule, rules: Rules) -> Array | None:
    """A rule's limits in currency: a share of a fixed budget is an amount like any other; None for what is not."""
    if rule.base is None:
        return rule.limit
    whole_window = rule.measure == "share" and rule.base.all()
    return np.array([float(rule.amount or 0.0) * rules.budget]) if whole_window and not rules.free else None


def _above_the_total(rules: Rules) -> None:
    """One rule that asks for more than the most total."""
    ceiling = next((rule for rule in rules.every if rule.kind in ("budget", "budget_max")), None)
    if ceiling is None:
        return
    amount = float(ceiling.limit[0])
    for rule in rules.every:
        if (
            rule.at_least
            and rule.base is None
            and rule.kind != "budget"
            and rule.limit.max(initial=0.0) > amount + CENT
        ):
            id = "P078" if rule.kind == "lock" else "P004"
            more = _money(float(rule.limit.max()) - amount, rules)
            raise _refusal(id, f"{rule.words}; but {_total_words(ceiling, rules)}, {more} less", rule.where)


def _same_sum(rules: Rules) -> None:
    """Least above most on the same sum of spend."""
    lows: dict[bytes, tuple[float, Rule]] = {}
    highs: dict[bytes, tuple[float, Rule]] = {}
    perhaps: list[tuple[bytes, float, Rule]] = []
    for rule in rules.every:
        limits = _as_amount(rule, rules)
        if limits is None or rule.kind == "max_step":
            continue
        for row, limit in enumerate(limits):
            key = np.sort(rule.rows.indices[rule.rows.indptr[row] : rule.rows.indptr[row + 1]]).tobytes()
            if rule.or_zero:
                perhaps.append((key, float(limit), rule))
                continue
            if rule.side != "high" and (key not in lows or lows[key][0] < limit):
                lows[key] = (float(limit), rule)
            if rule.side != "low" and (key not in highs or highs[key][0] > limit):
                highs[key] = (float(limit), rule)
    for key, (low, rule) in lows.items():
        if key not in highs or {rule.kind, highs[key][1].kind} in ({"budget", "max_share"}, {"budget", "min_share"}):
            continue  # shares are told with all others
        if low > highs[key][0] + CENT:
            raise _two(rule, highs[key][1])
    for key, least, rule in perhaps:
        low, demand = lows.get(key, (0.0, rule))
        high, limit = highs.get(key, (np.inf, rule))
        if low > CENT and least > high + CENT:
            what = f"only nothing is left, and that is not allowed: {rule.words}; {limit.words}; {demand.words}"
            raise _refusal("P079", what, rule.where)


def _two(low: Rule, high: Rule) -> PlanError:
    if high.kind == "no cost":
        return _refusal("P013", f"{low.words}; but no spend of it was ever seen, so its cost is not known", low.scope)
    id = "P006" if "share" in low.kind and "share" in high.kind else "P003"
    if "lock" in (low.kind, high.kind):
        id = "P078"
    elif "active" in (low.kind, high.kind):
        id = "P074"
    elif "budget" in (low.kind, high.kind):
        id = "P004"
    return _refusal(id, f"two rules leave no amount: {low.words}; {high.words}", low.scope)


def _idle(compiled: Compiled) -> None:
    """Spend demanded in periods in which none may run."""
    decision, rules = compiled.decision, compiled.stated.rules
    runs = (decision.active & (decision.free | (decision.shape > 0))).ravel()
    for rule in rules.every:
        if not rule.at_least or rule.base is not None:
            continue
        possible = np.asarray(rule.rows @ runs.astype(float)) > 0
        stuck = np.flatnonzero(~possible & (rule.limit > CENT))
        if len(stuck):
            period = int(rule.rows.indices[rule.rows.indptr[stuck[0]]]) // len(rules.grid.cells)
            day = rules.grid.edges[period]
            what = f"{rule.words}; but no spend may run in the {rules.grid.period} of {day:%Y-%m-%d}"
            raise _refusal("P074", what, rule.where)


def _single_decisions(compiled: Compiled) -> None:
    """Least above most on one decision, also where the two speak of different parts of its timing."""
    polytope, owners = compiled.polytope, compiled.owners
    cent = CENT / compiled.money_scale
    for column in np.flatnonzero(polytope.lower > polytope.upper + cent):
        low, high = int(owners.lower[column]), int(owners.upper[column])
        # A cent in a part of a timing is more than one of the whole, so the two are asked again with room for cents.
        both = np.isin(np.arange(len(compiled.rules)), (low, high))
        if low >= 0 and high >= 0 and not can_hold(compiled, both):
            raise _two(compiled.rules[low], compiled.rules[high])


def _parts(compiled: Compiled) -> None:
    """A rule on a sum against the limits on its single decisions."""
    rules, polytope, n = compiled.stated.rules, compiled.polytope, compiled.polytope.n
    scale = compiled.money_scale
    lower, upper = polytope.lower[:n] * scale, polytope.upper[:n] * scale
    for rule in rules.every:
        if rule.base is not None or rule.kind.startswith("budget") or rule.kind == "max_step" or rule.or_zero:
            continue
        sums = rule.rows @ compiled.decision.spread
        need, reach = np.asarray(sums @ lower), np.asarray(sums @ upper)
        parts = _called(rule, rules)
        for row in range(len(need)):
            limit = float(rule.limit[row])
            id = "P078" if rule.kind == "lock" else "P003"
            if rule.at_least and limit > reach[row] + CENT:
                what = f"{rule.words}; but its {parts} together may get at most {_money(reach[row], rules)}"
                raise _refusal(id, what, rule.scope)
            if rule.at_most and limit < need[row] - CENT:
                what = f"{rule.words}; but its {parts} together must get at least {_money(need[row], rules)}"
                raise _refusal(id, what, rule.scope)


def _called(rule: Rule, rules: Rules) -> str:
    """What the parts of a rule's sum are."""
    cells = np.unique(rule.rows.indices % len(rules.grid.cells))
    channels = {rules.grid.cells.channel_of(int(cell)) for cell in cells}
    if len(channels) > 1:
        return "channels"
    return "groups" if len(cells) > 1 else f"{rules.grid.period}s"


def _channel_limits(compiled: Compiled) -> _Limits:
    """Least and most spend per cell and channel, from the rules on decisions, on cells and on whole channels."""
    rules, polytope, n = compiled.stated.rules, compiled.polytope, compiled.polytope.n
    grid, cells = rules.grid, rules.grid.cells
    least = compiled.decision.totals(polytope.lower[:n] * compiled.money_scale)
    most = np.minimum(compiled.decision.totals(polytope.upper[:n] * compiled.money_scale), rules.most)
    single_least, single_most = rules.on_cells()
    least, most = np.maximum(least, single_least), np.minimum(most, single_most)
    shape = (len(cells.channels), len(cells.groups))
    channel_least = least.reshape(shape).sum(axis=1)
    channel_most = np.minimum(most.reshape(shape).sum(axis=1), rules.most)
    for rule in rules.every:
        inside = _whole(rule, rules)
        if inside is None or rule.base is not None or rule.or_zero:
            continue
        channels = np.flatnonzero(inside.reshape(shape).all(axis=1))
        if len(channels) != 1 or inside.sum() != shape[1]:
            continue
        channel, limit = int(channels[0]), float(rule.limit[0])
        if rule.at_least and limit > channel_most[channel] + CENT:
            what = f"{rule.words}; but its groups together may get at most {_money(channel_most[channel], rules)}"
            raise _refusal("P003", what, rule.scope)
        if rule.at_least:
            channel_least[channel] = max(channel_least[channel], limit)
        if rule.at_most:
            channel_most[channel] = min(channel_most[channel], limit)
    return _Limits(least, most, channel_least, channel_most, grid.cells)


def _whole(rule: Rule, rules: Rules) -> NDArray[np.bool_] | None:
    """The cells (K,) of a rule on one sum over the whole window; None for all others."""
    if rule.rows.shape[0] != 1:
        return None
    count = np.bincount(rule.rows.indices % len(rules.grid.cells), minlength=len(rules.grid.cells))
    return np.asarray(count > 0) if ((count == 0) | (count == rules.grid.periods)).all() else None


def _total(limits: _Limits, rules: Rules) -> None:
    """The least of all channels against the most total, and the other way round."""
    least, most = limits.channel_least, limits.channel_most
    ceiling = next((rule for rule in rules.every if rule.kind in ("budget", "budget_max")), None)
    floor = next((rule for rule in rules.every if rule.kind in ("budget", "budget_min")), None)
    if ceiling is not None and least.sum() > (amount := float(ceiling.limit[0])) + CENT:
        what = (
            f"the rules ask for at least {_money(least.sum(), rules)} and {_total_words(ceiling, rules)}, "
            f"{_money(least.sum() - amount, rules)} less: {_listed(least, rules)}"
        )
        locked = [rule for rule in rules.every if rule.kind == "lock"]
        only = locked and sum(float(rule.limit.sum()) for rule in locked) > amount + CENT
        raise _refusal("P078" if only else "P004", what, ceiling.where)
    if floor is not None and most.sum() < (amount := float(floor.limit[0])) - CENT:
        what = (
            f"the rules allow at most {_money(most.sum(), rules)} and {_total_words(floor, rules)}, "
            f"{_money(amount - most.sum(), rules)} more: {_listed(most, rules)}"
        )
        raise _refusal("P005", what, floor.where)


def _total_words(rule: Rule, rules: Rules) -> str:
    name = "the budget" if rule.kind == "budget" else rule.kind
    return f"{name} is {_money(float(rule.limit[0]), rules)}"


_Share = tuple[Rule, NDArray[np.bool_], float]


def _share_rules(rules: Rules) -> list[_Share]:
    """The share rules over the whole window: the rule, its cells (K,), and its share."""
    found = []
    for rule in rules.every:
        inside = _whole(rule, rules) if rule.kind in ("min_share", "max_share") else None
        if inside is not None and rule.base is not None and rule.base.all():
            found.append((rule, inside, float(rule.amount or 0.0)))
    return found


def _together(shares: list[_Share], rules: Rules) -> None:
    """Groups without a common cell: least shares above 100 %, or most shares that cannot reach it."""
    least, _ = _disjoint([item for item in shares if item[0].side == "low"])
    demanded = sum(share for _, _, share in least)
    if demanded > 1.0 + 1e-9:
        raise _refusal(
            "P006", f"least shares add up to {_of_budget(demanded, rules)}: {_said(least)}", "[[plan.groups]]"
        )
    most, taken = _disjoint([item for item in shares if item[0].side == "high"])
    allowed = sum(share for _, _, share in most)
    if taken.all() and allowed < 1.0 - 1e-9:
        what = f"most shares of all channels add up to {_of_budget(allowed, rules)}: {_said(most)}"
        raise _refusal("P006", what, "[[plan.groups]]")


def _of_budget(share: float, rules: Rules) -> str:
    return f"{share:.1%}" if rules.free else f"{share:.1%} ({_money(share * rules.budget, rules)})"


def _disjoint(shares: list[_Share]) -> tuple[list[_Share], NDArray[np.bool_]]:
    """Groups that share no cell, in the order of the file, and the cells that they cover."""
    taken = np.zeros(len(shares[0][1]), bool) if shares else np.zeros(1, bool)
    chosen = []
    for item in shares:
        if not (taken & item[1]).any():
            chosen.append(item)
            taken = taken | item[1]
    return chosen, taken


def _shares(shares: list[_Share], limits: _Limits, rules: Rules) -> None:
    """Each share of a fixed budget against its cells' limits and those of all others."""
    if rules.free:
        return
    whole = rules.budget
    of_budget = f"of {_money(whole, rules)}"
    for rule, inside, share in shares:
        amount = share * whole
        (need, reach), (other_need, other_reach) = limits.of(inside), limits.of(~inside)
        if rule.side == "low":
            _refuse_if(rule, reach < amount - CENT, f"its channels may get at most {_money(reach, rules)}")
            why = f"the other channels must get at least {_money(other_need, rules)} {of_budget}"
            _refuse_if(rule, whole - other_need < amount - CENT, why)
        else:
            _refuse_if(rule, need > amount + CENT, f"its channels must get at least {_money(need, rules)}")
            why = f"the other channels may get at most {_money(other_reach, rules)} {of_budget}"
            why = "there is no other channel to take the rest" if inside.all() else why
            _refuse_if(rule, whole - other_reach > amount + CENT, why)


def _ratios(limits: _Limits, rules: Rules) -> None:
    """What some channels can get against what others must."""
    for rule in rules.every:
        inside = _whole(rule, rules) if rule.measure == "ratio" else None
        if inside is None or rule.base is None:
            continue
        base = rule.base.reshape(rules.grid.periods, -1).all(axis=0)
        (need, reach), (to_need, to_reach) = limits.of(inside), limits.of(np.asarray(base, bool))
        amount = float(rule.amount or 0.0)
        if rule.side == "low" and reach < amount * to_need - CENT:
            what = f"it may reach {_money(reach, rules)} at most beside at least {_money(to_need, rules)}"
            raise _refusal("P003", f"{rule.words}; but {what}", rule.where)
        if rule.side == "high" and need > amount * to_reach + CENT:
            what = f"it must get at least {_money(need, rules)} beside at most {_money(to_reach, rules)}"
            raise _refusal("P003", f"{rule.words}; but {what}", rule.where)


def _refuse_if(rule: Rule, impossible: bool, why: str) -> None:
    if impossible:
        raise _refusal("P006", f"{rule.words}; but {why}", "[[plan.groups]]")


def _listed(amounts: Array, rules: Rules, most: int = 8) -> str:
    order = [int(i) for i in np.argsort(-amounts, kind="stable") if amounts[i] > 0]
    named = ", ".join(f"{rules.grid.cells.channels[i]} {_money(amounts[i], rules)}" for i in order[:most])
    return named + (f" and {len(order) - most} more" if len(order) > most else "")


def _said(shares: list[_Share]) -> str:
    return "; ".join(rule.words for rule, _, _ in shares)


def _money(amount: float, rules: Rules) -> str:
    return money(round(float(amount), 2), rules.grid.currency)


def _refusal(id: str, what: str, where: str) -> PlanError:
    entry = CATALOGUE[id] if id in CATALOGUE else RULE_CATALOGUE[id]
    return PlanError(what, where=where, repair=entry.repair, id=id)

"""Rows of the limits' grid: what is asked of every channel over the whole window, and how an edited cell is asked.

What a cell does not show (limits of single periods, changes, timing, dated rules) stays in the question as it was
and is told beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from budget.config import BoundSection, LockSection, PlanSection
from budget.problem import Problem, pose
from outlay import style
from planner.desk import Desk
from planner.plan_form import UnclearFieldError, read_section
from planner.plan_numbers import NotANumberError, parse

ALL_GROUPS = "all groups"
SEPARATOR = "\x1f"


class LimitError(Exception):
    """Why a typed limit was not taken, with the channel."""


def limit_rows(desk: Desk, section: PlanSection, unit: str) -> list[dict[str, Any]]:
    """One row for each channel and, in panels, for each of its groups.

    Parameters
    ----------
    desk : Desk
    section : PlanSection
    unit : {"money", "change", "share"}
        How limits are written: in currency, as a change against the reference plan in per cent, or as per cent of the
        total.

    Raises
    ------
    OutlayError
        Where the window has no reference plan.
    """
    problem = _bare(desk, section)
    total = _total(section, problem)
    # changes count from the reference plan after it was rescaled to the total
    whole = sum(amount for (_, group), amount in _references(problem).items() if group is None)
    scaled = total / whole if total is not None and whole > 0 else 1.0
    return [_row(section, cell, reference, unit, total, scaled) for cell, reference in _references(problem).items()]


def edited(desk: Desk, section: PlanSection, unit: str, row: str, field: str, value: Any) -> PlanSection:
    """The question with one cell of the grid edited.

    Raises
    ------
    LimitError
    """
    channel, _, name = row.partition(SEPARATOR)
    group = name or None
    problem = _bare(desk, section)
    reference = _references(problem)[channel, group]
    scope = channel if group is None else f"{channel} in {group}"
    stated = section.model_dump(mode="json", exclude_unset=True)
    try:
        if field == "lock":
            _set_lock(stated, channel, group, on=value is True or str(value).lower() == "true")
        else:
            amount = _amount(value, unit, reference, _total(section, problem), desk.study.project.numbers)
            _set_limit(stated, channel, group, field, amount)
        return read_section(stated)
    except NotANumberError as unreadable:
        raise LimitError(f"{scope}: {unreadable}") from unreadable
    except UnclearFieldError as unclear:
        raise LimitError(f"{scope}: {unclear}") from unclear


def _bare(desk: Desk, section: PlanSection) -> Problem:
    """The window and the reference plan of a question without its rules, which may contradict each other."""
    planner = desk.planner(section)
    kept = ("start", "periods", "reference", "value_from", "budget")
    stated = section.model_dump(mode="json", exclude_unset=True, include=set(kept))
    return pose(planner.response, read_section(stated), planner.base, planner.organic, planner.margin)


def _references(problem: Problem) -> dict[tuple[str, str | None], float]:
    """Reference spend over the window by channel, and by channel and group in panels."""
    cells, spend = problem.cells, np.asarray(problem.reference.spend).sum(axis=0)
    n = len(cells.groups)
    found: dict[tuple[str, str | None], float] = {}
    for i, channel in enumerate(cells.channels):
        mine = spend[i * n : (i + 1) * n]
        found[channel, None] = round(float(mine.sum()), 2)
        if n > 1:
            found |= {(channel, group): round(float(x), 2) for group, x in zip(cells.groups, mine, strict=True)}
    return found


def _total(section: PlanSection, problem: Problem) -> float | None:
    """The total that shares are of; None where the optimizer chooses it."""
    return None if section.free_total else section.budget or problem.reference.budget


def _row(
    section: PlanSection, cell: tuple[str, str | None], reference: float, unit: str, total: float | None, scaled: float
) -> dict[str, Any]:
    channel, group = cell
    lock = next((lock for lock in section.locks if _whole(lock, channel, group)), None)
    least, most = _limits(section, channel, group)
    if lock is not None:
        least = most = reference if lock.spend is None else lock.spend
    return {
        "id": f"{channel}{SEPARATOR}{group or ''}",
        "scope": channel if group is None else f"{channel} in {group}",
        "channel": channel,
        "group": group or ALL_GROUPS,
        "reference": reference,
        "lock": lock is not None,
        "lower": _written(least, unit, reference, total),
        "upper": _written(most, unit, reference, total),
        **_hints(section, channel, group, reference, unit, total, scaled),
        "more": "; ".join(_more(section, channel, group)),
    }


def _hints(
    section: PlanSection,
    channel: str,
    group: str | None,
    reference: float,
    unit: str,
    total: float | None,
    scaled: float,
) -> dict[str, str]:
    """What a largest change leaves where nothing is typed."""
    own = [
        bound.max_change for bound in section.bounds if _whole(bound, channel, group) and bound.max_change is not None
    ]
    # that of every channel is of its groups together: one group may change by more
    change = min(own, default=section.max_change if group is None else None)
    if change is None:
        return {"lower_hint": "", "upper_hint": ""}
    least, most = (max(reference * scaled * (1.0 + sign * change), 0.0) for sign in (-1, 1))
    return {
        "lower_hint": _written(round(least), unit, reference, total),
        "upper_hint": _written(round(most), unit, reference, total),
    }


def _whole(rule: BoundSection | LockSection, channel: str, group: str | None) -> bool:
    """Whether a rule speaks of this row over the whole window."""
    return rule.channel == channel and rule.group == group and rule.first is None and rule.last is None


def _limits(section: PlanSection, channel: str, group: str | None) -> tuple[float | None, float | None]:
    bounds = [bound for bound in section.bounds if _whole(bound, channel, group)]
    least = [bound.min for bound in bounds if bound.min is not None]
    most = [bound.max for bound in bounds if bound.max is not None]
    return max(least, default=None), min(most, default=None)


def _more(section: PlanSection, channel: str, group: str | None) -> Iterator[str]:
    """What is asked of a row beside its least and its most."""
    for bound in section.bounds:
        if bound.channel != channel or bound.group != group:
            continue
        yield from _bound_words(bound)
    for lock in section.locks:
        if lock.channel == channel and lock.group == group and not _whole(lock, channel, group):
            amount = "as in the reference" if lock.spend is None else style.amount(lock.spend)
            yield f"locked{_dates(lock)}: {amount}"


def _bound_words(bound: BoundSection) -> Iterator[str]:
    dated = _dates(bound)
    told = {
        "min": ("at least {}", style.amount) if dated else None,
        "max": ("at most {}", style.amount) if dated else None,
        "max_change": ("change at most {}", style.percent),
        "max_change_amount": ("change at most {}", style.amount),
        "period_min": ("per period at least {}", style.amount),
        "period_max": ("per period at most {}", style.amount),
        "min_or_zero": ("nothing or at least {}", style.amount),
        "min_or_zero_per_period": ("per period nothing or at least {}", style.amount),
        "max_step": ("step at most {} of its mean", style.ratio),
    }
    for key, how in told.items():
        value = getattr(bound, key)
        if value is not None and how is not None:
            words, write = how
            yield words.format(write(value)) + dated
    if bound.timing is not None:
        yield "timing " + (bound.timing if isinstance(bound.timing, str) else "by a pattern")
    if bound.active is not None:
        yield "only on " + ", ".join(f"{first} to {last}" for first, last in bound.active)


def _dates(rule: BoundSection | LockSection) -> str:
    if rule.first is None and rule.last is None:
        return ""
    return f" from {rule.first or 'the start'} to {rule.last or 'the end'}"


def _written(amount: float | None, unit: str, reference: float, total: float | None) -> str:
    """A limit as the grid shows it, and takes it back."""
    if amount is None:
        return ""
    if unit == "change":
        return style.MISSING if reference <= 0 else style.signed(style.percent(amount / reference - 1.0))
    if unit == "share":
        return style.MISSING if not total else style.percent(amount / total)
    return style.amount(amount, 0 if float(amount).is_integer() else 2)


def _amount(value: Any, unit: str, reference: float, total: float | None, numbers: str) -> float | None:
    """A limit in currency from what was typed; None where the cell was emptied.

    Raises
    ------
    NotANumberError
    """
    text = "" if value is None else str(value).strip()
    if not text:
        return None
    typed = parse(text, numbers)
    if unit == "change":
        if reference <= 0:
            raise NotANumberError(
                "the reference plan spends nothing here; write an amount of money instead of a change"
            )
        if typed < -100:
            raise NotANumberError(f"a change of {text} would be less than nothing")
        return round(reference * (1.0 + typed / 100), 2)
    if typed < 0:
        raise NotANumberError(f"spend cannot be below nothing, and this says {text}")
    if unit == "share":
        if total is None:
            raise NotANumberError("the total is free; write an amount, or a share for a group of channels below")
        if typed > 100:
            raise NotANumberError(f"{text} is more than the total")
        return round(total * typed / 100, 2)
    return typed


def _set_lock(stated: dict[str, Any], channel: str, group: str | None, *, on: bool) -> None:
    locks = [lock for lock in stated.get("locks", []) if not _is_whole(lock, channel, group)]
    _keep(stated, "locks", [*locks, _scope(channel, group)] if on else locks)


def _set_limit(stated: dict[str, Any], channel: str, group: str | None, field: str, amount: float | None) -> None:
    locked = next((lock for lock in stated.get("locks", []) if _is_whole(lock, channel, group)), None)
    if locked is not None:
        locked.pop("spend", None)
        locked |= {} if amount is None else {"spend": amount}
        return
    key, bounds = {"lower": "min", "upper": "max"}[field], list(stated.get("bounds", []))
    mine = [bound for bound in bounds if _is_whole(bound, channel, group)]
    for bound in mine:
        bound.pop(key, None)
    if amount is not None and mine:
        mine[0][key] = amount
    elif amount is not None:
        bounds.append({**_scope(channel, group), key: amount})
    says_nothing = {"channel", "group", "first", "last", "hard"}
    _keep(stated, "bounds", [bound for bound in bounds if set(bound) - says_nothing])


def _is_whole(rule: dict[str, Any], channel: str, group: str | None) -> bool:
    dated = rule.get("first") is not None or rule.get("last") is not None
    return rule.get("channel") == channel and rule.get("group") == group and not dated


def _scope(channel: str, group: str | None) -> dict[str, Any]:
    return {"channel": channel} if group is None else {"channel": channel, "group": group}


def _keep(stated: dict[str, Any], key: str, rules: list[dict[str, Any]]) -> None:
    if rules:
        stated[key] = rules
    else:
        stated.pop(key, None)

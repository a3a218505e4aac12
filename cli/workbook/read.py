"""The question of a workbook that a planner edited: ``outlay plan --from``, and an upload to the page.

What the planner did not touch stays the question that the plan was an answer to. A row whose limits he edited has
exactly the limits that it shows: other limits of its total over the window give way. Rules on groups of channels, on
single periods and on the timing stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from budget.config import PlanSection
from cli.workbook.asked import ENTRIES, STORE, VERSION, WrittenBook, WrittenPlan
from cli.workbook.cells import Tab, open_book, unreadable
from cli.workbook.edits import Edits, Fault, edits_of, is_plan
from cli.workbook.limits import with_limits
from outlay.errors import ConfigError


@dataclass(frozen=True)
class Edited:
    """The question of one sheet.

    Attributes
    ----------
    section : PlanSection
    sheet : str
    changed : bool
        Whether the planner edited anything.
    places : mapping of str to str
        From a rule as messages of the optimizer name it (``[[plan.bounds]] 3``) to the cells that it comes from.
    """

    section: PlanSection
    sheet: str
    changed: bool
    places: Mapping[str, str] = field(default_factory=dict)


def question_of(source: bytes | Path, base: PlanSection, *, name: str = "the workbook") -> PlanSection:
    """The question that a planner wrote into a workbook of plans.

    Parameters
    ----------
    source : bytes or Path
        The workbook.
    base : PlanSection
        Asked where the workbook does not hold the question of its plan.
    name : str
        What messages call the workbook.

    Raises
    ------
    ConfigError
        X061, where the workbook cannot be read; X062 with sheet and cell, where something in it cannot be used.
    """
    return edited_of(source, base, name=name).section


def edited_of(source: bytes | Path, base: PlanSection, *, name: str = "the workbook") -> Edited:
    """The same with the places of its rules: of the sheet that was edited, or of the first where none was.

    Raises
    ------
    ConfigError
        As :func:`question_of`; X062 also where several sheets were edited.
    """
    every = all_edited(source, base, name=name)
    changed = [each for each in every if each.changed]
    if len(changed) > 1:
        sheets = " and ".join(each.sheet for each in changed)
        raise _refused([Fault(name, f"{sheets} were both edited, and this asks one question", "Undo all but one.")])
    return changed[0] if changed else every[0]


def all_edited(source: bytes | Path, base: PlanSection, *, name: str = "the workbook") -> tuple[Edited, ...]:
    """The questions of all plans of a workbook."""
    tabs = open_book(source, name)
    written = _written(tabs, name)
    faults = list(_strays(tabs, written))
    found: list[Edited] = []
    for plan in written.plans:
        if plan.sheet not in tabs:
            continue
        edits = edits_of(tabs[plan.sheet], plan, faults)
        if not faults:
            found.append(_asked(edits, plan, base, name))
    if faults:
        raise _refused(faults)
    if not found:
        raise unreadable("it holds no sheet of a plan", name)
    return tuple(found)


def _strays(tabs: Mapping[str, Tab], written: WrittenBook) -> Iterator[Fault]:
    """Sheets of plans under names that nobody wrote: renamed ones, and copies that were edited.

    Nothing on them would be read, and whoever edited them would be told of an answer to another question.
    """
    names = [plan.sheet for plan in written.plans]
    gone = [name for name in names if name not in tabs]
    for name, tab in tabs.items():
        if name in names or not is_plan(tab) or (not gone and _is_copy(tab, written)):
            continue
        if gone:
            yield Fault(name, f"this is the sheet of a plan, and {gone[0]} is gone", f"Name it {gone[0]} again.")
        else:
            where = " or ".join(names)
            yield Fault(
                name,
                "this is the copy of a plan's sheet, and it was edited",
                f"Write its yellow cells on the sheet {where}, and delete the copy.",
            )


def _is_copy(tab: Tab, written: WrittenBook) -> bool:
    """Whether a sheet holds what some plan's held when it was written."""
    for plan in written.plans:
        faults: list[Fault] = []
        if not edits_of(tab, plan, faults).any and not faults:
            return True
    return False


def _written(tabs: Mapping[str, Tab], name: str) -> WrittenBook:
    """What the workbook says of the plans that it was written with."""
    if STORE not in tabs:
        raise unreadable(f"it was not written by Outlay, or its sheet {STORE} was deleted", name)
    text = "".join(
        str(found.value) for (row, column), found in sorted(tabs[STORE].cells.items()) if row and column == 0
    )
    try:
        book = WrittenBook.model_validate_json(text)
    except ValidationError as problem:
        raise unreadable(f"its sheet {STORE} was edited", name) from problem
    if book.version != VERSION:
        raise unreadable(f"it was written by another version (workbook version {book.version})", name)
    return book


def _asked(edits: Edits, plan: WrittenPlan, base: PlanSection, name: str) -> Edited:
    stated = _stated(plan, base, name)
    for key in edits.entries:
        for rival in _RIVALS.get(key, ()):
            if rival not in edits.entries:
                stated.pop(rival, None)
    for key, (value, _) in edits.entries.items():
        stated.pop(key, None)
        if value is not None:
            stated[key] = value
    places = {f"[plan] {key}": place for key, (_, place) in edits.entries.items()}
    stated, more = with_limits(stated, edits, [(row.channel, row.group) for row in plan.rows])
    try:
        section = PlanSection.model_validate_json(_json(stated))
    except ValidationError as problem:
        raise _refused([_misfit(problem, edits, plan)]) from problem
    return Edited(section, plan.sheet, edits.any, places | more)


_RIVALS: Mapping[str, tuple[str, ...]] = {
    "budget": ("budget_min", "budget_max"),
    "budget_min": ("budget",),
    "budget_max": ("budget",),
    # a number means another thing under another objective
    "objective": ("target", "target_counts"),
}


def _stated(plan: WrittenPlan, base: PlanSection, name: str) -> dict[str, Any]:
    """The plan's own question. A file it compares with and the time it may take are not the workbook's to choose."""
    own = base.model_dump(mode="json", exclude_unset=True)
    if plan.question is None:
        return own
    try:
        question = PlanSection.model_validate_json(_json(plan.question))
    except ValidationError as problem:
        raise unreadable(f"its sheet {STORE} was edited", name) from problem
    if question.reference not in ("last", "last_year", base.reference):
        what = f"its plan is compared with the file {question.reference}, and the project's [plan] names another"
        repair = (
            "Write reference = the path of that file under [plan] in the project file, and read the workbook again."
        )
        raise _refused([Fault(f"{name}, {plan.sheet}", what, repair)])
    stated = question.model_dump(mode="json", exclude_unset=True)
    stated.pop("time_limit", None)
    if "time_limit" in own:
        stated["time_limit"] = own["time_limit"]
    return stated


def _json(stated: Mapping[str, Any]) -> str:
    from outlay.exports import to_json

    return to_json(stated)


def _misfit(problem: ValidationError, edits: Edits, plan: WrittenPlan) -> Fault:
    """What the question as a whole does not allow, at the cells that were edited."""
    first = problem.errors()[0]
    key = str(first["loc"][0]) if first["loc"] else ""
    cells = [place for name, (_, place) in edits.entries.items() if key in ("", name)]
    where = ", ".join(cells) or plan.sheet
    if first["type"] == "literal_error":
        what = f"{str(first['input'])[:40]!r} is not one of the words that can stand here"
        return Fault(where, what, f"Choose {first.get('ctx', {}).get('expected', 'one from the list')}.")
    what = str(first["msg"]).removeprefix("Value error, ")
    told = "; ".join(f"{key} is {label}" for key, (label, _) in ENTRIES.items() if key in what and key != label.lower())
    return Fault(where, what, f"Correct these cells ({told})." if told else "Correct these cells.")


def _refused(faults: list[Fault]) -> ConfigError:
    """One refusal for all cells that cannot be used."""
    first = faults[0]
    more = "".join(f"\n  also {fault.place}: {fault.what}. {fault.repair}" for fault in faults[1:])
    return ConfigError(first.what, where=first.place, repair=first.repair + more, id="X062")

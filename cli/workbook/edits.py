"""What a planner changed on the sheet of a plan, cell by cell, beside what was written there."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cli.workbook.asked import (
    ALL,
    AS_REFERENCE,
    CENT,
    CHANNEL,
    ENTRIES,
    GROUP,
    LIMITS,
    REFERENCE,
    SPEND,
    TOTAL,
    EntryKind,
    WrittenPlan,
    WrittenRow,
)
from cli.workbook.cells import Tab

Entry = str | float | int | None


@dataclass(frozen=True)
class Fault:
    """Something on the sheet that cannot be used: where, what, and what to do."""

    place: str
    what: str
    repair: str


class _Unusable(Exception):
    """Why a cell cannot be used, and what to write instead."""

    def __init__(self, what: str, repair: str) -> None:
        super().__init__(what)
        self.what, self.repair = what, repair


@dataclass(frozen=True)
class RowEdit:
    """One row of the table whose limits were edited, as it stands now.

    Attributes
    ----------
    channel, group : str
    lower, upper : float or None
        None is no limit.
    locked : float, "reference" or None
    edited : frozenset of str
        Which of the three were changed.
    place : str
        Their cells.
    """

    channel: str
    group: str | None
    lower: float | None
    upper: float | None
    locked: float | str | None
    edited: frozenset[str]
    place: str


@dataclass(frozen=True)
class Edits:
    """All changes of a sheet.

    Attributes
    ----------
    entries : mapping of str to (value, place)
        Keys of ``[plan]`` whose cell was changed; None where it was emptied.
    rows : tuple of RowEdit
    """

    entries: Mapping[str, tuple[Entry, str]]
    rows: tuple[RowEdit, ...]

    @property
    def any(self) -> bool:
        """Whether anything was changed."""
        return bool(self.entries or self.rows)


def is_plan(tab: Tab) -> bool:
    """Whether a sheet is laid out like that of a plan, whatever it is called."""
    begins = {tab.text(row, 0) for row in tab.rows}
    return {ENTRIES["name"][0], CHANNEL} <= begins


def edits_of(tab: Tab, plan: WrittenPlan, faults: list[Fault]) -> Edits:
    """The changes of a sheet; what cannot be used is added to ``faults``."""
    entries = dict(_entries(tab, plan, faults))
    return Edits(entries, tuple(_rows(tab, plan, faults)))


def _entries(tab: Tab, plan: WrittenPlan, faults: list[Fault]) -> Iterator[tuple[str, tuple[Entry, str]]]:
    labels = {label: key for key, (label, _) in ENTRIES.items()}
    first = next((row for row in tab.rows if tab.text(row, 0) == ENTRIES["name"][0]), None)
    if first is None:
        faults.append(
            Fault(
                tab.name,
                f"the row that begins with {ENTRIES['name'][0]!r} is gone",
                "Put the labels back as they were.",
            )
        )
        return
    seen = {labels[tab.text(first, j)]: j for j in tab.columns if tab.text(first, j) in labels}
    for key, (label, kind) in ENTRIES.items():
        if key not in seen:
            faults.append(Fault(f"{tab.name}, row {first + 1}", f"the label {label!r} is gone", "Put it back."))
            continue
        place = tab.place(first + 1, seen[key])
        try:
            value = _entry(tab, first + 1, seen[key], kind)
        except _Unusable as unusable:
            faults.append(Fault(place, unusable.what, unusable.repair))
            continue
        if not _same(value, plan.entries.get(key), CENT if kind == "money" else 0.0):
            yield key, (value, place)


def _entry(tab: Tab, row: int, column: int, kind: EntryKind) -> Entry:
    if kind == "text":
        return _text(tab, row, column)
    if kind == "date":
        return _day(tab, row, column)
    number = _number(tab, row, column, signed=kind == "outcome")
    if kind == "count" and number is not None:
        if number != int(number) or number < 1:
            raise _Unusable(f"{number:g} is no number of periods", "Write a whole number from 1.")
        return int(number)
    return number


def _rows(tab: Tab, plan: WrittenPlan, faults: list[Fault]) -> Iterator[RowEdit]:
    head = next((row for row in tab.rows if tab.text(row, 0) == CHANNEL), None)
    if head is None:
        faults.append(Fault(tab.name, f"the row that begins with {CHANNEL!r} is gone", "Put the heads back."))
        return
    columns = {_head(tab.text(head, j)): j for j in tab.columns if tab.text(head, j)}
    panel = any(row.group is not None for row in plan.rows)
    missing = [name for name in (SPEND, *LIMITS.values(), *([GROUP] if panel else [])) if name not in columns]
    if missing:
        where = f"{tab.name}, row {head + 1}"
        faults.append(Fault(where, f"the column {', '.join(missing)} is gone", "Put its head back as it was."))
        return
    known = {(row.channel.strip(), (row.group or ALL).strip() if panel else None): row for row in plan.rows}
    seen: set[tuple[str, str | None]] = set()
    for line in range(head + 1, len(tab.rows)):
        key = _key(tab, line, columns, panel=panel)
        if key[0] == TOTAL and (key not in known or key in seen):
            break
        if _is_empty(tab, line):
            if (known.keys() - seen) & _below(tab, line, columns, panel=panel):
                continue  # somebody set rows apart
            break
        if not _is_known(tab, line, key, known, seen, faults):
            continue
        seen.add(key)
        found = _row(tab, line, columns, known[key], faults)
        if found is not None:
            yield found
    gone = [f"{channel}{f' in {group}' if group else ''}" for channel, group in known if (channel, group) not in seen]
    if gone:
        what = f"the row{'s' if len(gone) > 1 else ''} of {', '.join(gone)} {'are' if len(gone) > 1 else 'is'} gone"
        faults.append(Fault(tab.name, what, "Put it back. To spend nothing there, write 0 as its upper limit."))


def _key(tab: Tab, line: int, columns: Mapping[str, int], *, panel: bool) -> tuple[str, str | None]:
    """Channel and group of a row of the table."""
    return tab.text(line, 0), tab.text(line, columns[GROUP]) if panel else None


def _below(tab: Tab, line: int, columns: Mapping[str, int], *, panel: bool) -> set[tuple[str, str | None]]:
    """What the rows below one are about."""
    return {_key(tab, later, columns, panel=panel) for later in range(line + 1, len(tab.rows))}


def _is_known(
    tab: Tab,
    line: int,
    key: tuple[str, str | None],
    known: Mapping[tuple[str, str | None], WrittenRow],
    seen: set[tuple[str, str | None]],
    faults: list[Fault],
) -> bool:
    if key in known and key not in seen:
        return True
    name = " in ".join(part for part in key if part) or "a row without a name"
    what = f"{name} stands here twice" if key in seen else f"{name} is not a row of this plan"
    faults.append(Fault(tab.place(line, 0), what, "Take the row out, or write the name as it was."))
    return False


def _is_empty(tab: Tab, line: int) -> bool:
    return not any((line, column) in tab.cells for column in tab.columns)


def _row(tab: Tab, line: int, columns: Mapping[str, int], written: WrittenRow, faults: list[Fault]) -> RowEdit | None:
    """The limits of a row where one of them was changed."""
    values: dict[str, float | str | None] = {}
    for key, name in LIMITS.items():
        try:
            values[key] = _limit(tab, line, columns[name], lock=key == "locked")
        except _Unusable as unusable:
            faults.append(Fault(tab.place(line, columns[name]), unusable.what, unusable.repair))
    fixed = _unchanged(tab, line, columns, written)
    if fixed is not None:
        faults.append(fixed)
        return None
    if len(values) < len(LIMITS):
        return None
    edited = frozenset(key for key in LIMITS if not _same(values[key], getattr(written, key)))
    if not edited:
        return None
    lower, upper, locked = values["lower"], values["upper"], values["locked"]
    places = {key: tab.place(line, columns[name]) for key, name in LIMITS.items()}
    if locked is None and isinstance(lower, float) and isinstance(upper, float) and lower > upper:
        what = f"the lower limit {lower:,.2f} is above the upper limit {upper:,.2f} ({places['upper']})"
        faults.append(Fault(places["lower"], what, "Lower the one or raise the other."))
        return None
    place = ", ".join(places[key] for key in LIMITS if key in edited)
    return RowEdit(
        written.channel,
        written.group,
        lower if isinstance(lower, float) else None,
        upper if isinstance(upper, float) else None,
        locked,
        edited,
        place,
    )


def _unchanged(tab: Tab, line: int, columns: Mapping[str, int], written: WrittenRow) -> Fault | None:
    """What is wrong where amounts that nobody can ask for were changed."""
    asks = f"Put it back, and write the amount under {LIMITS['locked']!r} in the same row."
    told = {
        SPEND: (written.spend, "is what the plan answered", asks),
        REFERENCE: (written.reference, "is what the plan is compared with", "Put it back. " + _OTHER_REFERENCE),
    }
    for name, (value, is_what, repair) in told.items():
        if value is None or name not in columns:
            continue
        found = tab.cells.get((line, columns[name]))
        if found is None or not _same(found.value, value):
            return Fault(tab.place(line, columns[name]), f"{name} {is_what}, and it was changed here", repair)
    return None


_OTHER_REFERENCE = "Another reference plan is named as reference under [plan] in the project file."


def _head(text: str) -> str:
    """The head of a column without its unit."""
    return text.partition(" (")[0]


def _limit(tab: Tab, row: int, column: int, *, lock: bool) -> float | str | None:
    if lock and tab.text(row, column).lower() == AS_REFERENCE:
        return AS_REFERENCE
    return _number(tab, row, column)


def _value(tab: Tab, row: int, column: int) -> Any:
    """What a cell holds; a formula counts as the value that a spreadsheet gave it."""
    found = tab.cells.get((row, column))
    if found is None:
        return None
    if found.formula and found.value is None:
        raise _Unusable(
            "this formula has no value",
            "Open the workbook in a spreadsheet, save it, and read it again; or write the number itself.",
        )
    if isinstance(found.value, str):
        return found.value.strip() or None
    return found.value


def _number(tab: Tab, row: int, column: int, *, signed: bool = False) -> float | None:
    value = _value(tab, row, column)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _no_number(value)
    if not math.isfinite(value):
        raise _Unusable(f"{value} is not a number", "Write a number, or leave the cell empty.")
    if value < 0 and not signed:
        raise _Unusable(f"{value:,.2f} is below zero", "Write an amount from 0, or leave the cell empty.")
    return float(value)


def _no_number(value: object) -> _Unusable:
    """What is wrong with a cell that holds something else than a number, and what to write instead."""
    if not isinstance(value, str):
        return _Unusable(f"{value} is not a number", "Write a number, or leave the cell empty.")
    said = repr(value[:40])
    if value in _FORMULA_ERRORS:
        return _Unusable(f"the formula gave {said}", "Mend the formula, or write the number itself.")
    if any(sign.isdigit() for sign in value):
        repair = (
            "Type the digits again, without currency or unit and with your spreadsheet's own decimal sign, and see "
            "that the cell's format is not text; or leave the cell empty."
        )
        return _Unusable(f"{said} is text and not a number", repair)
    return _Unusable(f"{said} is not a number", "Write a number, or leave the cell empty.")


_FORMULA_ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")


def _text(tab: Tab, row: int, column: int) -> str | None:
    value = _value(tab, row, column)
    return None if value is None else str(value)


def _day(tab: Tab, row: int, column: int) -> str | None:
    value = _value(tab, row, column)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise _Unusable(f"{str(value)[:40]!r} is not a date", "Write a date, such as 2025-01-06.") from None


def _same(value: Any, written: Any, apart: float = CENT) -> bool:
    """Whether a cell holds what was written; amounts to the cent, and all numbers to the digits that are kept."""
    if isinstance(value, int | float) and isinstance(written, int | float):
        return abs(value - written) <= max(apart, 1e-9 * abs(written))
    if isinstance(value, str) and isinstance(written, str):
        return value.strip() == written.strip()
    return bool(value == written)

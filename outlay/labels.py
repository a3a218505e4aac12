"""Labels of customers as other tables see them: the ``labels`` key of a section, and what it is joined with.

``outlay segment`` keeps who is in which segment in ``tables/labels.parquet`` of its run. A section that names the
column of the customer's id gets the segment's name from there, from the latest run unless one is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from outlay.catalogue import CATALOGUE
from outlay.errors import ConfigError
from outlay.project import Section

if TYPE_CHECKING:
    import pandas as pd

    from outlay.runs import Run

LABEL_KINDS = ("segment", "segment_assign")
"""Kinds of runs that say who is in which segment."""

POINTED = r"^[0-9]+\.0+$"
"""An id that went through a program of numbers: 17850.0 is 17850."""

LATEST = "latest"
_WHERE = "[leads.labels]"


class LabelsSection(Section):
    """The ``labels`` key of a section: its rows get the segment of their customer, as ``outlay segment`` found it."""

    customer: str = Field(description="Column of the customer's id in this table, as [customers] spells it.")
    run: str = Field(LATEST, description='Run of `outlay segment` to take segments from, or "latest".')

    @property
    def column(self) -> str:
        """What the joined column is called: no column of a table is likely to have this name."""
        return f"segment of {self.customer}"


@dataclass(frozen=True, eq=False)
class Labels:
    """Who is in which segment. N customers.

    Attributes
    ----------
    frame : DataFrame (N rows)
        ``id`` and ``segment``, both text; each id once.
    run : Run
        The run that says so.
    as_of : date or None
        The day up to which the run knew its customers; None where its tables hold no day.
    from_value : tuple of str
        Features of the segments that say what customers bought or were worth by that day.
    """

    frame: pd.DataFrame
    run: Run
    as_of: date | None
    from_value: tuple[str, ...] = ()


def runs_beside(base: Path) -> Path:
    """The folder of runs of a project, given the folder of its project file."""
    return base / "runs"


def has_labels(root: Path) -> bool:
    """Whether a folder of runs holds any run of labels, damaged ones included."""
    from outlay.runs import damaged_runs, list_runs

    if any(run.kind in LABEL_KINDS for run in list_runs(root)):
        return True
    return any(_kind_of(path.name) in LABEL_KINDS for path, _ in damaged_runs(root))


def label_run(root: Path, ref: str = LATEST, *, where: str = _WHERE) -> Run:
    """The run whose labels are meant.

    Parameters
    ----------
    root : Path
        Folder of runs.
    ref : str
        ``"latest"``, an id, or the beginning of one that fits no other run of labels.
    where : str
        The key that asks, for messages.

    Raises
    ------
    ConfigError
        C023, where there is none, or not exactly one that is called so.
    RunError
        R003, where the latest run of labels is damaged.
    """
    from outlay.runs import damaged_runs, list_runs

    found = [run for run in list_runs(root) if run.kind in LABEL_KINDS]
    damaged = [(path, why) for path, why in damaged_runs(root) if _kind_of(path.name) in LABEL_KINDS]
    if ref == LATEST:
        newest = f"{found[-1].created:%Y%m%dT%H%M%SZ}" if found else ""
        for path, why in damaged:
            if path.name >= newest:
                raise why  # an older run in place of the damaged latest one would be a silent mix-up
        if found:
            return found[-1]
        raise ConfigError(
            f"there are no segments yet: {root} holds no run of `outlay segment`",
            where=where,
            repair=CATALOGUE["C023"].repair,
            id="C023",
        )
    named = [run for run in found if run.id.startswith(ref)]
    if len(named) == 1 or (named and named[0].id == ref):
        return named[0]
    for path, why in damaged:
        if path.name.startswith(ref):
            raise why
    held = ", ".join(run.id for run in named or found[:-6:-1]) or "none"
    what = f'{len(named)} runs of segments begin like "{ref}"' if named else f'no run of segments is called "{ref}"'
    raise ConfigError(what, where=where, repair=f'Name one of {held}, or write run = "latest".', id="C023")


def read_labels(root: Path, run: str = LATEST, *, where: str = _WHERE) -> Labels:
    """Read who is in which segment.

    Parameters
    ----------
    root : Path
        Folder of runs.
    run : str
        As :func:`label_run`.
    where : str
        The key that asks, for messages.

    Raises
    ------
    ConfigError
        C023: no such run, or one whose customers have no ids of their own.
    RunError
        Where the run is damaged.
    """
    found = label_run(root, run, where=where)
    frame, facts = found.table("labels"), found.json("segments")
    ids = without_point(frame["id"].astype("str").str.strip())
    if facts.get("id") is None or ids.duplicated().any():
        raise ConfigError(
            f"the customers of {found.id} have no ids that another table could name",
            where=where,
            repair="Name the column of the customer's id as `id` in [customers], and run `outlay segment` again.",
            id="C023",
        )
    as_of = facts.get("as_of")
    table = frame[["segment"]].astype("str").assign(id=ids)[["id", "segment"]]
    bought = tuple(map(str, facts.get("from_value", ())))
    return Labels(table, found, None if as_of is None else date.fromisoformat(as_of), bought)


def without_point(ids: pd.Series) -> pd.Series:
    """Ids as text (N,); where every one is a whole number with ``.0`` behind it, without that.

    One id alone may end so on purpose; a whole column of them was written by a program that took ids for numbers.
    """
    filled = ids.dropna()
    if not len(filled) or not filled.str.fullmatch(POINTED).all():
        return ids
    return ids.str.replace(r"\.0+$", "", regex=True)


def _kind_of(name: str) -> str:
    """Kind of the run in a folder, by its name."""
    parts = name.split("-")
    return parts[1] if len(parts) == 3 else ""

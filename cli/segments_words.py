"""Words about segments that several tables share."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from outlay import style

if TYPE_CHECKING:
    from segmentation.document import EffectRow, SegmentOutput

NAME_WIDTH = 26
"""Columns of a segment's name in the terminal; a longer one goes over several lines."""


def named(number: int | None, name: str) -> str:
    """A segment's number and name, over several lines where it is long; ``all`` for no number."""
    return (
        "all"
        if not number
        else "\n".join(textwrap.wrap(f"{number} {name}", NAME_WIDTH, subsequent_indent="  ", break_on_hyphens=False))
    )


def effect_words(row: EffectRow, currency: str) -> tuple[str, str, str]:
    """An effect and the ends of its interval: a share of value, or money."""
    ends = (row.effect, row.low, row.high)
    if row.unit == currency:
        return tuple(style.signed(style.money(end, currency)) for end in ends)  # type: ignore[return-value]
    return tuple(style.MISSING if end is None else style.change(end) for end in ends)  # type: ignore[return-value]


def untrusted(found: SegmentOutput) -> list[str]:
    """What did not pass the trust gate, why, and that segments do not rest on it; nothing where all did."""
    gates = (
        ("Lifetime value", found.clv_trusted, found.clv_reasons, bool(found.clv)),
        ("The response to the next campaign", found.response_trusted, found.response_reasons, bool(found.propensity)),
    )
    said = []
    for what, trusted, reasons, shown in gates:
        if trusted is False:
            done = "is shown because of --force" if shown else "is left out (--force shows it)"
            why = f" {' '.join(reasons)}" if reasons else ""
            said.append(f"{what} {done}: its posterior did not pass the trust gate (T006).{why} Segments stay usable.")
    return said


def next_step(found: SegmentOutput, project: Path, sections: frozenset[str]) -> str:
    """Where the work goes on, in a sentence.

    Parameters
    ----------
    found : SegmentOutput
    project : Path
    sections : frozenset of str
        Sections of the project file; ``"leads.labels"`` where leads take segments from here.
    """
    if found.mode == "choose":
        return "Nothing was written. Next: outlay segment, with k under [customers.clusters] where you decide otherwise"
    if found.mode == "drift":
        return f"Nothing was written. Next: outlay segment{'' if found.refit else ' --assign'}"
    if found.run is None:
        return "Nothing was written."
    where = f"Run {found.run} is in {project.parent / 'runs'}. " if found.mode != "profile" else ""
    return where + _next(found, sections)


def _next(found: SegmentOutput, sections: frozenset[str]) -> str:
    if found.mode == "assign" and found.refit:
        return "Next: outlay segment, because new segments are due"
    if found.id is None:
        return (
            "Next: id under [customers] names the column of the customer's id, and other tables can take the segments"
        )
    if "leads.labels" in sections:
        return "Next: outlay convert, whose leads take these segments"
    if "leads" in sections:
        return 'Next: [leads.labels] with customer = "the id\'s column in your leads" gives leads these segments'
    if found.mode == "assign":
        return "Its labels are those that other tables get; --csv FILE writes them"
    return "Next: outlay segment --profile --picture segments.html, or outlay report"

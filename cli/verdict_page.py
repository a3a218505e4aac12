"""The page of verdicts: one line per check, grouped by the question it answers, then channels, then what to do."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cli.terminal import emit, plural, print_table, printable, say
from outlay.text_table import Column, TextTable

if TYPE_CHECKING:
    from cli.outputs.validation import UseRow, ValidateOutput, VerdictRow
    from outlay.runs import Run

SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Can it be read at all?", ("V017",)),
    ("Does it predict?", ("V001", "V002")),
    ("Does it describe the data?", ("V003", "V018", "V004", "V013")),
    ("Does it stay?", ("V005", "V006", "V007")),
    ("Does it credit media with what they did not do?", ("V008", "V009", "V016")),
    ("Could the data tell?", ("V010", "V011", "V012", "V014")),
)
"""Questions, with the ids of the checks that answer them."""

MARKS = {"good": "ok", "watch": "look", "bad": "NO", "open": "--"}
_COLOURS = {"good": "32", "watch": "33", "bad": "31", "open": "2"}
_WIDEST = 120
_INDENT = 14
REPAIR_SENTENCES = 2
"""Sentences of advice that the page shows; ``outlay explain`` has all."""


def show(result: ValidateOutput, fit: Run) -> None:
    """Print the page to stdout."""
    from cli.fits import mapping, untrusted_mark

    model = mapping(fit, "model.json")
    channels = plural(len(model["channels"]), "channel")
    emit(_bold(f"Does the answer hold?  (fit {fit.id}){untrusted_mark(result.trusted)}"))
    emit(
        f"{model['kpi']}, {model['window_start']} to {model['window_end']}, "
        f"{plural(model['periods_scored'], str(model['period']))}, {channels}"
    )
    emit("")
    emit(_paint(_wrapped(result.sentence, 2), result.status, strong=True))
    for title, ids in SECTIONS:
        rows = [row for row in result.verdicts if row.id in ids]
        if rows:
            emit("")
            emit(_bold(title))
        for row in rows:
            emit(_line(row))
    emit("")
    _channels(result.channels)
    _advice(result.verdicts)
    say(f"ok: holds; look: read before use; NO: do not use. `outlay explain {_first(result)}` tells more about an id.")
    say(f"Run {result.run} keeps every number (--json prints them).")


def _first(result: ValidateOutput) -> str:
    """The id that a reader should look up first."""
    order = ("bad", "watch", "open", "good")
    return min(result.verdicts, key=lambda row: order.index(row.status)).id


def _line(row: VerdictRow) -> str:
    """``look  V003  Data like the model's: ...``, later lines indented below the text."""
    head = f"  {MARKS[row.status]:<4}  {row.id}  "
    about = row.about[0].upper() + row.about[1:]
    text = textwrap.fill(
        printable(f"{about}: {row.what}"),
        width(),
        initial_indent=head,
        subsequent_indent=" " * _INDENT,
        break_on_hyphens=False,
        break_long_words=False,
    )
    mark = MARKS[row.status]
    return text.replace(f"  {mark}", f"  {_paint(mark, row.status, strong=row.status == 'bad')}", 1)


def _channels(rows: Sequence[UseRow]) -> None:
    """Which channels' numbers to use."""
    from outlay import style

    columns = [
        Column("Channel", False),
        Column("ROI"),
        Column("Interval", optional=2),
        Column("Share of KPI", optional=1),
        Column("The answer is", False),
        Column("Use it?", False),
        Column("Against it", False),
    ]
    words = {"good": "yes", "watch": "with care", "bad": "NO"}
    cells = [
        (
            row.channel,
            style.ratio(row.roi_mean) if row.paid else "organic",
            style.ratio_between(row.roi_hdi_low, row.roi_hdi_high) if row.paid else "",
            style.percent(row.share_mean),
            row.verdict,
            words[row.use],
            row.ids,
        )
        for row in rows
    ]
    print_table(TextTable("", columns, cells))


def _advice(verdicts: Sequence[VerdictRow]) -> None:
    """What to do, the gravest first."""
    todo = [row for status in ("bad", "watch") for row in verdicts if row.status == status]
    if not todo:
        emit("")
        return
    emit(_bold("\nWhat to do"))
    for row in todo:
        short = " ".join(row.repair.replace(". ", ".\n").split("\n")[:REPAIR_SENTENCES])
        lines = textwrap.fill(short, width() - 8, break_on_hyphens=False, break_long_words=False).split("\n")
        emit("\n".join(f"  {row.id if i == 0 else '':<4}  {line}" for i, line in enumerate(lines)))
    emit("")


def width() -> int:
    """Columns of the page."""
    return max(min(shutil.get_terminal_size((100, 24)).columns, _WIDEST), 40)


def _wrapped(text: str, indent: int) -> str:
    pad = " " * indent
    return textwrap.fill(printable(text), width(), initial_indent=pad, subsequent_indent=pad, break_on_hyphens=False)


def _bold(text: str) -> str:
    return f"\033[1m{text}\033[0m" if _colours() else text


def _paint(text: str, status: str, *, strong: bool = False) -> str:
    if not _colours():
        return text
    return f"\033[{'1;' if strong else ''}{_COLOURS[status]}m{text}\033[0m"


def _colours() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")

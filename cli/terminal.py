"""Writing to the terminal: data to stdout, everything else to stderr.

Tables are rendered to text first and written in one piece, so that a closed pipe is noticed here and not inside Rich.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from outlay.errors import OutlayError
    from outlay.findings import Finding
    from outlay.text_table import Column, TextTable

PIPE_WIDTH = 140
"""Columns of a table that is written to a file or pipe, where no terminal gives a width."""

GUTTER = 3
"""Columns of the terminal between two columns of a table."""

SHOWN_PER_ID = 5
"""Findings of one id that are listed; ``--json`` lists all."""

_INTERVAL = re.compile(r"\(?\d+(\.\d+)?%( HDI| interval)?\)?")
"""Titles of columns that hold the interval of the column before them."""

_COLOURS = {"error": "31", "warning": "33", "note": "36"}


def printable(text: str) -> str:
    """The text without control characters: a channel's name must not move the cursor or paint the terminal."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in text)


def say(text: str = "") -> None:
    """Write prose to stderr, wrapped to the terminal."""
    _err(wrap(text))


def wrap(text: str, indent: str = "") -> str:
    """Text wrapped to the terminal (at most 100 columns), later lines indented by ``indent``."""
    width = min(table_width(), 100)
    lines = [
        textwrap.fill(line, max(width, 40), subsequent_indent=indent, break_on_hyphens=False, break_long_words=False)
        for line in text.split("\n")
    ]
    return "\n".join(lines)


def _err(line: str) -> None:
    sys.stdout.flush()  # the order in which a reader sees the two streams is the order of writing
    sys.stderr.write(line + "\n")


def emit(text: str) -> None:
    """Write data to stdout."""
    sys.stdout.write(text + "\n")


def print_json(document: object) -> None:
    """Write one JSON document to stdout; text outside ASCII is escaped so that every locale can carry it."""
    emit(json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False))


def print_table(table: TextTable) -> None:
    """Write a table to stdout; what does not fit the terminal is named below it."""
    width = table_width()
    keep, dropped = _fitting(table, width)
    emit(_render(table, keep, width))
    if table.caption:
        emit("")
    for line in table.caption:
        emit(wrap(line))
    if dropped:
        say(f"(Not shown at this width: {', '.join(dropped)}. Widen the terminal, or use --json.)")


def table_width() -> int:
    """Columns of the terminal, also behind a pager or `head`; a file gets every column of the table."""
    try:
        piped = stat.S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode)
        behind = os.get_terminal_size(sys.stderr.fileno()).columns if piped and sys.stderr.isatty() else PIPE_WIDTH
    except (OSError, ValueError):  # a stream of a test or of a notebook has no file behind it
        behind = PIPE_WIDTH
    return shutil.get_terminal_size((behind, 24)).columns


def _fitting(table: TextTable, width: int) -> tuple[list[int], list[str]]:
    """Columns that fit and the titles of those left out, least wanted first."""
    body = [*table.rows, *([table.total] if table.total else [])]
    widths = [
        max(len(line) for text in (column.title, *(row[i] for row in body)) for line in text.split("\n"))
        for i, column in enumerate(table.columns)
    ]
    keep = list(range(len(table.columns)))
    dropped: list[str] = []
    while sum(widths[i] + GUTTER for i in keep) > width:
        least = max(table.columns[i].optional for i in keep)
        if not least:
            break
        dropped += [_told(table.columns, i) for i in keep if table.columns[i].optional == least]
        keep = [i for i in keep if table.columns[i].optional != least]
    return keep, dropped


def _told(columns: Sequence[Column], i: int) -> str:
    """A column's title in a sentence; an interval is that of the column before it."""
    title, before = (" ".join(columns[max(each, 0)].title.split()) for each in (i, i - 1))
    return f"{title.strip('()')} of {before}" if i and _INTERVAL.fullmatch(title) else title


def _render(table: TextTable, keep: list[int], width: int) -> str:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=width, highlight=False, emoji=False, markup=False)
    drawn = Table(box=SIMPLE_HEAD, show_footer=table.total is not None, pad_edge=False, padding=(0, 1))
    for i in keep:
        column = table.columns[i]
        drawn.add_column(
            Text(column.title),
            footer=Text(table.total[i] if table.total else ""),
            justify="right" if column.numeric else "left",
            no_wrap=column.numeric,
            # a name that is cut off may be read as another one; a number that is cut off must show that it is
            overflow="ellipsis" if column.numeric else "fold",
            vertical="top",
            header_style="bold",
            footer_style="bold",
        )
    for row in table.rows:
        drawn.add_row(*(Text(printable(row[i])) for i in keep))
    with console.capture() as capture:
        if table.title:
            console.print(Text(table.title, style="bold"))
        console.print(drawn)
    return "\n".join(line.rstrip() for line in capture.get().rstrip().split("\n"))


def print_error(problem: OutlayError) -> None:
    """Write a refusal to stderr: every finding where there are several, else id, place, problem and repair."""
    findings: Sequence[Finding] = getattr(problem, "findings", ())
    if findings:
        print_findings(findings)
        return
    head = f"{_paint('error', 'error')} {problem.id}".rstrip()
    place = f"{problem.where}: " if problem.where else ""
    first, *more = f"{head}: {printable(place + problem.what)}".split("\n")
    _err("\n".join([wrap(first, "  "), *(wrap(line, "    ") for line in more)]))
    if problem.repair:
        _err(wrap(printable(f"  -> {problem.repair}"), "     "))
    if problem.id:
        _err(f"  (outlay explain {problem.id} tells more)")


def print_findings(findings: Iterable[Finding]) -> None:
    """Write findings to stderr, the gravest first, grouped by severity and id."""
    found = _without_common_place(list(findings))
    severities: tuple[Literal["error", "warning", "note"], ...] = ("error", "warning", "note")
    for severity in severities:
        of_kind = [finding for finding in found if finding.severity == severity]
        if not of_kind:
            continue
        _err(_paint(plural(len(of_kind), severity), severity))
        for id in dict.fromkeys(finding.id for finding in of_kind):
            _print_group([finding for finding in of_kind if finding.id == id])
    if found:
        _err(f"(outlay explain {found[0].id} tells more about an id)")


def _without_common_place(findings: list[Finding]) -> list[Finding]:
    """The findings with the file that all of them name said once, above them."""
    from dataclasses import replace

    source = findings[0].where.partition(", ")[0] if findings else ""
    if len(findings) < 2 or not source or any(not finding.where.startswith(f"{source}, ") for finding in findings):
        return findings
    _err(f"In {printable(source)}:")
    return [replace(finding, where=finding.where.removeprefix(f"{source}, ")) for finding in findings]


def _print_group(group: Sequence[Finding]) -> None:
    for finding in group[:SHOWN_PER_ID]:
        place = f"{finding.where}: " if finding.where else ""
        _err(wrap(printable(f"  {finding.id}  {place}{finding.what}"), "        "))
    if len(group) > SHOWN_PER_ID:
        _err(f"        ... and {len(group) - SHOWN_PER_ID} more of {group[0].id} (--json lists all)")
    for repair in dict.fromkeys(finding.repair for finding in group[:SHOWN_PER_ID] if finding.repair):
        _err(wrap(printable(f"        -> {repair}"), "           "))


def plural(count: int, noun: str) -> str:
    """``1 error``, ``2 errors``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _paint(text: str, severity: str) -> str:
    if os.environ.get("NO_COLOR") or not sys.stderr.isatty():
        return text
    return f"\033[1;{_COLOURS[severity]}m{text}\033[0m"

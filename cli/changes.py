"""What moved since the previous fit, in the terminal."""

from __future__ import annotations

from cli.outputs.answers import ChangeRow, ChangesRows
from cli.terminal import print_table
from outlay import style
from outlay.text_table import Column, TextTable


def show_changes(changes: ChangesRows) -> None:
    """Print how the channels' returns moved: one line where nothing did, else a table of the total over groups."""
    rows = [row for row in changes.rows if row.group is None]
    # Channels without spend have no ROI: their contribution stands for them.
    bought = {row.channel for row in rows if row.quantity == "roi"}
    rows = [row for row in rows if row.quantity == "roi" or row.channel not in bought]
    print_table(_table(changes, sorted(rows, key=lambda row: -abs(row.in_sd or 0.0))))


def _table(changes: ChangesRows, rows: list[ChangeRow]) -> TextTable:
    columns = [
        Column("Channel", False),
        Column("Quantity", False, optional=1),
        Column("Before"),
        Column("After"),
        Column("Change"),
        Column("Noise\n(+-)", optional=2),
        Column("in\nsd"),
        Column("From\ndata", optional=3),
        Column("From\nbeliefs", optional=3),
        Column("Why", False),
    ]
    cells = [
        (
            row.channel,
            {"roi": "ROI"}.get(row.quantity, row.quantity),
            style.ratio(row.before),
            style.ratio(row.after),
            _step(row.change),
            style.ratio(row.noise),
            style.signed(f"{row.in_sd:.1f}") if row.in_sd is not None else style.MISSING,
            _step(row.from_data) if row.from_data else "",
            _step(row.from_beliefs) if row.from_beliefs else "",
            row.why,
        )
        for row in rows
    ]
    title = f"Since run {changes.previous}, over {changes.window_start} to {changes.window_end}"
    return TextTable(title, columns, cells, None, _notes(changes))


def _step(x: float | None) -> str:
    """A difference with its sign, to two decimals: a tenth of a cent of return is no news."""
    if x is None:
        return style.MISSING
    return f"{x:+.2f}" if abs(x) < 100 else style.signed(style.number(x))


def _notes(changes: ChangesRows) -> list[str]:
    changed = [word for word, yes in (("the data", changes.data_changed), ("[media]", changes.beliefs_changed)) if yes]
    notes = [
        f"Changed since then: {' and '.join(changed)}."
        if changed
        else "Neither the data nor [media] changed since then: differences are noise of the draws."
    ]
    for names, what in ((changes.came, "New"), (changes.went, "Gone")):
        if names:
            notes.append(f"{what}: {', '.join(names)}.")
    if changes.unattributed:
        notes.append(f"Data and beliefs are not told apart: {changes.unattributed}.")
    return notes

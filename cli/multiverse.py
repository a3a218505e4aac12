"""The multiverse on the command line: made beside a fit, and shown as a range before it is shown as an average."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cli.outputs.media import FitOutput
    from cli.outputs.validation import MultiverseOutput, RangeRow
    from mmm.validation.refits import Tell
    from outlay.runs import Run

MOST_AT_ONCE = 8
"""Fits that run at once at most: more gain little, and each holds its draws in memory."""

PICTURE = "multiverse.html"


def workers() -> int:
    """Fits at once: one for each core, so that one samples while another's tables are made."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_AT_ONCE)


def add_multiverse(fit: Run, root: Path, result: FitOutput, cap: int) -> FitOutput:
    """Fit the plausible models beside a fit, keep them as a run, and tell of them in the fit's document."""
    from cli.charts_multiverse import picture
    from mmm.validation.multiverse_run import multiverse_run

    with _counting() as tell:
        made = multiverse_run(fit, root, sys.argv, cap=cap, workers=workers(), tell=tell, draw=picture)
    return result.model_copy(update={"multiverse": summarise(made)})


@contextmanager
def _counting() -> Iterator[Tell | None]:
    """How many models are fitted, on the terminal while it lasts; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("Other plausible models") as status:
        yield lambda done, of: status.update(f"Other plausible models: {done} of {of}")


def summarise(run: Run) -> MultiverseOutput:
    """The document of a multiverse run."""
    from cli.fits import mapping
    from cli.outputs.validation import EffectRow, ModelRow, MultiverseOutput, RangeRow
    from outlay.document import documents

    return MultiverseOutput(
        run=run.id,
        folder=str(run.path),
        ranges=documents(run.table("ranges"), RangeRow),
        models=documents(run.table("specifications"), ModelRow),
        effects=documents(run.table("effects"), EffectRow),
        **mapping(run, "multiverse.json"),
    )


def show_multiverse(result: MultiverseOutput) -> None:
    """Print range and average by channel; what the choices are, and where the picture is, go to stderr."""
    from cli.terminal import print_findings, print_table, say
    from outlay.findings import Finding
    from outlay.text_table import Column, TextTable

    level = f"{100 * result.hdi:g}%"
    columns = [
        Column("Channel", False),
        Column(f"Stated model\n({level})"),
        Column("Range of\nmedians"),
        Column(f"Averaged\n({level})"),
        Column("Most moved by", False, 1),
    ]
    notes = [
        f"ROI, and the share of the KPI for channels without one. Range: medians of {result.fitted} plausible models, "
        f"unweighted, out of {result.possible} combinations.",
        "Averaged: the models with the stated controls, weighed by how well they forecast periods left out (stacking). "
        "Forecasts see little of media, so the weights say little about which ROI is right."
        if result.weights
        else "The models could not be averaged (V023).",
    ]
    rows = [_row(row) for row in result.ranges]
    print_table(TextTable("Multiverse: how each answer moves with the model", columns, rows, None, notes))
    print_findings([Finding(**finding.model_dump()) for finding in result.findings])
    say(f"The picture is {Path(result.folder) / PICTURE}")


def _row(row: RangeRow) -> tuple[str, ...]:
    from outlay import style

    paid = row.roi_plain_median is not None
    said = {name: getattr(row, f"{'roi' if paid else 'share'}_{name}") for name in _SHOWN}
    between = style.ratio_between if paid else _shares
    moved = "" if row.choice is None or row.effect is None else f"{row.choice} ({style.percent(row.effect, 0)})"
    return (
        row.channel,
        between(said["plain_low"], said["plain_high"]),
        between(said["least"], said["most"]),
        between(said["averaged_low"], said["averaged_high"]),
        moved,
    )


_SHOWN = ("plain_low", "plain_high", "least", "most", "averaged_low", "averaged_high")


def _shares(low: float | None, high: float | None) -> str:
    from outlay import style

    return "" if low is None or high is None else f"{style.percent(low)} to {style.percent(high)}"

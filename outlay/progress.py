"""The progress bar of sampling, on stderr: draws, divergences and time left. Without a terminal there is none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from outlay.sampling import OnProgress
from outlay.sampling import Progress as Sampling


@contextmanager
def sampling_bar(*, enabled: bool) -> Iterator[OnProgress | None]:
    """Yield what :func:`outlay.sampling.sample` calls with its progress; None where no bar is wanted.

    Parameters
    ----------
    enabled : bool
        Whether a person is watching; it is also off where stderr is not a terminal.
    """
    if not (enabled and sys.stderr.isatty()):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[told]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        # Compiling has no measure of progress, so the bar moves without a total until the first draws are there.
        task = bar.add_task("Compiling the model", total=None, told="")

        def tell(progress: Sampling) -> None:
            if progress.stage != "compile":
                bar.update(
                    task, description="Sampling", completed=progress.done, total=progress.total, told=words(progress)
                )

        yield tell


def words(progress: Sampling) -> str:
    """Draws, divergences and time left, as the bar tells them."""
    left = "" if progress.seconds_left is None else f", {progress.seconds_left:.0f} s left"
    return f"{progress.done:,} of {progress.total:,} draws, {progress.divergences} divergences{left}"

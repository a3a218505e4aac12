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
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} draws"),
        TextColumn("{task.fields[divergences]} divergences"),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Compiling the model", total=None, divergences=0)

        def tell(progress: Sampling) -> None:
            if progress.stage == "compile":
                return
            bar.update(
                task,
                description="Sampling",
                completed=progress.done,
                total=progress.total,
                divergences=progress.divergences,
            )

        yield tell

"""What the work on segments is at, told on the terminal while it lasts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tell = Callable[[str], None]


@contextmanager
def steps() -> Iterator[Tell]:
    """Yield what is called with each step: a line on stderr that the next replaces; nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda words: None
        return
    from rich.console import Console

    with Console(stderr=True).status("Reading the customers") as status:
        yield status.update

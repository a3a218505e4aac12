"""Runs: what a command found, kept in a folder that never changes again.

A run has a kind (``fit``, ``plan`` ...), a seed, hashes of what it read, and the runs it was made from. Its folder is
``runs/<utc>-<kind>-<short hash>/`` with a ``manifest.json`` that lists every file with its size and hash. It is written
in a hidden folder beside its place and renamed into it at the end, so that a reader sees a whole run or none.
"""

from outlay._runs.choose import damaged_runs, list_runs, open_run
from outlay._runs.manifest import FORMAT
from outlay._runs.record import HASHED_BELOW, Run
from outlay._runs.writer import RunWriter

__all__ = ["FORMAT", "HASHED_BELOW", "Run", "RunWriter", "damaged_runs", "list_runs", "open_run"]

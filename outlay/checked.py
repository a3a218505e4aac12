"""What ``outlay check`` tells about one section's data."""

from __future__ import annotations

from dataclasses import dataclass

from outlay.findings import Finding


@dataclass(frozen=True)
class Checked:
    """A section's data in a few lines.

    Attributes
    ----------
    section : str
        Its name in the project file, ``"leads"``.
    source : str
        The table.
    facts : tuple of (str, str)
        Label and text of each line: rows, dates, stages, levels.
    findings : tuple of Finding
    """

    section: str
    source: str
    facts: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]

"""The error tree: every refusal names the problem, the place and the repair.

One root, :class:`OutlayError`, so that a caller can catch at any depth. Each class carries the exit code that the
command line returns for it. A user's mistake is always one of these and never a bare ``ValueError``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from outlay.findings import Finding


class OutlayError(Exception):
    """A refusal in the user's terms.

    Parameters
    ----------
    what : str
        What is wrong, in a sentence.
    where : str, optional
        The place: file and line, column, row, channel, or rule.
    repair : str, optional
        What to do about it.
    id : str, optional
        Stable id that ``outlay explain`` knows, for example ``"C003"``.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str = "", repair: str = "", id: str = "") -> None:
        self.what = what
        self.where = where
        self.repair = repair
        self.id = id
        super().__init__(self.text())

    def text(self) -> str:
        """The message as it is shown: id, place, problem and repair."""
        head = " ".join(part for part in (self.id, f"{self.where}:" if self.where else "", self.what) if part)
        return f"{head}\n  -> {self.repair}" if self.repair else head


class ConfigError(OutlayError):
    """The project file or the command line asks for something that cannot be (exit 2)."""

    exit_code = 2


class DataError(OutlayError):
    """The data are missing, ambiguous or impossible (exit 3). Carries every finding, not only the first."""

    exit_code = 3

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        bad = [finding for finding in self.findings if finding.severity == "error"]
        first = bad[0] if bad else self.findings[0]
        more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
        super().__init__(first.what + more, where=first.where, repair=first.repair, id=first.id)


class TrustError(OutlayError):
    """The posterior did not pass the trust gate (exit 4)."""

    exit_code = 4


class PlanError(OutlayError):
    """The plan's rules cannot all hold, or a plan cannot be judged (exit 5)."""

    exit_code = 5


class RunError(OutlayError):
    """A run folder is missing, incomplete, or from a version this one cannot read (exit 1)."""


class MissingDependencyError(OutlayError):
    """An optional package is needed for what was asked (exit 1); the repair names the extra."""

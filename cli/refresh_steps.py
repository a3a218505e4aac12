"""The steps of a refresh: each is a command of its own, called as a user would call it."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from outlay.errors import TrustError

if TYPE_CHECKING:
    from cli.refresh_config import RefreshSection
    from outlay.project import Project


@dataclass(frozen=True)
class Step:
    """A command with the arguments that a refresh gives it.

    Attributes
    ----------
    name : str
        The command.
    more : mapping
        Its arguments beside the project file and ``--json``.
    """

    name: str
    more: Mapping[str, Any]

    def of(self, fit: str | None) -> Step:
        """The step told which fit is meant: somebody may fit by hand meanwhile."""
        return Step(self.name, {**self.more, "run": fit}) if fit and self.name in ("validate", "plan") else self


@dataclass(frozen=True)
class Taken:
    """A step that was taken: the document that its command printed, its time, and whether its gate passed."""

    document: dict[str, Any]
    seconds: float
    passed: bool


_BY_SECTION = (
    ("customers", "segment"),
    ("leads", "convert"),
    ("score", "score"),
    ("media", "fit"),
    ("journeys", "attribute"),
    ("media", "validate"),
    ("media", "plan"),
    ("goals", "scorecard"),
)
"""Commands in the order of the work, by the section of the project file that they need."""

VERDICTS = ("good", "open", "watch", "bad")
"""Verdicts of a validation, the best first; ``open`` is what could not be judged."""


def steps_of(project: Project, section: RefreshSection) -> list[Step]:
    """What a refresh of this project does before it publishes: the check, then a command for each section."""
    found = [Step("check", {})]
    for name, command in _BY_SECTION:
        if name in project.sections and not (command == "validate" and section.validation == "none"):
            found.append(Step(command, {"quick": section.validation == "quick"} if command == "validate" else {}))
    return found


def take(step: Step, project: Path) -> Taken:
    """Run a step's command and keep the document that it prints.

    Raises
    ------
    OutlayError
        As the command does.
    """
    command: Callable[..., None] = import_module(f"cli.commands.{step.name}").command
    said, started, passed = io.StringIO(), time.perf_counter(), True
    with redirect_stdout(said):
        try:
            command(project=project, as_json=True, **step.more)
        except typer.Exit as left:
            if left.exit_code != TrustError.exit_code:
                raise
            passed = False
    return Taken(json.loads(said.getvalue()), time.perf_counter() - started, passed)


def refusal(step: Step, taken: Taken, section: RefreshSection) -> str:
    """Why what a step found must not be published; empty where it may."""
    if not taken.passed:
        reasons = taken.document.get("reasons") or ["its chains do not agree"]
        return f"{step.name} did not pass the trust gate: {reasons[0]}"
    if step.name == "validate":
        status = str(taken.document["status"])
        if VERDICTS.index(status) > VERDICTS.index(section.accept):
            return f"the validation says {status}: {taken.document['sentence']}"
    return ""


def sentence(step: Step, document: Mapping[str, Any]) -> str:
    """What a log should say of a step beside its time and its run."""
    match step.name:
        case "check":
            warnings = sum(finding["severity"] == "warning" for finding in document["findings"])
            return f"{warnings} warning{'' if warnings == 1 else 's'}"
        case "validate":
            return str(document["sentence"])
        case "plan":
            from budget.document import PlanOutput
            from budget.words import certificate

            return certificate(PlanOutput.model_validate(document)).rstrip(".")
    return ""

"""Opening the run that a command reads, with the trust gate in between."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.config import runs_root
from outlay.style import number

if TYPE_CHECKING:
    from outlay.document import TrustCheck
    from outlay.errors import TrustError
    from outlay.findings import Finding
    from outlay.runs import Run


def open_fit(project_file: Path, ref: str | None, *, force: bool) -> Run:
    """The fit run that was asked for, or the latest.

    Raises
    ------
    RunError
        Where there is none.
    TrustError
        Where it did not pass the trust gate and ``force`` is not given.
    """
    from outlay.runs import open_run

    run = open_run(runs_root(project_file), ref, "fit")
    if not is_trusted(run) and not force:
        raise distrust(run)
    if not is_trusted(run):
        from cli.terminal import say

        say(warning(run))
    return run


def open_any(root: Path, ref: str | None) -> Run:
    """A run of any kind by id or its unique beginning; the latest without one."""
    from outlay.errors import RunError
    from outlay.runs import list_runs

    runs = list_runs(root)
    found = [run for run in runs if ref is None or run.id.startswith(ref)]
    if found and (ref is None or len(found) == 1):
        return found[-1]
    what = f"{len(found)} runs begin like {ref!r}" if found else "there is no such run" if runs else "there are no runs"
    repair = "`outlay runs` lists the ids." if runs else "`outlay fit` makes the first."
    raise RunError(what, where=str(root), repair=repair, id="R002")


def is_trusted(run: Run) -> bool:
    """Whether the fit passed the trust gate."""
    return bool(trust_of(run).get("passed"))


def trust_of(run: Run) -> Mapping[str, Any]:
    """The fit's ``trust.json``."""
    return mapping(run, "trust.json")


def mapping(run: Run, name: str) -> Mapping[str, Any]:
    """A JSON object of a run."""
    from outlay.errors import RunError

    found = run.json(name)
    if not isinstance(found, dict):
        raise RunError("it does not hold a JSON object", where=str(run.path / name), repair="Fit again.", id="R003")
    return found


def findings_of(run: Run) -> list[Finding]:
    """The findings that were kept in a run."""
    from outlay.errors import RunError
    from outlay.findings import Finding

    found = run.json("findings.json")
    try:
        return [Finding(**item) for item in found]
    except TypeError as problem:
        raise RunError(
            "it does not hold a list of findings", where=str(run.path / "findings.json"), repair="Fit again.", id="R003"
        ) from problem


def reasons(run: Run) -> list[str]:
    """Why the fit failed the gate, in sentences; empty where it passed."""
    return [
        f"{check.name} of {check.quantity} is {number(check.value, 4)} (limit {check.limit:g}). {check.cause}".strip()
        for check in trust_checks(run)
        if not check.passed
    ]


def warning(run: Run) -> str:
    """The line that every output of an untrusted run carries."""
    return f"WARNING: run {run.id} did not pass the trust gate; these numbers may change with the seed (T006)."


def untrusted_mark(trusted: bool) -> str:
    """What the title of a table from an untrusted run ends with."""
    return "" if trusted else "  ** DID NOT PASS THE TRUST GATE **"


def distrust(run: Run) -> TrustError:
    """The refusal to read an untrusted run."""
    from outlay.errors import TrustError

    why = reasons(run)
    more = f" (and {len(why) - 1} more reasons: outlay runs show {run.id})" if len(why) > 1 else ""
    return TrustError(
        f"the fit did not pass the trust gate. {why[0] if why else ''}{more}",
        where=f"run {run.id}",
        repair="Mend the cause and fit again. --force shows the numbers all the same, with the warning beside them.",
        id="T006",
    )


def trust_checks(run: Run) -> list[TrustCheck]:
    """The rules of the gate with the worst value of each."""
    from outlay.document import TrustCheck

    return [TrustCheck.model_validate(check) for check in trust_of(run).get("checks", [])]

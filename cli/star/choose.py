"""Which runs go into the database: the latest of each kind, one that is named, or all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cli.star.rows import KINDS, About, about, trusted
from cli.star.saved import saved_of

if TYPE_CHECKING:
    from outlay.runs import Run


@dataclass(frozen=True)
class Chosen:
    """Runs and saved scenarios to write, what was left out and why, and ids of scenarios that were deleted."""

    runs: tuple[About, ...]
    left_out: tuple[str, ...]
    deleted: tuple[str, ...] = ()


def choose(root: Path, ref: str | None, *, every: bool, force: bool) -> Chosen:
    """The runs of a folder that are asked for.

    Parameters
    ----------
    root : Path
        The folder of runs.
    ref : str or None
        One run, by id or its unique beginning.
    every : bool
        All runs that can be read, and all versions of saved scenarios.
    force : bool
        Those that did not pass the trust gate too.

    Raises
    ------
    RunError
        Where there is no such run, the latest of a kind is damaged, or (X055) nothing has facts.
    TrustError
        T006, where the run that is named or the latest fit did not pass the gate and ``force`` is not given.
    """
    if ref is not None:
        return _one(root, ref, force=force)
    return _checked(*(_all(root) if every else _latest(root)), root=root, every=every, force=force)


def _one(root: Path, ref: str, *, force: bool) -> Chosen:
    from cli.fits import open_any

    run = open_any(root, ref)
    if run.kind not in KINDS:
        raise _no_facts(f"this is a {run.kind} run, and such runs have no facts", run.id)
    found = about(run, force=force)
    if trusted(found) is False and not force:
        raise _distrust(found)
    return Chosen((found,), tuple(_notes([found])))


def _all(root: Path) -> tuple[list[Run], list[str]]:
    from outlay.runs import damaged_runs, list_runs

    left = [f"{path.name} cannot be read: {problem.what}" for path, problem in damaged_runs(root)]
    return [run for run in list_runs(root) if run.kind in KINDS], left


def _latest(root: Path) -> tuple[list[Run], list[str]]:
    """The latest of each kind; of plans, the latest of each scenario that was made from the latest fit."""
    from outlay.runs import damaged_runs, list_runs, open_run

    runs = list_runs(root)
    folders = [path.name for path, _ in damaged_runs(root)]
    # A damaged latest run is refused by open_run: an older one in its place would be a silent mix-up.
    kinds = [
        kind
        for kind in KINDS
        if kind != "plan" and (any(r.kind == kind for r in runs) or any(f"-{kind}-" in name for name in folders))
    ]
    found = [open_run(root, None, kind) for kind in kinds]
    fits = [run for run in found if run.kind == "fit"]
    plans = [run for run in runs if run.kind == "plan" and fits and fits[0].id in run.parents]
    by_scenario = {_scenario(run): run for run in plans}
    older = [run for run in runs if run.kind == "plan"]
    left = (
        ["The plans were made from older fits; `outlay plan` makes one from the latest."] if older and not plans else []
    )
    return sorted([*found, *by_scenario.values()], key=lambda run: (run.created, run.id)), left


def _scenario(run: Run) -> tuple[object, object]:
    from cli.fits import mapping

    plan = mapping(run, "allocation.json")
    return plan.get("name"), plan.get("evaluated")


def _checked(runs: Sequence[Run], left: list[str], *, root: Path, every: bool, force: bool) -> Chosen:
    if not runs:
        raise _no_facts("there are no runs with facts", str(root))
    found = [about(run, force=force) for run in runs]
    bad = [run for run in found if trusted(run) is False and not force]
    fits = [run for run in bad if run.run.kind == "fit"]
    if fits and not every:
        raise _distrust(fits[0])
    left = [*left, *(f"{run.run.id} did not pass the trust gate (--force writes it all the same)." for run in bad)]
    kept = [run for run in found if run not in bad]
    if not kept:
        raise _distrust(bad[0])
    projects = {run.run.id: run.project for run in kept if run.run.kind == "fit"}
    saved = saved_of(root.parent, projects, every=every, force=force)
    return Chosen((*kept, *saved.runs), (*left, *_notes(kept), *saved.left_out), saved.deleted)


def _notes(runs: Sequence[About]) -> list[str]:
    from cli.star.rows_segments import clv_trusted

    return [
        f"Lifetime values of {run.run.id} did not pass the trust gate (--force writes them all the same)."
        for run in runs
        if run.run.kind == "segment" and not run.force and not clv_trusted(run)
    ]


def _distrust(run: About) -> Exception:
    from cli.fits import distrust
    from outlay.errors import TrustError

    if run.run.kind == "fit":
        return distrust(run.run)
    return TrustError(
        f"the {run.run.kind} run did not pass the trust gate, or was made from one that did not",
        where=f"run {run.run.id}",
        repair="Mend the cause and run it again. --force writes the numbers all the same, marked as not trusted.",
        id="T006",
    )


def _no_facts(what: str, where: str) -> Exception:
    from cli.catalogue import CATALOGUE
    from outlay.errors import RunError

    return RunError(what, where=where, repair=CATALOGUE["X055"].repair, id="X055")

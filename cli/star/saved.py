"""Scenarios that planners saved on the page: each version is told as if it were a run that answered it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cli.star.rows import SAVED, About

if TYPE_CHECKING:
    from planner.store import Kept


@dataclass(frozen=True)
class Found:
    """Versions to write, those that were left out and why, and ids of those whose scenario was deleted."""

    runs: tuple[About, ...] = ()
    left_out: tuple[str, ...] = ()
    deleted: tuple[str, ...] = field(default=())


def saved_of(folder: Path, projects: Mapping[str, str], *, every: bool, force: bool) -> Found:
    """The newest version of every scenario, or all versions, that these fits answered.

    Parameters
    ----------
    folder : Path
        Where the page keeps its scenarios.
    projects : mapping of str to str
        The project of each fit, by the fit's id.
    every : bool
        All versions.
    force : bool
        Those that a fit answered which did not pass the trust gate too.
    """
    from planner.store import Store

    store = Store(folder)
    runs, left = [], []
    for newest in store.scenarios():
        for kept in store.versions(newest.id) if every else (newest,):
            if kept.fit not in projects:
                left.append(f"Scenario {kept.name} (version {kept.number}) was answered by another fit, {kept.fit}.")
                continue
            answer = _about(kept, projects[kept.fit], force=force)
            if answer is None:
                left.append(f"Scenario {kept.name} (version {kept.number}) was saved by another version of outlay.")
            elif not answer.facts["trusted"] and not force:
                left.append(f"Scenario {kept.name} was answered by a fit that did not pass the trust gate.")
            else:
                runs.append(answer)
    gone = [_id(kept) for newest in store.scenarios(deleted=True) for kept in store.versions(newest.id)]
    return Found(tuple(runs), tuple(left), tuple(gone))


def _about(kept: Kept, project: str, *, force: bool) -> About | None:
    from pydantic import ValidationError

    from budget.document import PlanOutput
    from outlay.runs import Run

    try:
        answer = PlanOutput.model_validate(kept.answer)
    except ValidationError:
        return None
    facts = {**answer.model_dump(), "name": kept.name, "fit": kept.fit}
    manifest = {"id": _id(kept), "kind": SAVED, "created": kept.saved.isoformat(), "versions": {}, "files": {}}
    return About(Run(Path(), {**manifest, "parents": [kept.fit]}), project, facts, force)


def _id(kept: Kept) -> str:
    return f"{SAVED}-{kept.id}-{kept.number}"

"""What a run says of itself, and which of its tables become which facts."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.star.columns import Table
from cli.star.keys import run_key, with_keys

if TYPE_CHECKING:
    import pandas as pd

    from outlay.runs import Run

type Facts = Iterator[tuple[Table, "pd.DataFrame"]]


@dataclass(frozen=True)
class About:
    """What a run's rows share.

    Attributes
    ----------
    run : Run
    project : str
    facts : mapping
        What the run says of itself: currency, hdi, outcome and the like.
    force : bool
        Whether what did not pass the trust gate is taken all the same.
    """

    run: Run
    project: str
    facts: Mapping[str, Any]
    force: bool = False

    def table(self, name: str) -> pd.DataFrame | None:
        """A table of the run; None where it has no such table."""
        return self.run.table(name) if f"tables/{name}.parquet" in self.run.manifest["files"] else None


KINDS = ("fit", "plan", "scorecard", "convert", "segment")
"""Kinds of runs that have facts."""

SAVED = "scenario"
"""Kind of what a planner saved on the page."""

_PLANS = ("plan", SAVED)

_ABOUT = {
    "fit": "model.json",
    "plan": "allocation.json",
    "scorecard": "scorecard.json",
    "convert": "model.json",
    "segment": "segments.json",
}


def about(run: Run, *, force: bool = False) -> About:
    """Read what a run says of itself."""
    from cli.fits import mapping
    from cli.report.data import read_plan_document

    facts = read_plan_document(run).model_dump() if run.kind == "plan" else mapping(run, _ABOUT[run.kind])
    return About(run, _project(run), facts, force)


def facts_of(run: About) -> Iterator[tuple[Table, pd.DataFrame, dict[str, pd.DataFrame]]]:
    """The facts of a run with their keys, table by table, and the members of dimensions that they lead to."""
    for table, rows in _makers()[run.run.kind](run):
        if len(rows):
            yield table, *with_keys(table, rows.assign(run_key=run_key(run.run.id)))


def run_row(run: About) -> pd.DataFrame:
    """The run as a row of ``dim_run``."""
    import pandas as pd

    facts = run.facts
    row = {
        "run_key": run_key(run.run.id),
        "run_id": run.run.id,
        "kind": run.run.kind,
        "project": run.project,
        "created": run.run.created.replace(tzinfo=None),
        "fit_run_id": facts.get("fit") if run.run.kind in _PLANS else None,
        "trusted": trusted(run),
        "currency": facts.get("currency"),
        "outcome": facts.get("kpi") or facts.get("outcome"),
        "outcome_unit": facts.get("outcome_unit"),
        "period": facts.get("period_unit") if run.run.kind in _PLANS else facts.get("period"),
        "hdi": facts.get("hdi"),
        **_window(run),
        "outlay_version": str(run.run.manifest["versions"].get("outlay", "")),
    }
    frame = pd.DataFrame([row])
    for name in ("window_start", "window_end"):
        frame[name] = pd.to_datetime(frame[name]).dt.date
    return frame


def trusted(run: About) -> bool | None:
    """Whether the posterior passed the gate; None where the gate does not apply."""
    from cli.fits import is_trusted

    if run.run.kind in _PLANS:
        return bool(run.facts["trusted"])
    return is_trusted(run.run) if "trust.json" in run.run.manifest["files"] else None


def _window(run: About) -> dict[str, object]:
    facts, kind = run.facts, run.run.kind
    if kind in _PLANS:
        return {"window_start": facts["start"], "window_end": facts["end"]}
    if kind == "scorecard":
        return {"window_start": facts["year"], "window_end": facts["as_of"]}
    if kind == "fit":
        return {"window_start": facts["window_start"], "window_end": facts["window_end"]}
    return {"window_start": None, "window_end": facts.get("as_of")}


def _makers() -> Mapping[str, Callable[[About], Facts]]:
    from cli.star.rows_leads import convert, scorecard
    from cli.star.rows_media import fit
    from cli.star.rows_plan import plan, saved
    from cli.star.rows_segments import segment

    return {"fit": fit, "plan": plan, "scorecard": scorecard, "convert": convert, "segment": segment, SAVED: saved}


def _project(run: Run) -> str:
    """Name of the project, from the project file that the run keeps."""
    from outlay.errors import RunError

    try:
        section = tomllib.loads(run.file("config.lock.toml").read_text(encoding="utf-8")).get("project", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise RunError(
            f"the project file that it keeps cannot be read: {problem}",
            where=run.id,
            repair=f"Write the run again with `outlay {run.kind}`.",
            id="R003",
        ) from problem
    return str(section.get("name", ""))

"""``outlay roi``: what each channel returned, in any window and group, and what would be missing without it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_PROJECT, Debug, Force, Json, ProjectFile, RunRef

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from cli.outputs.media import RoiOutput
    from outlay.runs import Run

From = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], metavar="DATE", help="Any day of the first period.")
]
To = Annotated[
    datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], metavar="DATE", help="Any day of the last period.")
]
Group = Annotated[str | None, typer.Option("--group", metavar="NAME", help="Only this group.")]
Waterfall = Annotated[bool, typer.Option("--waterfall", help="Show the steps from the base to the outcome instead.")]
Off = Annotated[
    list[str] | None,
    typer.Option("--off", metavar="NAMES", help="What if these (tv,search) had been off?"),
]
Scale = Annotated[
    list[str] | None, typer.Option("--scale", metavar="NAME=X", help="The same with spend times X; all at once.")
]


@dataclass(frozen=True)
class Asked:
    """What is asked of a fit; by default everything over the whole scored window.

    Attributes
    ----------
    start, end : datetime or None
        Any day of the first and last period.
    group : str or None
        Only this group.
    factors : mapping of str to float
        What is scaled, for a what-if.
    """

    start: datetime | None = None
    end: datetime | None = None
    group: str | None = None
    factors: Mapping[str, float] = field(default_factory=dict)


def command(
    start: From = None,
    end: To = None,
    group: Group = None,
    waterfall: Waterfall = False,
    off: Off = None,
    scale: Scale = None,
    project: ProjectFile = DEFAULT_PROJECT,
    run: RunRef = None,
    force: Force = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Show what each channel returned, with intervals.

    In any window inside the scored periods and for any group; as a waterfall; or what would be missing had channels
    been off: `outlay roi --off tv,search --from 2024-01-01 --to 2024-06-30`.
    """
    from cli.fits import open_fit
    from cli.returns import show, show_waterfall, show_what_if
    from cli.terminal import print_json

    asked = Asked(start, end, group, factors_of(off or [], scale or []))
    result = summarise(open_fit(project, run, force=force), asked)
    if as_json:
        print_json(result.document())
    elif asked.factors:
        show_what_if(result)
    elif waterfall:
        show_waterfall(result)
    else:
        show(result)


def factors_of(off: list[str], scale: list[str]) -> dict[str, float]:
    """Factors by name from ``--off tv,search`` and ``--scale tv=0.5``.

    Raises
    ------
    ConfigError
        Where a scale is not a name, an equals sign and a number, or a name comes twice.
    """
    from outlay.errors import ConfigError

    pairs = [(name.strip(), "0") for names in off for name in names.split(",") if name.strip()]
    pairs += [(name.strip(), by.strip()) for text in scale for name, _, by in [text.rpartition("=")]]
    factors: dict[str, float] = {}
    for name, by in pairs:
        try:
            factor = float(by)
        except ValueError:
            factor = float("nan")
        if not name or factor != factor or name in factors:
            what = f"{name} is given twice" if name in factors else f"{by!r} is not a name and a factor"
            raise ConfigError(
                what, where="--off, --scale", repair="Write --off tv,search or --scale tv=0.5.", id="M022"
            )
        factors[name] = factor
    return factors


def summarise(run: Run, asked: Asked | None = None) -> RoiOutput:
    """The ROI table of a fit run, totals over groups first; the posterior is read only where the tables do not do."""
    from cli.fits import is_trusted, mapping
    from cli.outputs.answers import WaterfallRow, WhatIfRow
    from cli.outputs.media import RoiOutput
    from mmm.document import BaselineRow, RoiRow, TotalRow
    from outlay.document import documents

    asked = asked or Asked()
    model = mapping(run, "model.json")
    found = _kept(run, asked) or _computed(run, asked)
    parts = documents(found.tables["baseline"], BaselineRow)
    totals = documents(found.tables["total"], TotalRow)
    return RoiOutput(
        run=run.id,
        trusted=is_trusted(run),
        currency=str(model["currency"]),
        outcome_unit=str(model["outcome_unit"]),
        hdi=float(model["hdi"]),
        margin=model.get("margin"),
        window_start=found.start or str(model["window_start"]),
        window_end=found.end or str(model["window_end"]),
        scored_start=str(model["window_start"]),
        scored_end=str(model["window_end"]),
        rows=documents(found.tables["roi"], RoiRow),
        baseline={row.component: row for row in parts if row.kind not in ("paid", "organic")},
        total=totals[0],
        totals=totals,
        waterfall=documents(found.tables["waterfall"], WaterfallRow),
        what_if=documents(found.tables["what_if"], WhatIfRow) if asked.factors else [],
    )


@dataclass(frozen=True)
class _Found:
    """Tables that answer, and the window that they are about where it is not the whole."""

    tables: Mapping[str, pd.DataFrame]
    start: str = ""
    end: str = ""


def _kept(run: Run, asked: Asked) -> _Found | None:
    """The tables that the fit kept, where they answer: everything, over the whole window."""
    import pandas as pd

    if asked != Asked():
        return None
    tables = {name: run.table(name) for name in ("roi", "total", "baseline")}
    kept = "tables/waterfall.parquet" in run.manifest["files"]
    return _Found({**tables, "waterfall": run.table("waterfall") if kept else pd.DataFrame()})


def _computed(run: Run, asked: Asked) -> _Found:
    """The tables computed from the posterior."""
    from mmm.media import FittedMedia
    from mmm.waterfall import totals_table
    from mmm.windows import window_rows, window_words

    fitted = FittedMedia.load(run.path)
    where = (asked.start, asked.end, asked.group)
    waterfall = fitted.waterfall(*where)
    tables = {"roi": fitted.roi(*where), "total": fitted.total(*where), "waterfall": waterfall}
    tables["baseline"] = totals_table(waterfall)
    if asked.factors:
        tables["what_if"] = fitted.counterfactual(asked.factors, *where)
    start, end = window_words(fitted.design, window_rows(fitted.design, asked.start, asked.end))
    return _Found(tables, start, end)

"""``outlay validate``: does the answer of a fit hold?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import DEFAULT_PROJECT, Debug, Json, ProjectFile, RunRef

if TYPE_CHECKING:
    from cli.outputs.validation import ValidateOutput
    from mmm.validation.report import OnStage, Settings
    from outlay.runs import Run

Folds = Annotated[int, typer.Option("--folds", min=2, max=100, help="Origins that forecasts start from.")]
Horizon = Annotated[int, typer.Option("--horizon", min=1, max=104, help="Periods that each origin forecasts.")]
Quick = Annotated[bool, typer.Option("--quick", help="Half the origins and placebos, and no stability refits.")]


def command(
    project: ProjectFile = DEFAULT_PROJECT,
    run: RunRef = None,
    folds: Folds = 10,
    horizon: Horizon = 13,
    quick: Quick = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Check whether the answer of a fit holds, on one page.

    Forecasts of periods that the model had not seen, beside repeating last year; data like the model's own; refits with
    other seeds and rows; channels that did nothing; and what the data could not tell. Exit 0 whatever the verdict is.
    """
    from cli.config import runs_root
    from cli.fits import open_fit
    from cli.multiverse import workers
    from cli.terminal import print_json
    from cli.verdict_page import show
    from mmm.validation.report import Settings, validate_run

    root = runs_root(project)
    fit = open_fit(project, run, force=True)
    settings = Settings(folds=folds, horizon=horizon, quick=quick, workers=workers())
    _warn_of_compiling(fit, settings)
    with stages(enabled=not as_json) as tell:
        made = validate_run(fit, root, sys.argv, settings, tell)
    result = summarise(made, fit)
    if as_json:
        print_json(result.document())
    else:
        show(result, fit)


def _warn_of_compiling(fit: Run, settings: Settings) -> None:
    """A model that the kernel cannot express compiles at every refit: say so before the wait."""
    from cli.fits import mapping
    from cli.terminal import say

    if mapping(fit, "model.json").get("engine") != "pymc":
        return
    refits = settings.used_folds + settings.used_placebos + (0 if settings.quick else 3)
    say(
        f"This model samples through PyMC, and each of about {refits} refits compiles it again: that takes minutes. "
        "--quick and fewer --folds need fewer."
    )


@contextmanager
def stages(*, enabled: bool) -> Iterator[OnStage | None]:
    """What is told of the work while it lasts: a line on the terminal that the next one replaces; nothing elsewhere."""
    if not (enabled and sys.stderr.isatty()):
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("Reading the fit") as status:
        yield lambda words: status.update(f"Validating: {words}")


def summarise(run: Run, fit: Run) -> ValidateOutput:
    """The document of a validation run."""
    from cli.fits import is_trusted, mapping
    from cli.outputs.validation import TABLES, InfluenceRow, ValidateOutput
    from outlay.document import documents

    about = mapping(run, "validation.json")
    there = {name.removeprefix("tables/").removesuffix(".parquet") for name in run.manifest["files"]}
    tables: dict[str, Any] = {
        name: documents(run.table(name), kind) if name in there else [] for name, kind in TABLES.items()
    }
    loo = run.table("loo")
    heavy = loo[loo["khat"] > about["khat_limit"]].sort_values("khat", ascending=False)
    return ValidateOutput(
        run=run.id, trusted=is_trusted(fit), influential=documents(heavy, InfluenceRow), **tables, **about
    )

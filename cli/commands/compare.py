"""``outlay compare``: plans side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_PROJECT, Debug, Force, Json, ProjectFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outlay.runs import Run


def command(
    runs: Annotated[
        list[str] | None,
        typer.Argument(metavar="RUN", help="Plans; default: those of the last call with scenarios, or the last 2."),
    ] = None,
    project: ProjectFile = DEFAULT_PROJECT,
    force: Force = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Lay plans side by side.

    Spend, outcome, profit and risk of each, the probability that one beats the other on the same draws, and what
    differs in the questions and in the plans.
    """
    from cli.comparing import comparison_of_runs, plans_to_compare, show
    from cli.config import runs_root
    from cli.fits import open_fit
    from cli.terminal import print_json

    plans = plans_to_compare(runs_root(project), runs or ())
    fit = open_fit(project, _common_fit(plans), force=force)
    result = comparison_of_runs(fit, plans)
    if as_json:
        print_json(result.document())
        return
    show(result)


def _common_fit(plans: Sequence[Run]) -> str:
    """The fit that all plans were made from."""
    from budget.catalogue import CATALOGUE
    from outlay.errors import ConfigError

    if len(plans) < 2:
        what = f"a comparison needs two plans, and there {'is one' if plans else 'is none'}"
        raise ConfigError(what, where="outlay compare", repair=CATALOGUE["P087"].repair, id="P087")
    for at, called in ((0, "fits"), (1, "conversion models")):
        parents = {plan.parents[at] for plan in plans if len(plan.parents) > at}
        if len(parents) > 1:
            what = f"these plans rest on different {called}: {', '.join(sorted(parents))}"
            raise ConfigError(what, where="outlay compare", repair=CATALOGUE["P087"].repair, id="P087")
    return plans[0].parents[0]

"""Facts of a fit: contributions, the outcome, returns and response curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.star.facts import CONTRIBUTION, CURVE, OUTCOME, ROI

if TYPE_CHECKING:
    import pandas as pd

    from cli.star.rows import About, Facts

_PARTS = {"mean": "contribution_mean", "hdi_low": "contribution_hdi_low", "hdi_high": "contribution_hdi_high"}
_FITTED = {"mean": "fitted_mean", "hdi_low": "fitted_hdi_low", "hdi_high": "fitted_hdi_high"}


def fit(run: About) -> Facts:
    """The facts of a fit, in original units."""
    facts = run.facts
    units = {"outcome_unit": facts["outcome_unit"], "hdi": facts["hdi"]}
    money = {**units, "currency": facts["currency"]}
    made = run.run.table("contributions")
    yield CONTRIBUTION, _named(made, {"component": "channel", "date": "date_key", **_PARTS}).assign(**units)
    yield OUTCOME, _named(run.run.table("fit"), {"date": "date_key", **_FITTED}).assign(**units)
    window = {"window_start_key": facts["window_start"], "window_end_key": facts["window_end"]}
    yield ROI, _returns(run).assign(**money, **window)
    curves = _named(run.run.table("curves"), {})
    points = curves.groupby(["channel", "group_name"], sort=False, dropna=False).cumcount() + 1
    yield CURVE, curves.assign(point=points.astype("int32"), period=facts.get("period"), **money)


def _returns(run: About) -> pd.DataFrame:
    """Channels and levers, and beside them all paid media together."""
    import pandas as pd

    from mmm.document import RoiRow
    from outlay.document import documents

    # The documents hold what a table means: the kind of a row, and no spend where nothing was paid.
    rows = [row.model_dump() for row in documents(run.run.table("roi"), RoiRow)]
    totals = run.run.table("total").assign(channel=None, kind="total")
    each = pd.DataFrame(rows).astype(object)
    return _named(pd.concat([each, totals.astype(object)], ignore_index=True), {})


def _named(frame: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    return frame.rename(columns={"group": "group_name", **names})

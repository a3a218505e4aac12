"""Facts about a fit that reports tell: the window, sizes, what was assumed, how well it fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mmm.assumed import assumptions
from mmm.catalogue import CATALOGUE
from mmm.design import Design
from mmm.identify import fit_quality
from mmm.wording import count, span
from outlay.findings import Finding

if TYPE_CHECKING:
    from mmm.media import FittedMedia


def model_facts(fitted: FittedMedia) -> dict[str, Any]:
    """JSON-ready facts, kept as ``model.json`` in a run."""
    design, panel = fitted.design, fitted.design.panel
    r2, autocorrelation = fit_quality(fitted.decomposition)
    return {
        "kpi": panel.kpi_name,
        "kpi_type": panel.kpi_type,
        "outcome_unit": fitted.response.outcome_unit,
        "money": fitted.response.money,
        "currency": panel.currency,
        "hdi": fitted.project.hdi,
        "margin": fitted.project.margin,
        "frequency": panel.frequency.name,
        "period": panel.frequency.unit,
        "first_date": str(panel.dates[0].date()),
        "first_kpi_date": str(panel.dates[panel.history].date()),
        "window_start": str(panel.dates[design.fit][0].date()),
        "window_end": str(panel.dates[-1].date()),
        "periods_scored": len(design.y),
        "l_max": design.l_max,
        "groups": list(panel.groups) if panel.is_panel else [],
        "channels": list(panel.channels),
        "parameters": int(sum(np.prod(draws.shape[2:]) for draws in fitted.samples.values.values())),
        "r2": r2,
        "residual_autocorrelation": autocorrelation,
        "seconds": dict(fitted.samples.seconds),
        "engine": fitted.samples.route,
        "engine_reason": fitted.samples.why,
        "assumed": assumptions(design, fitted.priors),
        "future": list(fitted.response.assumptions),
    }


def window_findings(design: Design) -> list[Finding]:
    """Which rows were scored, and paid channels that cost nothing in them."""
    panel = design.panel
    return [
        CATALOGUE.finding("M010", panel.source, _first_rows(design)),
        *(
            CATALOGUE.finding("M011", f"channel {panel.channels[c]}", "has exposure and no spend in the scored rows")
            for c in np.flatnonzero(panel.paid & design.active & ~design.bought)
        ),
    ]


def _first_rows(design: Design) -> str:
    """What the rows before the scored ones are: media history, or rows with a KPI that warm up the adstock."""
    panel, first = design.panel, design.fit.start
    unit, scored = panel.frequency.unit, f"all tables are about {span(panel.dates[design.fit])}"
    if not panel.history:
        return f"the first {count(first, unit)} ({span(panel.dates[:first])}) only warm up the adstock; {scored}"
    history = f"media history without a KPI, {count(panel.history, unit)} ({span(panel.dates[: panel.history])})"
    if first == panel.history:
        return f"{history}, warms up the adstock, so every row with a KPI is scored; {scored}"
    lost = panel.dates[panel.history : first]
    return (
        f"{history}, is shorter than the carry-over, so {count(len(lost), unit)} with a KPI ({span(lost)}) warm up the "
        f"adstock too; {scored}"
    )

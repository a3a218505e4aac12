"""Facts about a fit that reports tell: the window, sizes, what was assumed, how well it fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mmm.catalogue import CATALOGUE
from mmm.config import PriorSection
from mmm.design import Design
from mmm.identify import fit_quality
from mmm.wording import span
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
        "assumed": _assumed(design.section.prior, design),
        "future": list(fitted.response.assumptions),
    }


def _assumed(prior: PriorSection, design: Design) -> list[str]:
    adstocks, saturations = (", ".join(sorted(set(kind))) for kind in (design.panel.adstock, design.panel.saturation))
    return [
        f"Paid media cause {prior.paid_share:.0%} of the KPI in the middle of the prior "
        f"(sd {prior.paid_share_sd:g} on the logit), split over channels by spend.",
        f"A channel's ROI is within a factor of {prior.roi_ratio:g} of the paid channels' typical (geometric mean) ROI "
        "with 90 % prior probability or more.",
        f"An organic channel causes {prior.organic_share:.1%} of the KPI in the middle of the prior.",
        f"Half-lives have a prior middle of {prior.half_life_days:g} days (90 % within a factor of five).",
        "Half-saturation lies between 0.4 and 10 times a channel's mean exposure with 90 % prior probability.",
        "Media effects are never negative; levers and controls may be.",
        f"Adstock: {adstocks}; saturation: {saturations}.",
    ]


def window_findings(design: Design) -> list[Finding]:
    """Which rows were scored, and paid channels that cost nothing in them."""
    panel = design.panel
    what = (
        f"the first {design.l_max} {panel.frequency.unit}s ({span(panel.dates[: design.l_max])}) only warm up the "
        f"adstock; all tables are about {span(panel.dates[design.fit])}"
    )
    return [
        CATALOGUE.finding("M010", panel.source, what),
        *(
            CATALOGUE.finding("M011", f"channel {panel.channels[c]}", "has exposure and no spend in the scored rows")
            for c in np.flatnonzero(panel.paid & design.organic)
        ),
    ]

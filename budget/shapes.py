"""What a plan inherits from the model: the responses over its window, and what their shapes mean for a planner."""

from __future__ import annotations

import numpy as np

from budget.catalogue import CATALOGUE
from budget.cells import Cells
from budget.responses import Responses
from budget.window import Window
from outlay.errors import PlanError
from outlay.findings import Finding
from outlay.response import ResponseDraws
from outlay.transforms import SATURATIONS, Array


def window_responses(
    response: ResponseDraws, cells: Cells, window: Window, after: Array
) -> tuple[Responses, tuple[Finding, ...]]:
    """The responses over a window, with what had to be cut or assumed for it.

    Parameters
    ----------
    response : ResponseDraws
    cells : Cells
    window : Window
    after : ndarray (P - H, K)
        Exposure after the window that no plan changes.

    Raises
    ------
    PlanError
        P018, where effects multiply and the window's baseline is not known.
    """
    lead_in = cells.flat(window.lead_in)
    if response.link == "identity":
        return Responses(response, cells, lead_in, window.value, after), ()
    base, findings = _base(response, window)
    counted = base.shape[1]
    value, after = window.value[:counted], after[: counted - len(window.dates)]
    return Responses(response, cells, lead_in, value, after, base), findings


def _base(response: ResponseDraws, window: Window) -> tuple[Array, tuple[Finding, ...]]:
    """Outcome of every counted period without paid media, (S, P, G), where effects multiply it."""
    begin = window.first - len(response.dates)
    periods = len(window.dates)
    if begin < 0 or begin + periods > response.baseline.shape[1]:
        raise PlanError(
            "effects multiply the baseline, and the baseline of this window is not part of the fit",
            where="[plan] start",
            repair=CATALOGUE["P018"].repair,
            id="P018",
        )
    known = response.baseline[:, begin : begin + len(window.value)]
    short = len(window.value) - known.shape[1]
    if not short:
        return known, ()
    what = f"effects in the last {short} {response.period}s after the window are left out: their baseline is not known"
    return known, (CATALOGUE.finding("P060", "[plan] carry_over_after", what),)


def shape_findings(response: ResponseDraws) -> tuple[Finding, ...]:
    """What a plan inherits from a channel's family and not from data."""
    straight, steep, bent, negative = [], [], [], []
    for channel, called in enumerate(response.channels):
        name = f"{called} (lever)" if called in response.levers else called
        bend = response.bend(channel)
        if bend.family == "none":
            straight.append(name)
        elif np.isinf(bend.slope(np.zeros(1))).any():
            steep.append(name)
        part = float(np.mean(~SATURATIONS[bend.family].concave(response.exponent[:, channel])))
        if part > 0.0:
            bent.append(f"{name} in {part:.0%} of the draws")
        part = float((response.coefficient[:, :, channel] < 0.0).mean())
        if part > 0.0:
            negative.append(f"{name} in {part:.1%} of the draws")
    told = {
        "P058": (straight, "the response never flattens"),
        "P059": (steep, "the response rises infinitely steeply from zero"),
        "P061": (bent, "the response is S-shaped"),
        "P041": (negative, "more spend lowers the outcome"),
    }
    return tuple(
        CATALOGUE.finding(id, "[plan]", f"{what}: {', '.join(names)}") for id, (names, what) in told.items() if names
    )

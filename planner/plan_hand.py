"""Setting a plan by hand: a slider for every channel, and what the spend set there would do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash.development.base_component import Component

from budget.document import PlanOutput
from outlay import style
from planner.asked import Cell
from planner.plan_numbers import NotANumberError, field_marks

MARK = {
    "width": 3,
    "height": 16,
    "border": 0,
    "borderRadius": 1,
    "backgroundColor": "var(--mantine-color-orange-6)",
    "transform": "translateY(-5px)",
}
"""The reference plan on a slider."""

STEPS = 200
"""Positions of a slider."""


def slider_id(channel: str) -> dict[str, str]:
    """The slider of a channel."""
    return {"kind": "plan-slider", "channel": channel}


def number_id(channel: str) -> dict[str, str]:
    """The field for numbers of a channel."""
    return {"kind": "plan-number", "channel": channel}


def panel(plan: PlanOutput, numbers: str) -> Component:
    """Sliders from nothing to well above what each channel has now, the plan's spend on them."""
    reference, planned = plan.by_channel()
    rows = [_channel(name, planned[name], reference[name], plan.currency, numbers) for name in planned]
    return dmc.Stack(rows, gap=10)


def _channel(name: str, spend: float, reference: float, currency: str, numbers: str) -> Component:
    most = most_of(spend, reference)
    marks = [{"value": reference, "label": ""}] if reference < most else []
    slider = dmc.Slider(
        id=slider_id(name),
        value=spend,
        min=0,
        max=most,
        step=most / STEPS,
        precision=2,
        updatemode="drag",
        label=None,
        marks=marks,
        thumbLabel=f"Spend on {name}",
        flex={"base": "1 0 100%", "sm": 1},
        mb={"base": 6, "sm": 0},
        size=6,
        thumbSize=18,
        styles={"mark": MARK},
    )
    number = dmc.NumberInput(
        id=number_id(name),
        value=round(spend, 2),
        min=0,
        hideControls=True,
        debounce=True,
        decimalScale=0,
        size="xs",
        w=130,
        suffix=f" {currency}",
        styles={"input": {"textAlign": "right"}},
        **{"aria-label": f"Spend on {name}"},
        **field_marks(numbers),
    )
    label = dmc.Stack(
        [
            dmc.Text(name, size="sm", fw=550, truncate="end"),
            dmc.Text(f"reference {style.money(reference, currency)}", size="xs", c="dimmed"),
        ],
        gap=0,
        w=150,
    )
    return dmc.Group([label, number, slider], gap="sm", justify="space-between")


def most_of(spend: float, reference: float) -> float:
    """Right end of a channel's slider."""
    return max(2.0 * reference, 1.5 * spend, 1.0)


def cells_by_hand(plan: PlanOutput, spend: Mapping[str, float]) -> tuple[Cell, ...]:
    """Channels' spend set by hand on the plan's cells: groups keep their parts of the channel."""
    _, planned = plan.by_channel()
    rows = [row for row in plan.rows if row.period is None]
    groups = {name: sum(row.channel == name for row in rows) for name in planned}
    cells = []
    for row in rows:
        wanted, before = spend.get(row.channel, planned[row.channel]), planned[row.channel]
        part = (row.spend or 0.0) / before if before else 1.0 / groups[row.channel]
        cells.append(Cell(row.channel, row.group, round(wanted * part, 2)))
    return tuple(cells)


def sums(cells: tuple[Cell, ...]) -> dict[str, float]:
    """Spend of each channel over its groups."""
    total: dict[str, float] = {}
    for cell in cells:
        total[cell.channel] = total.get(cell.channel, 0.0) + cell.spend
    return total


def total_words(total: float, currency: str, budget: float | None) -> tuple[str, str]:
    """The total set by hand beside the budget, with its colour."""
    said = f"Together {style.money(total, currency)}"
    if budget is None:
        return said, "dimmed"
    more = total - budget
    if abs(more) < 0.005 * max(budget, 1.0) / 100:
        return f"{said}, the budget", "teal"
    return f"{said}: {style.money(abs(more), currency)} {'above' if more > 0 else 'below'} the budget", "orange"


LIVE = """
function(values, ids, stands) {
    // every move is shown soon, and the last one is kept once the hand rests
    const spend = {};
    ids.forEach((id, i) => { spend[id.channel] = values[i]; });
    const moved = ids.some((id, i) => Math.abs(values[i] - (stands || {})[id.channel]) >= 0.6);
    if (!moved) { return window.dash_clientside.no_update; }
    const page = window.outlayHand = window.outlayHand || {};
    clearTimeout(page.rest);
    page.rest = setTimeout(() => window.dash_clientside.set_props('plan-rested', {data: spend}), 700);
    if (!page.waiting) {
        page.waiting = setTimeout(() => {
            page.waiting = null;
            window.dash_clientside.set_props('plan-moving', {data: page.latest});
        }, 90);
    }
    page.latest = spend;
    return window.dash_clientside.no_update;
}
"""
"""What a browser does when a slider moves: at most eleven looks a second, and one answer at the end."""


def as_spend(data: Any) -> dict[str, float]:
    """Spend by channel as a browser sends it.

    Raises
    ------
    NotANumberError
        Where something in it is no amount of money; the channel is named.
    """
    spend = {}
    for name, value in dict(data).items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
            raise NotANumberError(f"{name}: spend is a number from zero, and this is {value!r}")
        spend[str(name)] = float(value)
    return spend

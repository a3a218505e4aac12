"""Scenarios side by side as tables: what they spend and bring, channel by channel, and which is the better one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from budget.document_compare import CompareOutput, ScenarioRow
from outlay import style

STUCK = {
    "verticalAlign": "top",
    "position": "sticky",
    "left": 0,
    "zIndex": 1,
    "background": "var(--mantine-color-body)",
}
"""The first column stays where the others scroll away beneath it, on a phone."""

WHOLE = {"whiteSpace": "nowrap"}
RIGHT = {"textAlign": "right", "verticalAlign": "top"}


def numbers_table(found: CompareOutput) -> Component:
    """One column for each scenario, one line for each number."""
    lines = [(label, [told(row) for row in found.rows]) for label, told in _lines(found)]
    heads = [row.name for row in found.rows]
    rows = [(label, cells) for label, cells in lines if any(number for number, _ in cells)]
    return _table("", heads, [(label, [_cell(*cell) for cell in cells]) for label, cells in rows], "Numbers")


def _lines(found: CompareOutput) -> list[tuple[str, Any]]:
    level, currency = f"{100 * found.hdi:g}%", found.currency
    is_money = found.outcome_unit == currency

    def amount(x: float | None, *, money: bool = False) -> str:
        if x is None:
            return ""
        return style.money(x, currency) if money or is_money else f"{style.number(x)} {found.outcome_unit}"

    def spread(row: ScenarioRow, name: str, *, money: bool = False, signed: bool = False) -> str:
        ends = [amount(getattr(row, f"{name}_{end}"), money=money) for end in ("low", "high")]
        return f"{level}: {' to '.join(style.signed(x) if signed else x for x in ends)}" if all(ends) else ""

    def gain(row: ScenarioRow) -> tuple[str, str]:
        return style.signed(amount(row.gain_mean)), spread(row, "gain_hdi", signed=True)

    def profit(row: ScenarioRow) -> tuple[str, str]:
        return amount(row.profit_mean, money=True), spread(row, "profit_hdi", money=True)

    worst = {f"{100 * row.risk_level:g}%" for row in found.rows if row.risk_level is not None}
    return [
        ("Budget", lambda row: (amount(row.budget, money=True), "")),
        ("Looks for", lambda row: (_AIMS.get(row.objective, row.objective).format(found.outcome), _risk(row))),
        (f"Expected {found.outcome}", lambda row: (amount(row.expected), spread(row, "expected_hdi"))),
        ("Gain over its reference", gain),
        ("ROI" if is_money else "Return", lambda row: (style.ratio(row.roi_mean), _roi_interval(row, level))),
        ("Profit", profit),
        (
            f"If things go badly (worst {' or '.join(sorted(worst))} of draws)",
            lambda row: (
                amount(row.cvar),
                f"one draw in twenty below {amount(row.q05)}" if row.q05 is not None else "",
            ),
        ),
        ("Beats its reference", lambda row: (style.chance(row.p_better), "")),
        ("Is the best of these", lambda row: (style.chance(row.p_best), "")),
        ("Reaches its goal", lambda row: ("" if row.p_goal is None else style.chance(row.p_goal), "")),
        ("Certificate", _certificate),
    ]


def _roi_interval(row: ScenarioRow, level: str) -> str:
    """The outcome's interval over the spend, which is the same in every draw."""
    if not row.budget or row.expected_hdi_low is None or row.expected_hdi_high is None:
        return ""
    return f"{level}: {style.ratio_between(row.expected_hdi_low / row.budget, row.expected_hdi_high / row.budget)}"


_AIMS = {
    "outcome": "the most {}",
    "profit": "the most profit",
    "target_roi": "a target ROI",
    "target_mroi": "a target marginal ROI",
    "target_cpa": "a target cost per unit",
    "target_kpi": "a target outcome",
}


def _risk(row: ScenarioRow) -> str:
    return "by its mean" if row.risk == "mean" else f"by {row.risk}"


def _certificate(row: ScenarioRow) -> tuple[str, str]:
    """The status in short, and how far from the best plan this can be."""
    short = row.status.partition(":")[0]
    if row.gap is None or not short.startswith("optimal"):
        return short, ""
    return short, f"at most {style.percent(max(row.gap, 0.0001), 2)} below the best"


def spend_table(found: CompareOutput) -> Component:
    """Spend by channel: of the reference plan and of every scenario, with the change against the first of them."""
    rows = []
    for name, spend in sorted(found.spend_by_channel().items(), key=lambda one: -max(one[1])):
        rows.append((name, [_cell(style.amount(spend[0]), ""), *_beside_first(spend[1:])]))
    reference, *totals = (sum(column) for column in zip(*found.spend_by_channel().values(), strict=True))
    rows.append(("Total", [_cell(style.amount(reference), ""), *_beside_first(totals)]))
    # where totals differ, so do the reference plans: shown is that of the first scenario
    same = max(totals) - min(totals) < 0.01
    heads = ["Reference" if same else f"Reference of {found.rows[0].name}", *(row.name for row in found.rows)]
    return _table(f"Channel ({found.currency})", heads, rows, "Spend by channel")


def _beside_first(spend: Sequence[float]) -> list[Component]:
    first, *others = spend
    return [_cell(style.amount(first), ""), *(_cell(style.amount(x), _moved(x, first)) for x in others)]


def _moved(x: float, first: float) -> str:
    return style.change(x / first - 1.0) if first and abs(x - first) >= 0.005 else ""


def better_table(found: CompareOutput) -> Component | None:
    """Probability that the line's scenario beats the column's; none where two are compared, or it is not known."""
    known = {(row.scenario, row.than): row.probability for row in found.better}
    if len(found.rows) < 3 or all(p is None for p in known.values()):
        return None
    names = [row.name for row in found.rows]
    rows = [
        (one, [_cell("" if one == other else style.chance(known[one, other]), "") for other in names]) for one in names
    ]
    return _table("The plan of this line beats", names, rows, "Which beats which")


def _cell(number: str, beside: str) -> Component:
    parts: list[Any] = [dmc.Text(number, size="sm", className="num", fw=550, style=WHOLE)]
    if beside:
        parts.append(dmc.Text(beside, size="xs", c="dimmed", className="num"))
    return dmc.TableTd(parts, style=RIGHT)


def _table(corner: str, heads: list[str], rows: list[tuple[str, list[Component]]], label: str) -> Component:
    wide = {"overflowWrap": "anywhere", "minWidth": 110, "maxWidth": 220}
    head = dmc.TableTr(
        [
            dmc.TableTh(corner, style=STUCK),
            *(dmc.TableTh(name, style={**wide, "textAlign": "right"}) for name in heads),
        ]
    )
    lines = [dmc.TableTr([dmc.TableTh(name, style={**STUCK, "minWidth": 110}), *cells]) for name, cells in rows]
    table = dmc.Table(
        [dmc.TableThead(head), dmc.TableTbody(lines)], verticalSpacing=6, horizontalSpacing="sm", withRowBorders=True
    )
    return html.Div(table, style={"overflowX": "auto"}, tabIndex=0, role="region", **{"aria-label": label})

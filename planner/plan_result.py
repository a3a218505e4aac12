"""An answer as the page shows it: tiles, sentences, the grid of the plan, and what loosening each rule is worth."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import dash_mantine_components as dmc
from dash.development.base_component import Component

from budget import words
from budget.document import PlanOutput, PlanRow, PriceRow
from outlay import style
from planner.judged import Judged

_HELD = {
    "max_change": "its largest change",
    "max_change_amount": "its largest change",
    "min": "its least",
    "max": "its most",
    "period_min": "its least per period",
    "period_max": "its most per period",
    "min_or_zero": "all or nothing",
    "min_or_zero_per_period": "all or nothing per period",
    "max_step": "its largest step",
    "min_share": "the least share",
    "max_share": "the largest share",
    "min_ratio": "the least ratio",
    "max_ratio": "the largest ratio",
    "lock": "its lock",
    "range": "the range seen in the data",
    "custom": "a rule of its own",
    "no spend": "no spend",
}


_ON_PAGE = {
    "max_change": "the largest change",
    "max_change_amount": "the largest change",
    "margin_of_range": "the share above the range seen",
    "budget_min": "least total",
    "budget_max": "most total",
}


_IN_REPAIRS = {**_ON_PAGE, "min": "least amount", "max": "largest amount"}
"""Repairs speak of keys alone, while elsewhere a channel may be called ``max``."""


def on_page(sentence: str, keys: Mapping[str, str] = _ON_PAGE) -> str:
    """A sentence with the fields' names instead of the project file's keys."""

    def name(found: re.Match[str]) -> str:
        plain = f"the {found[2]}" if found[1] else found[0]
        return keys.get(found[2], plain)

    text = re.sub(r"\bmax_change (\d[\d.e-]*) of\b", _change, sentence)
    return re.sub(r"(\[plan\] )?\b([a-z_]+)\b", name, text)


def _change(found: re.Match[str]) -> str:
    """A largest change in per cent, as the field takes it."""
    return f"the largest change, {style.written(f'{100 * float(found[1]):.4g}')}% of"


def repair_on_page(sentence: str) -> str:
    """What to do, with the fields' names."""
    return on_page(sentence, _IN_REPAIRS)


@dataclass(frozen=True)
class Tile:
    """One number with what it is, its interval, and what it stands beside."""

    label: str
    value: str
    interval: str = ""
    note: str = ""
    tone: str = ""


def tiles_of(plan: PlanOutput) -> list[Tile]:
    """The four numbers that a planner looks at first."""
    level = words.level(plan)
    told = [
        Tile(
            f"Expected {plan.outcome} from this spend",
            words.outcome(plan, plan.expected),
            _interval(level, words.outcome(plan, plan.expected_hdi_low), words.outcome(plan, plan.expected_hdi_high)),
            f"for {style.money(plan.budget, plan.currency)}",
        ),
        Tile(
            "Gain over the reference plan",
            style.signed(words.outcome(plan, plan.gain_mean)),
            _interval(level, *(style.signed(words.outcome(plan, x)) for x in (plan.gain_hdi_low, plan.gain_hdi_high))),
            _more_spend(plan),
            _tone(plan.gain_hdi_low, plan.gain_hdi_high),
        ),
        _better(plan),
    ]
    if plan.profit_mean is not None:
        profit = [style.money(x, plan.currency) for x in (plan.profit_mean, plan.profit_hdi_low, plan.profit_hdi_high)]
        over = style.signed(style.money(plan.profit_gain_mean, plan.currency))
        told.append(Tile("Profit", profit[0], _interval(level, *profit[1:]), f"{over} against the reference", ""))
    else:
        told.append(
            Tile(
                "ROI" if words.is_money(plan) else f"{plan.outcome_unit} per {plan.currency}",
                style.ratio(plan.roi_mean),
                _interval(level, style.ratio(plan.roi_hdi_low), style.ratio(plan.roi_hdi_high)),
            )
        )
    return told


def tiles_by_hand(plan: Judged) -> list[Tile]:
    """The same numbers of spend that is being moved by hand."""
    currency, level = plan.currency, f"{100 * plan.hdi:g}%"
    money = plan.outcome_unit == currency

    def said(x: float) -> str:
        return style.money(x, currency) if money else f"{style.number(x)} {plan.outcome_unit}"

    gain = [style.signed(said(x)) for x in (plan.gain.mean, plan.gain.low, plan.gain.high)]
    told = [
        Tile(
            f"Expected {plan.outcome} from this spend",
            said(plan.expected.mean),
            _interval(level, said(plan.expected.low), said(plan.expected.high)),
            f"for {style.money(plan.budget, currency)}",
        ),
        Tile(
            "Gain over the reference plan",
            gain[0],
            _interval(level, *gain[1:]),
            _more_spend(plan),
            _tone(plan.gain.low, plan.gain.high),
        ),
        _better(plan),
        Tile(
            "ROI" if money else f"{plan.outcome_unit} per {currency}",
            style.ratio(plan.roi.mean),
            _interval(level, style.ratio(plan.roi.low), style.ratio(plan.roi.high)),
        ),
    ]
    if plan.profit is not None and plan.profit_gain is not None:
        each = [style.money(x, currency) for x in (plan.profit.mean, plan.profit.low, plan.profit.high)]
        over = style.signed(style.money(plan.profit_gain.mean, currency))
        told.append(Tile("Profit", each[0], _interval(level, *each[1:]), f"{over} against the reference"))
    if plan.goal is not None and plan.p_goal is not None:
        told.append(Tile(f"Reaches {said(plan.goal)}", style.chance(plan.p_goal), "probability", "baseline included"))
    return told


def _better(plan: PlanOutput | Judged) -> Tile:
    same = abs((plan.budget or 0.0) - (plan.reference_budget or 0.0)) < 0.005
    if plan.p_better is None:
        return Tile("Better than the reference", style.MISSING, note="unknown without a margin: the totals differ")
    return Tile(
        "Better than the reference",
        style.chance(plan.p_better),
        "probability",
        f"by its {plan.outcome}" if same else "by its profit",
        _tone(plan.p_better - SURE, plan.p_better - (1.0 - SURE)),
    )


def _interval(level: str, low: str, high: str) -> str:
    return f"{level}: {low} to {high}"


def _more_spend(plan: PlanOutput | Judged) -> str:
    more = (plan.budget or 0.0) - (plan.reference_budget or 0.0)
    if abs(more) < 0.005:
        return "same total spend"
    return f"for {style.money(abs(more), plan.currency)} {'more' if more > 0 else 'less'} spend"


SURE = 0.9
"""Probability from which on a tile says by its colour that a plan is the better one."""


def _tone(low: float | None, high: float | None) -> str:
    """Green where all of an interval is above zero, red where all of it is below; no colour says "not sure"."""
    if low is None or high is None:
        return ""
    return "teal" if low > 0 else "red" if high < 0 else ""


def tile_grid(tiles: list[Tile], **more: Any) -> Component:
    """Tiles side by side; two in a row on a telephone."""
    return dmc.SimpleGrid(
        [
            dmc.Paper(
                [
                    dmc.Text(tile.label, size="sm", c="dimmed"),
                    dmc.Text(
                        tile.value, fz={"base": 20, "sm": 26}, fw=650, lh=1.2, **({"c": tile.tone} if tile.tone else {})
                    ),
                    dmc.Text(tile.interval, size="xs", c="dimmed"),
                    dmc.Text(tile.note, size="xs", c="dimmed"),
                ],
                p="sm",
                withBorder=True,
            )
            for tile in tiles
        ],
        cols={"base": 2, "md": len(tiles)},
        spacing="sm",
        **more,
    )


def certificate_badge(plan: PlanOutput) -> tuple[str, str]:
    """What is proven in two words, with its colour."""
    if plan.broken_rules:
        return "breaks rules", "red"
    if plan.evaluated:
        return "set by hand", "gray"
    return ("proven optimal", "teal") if plan.status.startswith("optimal") else ("not proven", "yellow")


def held_words(binding: str | None) -> str:
    """What holds a cell, without the keys of the project file."""
    if not binding:
        return ""
    return "; ".join(_held(part) for part in binding.split("; "))


def _held(part: str) -> str:
    key = max((key for key in _HELD if re.match(rf"{key}\b", part)), key=len, default=None)
    if key is None:
        return part
    said, whose = _HELD[key], part[len(key) :]
    return said.replace("its ", "the ", 1) + whose if whose.startswith(" of ") else said + whose


def scope_of(row: PlanRow) -> str:
    """What rules call a cell."""
    return row.channel if row.group is None else f"{row.channel} in {row.group}"


def price_of(row: PlanRow, prices: list[PriceRow]) -> PriceRow | None:
    """The dearest rule that speaks of one cell alone."""
    mine = [price for price in prices if price.rule.startswith(f"{scope_of(row)}: ")]
    return max(mine, key=lambda price: abs(price.price or 0.0), default=None)


def loosened(price: PriceRow) -> str:
    """What a unit of loosening brings, without the rule: ``one USD higher brings 1.372 USD``."""
    text = price.text.removeprefix(f"{price.rule}: ")
    return text[:1].upper() + text[1:]


def plan_rows(plan: PlanOutput) -> list[dict[str, Any]]:
    """Rows of the plan's grid: one for each cell, its total over the window."""
    return [_row(plan, row) for row in plan.rows if row.period is None]


def _row(plan: PlanOutput, row: PlanRow) -> dict[str, Any]:
    price = price_of(row, plan.shadow_prices)
    return {
        "id": f"{row.channel}\x1f{row.group or ''}",
        "channel": row.channel,
        "group": row.group,
        "reference": row.reference_spend,
        "spend": row.spend,
        "change": row.change_share,
        "change_words": style.change(row.change_share),
        "lower": row.lower,
        "upper": row.upper,
        "mroi": row.mroi,
        "mroi_words": style.ratio(row.mroi),
        "roi_words": f"{style.ratio(row.roi_mean)} ({style.ratio_between(row.roi_hdi_low, row.roi_hdi_high)})",
        "held": held_words(row.binding),
        "loosened": "" if price is None else loosened(price),
        "rule": "" if price is None else on_page(price.rule),
        "beyond": row.extrapolated,
    }


def prices_table(plan: PlanOutput) -> Component | None:
    """What loosening every rule that binds is worth, the dearest first."""
    if not plan.shadow_prices:
        return None
    rest = sorted(plan.shadow_prices, key=lambda price: (price.kind != "budget", -abs(price.price or 0.0)))
    told = [("the budget" if price.kind == "budget" else on_page(price.rule), loosened(price)) for price in rest]
    rows = [dmc.TableTr([dmc.TableTd(rule), dmc.TableTd(worth)]) for rule, worth in told]
    head = dmc.TableThead(dmc.TableTr([dmc.TableTh("Rule that binds"), dmc.TableTh("What loosening it brings")]))
    table = dmc.Table([head, dmc.TableTbody(rows)], verticalSpacing=4, striped=True)
    return dmc.TableScrollContainer(table, minWidth=320, type="native")


def told(plan: PlanOutput) -> Component:
    """The plan in sentences, its certificate first."""
    badge, colour = certificate_badge(plan)
    certificate = words.certificate(plan)
    sentences = [line for line in words.verdict(plan) if line != certificate]
    return dmc.Stack(
        [
            dmc.Group(
                [dmc.Badge(badge, color=colour, variant="light", size="lg"), dmc.Text(certificate, flex=1, miw=240)],
                gap="sm",
                id="plan-certificate",
            ),
            *_broken(plan),
            *(dmc.Text(line, size="sm") for line in sentences),
        ],
        gap=6,
    )


def _broken(plan: PlanOutput) -> list[Component]:
    if not plan.broken_rules:
        return []
    lines = dmc.List([dmc.ListItem(on_page(rule)) for rule in plan.broken_rules], size="sm")
    return [dmc.Alert(lines, title="This plan breaks rules", color="red", variant="light")]


def remarks(plan: PlanOutput) -> Component:
    """What the plan assumes and what was found on the way, folded away."""
    found = [
        dmc.ListItem([dmc.Text(f"{finding.id} ", span=True, fw=600), f"{finding.what}. ", finding.repair])
        for finding in plan.findings
    ]
    assumed = [dmc.ListItem(line) for line in plan.assumptions]
    items = []
    for name, label, lines in (
        ("assumed", f"What this plan assumes ({len(assumed)})", assumed),
        ("found", f"Notes and warnings ({len(found)})", found),
    ):
        if lines:
            panel = dmc.AccordionPanel(dmc.List(lines, size="sm", spacing=4))
            items.append(dmc.AccordionItem([dmc.AccordionControl(label), panel], value=name))
    return dmc.Accordion(items, multiple=True, variant="separated")

"""What the plan's view consists of: the question's fields, the limits, and places for the answer."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
import pandas as pd
from dash import dcc
from dash.development.base_component import Component

from outlay.fiscal import Fiscal
from outlay.response import ResponseDraws
from planner.desk import Desk
from planner.plan_form import Form, starts
from planner.plan_grids import limits_grid
from planner.plan_numbers import field_marks

REFERENCES = {"last": "the last periods before the window", "last_year": "the same periods one year before"}
TIMINGS = {
    "reference": "as in the reference plan",
    "even": "evenly",
    "free": "the optimizer decides every period",
}


def field_id(name: str) -> str:
    """The component of a field."""
    return f"plan-{name.replace('_', '-')}"


def question_card(desk: Desk, form: Form, response: ResponseDraws) -> Component:
    """Step 1: how much, when, and what for."""
    marks, unit = field_marks(desk.study.project.numbers), response.currency

    def number(name: str, label: str, about: str, *, suffix: str = "", **more: Any) -> Component:
        return dmc.NumberInput(
            id=field_id(name),
            label=label,
            description=about,
            value=form.values()[name],
            suffix=suffix,
            hideControls=True,
            debounce=True,
            **marks,
            **more,
        )

    money = {"suffix": f" {unit}", "min": 0, "decimalScale": 2}
    first = dmc.SimpleGrid(
        [
            dmc.Stack(
                [
                    number("budget", "Budget", "Total for the whole window.", **money),
                    dmc.SimpleGrid(
                        [
                            number("least", "At least", "", placeholder="no limit", **money),
                            number("most", "At most", "", placeholder="no limit", **money),
                        ],
                        cols=2,
                        id="plan-range",
                    ),
                    dmc.SegmentedControl(
                        id=field_id("total"),
                        value=form.total,
                        data=[
                            {"value": "fixed", "label": "Fixed total"},
                            {"value": "free", "label": "Optimizer chooses"},
                        ],
                        size="xs",
                        fullWidth=True,
                    ),
                ],
                gap=6,
            ),
            dmc.Stack(
                [
                    dmc.Select(
                        id=field_id("start"),
                        label="First period",
                        description="Any period of the forecast, or one of the past.",
                        data=_periods(desk, response),
                        value=form.start,
                        searchable=True,
                        allowDeselect=False,
                        maxDropdownHeight=280,
                    ),
                    number("periods", f"Length in {response.period}s", "", min=1, decimalScale=0, allowDecimal=False),
                    dmc.Text(id="plan-window", size="sm", c="dimmed"),
                ],
                gap=6,
            ),
            dmc.Stack(
                [
                    dmc.Select(
                        id=field_id("objective"),
                        label="Look for",
                        description="What makes one plan better than another.",
                        data=objectives(desk, response),
                        value=form.objective,
                        allowDeselect=False,
                    ),
                    number("target", "Target", "", min=0),
                    dmc.Select(
                        id=field_id("counts"),
                        label="The target counts",
                        data=[
                            {"value": "media", "label": "what media bring"},
                            {"value": "all", "label": "the baseline too"},
                        ],
                        value=form.counts,
                        allowDeselect=False,
                    ),
                ],
                gap=6,
            ),
        ],
        cols={"base": 1, "sm": 3},
        spacing="lg",
    )
    return _card("1", "What do you plan?", [first, _more(form, response, number)])


def _more(form: Form, response: ResponseDraws, number: Any) -> Component:
    fields = dmc.SimpleGrid(
        [
            dmc.Select(
                id=field_id("risk"),
                label="Risk",
                description="How uncertainty counts.",
                data=[
                    {"value": "mean", "label": "expected value"},
                    {"value": "blend", "label": "half of it the worst draws"},
                    {"value": "cvar", "label": "the worst draws alone"},
                ],
                value=form.risk,
                allowDeselect=False,
            ),
            number("level", "Worst share of draws", "What counts as going badly.", suffix=" %", min=0.1, max=100),
            number(
                "goal",
                f"Goal for {response.outcome}",
                "Whole window, baseline included.",
                suffix=f" {response.outcome_unit}",
                placeholder="none",
            ),
            number(
                "max_change",
                "Largest change",
                "Of every channel against the reference.",
                suffix=" %",
                min=0,
                placeholder="no limit",
            ),
            number(
                "beyond",
                "Beyond the range seen",
                "How far above the most in the data.",
                suffix=" %",
                min=0,
                placeholder="no limit",
            ),
            dmc.Select(
                id=field_id("reference"),
                label="Compare with",
                description="The reference plan.",
                data=_choices(REFERENCES, form.reference),
                value=form.reference,
                allowDeselect=False,
            ),
            dmc.Select(
                id=field_id("timing"),
                label="Spread over the window",
                description="When a channel's money is spent.",
                data=_choices(TIMINGS, form.timing),
                value=form.timing,
                allowDeselect=False,
            ),
        ],
        cols={"base": 1, "xs": 2, "md": 4},
        spacing="lg",
        verticalSpacing="sm",
    )
    item = dmc.AccordionItem(
        [dmc.AccordionControl("Risk, goal, reference and timing"), dmc.AccordionPanel(fields)], value="more"
    )
    return dmc.Accordion([item], mt="sm", variant="contained")


def objectives(desk: Desk, response: ResponseDraws) -> list[dict[str, str]]:
    """What a planner can look for on this study."""
    outcome, unit, money = response.outcome, response.outcome_unit, response.currency
    known = [("outcome", f"the most {outcome}")]
    if response.money:
        if desk.study.project.margin is not None:
            known.append(("profit", "the most profit"))
        known += [
            ("target_roi", f"the most {outcome} at an ROI of at least"),
            ("target_mroi", f"every {money} that brings at least"),
        ]
    else:
        known.append(("target_cpa", f"the most {outcome} at a cost per unit of at most"))
    known.append(("target_kpi", f"the cheapest plan that brings ({unit})"))
    return [{"value": value, "label": label} for value, label in known]


def limits_card(desk: Desk, channels: tuple[str, ...]) -> Component:
    """Step 2: bounds, locks and shares."""
    unit = desk.study.currency
    return _card(
        "2",
        "Limits",
        [
            dmc.Text(
                "Optional. Type the least and the most that a channel may get, or lock what is already decided. "
                "What stands there in grey follows from the largest change.",
                size="sm",
                c="dimmed",
            ),
            dmc.Group(
                [
                    dmc.Text("Limits in", size="sm"),
                    dmc.SegmentedControl(
                        id="plan-unit",
                        value="money",
                        size="xs",
                        data=[
                            {"value": "money", "label": unit},
                            {"value": "change", "label": "% change"},
                            {"value": "share", "label": "% of total"},
                        ],
                    ),
                ],
                gap="xs",
            ),
            limits_grid(),
            dmc.Box(id="plan-limits-wrong"),
            _shares(channels),
        ],
    )


def _shares(channels: tuple[str, ...]) -> Component:
    def percent(name: str, label: str) -> Component:
        return dmc.NumberInput(
            id=f"plan-share-{name}", label=label, suffix=" %", min=0, max=100, hideControls=True, w=110
        )

    panel = dmc.Stack(
        [
            dmc.Box(id="plan-shares"),
            dmc.Group(
                [
                    dmc.MultiSelect(
                        id="plan-share-channels",
                        label="Channels that count together",
                        data=list(channels),
                        searchable=True,
                        clearable=True,
                        flex=1,
                        miw=220,
                    ),
                    percent("least", "Least share"),
                    percent("most", "Largest share"),
                    dmc.Button("Add group", id="plan-share-add", variant="light"),
                ],
                align="end",
                gap="sm",
            ),
            dmc.Text(id="plan-share-wrong", size="sm", c="red"),
        ],
        gap="sm",
    )
    item = dmc.AccordionItem(
        [dmc.AccordionControl("Groups of channels: shares of the total"), dmc.AccordionPanel(panel)], value="shares"
    )
    return dmc.Accordion([item], variant="contained")


def answer_card(answer: list[Component]) -> Component:
    """Step 3: the plan, or why there is none."""
    # below the bar that stays in sight
    style = {"scrollMarginTop": "calc(var(--app-shell-header-height, 0px) + 96px)"}
    return _card("3", "The plan", [dmc.Box(id="plan-refused"), *answer], id="plan-result", style=style)


def action_bar() -> Component:
    """The question in a sentence and the button that answers it; it stays in sight."""
    return dmc.Paper(
        dmc.Group(
            [
                dmc.Stack(
                    [
                        dmc.Text(id="plan-sentence", size="sm", fw=550),
                        dmc.Text(id="plan-state", size="xs", c="dimmed", **{"aria-live": "polite"}),
                    ],
                    gap=0,
                    flex=1,
                    miw=220,
                ),
                dmc.Group(
                    [
                        dmc.Button("Reset", id="plan-reset", variant="default", size="md"),
                        dcc.Loading(
                            dmc.Button("Optimise", id="plan-optimise", size="md", px="xl"),
                            target_components={"answered": "data"},
                            delay_show=300,
                        ),
                    ],
                    gap="xs",
                ),
            ],
            justify="space-between",
            gap="sm",
        ),
        withBorder=True,
        shadow="sm",
        p="sm",
        style={
            "position": "sticky",
            "top": "calc(var(--app-shell-header-height, 0px) + 4px)",
            "zIndex": 50,
        },
    )


def _card(step: str, title: str, inside: list[Any], **more: Any) -> Component:
    head = dmc.Group(
        [
            dmc.Badge(step, circle=True, size="lg", variant="filled"),
            dmc.Title(title, order=3, size="h4"),
        ],
        gap="xs",
    )
    return dmc.Paper(dmc.Stack([head, *inside], gap="sm"), withBorder=True, p={"base": "sm", "sm": "md"}, **more)


def period_label(desk: Desk, day: str) -> str:
    """A period's date, with its name in the fiscal calendar where the project has one."""
    fiscal, response = Fiscal.of(desk.study.project), desk.planner(desk.study.base).response
    if fiscal is None:
        return day
    first = pd.Timestamp(day)
    if response.date_marks == "end":  # the calendar goes by first days
        length = pd.DateOffset(months=1) if response.period == "month" else pd.DateOffset(days=response.period_days)
        first = first + pd.Timedelta(days=1) - length
    return f"{day} ({fiscal.label(first.date(), response.period)})"


def _periods(desk: Desk, response: ResponseDraws) -> list[dict[str, Any]]:
    """Periods that a window can begin in, those ahead of the data first."""
    ahead = len(response.future_dates)
    items = [{"value": day, "label": period_label(desk, day)} for day in starts(response)]
    parts = (("After the data", items[:ahead]), ("In the data", items[ahead:]))
    return [{"group": name, "items": mine} for name, mine in parts if mine]


def _choices(known: dict[str, str], mine: str) -> list[dict[str, str]]:
    choices = {**known} if mine in known else {**known, mine: mine}
    return [{"value": value, "label": label} for value, label in choices.items()]

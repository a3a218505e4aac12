"""What the plan's view consists of: the question's fields, the limits, and places for the answer."""

from __future__ import annotations

from dataclasses import dataclass
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
from planner.today import dated

REFERENCES = {"last": "the last periods", "last_year": "a year before"}
RISKS = {"mean": "expected value", "blend": "the worst draws count more", "cvar": "the worst draws alone"}
TIMINGS = {
    "reference": "as in the reference plan",
    "even": "evenly",
    "free": "the optimizer decides every period",
}


def field_id(name: str) -> str:
    """The component of a field."""
    return f"plan-{name.replace('_', '-')}"


@dataclass(frozen=True)
class _Fields:
    """Makes the fields of the form: what they show, and how the project writes numbers."""

    values: dict[str, Any]
    marks: dict[str, Any]
    unit: str

    def number(self, name: str, label: str, about: str = "", **more: Any) -> Component:
        return dmc.NumberInput(
            id=field_id(name),
            label=label,
            description=about,
            value=self.values[name],
            hideControls=True,
            debounce=True,
            **self.marks,
            **more,
        )

    def money(self, name: str, label: str, about: str = "", **more: Any) -> Component:
        return self.number(name, label, about, suffix=f" {self.unit}", min=0, decimalScale=2, **more)

    def percent(self, name: str, label: str, about: str, **more: Any) -> Component:
        return self.number(name, label, about, suffix=" %", **more)

    def choice(self, name: str, label: str, about: str, data: list[Any], **more: Any) -> Component:
        return dmc.Select(
            id=field_id(name),
            label=label,
            description=about,
            data=data,
            value=self.values[name],
            allowDeselect=False,
            **more,
        )


def question_card(desk: Desk, form: Form, response: ResponseDraws) -> Component:
    """Step 1: how much, when, and what for."""
    fields = _Fields(form.values(), field_marks(desk.study.project.numbers), response.currency)
    columns = [_total(fields, form), _window(desk, fields, response), _aim(desk, fields, response)]
    first = dmc.SimpleGrid(
        [dmc.Stack(column, gap=6) for column in columns], cols={"base": 1, "sm": 3}, spacing="lg", verticalSpacing="sm"
    )
    item = dmc.AccordionItem(
        [
            dmc.AccordionControl("Risk, goal, reference and timing"),
            dmc.AccordionPanel(
                dmc.SimpleGrid(
                    _more(fields, form, response),
                    cols={"base": 1, "xs": 2, "md": 4},
                    spacing="lg",
                    verticalSpacing="sm",
                )
            ),
        ],
        value="more",
    )
    return _card("1", "What do you plan?", [first, dmc.Accordion([item], mt="sm", variant="contained")])


def _total(fields: _Fields, form: Form) -> list[Component]:
    limits = [fields.money(name, label, placeholder="no limit") for name, label in _RANGE.items()]
    kinds = [{"value": "fixed", "label": "Fixed total"}, {"value": "free", "label": "Optimizer chooses"}]
    return [
        fields.money("budget", "Budget", "Total for the whole window."),
        dmc.SimpleGrid(limits, cols=2, id="plan-range"),
        dmc.SegmentedControl(id=field_id("total"), value=form.total, data=kinds, size="xs", fullWidth=True),
    ]


_RANGE = {"least": "At least", "most": "At most"}


def _window(desk: Desk, fields: _Fields, response: ResponseDraws) -> list[Component]:
    about = "Any period of the forecast, or one of the past."
    return [
        fields.choice("start", "First period", about, _periods(desk, response), searchable=True, maxDropdownHeight=280),
        fields.number("periods", f"Length in {response.period}s", min=1, decimalScale=0, allowDecimal=False),
        dmc.Text(id="plan-window", size="sm", c="dimmed"),
    ]


def _aim(desk: Desk, fields: _Fields, response: ResponseDraws) -> list[Component]:
    about = "What makes one plan better than another."
    counts = [{"value": "media", "label": "what media bring"}, {"value": "all", "label": "the baseline too"}]
    return [
        fields.choice("objective", "Look for", about, objectives(desk, response)),
        fields.number("target", "Target", min=0),
        fields.choice("counts", "The target counts", "", counts),
    ]


def _more(fields: _Fields, form: Form, response: ResponseDraws) -> list[Component]:
    goal = {"suffix": f" {response.outcome_unit}", "placeholder": "none"}
    limit = {"min": 0, "placeholder": "no limit"}
    return [
        fields.choice("risk", "Risk", "How uncertainty counts.", _choices(RISKS, form.risk)),
        fields.percent("level", "Worst share of draws", "What counts as going badly.", min=0.1, max=100),
        fields.number("goal", f"Goal for {response.outcome}", "Whole window, baseline included.", **goal),
        fields.percent("max_change", "Largest change", "Of every channel against the reference.", **limit),
        fields.percent("beyond", "Beyond the range seen", "How far above the most in the data.", **limit),
        fields.choice("reference", "Compare with", "The reference plan.", _choices(REFERENCES, form.reference)),
        fields.choice(
            "timing", "Spread over the window", "When a channel's money is spent.", _choices(TIMINGS, form.timing)
        ),
    ]


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


def limits_card(desk: Desk, channels: tuple[str, ...], rows: int) -> Component:
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
            limits_grid(rows),
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
            dmc.Title(title, order=2, size="h4"),
        ],
        gap="xs",
    )
    return dmc.Paper(dmc.Stack([head, *inside], gap="sm"), withBorder=True, p={"base": "sm", "sm": "md"}, **more)


def period_label(desk: Desk, day: str) -> str:
    """A period's date, with its name in the fiscal calendar where the project has one."""
    return dated(pd.Timestamp(day), desk.planner(desk.study.base).response, Fiscal.of(desk.study.project))


def _periods(desk: Desk, response: ResponseDraws) -> list[dict[str, Any]]:
    """Periods that a window can begin in, those ahead of the data first."""
    ahead = len(response.future_dates)
    items = [{"value": day, "label": period_label(desk, day)} for day in starts(response)]
    parts = (("After the data", items[:ahead]), ("In the data", items[ahead:]))
    return [{"group": name, "items": mine} for name, mine in parts if mine]


def _choices(known: dict[str, str], mine: str) -> list[dict[str, str]]:
    choices = {**known} if mine in known else {**known, mine: mine}
    return [{"value": value, "label": label} for value, label in choices.items()]

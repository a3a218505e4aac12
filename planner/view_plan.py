"""The view "Plan": a question, its limits and its answer on one page."""

from __future__ import annotations

import dash
import dash_mantine_components as dmc
from dash import dcc
from dash.development.base_component import Component

from planner import plan_answering, plan_asking, plan_changing, plan_files, plan_forecast
from planner.desk import Desk
from planner.plan_form import form_of
from planner.plan_layout import action_bar, answer_card, limits_card, question_card
from planner.view_scenarios import savebar

STORES = ("go", "unclear", "refusal", "settled", "scrolled", "moves", "picture", "pictured")
"""What passes between the view's parts: messages of fields, a refusal, clicks that were answered, pictures."""


def layout(desk: Desk) -> Component:
    """The view's components."""
    base = desk.study.base
    response = desk.planner(base).response
    form, cells = form_of(base, response), len(response.channels) * len(response.groups)
    panels = (plan_changing.hand_layout(), plan_forecast.layout(), plan_changing.totals_layout())
    answer = plan_answering.layout(cells, [savebar(desk)], *panels)
    stores = [
        *(dcc.Store(id=f"plan-{name}") for name in STORES),
        dcc.Download(id="plan-file"),
    ]
    return dmc.Stack(
        [
            *stores,
            dmc.Title("Plan", order=1, size="h2"),
            action_bar(),
            question_card(desk, form, response),
            limits_card(desk, response.channels, cells),
            answer_card(answer),
        ],
        gap="md",
    )


def register(app: dash.Dash, desk: Desk) -> None:
    """Wire the view's callbacks."""
    for part in (plan_asking, plan_answering, plan_changing, plan_forecast, plan_files):
        part.register(app, desk)

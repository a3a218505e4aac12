"""The view "Scenarios"."""

from __future__ import annotations

import dash
import dash_mantine_components as dmc
from dash.development.base_component import Component

from planner.desk import Desk


def layout(desk: Desk) -> Component:
    """The view's components."""
    return dmc.Title("Scenarios", order=2)


def register(app: dash.Dash, desk: Desk) -> None:
    """Wire the view's callbacks."""

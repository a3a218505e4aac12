"""The view "Scenarios": what was kept, in versions; open, copy, rename, delete and compare."""

from __future__ import annotations

import dash
import dash_mantine_components as dmc
from dash import dcc
from dash.development.base_component import Component

from planner import downloads, view_scenarios_list, view_scenarios_open, view_scenarios_save
from planner.desk import Desk
from planner.view_scenarios_save import CHANGED, savebar

__all__ = ["layout", "register", "savebar"]


def layout(desk: Desk) -> Component:
    """The view's components."""
    return dmc.Stack(
        [
            dcc.Store(id=CHANGED),
            dcc.Download(id="scenarios-file"),
            dmc.Title("Scenarios", order=1, size="h2"),
            *downloads.layout(desk),
            *view_scenarios_list.layout(desk),
        ],
        gap="md",
    )


def register(app: dash.Dash, desk: Desk) -> None:
    """Wire the view's callbacks, and those of the bar under the plan."""
    for part in (view_scenarios_save, view_scenarios_open, view_scenarios_list, downloads):
        part.register(app, desk)

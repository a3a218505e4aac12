"""The page: a frame with four views over one study."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from types import ModuleType
from typing import TYPE_CHECKING, Any

import dash
import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, html, set_props
from dash.exceptions import DependencyException

from outlay import style
from outlay.errors import OutlayError
from planner import ids, view_compare, view_plan, view_scenarios, view_today
from planner.desk import Desk
from planner.refusals import refused
from planner.shell import THEME, frame, notices, stores

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

VIEWS: dict[str, tuple[str, ModuleType]] = {
    "/": ("Today", view_today),
    "/plan": ("Plan", view_plan),
    "/scenarios": ("Scenarios", view_scenarios),
    "/compare": ("Compare", view_compare),
}
"""Address, label and module of every view. All are on the page at once; the address says which one is seen."""


def build(desk: Desk) -> dash.Dash:
    """The page as a Dash application, whose ``server`` is a WSGI application."""
    app = dash.Dash("planner", title=f"{desk.study.project.name}: plan", update_title="", on_error=_failed)
    app.index_string = app.index_string.replace("<html>", '<html lang="en">')
    app.server.wsgi_app = _written(app.server.wsgi_app, desk.study.project.numbers)
    app.server.register_error_handler(DependencyException, lambda _: ("Not found.\n", 404))
    app.layout = lambda: _layout(desk)
    _shell(app, desk)
    for _, module in VIEWS.values():
        module.register(app, desk)
    return app


def _failed(problem: Exception) -> None:
    """Say on the page what a callback could not do; a bug goes to the log, and never to the browser."""
    if isinstance(problem, OutlayError):
        title, text = "This could not be done", refused(problem)
    else:
        logging.getLogger("outlay.planner").error("a callback of the page failed", exc_info=problem)
        title, text = (
            "Something went wrong",
            "The page is as it was. Whoever runs `outlay serve` finds the reason there.",
        )
    told = {"action": "show", "title": title, "message": text, "color": "red", "autoClose": 10_000}
    set_props(ids.NOTICES, {"sendNotifications": [told]})


def _written(inner: WSGIApplication, numbers: str) -> WSGIApplication:
    """The application with all numbers written as the project does."""

    def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        with style.numbers_as(numbers):
            return inner(environ, start_response)

    return application


def _layout(desk: Desk) -> dmc.MantineProvider:
    views = [
        html.Section(module.layout(desk), id=_id(path), style={"display": "none"}, **{"aria-label": label})
        for path, (label, module) in VIEWS.items()
    ]
    labels = {path: label for path, (label, _) in VIEWS.items()}
    return dmc.MantineProvider(
        [
            *stores(desk.study),
            dmc.NotificationContainer(id=ids.NOTICES, position="top-right"),
            frame(desk.study, labels, views),
        ],
        id="theme",
        theme=THEME,
        defaultColorScheme="auto",
    )


def _id(path: str) -> str:
    return f"view-{path.strip('/') or 'today'}"


def _shell(app: dash.Dash, desk: Desk) -> None:
    """Which view is seen, what is stale, and light or dark."""
    # in the browser: a view is seen without waiting for the server, which may be at work on a plan
    app.clientside_callback(
        f"""(path, links) => {{
            const views = {json.dumps(list(VIEWS))};
            const here = views.includes(path) ? path : "/";
            const seen = views.map((view) => (view === here ? {{}} : {{ display: "none" }}));
            return [...seen, links.map((link) => (link.link === here ? "page" : ""))];
        }}""",
        *(Output(_id(path), "style") for path in VIEWS),
        Output({"link": ALL, "place": ALL}, "aria-current"),
        Input(ids.URL, "pathname"),
        State({"link": ALL, "place": ALL}, "id"),
    )

    @app.callback(Output("notices-of-study", "children"), Input(ids.URL, "pathname"))
    def stale(_: str) -> list[Any]:
        return list(notices(desk.study))

    app.clientside_callback(
        """(choice) => {
            const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
            const scheme = choice === "auto" ? (dark ? "dark" : "light") : choice;
            document.documentElement.setAttribute("data-ag-theme-mode", scheme);
            return [scheme, scheme];
        }""",
        Output("theme", "forceColorScheme"),
        Output(ids.SCHEME, "data"),
        Input("theme-choice", "value"),
    )

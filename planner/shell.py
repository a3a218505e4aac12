"""The frame around the views: whose study it is, whether to trust it, where one is, light or dark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from outlay import style
from planner import ids
from planner.study import Study

HEADER, FOOTER = 56, 52
CONTENT = "78rem"

THEME = {
    "primaryColor": "outlay",
    "primaryShade": {"light": 7, "dark": 5},
    "fontFamily": style.FONT,
    "defaultRadius": "sm",
    "colors": {
        "outlay": [
            "#e8f4fb", "#d0e7f5", "#a3cfea", "#72b5de", "#4aa0d4",
            "#3092cd", "#1a85c4", "#0072b2", "#00629b", "#005283",
        ]
    },
}  # fmt: skip
"""Mantine's theme in the house's blue (:data:`outlay.style.PALETTE`), its eighth shade."""


def frame(study: Study, views: Mapping[str, str], content: Iterable[Component]) -> Component:
    """The page: header, notices about the study, the views, and on a phone the way between them at the foot.

    Parameters
    ----------
    study : Study
    views : mapping of str to str
        Label of every view by its address.
    content : iterable of Component
        The views.
    """
    return dmc.AppShell(
        [
            html.A("Skip to the content", href="#main", className="skip"),
            dmc.AppShellHeader(_header(study, views)),
            dmc.AppShellMain(
                dmc.Container([html.Div(id="notices-of-study"), *content], size=CONTENT, px=0, id="main"),
            ),
            dmc.AppShellFooter(_links(views, "foot"), hiddenFrom="sm"),
        ],
        header={"height": HEADER},
        footer={"height": {"base": FOOTER, "sm": 0}},
        padding={"base": "sm", "sm": "md"},
    )


def _header(study: Study, views: Mapping[str, str]) -> Component:
    about = f"fit of {study.fit.created:%Y-%m-%d %H:%M} UTC"
    left = dmc.Group(
        [
            dmc.Box(
                [
                    dmc.Text(study.project.name, fw=700, className="project", lh=1.2),
                    html.Div(dmc.Text(about, size="xs", c="dimmed", className="project", lh=1.2), title=study.fit.id),
                ],
                miw=0,
            ),
            _trust(study),
            *([dmc.Badge("read only", color="gray", variant="light")] if study.read_only else []),
        ],
        gap="sm",
        wrap="nowrap",
        miw=0,
        style={"flexShrink": 1},
    )
    middle = dmc.Box(_links(views, ""), visibleFrom="sm", h="100%")
    return dmc.Group(
        [left, dmc.Group([middle, _theme()], h="100%", wrap="nowrap", gap="md")],
        justify="space-between",
        wrap="nowrap",
        h="100%",
        px={"base": "sm", "sm": "md"},
    )


def _trust(study: Study) -> Component:
    if study.trusted:
        return html.Div(
            dmc.Badge("fit converged", color="teal", variant="light", visibleFrom="xs"),
            title="The fit passed the trust gate: its chains agree, so another seed would give the same numbers. "
            "Whether the model is right is another question: see the validation in the report.",
        )
    return dmc.Badge("not trustworthy", color="red", variant="filled")


def _links(views: Mapping[str, str], place: str) -> Component:
    links = [
        dmc.Anchor(
            label,
            href=path,
            id={"link": path, "place": place},
            refresh=False,
            underline="never",
            **{"aria-keyshortcuts": f"Alt+{number}"},
        )
        for number, (path, label) in enumerate(views.items(), start=1)
    ]
    return html.Nav(links, className=f"views {place}".strip(), **{"aria-label": "Views"})


def _theme() -> Component:
    return dmc.Select(
        id="theme-choice",
        data=[
            {"value": "auto", "label": "Auto"},
            {"value": "light", "label": "Light"},
            {"value": "dark", "label": "Dark"},
        ],
        value="auto",
        allowDeselect=False,
        persistence=True,
        persistence_type="local",
        size="xs",
        w=76,
        comboboxProps={"withinPortal": True},
        **{"aria-label": "Light or dark"},
    )


def notices(study: Study) -> list[Component]:
    """What has to be said before any number: a fit that failed the gate, and what changed since it was made."""
    told: list[Component] = []
    if not study.trusted:
        why = [html.Li(reason) for reason in study.reasons]
        told.append(
            dmc.Alert(
                [
                    dmc.Text("Another seed would give other numbers: do not act on them.", size="sm"),
                    html.Ul(why, style={"margin": "6px 0 0", "paddingLeft": "1.2em"}),
                ],
                title="This fit did not pass the trust gate",
                color="red",
                mb="sm",
            )
        )
    stale = study.stale()
    if stale:
        told.append(
            dmc.Alert(
                [html.Div(line) for line in stale],
                title="Something changed since this fit was made",
                color="yellow",
                className="plain-title",
                mb="sm",
                id="stale",
            )
        )
    return told


def stores(study: Study) -> list[Component]:
    """Where the page is, and what it holds."""
    base = study.base.model_dump(mode="json", exclude_unset=True)
    return [
        dcc.Location(id=ids.URL),
        dcc.Store(id=ids.SCHEME, data="light"),
        dcc.Store(id=ids.ASKED, data={"section": base, "by_hand": None}),
        dcc.Store(id=ids.ANSWERED),
        dcc.Store(id=ids.OPENED),
    ]

"""The view "Today": where money goes, what it returned, and how sure that is; the way to a plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash
import dash_mantine_components as dmc
from dash import Input, Output, dcc
from dash.development.base_component import Component

from outlay import style
from outlay.fiscal import Fiscal
from planner import charts_today as charts
from planner import ids, scheme
from planner.desk import Desk
from planner.study import Study
from planner.today import Recent, Returned, caution, headline, recent, returned, window_of

GRAPH = {"displaylogo": False, "displayModeBar": False, "responsive": True}
_WORDS = {"style": {"whiteSpace": "nowrap"}}
_FIGURES = {"className": "num", "style": {"textAlign": "right", "whiteSpace": "nowrap"}}


def layout(desk: Desk) -> Component:
    """The view's components."""
    study = desk.study
    rows = returned(study)
    spent = recent(desk.planner(study.base).response, study.base.periods, Fiscal.of(study.project))
    doubt = caution(study, rows, spent)
    paid = [row.channel for row in rows if row.roi is not None]
    return dmc.Stack(
        [
            dmc.Group(
                [
                    dmc.Title("Where the money goes today", order=1, size="h2"),
                    dmc.Anchor(dmc.Button("Make a plan", size="md"), href="/plan", refresh=False, id="make-a-plan"),
                ],
                justify="space-between",
            ),
            dmc.Text(headline(study, spent), maw="60rem"),
            *([_doubt(doubt)] if doubt else []),
            dmc.Card(_table(study, rows, spent), withBorder=True, padding="sm"),
            dmc.SimpleGrid(
                [
                    _card("What a unit spent returned", f"Over {window_of(study)}; dots are means.", "today-returns"),
                    _card(
                        "How outcome grows with spend",
                        "Dashed: beyond any spend in the data. Diamond: the mean spend in the data.",
                        "today-curve",
                        dmc.Select(
                            id="today-channel", data=paid, value=paid[0] if paid else None, allowDeselect=False, w=220,
                            **{"aria-label": "Channel"},
                        ),
                    ),
                ],
                cols={"base": 1, "md": 2},
            ),
            _findings(study),
        ],
        gap="md",
    )  # fmt: skip


def _doubt(text: str) -> Component:
    return dmc.Alert(text, color="yellow", title="Measure before moving money", className="plain-title")


def _card(title: str, note: str, graph: str, *more: Component) -> Component:
    head = [dmc.Title(title, order=2, size="h4"), dmc.Text(note, size="sm", c="dimmed"), *more]
    return dmc.Card(
        dmc.Stack([*head, dcc.Graph(id=graph, config=GRAPH)], gap="xs"), withBorder=True, padding="md", miw=0
    )


def _table(study: Study, rows: list[Returned], spent: Recent) -> Component:
    level = f"{100 * study.hdi:g}%"
    each = study.unit if study.money else f"{study.unit} per {study.currency}"
    heads = [
        ("Channel", False),
        (f"Spend ({study.currency})", True),
        ("Part of it", True),
        (f"Caused ({study.unit})", True),
        (f"{level} interval", True),
        ("ROI" if study.money else each, True),
        (f"{level} interval", True),
        ("Marginal ROI" if study.money else "Marginal", True),
        (f"{level} interval", True),
        ("Data say", False),
    ]
    body = [_cells(row, spent) for row in rows]
    table = dmc.Table(
        [
            dmc.TableThead([_times(study, spent), _heads(heads)]),
            dmc.TableTbody(
                [
                    dmc.TableTr(
                        [
                            dmc.TableTd(cell, **(_FIGURES if number else _WORDS))
                            for cell, (_, number) in zip(cells, heads, strict=True)
                        ]
                    )
                    for cells in body
                ]
            ),
        ],
        highlightOnHover=True,
        verticalSpacing=4,
        id="today-table",
        className="first-stays",
    )
    note = (
        f"Spend: the last {spent.periods} {study.period}s, to {spent.end}. Caused and returns: {window_of(study)}, "
        "effects after it included; intervals are highest-density intervals."
    )
    return dmc.Box([dmc.TableScrollContainer(table, minWidth=900), dmc.Text(note, size="xs", c="dimmed", mt=4)])


def _times(study: Study, spent: Recent) -> Component:
    """What time each block of columns is about: the spend is of late, the returns are of all the data."""
    late = f"the last {spent.periods} {study.period}s"
    blocks = (("", 1), (late, 2), (window_of(study), 6), ("", 1))
    quiet = {"c": "dimmed", "fw": 400, "fz": "xs", "ta": "center"}
    return dmc.TableTr([dmc.TableTh(text, **{"tableProps": {"colSpan": span}}, **quiet) for text, span in blocks])


def _heads(heads: Sequence[tuple[str, bool]]) -> Component:
    return dmc.TableTr([dmc.TableTh(name, **(_FIGURES if number else {})) for name, number in heads])


def _cells(row: Returned, spent: Recent) -> list[str]:
    mine = spent.spend.get(row.channel)
    roi, mroi = row.roi, row.mroi
    return [
        row.channel,
        style.amount(mine) if mine is not None else row.kind,
        style.percent(mine / spent.total) if mine is not None and spent.total else "",
        style.number(row.contribution[0]),
        style.between(row.contribution[1], row.contribution[2]),
        style.ratio(roi[0]) if roi else "",
        style.ratio_between(roi[1], roi[2]) if roi else "",
        style.ratio(mroi[0]) if mroi else "",
        style.ratio_between(mroi[1], mroi[2]) if mroi else "",
        row.said,
    ]


def _findings(study: Study) -> Component:
    """What the checks of data and model saw, folded away."""
    grave = [finding for finding in study.findings if finding.severity != "note"]
    if not grave:
        return dmc.Text("The checks of data and model saw nothing to warn of.", size="sm", c="dimmed")
    items = [
        dmc.Box(
            [
                dmc.Text(f"{finding.id}  {finding.where}", size="sm", fw=600),
                dmc.Text(finding.what, size="sm"),
                dmc.Text(finding.repair, size="sm", c="dimmed"),
            ],
            mb="sm",
        )
        for finding in grave
    ]
    return dmc.Accordion(
        dmc.AccordionItem(
            [
                dmc.AccordionControl(_warned(len(grave))),
                dmc.AccordionPanel(items),
            ],
            value="findings",
        ),
        variant="contained",
    )


def register(app: dash.Dash, desk: Desk) -> None:
    """Wire the view's charts to its channel and to light and dark."""

    @app.callback(Output("today-returns", "figure"), Input(ids.SCHEME, "data"))
    def returns(chosen: str) -> Any:
        return scheme.figure(charts.returns_chart(desk.study, returned(desk.study)), chosen)

    @app.callback(Output("today-curve", "figure"), Input("today-channel", "value"), Input(ids.SCHEME, "data"))
    def curve(channel: str | None, chosen: str) -> Any:
        known = {row.channel for row in returned(desk.study) if row.roi is not None}
        if channel not in known:
            return dash.no_update
        return scheme.figure(charts.curve_chart(desk.study, channel), chosen)


def _warned(n: int) -> str:
    if n == 1:
        return "1 warning of data and model: read it before acting"
    return f"{n} warnings of data and model: read them before acting"

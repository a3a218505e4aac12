"""Files of scenarios: workbooks and CSV out, edited workbooks in."""

from __future__ import annotations

import base64
import binascii
import math
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import dash
import dash_mantine_components as dmc
import pandas as pd
from dash import Input, Output, State, dcc, no_update
from dash.development.base_component import Component

from budget.document import PlanOutput
from outlay.errors import ConfigError, OutlayError
from planner import ids
from planner.asked import Asked
from planner.csv_file import csv_file, with_units
from planner.desk import Answered, Desk
from planner.links import PLAN
from planner.refusals import refused, stopped
from planner.store import Kept
from planner.view_scenarios_save import store_of
from planner.view_scenarios_told import notify

MOST_BYTES = 5_000_000
"""Of an uploaded workbook; ours have some ten thousand."""

MOST_PLANS = 40
"""Of the workbook of all scenarios, those that were saved last: more sheets nobody leafs through."""

PATIENCE = 10.0
"""Seconds after which no further plan is found for a workbook: others wait for the desk, too."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def layout(desk: Desk) -> list[Component]:
    """The line of files above the list."""
    upload = dcc.Upload(
        dmc.Button("Open an edited workbook", variant="default", size="xs"),
        id="scenario-upload",
        accept=".xlsx",
        max_size=MOST_BYTES,
        multiple=False,
        style={"display": "inline-block"},
    )
    return [
        dmc.Group(
            [
                dmc.Button("All as a workbook (XLSX)", id="scenarios-xlsx", variant="default", size="xs"),
                dmc.Button("All as a table (CSV)", id="scenarios-csv", variant="default", size="xs"),
                upload,
            ],
            gap="xs",
        ),
        dcc.Store(id="scenario-go"),
        dcc.Store(id="scenario-gone"),
    ]


def register(app: dash.Dash, desk: Desk) -> None:
    """Wire the buttons."""
    _out(app, desk)
    _in(app, desk)


def _out(app: dash.Dash, desk: Desk) -> None:
    @app.callback(
        Output("scenarios-file", "data"),
        Input("save-xlsx", "n_clicks"),
        State(ids.ANSWERED, "data"),
        State(ids.OPENED, "data"),
        prevent_initial_call=True,
    )
    def one(clicks: int | None, answered: dict[str, Any] | None, opened: dict[str, Any] | None) -> Any:
        if not clicks or answered is None:
            return no_update
        name = "Plan" if opened is None else str(opened["name"])
        return _workbook(desk, [named(desk.answer(Asked.of(answered)), name).document], "plan.xlsx")

    @app.callback(
        Output("scenarios-file", "data", allow_duplicate=True),
        Input("scenarios-xlsx", "n_clicks"),
        prevent_initial_call=True,
    )
    def workbook(clicks: int | None) -> Any:
        kept = store_of(desk).scenarios()
        if not clicks or not kept:
            return _nothing() if clicks else no_update
        answers, left = in_one_unit(*answered_again(desk, kept[:MOST_PLANS], patience=PATIENCE))
        if kept[MOST_PLANS:]:
            left.append(f"It holds the {MOST_PLANS} that were saved last; the table (CSV) holds all {len(kept)}.")
        if left:
            notify("Not all are in the workbook", " ".join(left), colour="yellow")
        return _workbook(desk, [answer.document for answer in answers], "scenarios.xlsx") if answers else no_update

    @app.callback(
        Output("scenarios-file", "data", allow_duplicate=True),
        Input("scenarios-csv", "n_clicks"),
        prevent_initial_call=True,
    )
    def table(clicks: int | None) -> Any:
        kept = store_of(desk).scenarios()
        if not clicks or not kept:
            return _nothing() if clicks else no_update
        return csv_file(scenario_frame(kept), "scenarios.csv", desk.study.project.numbers)


def _nothing() -> Any:
    notify("Nothing to download", "No scenario is kept yet.", colour="yellow")
    return no_update


def _workbook(desk: Desk, plans: Sequence[PlanOutput], file: str) -> Any:
    content = desk.study.workbook(tuple(plans))
    return dcc.send_bytes(content, file, type=XLSX)


def named(answer: Answered, name: str) -> Answered:
    """The answer under the name of its scenario."""
    document = answer.document.model_copy(update={"name": name})
    return replace(answer, document=document, scenario=replace(answer.scenario, name=name))


def answered_again(desk: Desk, kept: Sequence[Kept], *, patience: float = math.inf) -> tuple[list[Answered], list[str]]:
    """Scenarios answered on the fit of the page, under their names, and why others are not, in sentences.

    Answers that the desk keeps always come; others are found until `patience` seconds have passed.
    """
    answers: list[Answered] = []
    left: list[str] = []
    late: list[str] = []
    until = time.monotonic() + patience
    for one in kept:
        try:
            asked = Asked.of(one.asked)
            if time.monotonic() >= until and not desk.knows(asked):
                late.append(one.name)
                continue
            answers.append(named(desk.answer(asked), one.name))
        except OutlayError as problem:
            left.append(f"{one.name} cannot be answered on this fit: {stopped(problem.what)}")
        except (ValueError, TypeError, KeyError):
            left.append(f"{one.name} holds a question that this version of outlay does not know.")
    if late:
        left.append(f"There was no time to find the plans of {', '.join(late)}: press again, what was found is kept.")
    return answers, left


def in_one_unit(answers: Sequence[Answered], left: Sequence[str]) -> tuple[list[Answered], list[str]]:
    """Answers that one workbook can hold, whose sheets all tell of one outcome: those in the unit of the first."""
    kept = [answer for answer in answers if answer.document.outcome_unit == answers[0].document.outcome_unit]
    others = [
        f"{answer.document.name} counts {answer.document.outcome_unit} and not {answers[0].document.outcome_unit}."
        for answer in answers
        if answer not in kept
    ]
    return kept, [*left, *others]


def scenario_frame(kept: Sequence[Kept]) -> pd.DataFrame:
    """Scenarios as a table: the numbers of then, with their units in the columns' names.

    Scenarios need not count one outcome in one unit; where they differ, the column ``outcome_unit`` alone tells it.
    """
    numbers = (
        "budget",
        "expected",
        "expected_hdi_low",
        "expected_hdi_high",
        "gain_mean",
        "gain_hdi_low",
        "gain_hdi_high",
        "profit_mean",
        "profit_hdi_low",
        "profit_hdi_high",
        "p_better",
        "p_goal",
    )
    frame = pd.DataFrame(
        {
            "scenario": one.name,
            "version": one.number,
            "note": one.note,
            "saved_by": one.who,
            "saved_utc": one.saved.isoformat(timespec="seconds"),
            "fit": one.fit,
            "start": one.answer.get("start"),
            "periods": one.answer.get("periods"),
            "objective": one.answer.get("objective"),
            "currency": one.answer.get("currency"),
            "outcome": one.answer.get("outcome"),
            "outcome_unit": one.answer.get("outcome_unit"),
            "interval": one.told("hdi"),
            **{key: one.told(key) for key in numbers},
        }
        for one in kept
    )
    currency, unit = (_alike(frame[name]) for name in ("currency", "outcome_unit"))
    return with_units(frame, currency, unit)


def _alike(column: pd.Series) -> str:
    """The value that all have, or nothing."""
    values = set(column)
    return str(column.iloc[0]) if len(values) == 1 and None not in values else ""


def _in(app: dash.Dash, desk: Desk) -> None:
    @app.callback(
        Output(ids.ASKED, "data", allow_duplicate=True),
        Output(ids.ANSWERED, "data", allow_duplicate=True),
        Output(ids.OPENED, "data", allow_duplicate=True),
        Output("scenario-go", "data"),
        Output("scenario-upload", "contents"),
        Input("scenario-upload", "contents"),
        State(ids.ASKED, "data"),
        prevent_initial_call=True,
    )
    def take(contents: str | None, document: dict[str, Any]) -> tuple[Any, ...]:
        if contents is None:
            return (no_update,) * 5
        try:
            section = desk.study.read_workbook(uploaded(contents), Asked.of(document).section)
        except OutlayError as problem:
            notify("This workbook was not taken", refused(problem, where=True), colour="red")
            return (*(no_update,) * 4, None)  # the same file, mended, is a new one
        asked = Asked(section)
        answered: dict[str, Any] | None = asked.document()
        try:
            desk.answer(asked)
        except OutlayError as problem:
            answered = None
            notify("Taken, but there is no such plan", refused(problem), colour="yellow")
        else:
            notify("The workbook's question is answered", "It is not saved yet: give it a name under its numbers.")
        return asked.document(), answered, None, asked.key, None

    # the view's own link, so that the page is not loaded again and nothing in it is lost
    app.clientside_callback(
        """function(asked) {
            const link = document.querySelector("header nav a[href='PLAN']");
            if (asked && link) { link.click(); }
            return window.dash_clientside.no_update;
        }""".replace("PLAN", PLAN),
        Output("scenario-gone", "data"),
        Input("scenario-go", "data"),
        prevent_initial_call=True,
    )


def uploaded(contents: str) -> bytes:
    """What a browser sent, as bytes.

    Raises
    ------
    ConfigError
        X076, where it is too large or did not arrive whole.
    """
    repair = "Save the workbook as .xlsx, without pictures or added sheets of data, and upload it again."
    encoded = contents.partition(",")[2]
    if len(encoded) > (MOST_BYTES + 2) // 3 * 4:  # in base64 three bytes are four letters
        what = f"the file is larger than {MOST_BYTES // 1_000_000} MB"
        raise ConfigError(what, where="the uploaded file", repair=repair, id="X076")
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as problem:
        what = "the file did not arrive whole"
        raise ConfigError(what, where="the uploaded file", repair=repair, id="X076") from problem
    if not content.startswith(b"PK\x03\x04"):  # every .xlsx is a ZIP archive
        what = "the file is no workbook of the kind .xlsx"
        raise ConfigError(what, where="the uploaded file", repair=repair, id="X076")
    return content

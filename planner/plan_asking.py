"""How the plan's view asks: fields, limits and groups of channels become the question, and follow it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import dash
import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from budget.config import PlanSection
from outlay import style
from outlay.errors import OutlayError
from outlay.response import ResponseDraws
from planner import ids
from planner.asked import Asked
from planner.desk import Desk
from planner.plan_form import (
    FIELDS,
    LOOKS_FOR_TOTAL,
    Form,
    UnclearFieldError,
    fixed,
    form_of,
    freed,
    read_section,
    section_of,
    starts,
)
from planner.plan_grids import limits_columns, name_width
from planner.plan_layout import field_id, period_label
from planner.plan_limits import ALL_GROUPS, LimitError, edited, limit_rows
from planner.plan_numbers import hidden
from planner.plan_result import on_page

WITH_ERRORS = (
    "start",
    "periods",
    "budget",
    "least",
    "most",
    "objective",
    "target",
    "level",
    "goal",
    "max_change",
    "beyond",
)
"""Fields that can tell what is wrong with them."""


def register(app: dash.Dash, desk: Desk) -> None:
    """Wire the fields, the limits and the groups."""
    _fields(app, desk)
    _shown(app, desk)
    _limits(app, desk)
    _shares(app)

    @app.callback(
        Output(ids.ASKED, "data", allow_duplicate=True),
        Output(ids.ANSWERED, "data", allow_duplicate=True),
        Output(ids.OPENED, "data", allow_duplicate=True),
        Output("plan-tabs", "value"),
        Input("plan-reset", "n_clicks"),
        prevent_initial_call=True,
    )
    def reset(_: int) -> tuple[dict[str, Any], None, None, str]:
        return Asked(desk.study.base).document(), None, None, "channels"


def _fields(app: dash.Dash, desk: Desk) -> None:
    @app.callback(
        Output(ids.ASKED, "data"),
        Output("plan-unclear", "data"),
        *(Output(field_id(name), "value") for name in FIELDS),
        *(Output(field_id(name), "error") for name in WITH_ERRORS),
        Input(ids.ASKED, "data"),
        *(Input(field_id(name), "value") for name in FIELDS),
        prevent_initial_call=True,
    )
    def follow(document: dict[str, Any], *values: Any) -> tuple[Any, ...]:
        now = Asked.of(document)
        response = desk.planner(now.section).response
        if ctx.triggered_id == ids.ASKED:
            return (no_update, None, *form_of(now.section, response).values().values(), *_errors({}))
        form = Form.of(dict(zip(FIELDS, values, strict=True)))
        try:
            form.ensure_numbers()
            form = _with_total(form, desk, now.section)
            section = section_of(form, now.section, response)
        except UnclearFieldError as unclear:
            return (no_update, unclear.messages, *form.values().values(), *_errors(unclear.messages))
        asked = no_update if section == now.section else Asked(section).document()
        return (asked, None, *form_of(section, response).values().values(), *_errors({}))


def _errors(messages: dict[str, str]) -> list[Any]:
    return [messages.get(name, "") for name in WITH_ERRORS]


def _with_total(form: Form, desk: Desk, section: PlanSection) -> Form:
    """The form with its total fixed or free as its fields now say."""
    if form.objective in LOOKS_FOR_TOTAL:
        return freed(form)
    if form.total == "fixed" and form.budget is None and form.objective != "outcome":
        plain = section.model_copy(update={"budget": None})
        return fixed(form, desk.planner(section).reference_budget(plain))
    if form.total == "free" and form.objective == "outcome" and form.most is None and form.least is None:
        # the most outcome with nothing said of the total is the reference plan's total: the limit has to be stated
        plain = section.model_copy(update={"budget": None})
        return freed(replace(form, budget=form.budget or desk.planner(section).reference_budget(plain)))
    return freed(form) if form.total == "free" else fixed(form, 0.0)


def _shown(app: dash.Dash, desk: Desk) -> None:
    @app.callback(
        Output("plan-sentence", "children"),
        Output("plan-window", "children"),
        Output("plan-budget", "placeholder"),
        Input(ids.ASKED, "data"),
    )
    def show(document: dict[str, Any]) -> tuple[Any, ...]:
        section = Asked.of(document).section
        planner = desk.planner(section)
        try:
            total = planner.reference_budget(section.model_copy(update={"budget": None}))
        except OutlayError as problem:
            return problem.what, problem.repair, ""
        start = form_of(section, planner.response).start
        window = window_words(desk, start, section.periods, planner.response.period)
        as_before = f"{style.amount(total)} {desk.study.currency}, as in the reference plan"
        return sentence_of(section, total, desk), window, as_before

    @app.callback(
        Output("plan-budget", "style"),
        Output("plan-range", "style"),
        Output("plan-target", "style"),
        Output("plan-counts", "style"),
        Output("plan-level", "style"),
        Output("plan-target", "label"),
        Output("plan-target", "suffix"),
        Input("plan-total", "value"),
        Input("plan-objective", "value"),
        Input("plan-risk", "value"),
        State(ids.ASKED, "data"),
    )
    def fit(total: str, objective: str, risk: str, document: dict[str, Any]) -> tuple[Any, ...]:
        aims, free = objective.startswith("target_"), total == "free"
        return (
            hidden(free),
            hidden(not free),
            hidden(not aims),
            hidden(not aims or objective == "target_mroi"),
            hidden(risk == "mean"),
            *target_words(objective, desk.planner(Asked.of(document).section).response),
        )


def sentence_of(section: PlanSection, reference: float, desk: Desk) -> str:
    """The question in a sentence."""
    currency = desk.study.currency
    if section.free_total:
        limits = [
            f"{word} {style.money(amount, currency)}"
            for word, amount in (("at least", section.budget_min), ("at most", section.budget_max))
            if amount is not None
        ]
        total = (
            " and ".join(["Choose a total", *limits[:1]]) if not limits else f"Choose a total of {' and '.join(limits)}"
        )
    else:
        total = f"Split {style.money(section.budget or reference, currency)}"
    lengths = f"{section.periods} {desk.study.period}{'' if section.periods == 1 else 's'}"
    return f"{total} over {lengths} for {_aim(section, desk)}."


def _aim(section: PlanSection, desk: Desk) -> str:
    target = "" if section.target is None else style.number(section.target)
    response = desk.planner(section).response  # of leads that turn into money, it counts the money
    outcome, currency = response.outcome, response.currency
    return {
        "outcome": f"the most {outcome}",
        "profit": "the most profit",
        "target_roi": f"the most {outcome} at an ROI of at least {target}",
        "target_mroi": f"every {currency} that brings at least {target}",
        "target_cpa": f"the most {outcome} at {target} {currency} a unit at most",
        "target_kpi": f"the cheapest way to {target} {response.outcome_unit}",
    }[section.objective]


def target_words(objective: str, response: ResponseDraws) -> tuple[str, str]:
    """Label and unit of the number that an objective aims at."""
    currency, unit = response.currency, response.outcome_unit
    return {
        "target_roi": ("ROI of at least", ""),
        "target_mroi": (f"The last {currency} brings at least", f" {unit}"),
        "target_cpa": ("Cost per unit of at most", f" {currency}"),
        "target_kpi": (f"{response.outcome} to reach", f" {unit}"),
    }.get(objective, ("Target", ""))


def window_words(desk: Desk, start: str, periods: int, period: str) -> str:
    """First and last date of the window, and the fiscal periods where the project has a fiscal year."""
    response = desk.planner(desk.study.base).response
    known = sorted(starts(response))
    inside = known[known.index(start) : known.index(start) + periods] if start in known else []
    if len(inside) < periods:
        return f"{periods} {period}s from {start}"
    first, last = (period_label(desk, day) for day in (inside[0], inside[-1]))
    return f"{first} to {last}, {periods} {period}s"


def _limits(app: dash.Dash, desk: Desk) -> None:
    @app.callback(
        Output("plan-limits", "rowData"),
        Output("plan-limits", "columnDefs"),
        Input(ids.ASKED, "data"),
        Input("plan-unit", "value"),
        Input("plan-refusal", "data"),
    )
    def rows(document: dict[str, Any], unit: str, refusal: dict[str, Any] | None) -> tuple[Any, Any]:
        section = Asked.of(document).section
        try:
            found = limit_rows(desk, section, unit)
        except OutlayError:
            return no_update, no_update  # the window's own words stand above; there is no reference to show limits by
        found, panel = _marked(found, refusal), any(row["group"] != ALL_GROUPS for row in found)
        more = any(row["more"] for row in found)
        project, width = desk.study.project, name_width(row["channel"] for row in found)
        return found, limits_columns(project.currency, unit, project.numbers, width=width, panel=panel, more=more)

    @app.callback(
        Output(ids.ASKED, "data", allow_duplicate=True),
        Output("plan-limits-wrong", "children"),
        Input("plan-limits", "cellValueChanged"),
        State(ids.ASKED, "data"),
        State("plan-unit", "value"),
        prevent_initial_call=True,
    )
    def change(changes: list[dict[str, Any]], document: dict[str, Any], unit: str) -> tuple[Any, Any]:
        section, said = Asked.of(document).section, []
        for one in changes:
            try:
                section = edited(desk, section, unit, one["rowId"], one["colId"], one.get("value"))
            except LimitError as problem:
                said.append(str(problem))
        return Asked(section).document(), _wrong(said)


def _wrong(said: list[str]) -> Component | None:
    if not said:
        return None
    return dmc.Alert([dmc.Text(line, size="sm") for line in said], color="red", variant="light", title="Not taken")


def _marked(rows: list[dict[str, Any]], refusal: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Rows with those marked that a refusal speaks of."""
    if not refusal:
        return rows
    for row in rows:
        mine = [rule for rule in refusal["rules"] if speaks_of(rule, row["channel"], row["group"])]
        if mine:
            row["wrong"] = {"lower": True, "upper": True, "lock": True}
            told = on_page(mine[0])
            row["more"] = "; ".join(filter(None, [f"In conflict: {told[:1].lower()}{told[1:]}", row["more"]]))
    return rows


def speaks_of(rule: str, channel: str, group: str) -> bool:
    """Whether a rule's words name a channel, and the group of a row for one."""
    named = re.search(rf"(?<![\w.-]){re.escape(channel)}(?![\w-])( in (?P<group>[^:;+]+))?", rule)
    return named is not None and (named["group"] or ALL_GROUPS) == group


def _shares(app: dash.Dash) -> None:
    @app.callback(Output("plan-shares", "children"), Input(ids.ASKED, "data"), Input("plan-refusal", "data"))
    def show(document: dict[str, Any], refusal: dict[str, Any] | None) -> Any:
        groups = Asked.of(document).section.groups
        lines = []
        for number, group in enumerate(groups):
            remove = dmc.Button(
                "Remove",
                id={"kind": "plan-share-remove", "number": number},
                size="compact-xs",
                variant="subtle",
                color="red",
            )
            lines.append(dmc.Group([dmc.Text(group_words(group), size="sm", flex=1), remove], gap="xs"))
        return lines or dmc.Text("No group has a share of its own.", size="sm", c="dimmed")

    @app.callback(
        Output(ids.ASKED, "data", allow_duplicate=True),
        Output("plan-share-channels", "value"),
        Output("plan-share-least", "value"),
        Output("plan-share-most", "value"),
        Output("plan-share-wrong", "children"),
        Input("plan-share-add", "n_clicks"),
        Input({"kind": "plan-share-remove", "number": ALL}, "n_clicks"),
        State("plan-share-channels", "value"),
        State("plan-share-least", "value"),
        State("plan-share-most", "value"),
        State(ids.ASKED, "data"),
        prevent_initial_call=True,
    )
    def change(_: int, removals: list[int | None], channels: Any, least: Any, most: Any, document: Any) -> Any:
        section = Asked.of(document).section
        if ctx.triggered_id == "plan-share-add":
            try:
                section = with_group(section, channels or [], least, most)
            except UnclearFieldError as unclear:
                return no_update, no_update, no_update, no_update, str(unclear)
            return Asked(section).document(), [], "", "", ""
        if not any(removals):
            return (no_update,) * 5  # the buttons were only made
        gone = ctx.triggered_id["number"]
        kept = [group for number, group in enumerate(section.groups) if number != gone]
        return Asked(with_groups(section, kept)).document(), no_update, no_update, no_update, ""


def with_group(section: PlanSection, channels: list[str], least: Any, most: Any) -> PlanSection:
    """The question with one more group of channels, shares in per cent.

    Raises
    ------
    UnclearFieldError
    """
    if not channels:
        raise UnclearFieldError({"plan": "Which channels count together?"})
    given = {name: value for name, value in (("min_share", least), ("max_share", most)) if value not in ("", None)}
    if any(isinstance(value, str) for value in given.values()):
        raise UnclearFieldError({"plan": "A share is a number from 0 to 100."})
    shares = {name: value / 100 for name, value in given.items()}
    stated = section.model_dump(mode="json", exclude_unset=True)
    stated["groups"] = [*stated.get("groups", []), {"channels": list(channels), **shares}]
    return read_section(stated)


def with_groups(section: PlanSection, groups: list[Any]) -> PlanSection:
    """The question with these groups alone."""
    stated = section.model_dump(mode="json", exclude_unset=True)
    stated["groups"] = [group.model_dump(mode="json", exclude_unset=True) for group in groups]
    if not groups:
        del stated["groups"]
    return read_section(stated)


def group_words(group: Any) -> str:
    """A group of channels with what it gets, in words."""
    who = " + ".join([*(group.channels or ()), *(f"all in {name}" for name in group.groups or ())])
    limits = [
        (group.min_share, "at least {}", style.percent),
        (group.max_share, "at most {}", style.percent),
        (group.min, "at least {}", style.amount),
        (group.max, "at most {}", style.amount),
    ]
    said = " and ".join(words.format(write(value)) for value, words, write in limits if value is not None)
    dated = (
        ""
        if group.first is None and group.last is None
        else f" from {group.first or 'the start'} to {group.last or 'the end'}"
    )
    return f"{who}: {said}{dated}"

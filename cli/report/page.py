"""The page: charts and tables put into one HTML file that needs nothing else.

Everything that comes from the user's files passes Jinja's autoescape; charts travel as JSON whose ``<`` is escaped, and
the page's content policy forbids every request.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from budget import plots
from budget.document import PlanOutput
from budget.words import certificate, marginal, stopping
from budget.words import outcome as planned
from cli.report import appendix, compare_page, executive, plan_leads, sections, validation, words
from cli.report.compare import Earlier
from cli.report.data import ReportData
from cli.report.look import Look
from cli.report.parts import Chart, Table, chart_of
from cli.report.stored import stored
from cli.report.stories import Stories, project_name, stale_data
from cli.report.story import Story
from mmm import plots as media_plots
from outlay import style
from outlay.findings import Finding

if TYPE_CHECKING:
    from jinja2 import Environment

    from outlay.runs import Run

__all__ = ["Chart", "Table", "render"]

NO_STORIES = Stories()
DEFAULT_LOOK = Look()

_CODE = re.compile(r"`([^`\n]+)`")
_DAY = re.compile(r"(?<![\w-])(\d{4}-\d{2}-\d{2})(?![\w-])")


def render(
    data: ReportData | None,
    stories: Stories = NO_STORIES,
    look: Look = DEFAULT_LOOK,
    earlier: Earlier | None = None,
    *,
    paper: bool = False,
) -> str:
    """The whole report as HTML: of a fit, of stories, or of both.

    Parameters
    ----------
    data : ReportData or None
        The fit and the plan made from it.
    stories : Stories
        Other runs.
    look : Look
        Words on top, logo, colours, sections and paper.
    earlier : Earlier or None
        What changed since an earlier fit.
    paper : bool
        Whether the page is laid out for paper as soon as it is opened.
    """
    with style.numbers_as(look.numbers):
        told = [each.story for each in stories.told]
        chosen = sections.chosen(look, data, told, earlier)
        context = {
            "data": data,
            "look": look,
            "paper": paper,
            "earlier": earlier,
            "sections": chosen,
            "nav": sections.navigation(chosen, told),
            **_assets(),
            **_headings(data, stories, look),
            **_of_stories(stories),
            **_of_summary(data, told, earlier),
            **_of_appendix(data, stories, earlier),
            **({} if data is None else _of_fit(data, look)),
            **({} if data is None or earlier is None else _of_changes(data, earlier)),
        }
        return _environment().get_template("page.html.j2").render(context)


def _assets() -> dict[str, str]:
    """Style sheet, scripts and the chart library, which become part of the page."""
    from plotly.offline import get_plotlyjs

    return {
        "tokens": style.CSS_TOKENS,
        "style_sheet": _file("page.css"),
        "script": _file("page.js"),
        "plotly": get_plotlyjs(),
    }


def _of_stories(stories: Stories) -> dict[str, Any]:
    """Runs beside the fit."""
    return {
        "stories": stories.told,
        "by_name": {each.story.id: each for each in stories.told},
        "left_out": stories.left_out,
        "told_of": _told_of(stories),
    }


def _told_of(stories: Stories) -> list[str]:
    """The stories by the day of their runs, ``Segments and Scorecard of 2025-06-30``; the runs' table has the hour."""
    days: dict[str, list[str]] = {}
    for each in stories.told:
        days.setdefault(f"{each.run.created:%Y-%m-%d}", []).append(each.story.nav + (" (stale)" if each.stale else ""))
    return [f"{words.joined(names)} of {day}" for day, names in days.items()]


def _of_summary(data: ReportData | None, told: Sequence[Story], earlier: Earlier | None) -> dict[str, Any]:
    """The first page."""
    boxes = executive.boxes(data, told, earlier)
    return {
        "stale": [] if data is None else list(stale_data(data.fit)),
        "summary": [(box.title, box.lines) for box in boxes],
        "beside": executive.beside(boxes),
        "tiles": [*([] if data is None else _tiles(data)), *(tile for story in told for tile in story.tiles)],
    }


def _of_appendix(data: ReportData | None, stories: Stories, earlier: Earlier | None) -> dict[str, Any]:
    """What the page was made from, and what was found and assumed on the way."""
    told = [each.story for each in stories.told]
    latest = data.fit if data is not None else max((each.run for each in stories.told), key=lambda run: run.created)
    return {
        "all_findings": _findings(data, told),
        "assumptions": _assumptions(data, told),
        "runs": runs_table(data, stories, earlier),
        "versions": appendix.versions(latest),
        "inputs": appendix.inputs(latest),
        "project_file": appendix.project_file(latest),
    }


def _file(name: str) -> str:
    return files("cli.report").joinpath(name).read_text(encoding="utf-8")


def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    made = Environment(
        loader=FunctionLoader(_file), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters |= {"pieces": pieces, "stored": stored, "css_text": css_text}
    return made


def pieces(text: str) -> list[tuple[str, str]]:
    """Text cut where it is set otherwise: ``code`` between two backticks, ``day`` for dates, which do not break."""
    cut = []
    for i, piece in enumerate(_CODE.split(text)):
        if i % 2:
            cut.append((piece, "code"))
        else:
            cut += [(part, "day" if k % 2 else "") for k, part in enumerate(_DAY.split(piece)) if part]
    return cut


def css_text(text: str) -> str:
    """Text as a string of CSS, in which no character can end the string or the style element."""
    return '"' + "".join(c if c.isalnum() or c in " .,:-" else f"\\{ord(c):x} " for c in text) + '"'


_SUBJECTS = {"segment": "customers", "scorecard": "goals"}
"""What the story of a run is about, by kind; the others are about leads."""


def _headings(data: ReportData | None, stories: Stories, look: Look) -> dict[str, str]:
    """Title of the file and heading of the page."""
    if look.section.title is not None:
        return {"title": look.section.title, "heading": look.section.title}
    if data is None:
        name = project_name([each.run for each in stories.told])
        *before, last = dict.fromkeys(_SUBJECTS.get(each.run.kind, "leads") for each in stories.told)
        told = f"{name}: {', '.join(before)}{' and ' if before else ''}{last}"
        return {"title": told, "heading": told}
    return {
        "title": f"{data.title}: what media returned",
        "heading": f"{data.title}: what media returned, and the next budget",
    }


def _of_fit(data: ReportData, look: Look) -> dict[str, Any]:
    """What only a fit has to show."""
    return {
        "charts": _charts(data),
        "curves": _curves(data),
        "plan_window": "" if data.plan is None else look.fiscal_window(*_window(data.plan)),
        "certificate": "" if data.plan is None else certificate(data.plan),
        "plan_leads": () if data.plan is None else plan_leads.exhibits(data.plan),
        "verdict": [] if data.plan is None else words.judged(data.plan),
        "stopping": "" if data.plan is None or data.plan.sweep is None else stopping(data.plan.sweep),
        "marginal": "" if data.plan is None else marginal(data.plan),
        "weekly": {} if data.plan is None else plots.weekly_colours(data.plan),
        "scenario_colours": {} if data.scenarios is None else plots.scenario_colours(data.scenarios),
        "media_step": ", per month" if media_plots.by_month(data.told) else "",
        "kinds": [media_plots.KINDS[kind] for kind in reversed(media_plots.kinds_present(data.told))],
        "media": list(reversed(_media_legend(data))),
        "cut_off": media_plots.cut_off(data.told),
        "tables": _tables(data),
        **_of_validation(data),
    }


def _window(plan: PlanOutput) -> tuple[str, str, int]:
    return plan.start, plan.period_unit, plan.periods


def _of_validation(data: ReportData) -> dict[str, Any]:
    found = data.validation
    if found is None:
        return {}
    return {
        "validation": found,
        "questions": validation.questions(found),
        "status_words": validation.WORDS,
        "to_do": validation.advice(found),
    }


def _of_changes(data: ReportData, earlier: Earlier) -> dict[str, Any]:
    return {
        "changes_text": compare_page.text(data, earlier),
        "changes_exhibits": compare_page.exhibits(data, earlier),
    }


def _findings(data: ReportData | None, told: Sequence[Story]) -> list[Finding]:
    """Findings of the fit and of every story, each once: several runs read the same table."""
    every = [*([] if data is None else data.findings), *(finding for story in told for finding in story.findings)]
    return list(dict.fromkeys(every))


def _assumptions(data: ReportData | None, told: Sequence[Story]) -> list[str]:
    of_fit = [] if data is None else [stored(str(line)) for line in data.model.get("assumed", [])]
    return list(dict.fromkeys([*of_fit, *(line for story in told for line in story.assumptions)]))


def runs_table(data: ReportData | None, stories: Stories, earlier: Earlier | None = None) -> Table:
    """The runs behind the page, and what is newer than they are."""
    runs = [] if data is None else [data.fit, data.plan_run, data.brought_run, data.validation_run]
    rows = [_run_row(run, " ".join(stale_data(run)) or "no") for run in runs if run is not None]
    rows += [_run_row(each.run, " ".join(each.stale) or "no") for each in stories.told]
    weak = frozenset(i for i, row in enumerate(rows) if row[-1] != "no")
    rows += [_run_row(earlier.before, "compared with")] if earlier is not None else []
    return Table((("Kind", False), ("Run", False), ("Made", False), ("Stale", False)), tuple(rows), None, weak)


def _run_row(run: Run, stale: str) -> tuple[str, ...]:
    return run.kind, run.id, f"{run.created:%Y-%m-%d %H:%M} UTC", stale


def _charts(data: ReportData) -> dict[str, Chart]:
    charts = {
        "roi": chart_of(media_plots.plot_roi(data.told), "ROI of each paid channel with its interval"),
        "kinds": chart_of(media_plots.plot_decomposition(data.told), f"{data.outcome} over time by kind of cause"),
        "media": chart_of(
            media_plots.plot_contributions(data.told), f"{data.outcome} caused by media over time, by channel"
        ),
        "fit": chart_of(media_plots.plot_fit(data.told), f"Actual {data.outcome} and the model over time"),
        "residual": chart_of(media_plots.plot_residuals(data.told), "Actual minus model over time"),
    }
    return charts | _plan_charts(data)


def _plan_charts(data: ReportData) -> dict[str, Chart]:
    plan, charts = data.plan, {}
    if plan is None:
        return {}
    charts["plan"] = chart_of(plots.plot_allocation(plan), "Reference and planned spend by channel")
    if any(row.period is not None for row in plan.rows):
        charts["weekly"] = chart_of(plots.plot_flighting(plan), f"Planned spend by {plan.period_unit} and channel")
    if data.scenarios is not None:
        charts["scenarios"] = chart_of(plots.plot_scenarios(data.scenarios), "Spend by channel of every scenario")
    if plan.sweep is not None:
        charts["sweep"] = chart_of(plots.plot_sweep(plan, plan.sweep), f"Expected {plan.outcome} against budget")
    if plan.frontier is not None:
        figure = plots.plot_frontier(plan, plan.frontier)
        charts["frontier"] = chart_of(figure, "Expected outcome against that of the worst draws")
    return charts


def _curves(data: ReportData) -> list[tuple[str, str, Chart]]:
    planned: dict[str, float] = {}
    if data.plan is not None:
        totals = data.plan.by_channel()[1]
        planned = {name: spend / data.plan.periods for name, spend in totals.items()}
    notes = {"yes": "", "weak": "weak", "no": "not identified"}
    return [
        (
            row.channel,
            notes[row.identified],
            _curve(data, row.channel, planned.get(row.channel)),
        )
        for row in data.total_rows()
        if row.paid and any(point.channel == row.channel for point in data.told.curves)
    ]


def _curve(data: ReportData, channel: str, planned: float | None) -> Chart:
    return chart_of(media_plots.plot_curve(data.told, channel, planned), f"Response to {channel}")


def _media_legend(data: ReportData) -> list[tuple[str, str]]:
    return list(media_plots.media_colours(data.told).items())


def _tiles(data: ReportData) -> list[tuple[str, str, str]]:
    """Headline numbers: label, value, interval."""
    tiles = []
    paid = data.total
    between = f"{words.outcome(data, paid.contribution_hdi_low)} to {words.outcome(data, paid.contribution_hdi_high)}"
    if not any(row.paid and row.identified == "yes" for row in data.total_rows()):
        between += ", mostly assumed"
    tiles.append((f"Paid media caused ({data.outcome})", words.outcome(data, paid.contribution_mean), between))
    title = "ROI of paid media" if data.money else f"{data.currency} of paid media per {data.unit}"
    tiles.append((title, *words.return_parts(data)))
    if data.plan is not None:
        # in the plan's own unit: it may count the money of leads where the fit counts leads
        gain = style.signed(planned(data.plan, data.plan.gain_mean))
        low, high = planned(data.plan, data.plan.gain_hdi_low), planned(data.plan, data.plan.gain_hdi_high)
        tiles.append(("Expected gain of the plan", gain, f"{style.signed(low)} to {style.signed(high)}"))
        if data.plan.p_better is not None:
            tiles.append(("Plan beats the reference", style.chance(data.plan.p_better), "probability"))
    return tiles


def _tables(data: ReportData) -> dict[str, Table]:
    from cli.report import tables, tables_plan

    built: dict[str, Any] = {
        "roi": tables.roi(data),
        "baseline": tables.baseline(data),
        "trust": tables.trust(data),
        "shapes": tables.shapes(data),
        "facts": appendix.facts(data),
        "priors": None if data.fitted is None else appendix.priors(data, data.fitted),
    }
    if data.validation is not None:
        built["use"] = validation.channels(data, data.validation)
        built["forecasts"] = validation.forecasts(data, data.validation)
    plan = data.plan
    if plan is None:
        return built
    built |= {"plan": tables_plan.spend(plan), "brings": tables_plan.brings(plan), "weekly": tables_plan.weekly(plan)}
    if data.scenarios is not None:
        built |= {"scenarios": tables_plan.scenarios(data.scenarios), "better": tables_plan.better(data.scenarios)}
    if plan.sweep is not None:
        built["sweep"] = tables_plan.sweep(plan, plan.sweep)
    if plan.frontier is not None:
        built["frontier"] = tables_plan.frontier(plan.frontier)
    if plan.sensitivity is not None:
        built["sensitivity"] = tables_plan.sensitivity(plan.sensitivity)
    return built

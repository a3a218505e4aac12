"""The page: charts and tables put into one HTML file that needs nothing else.

Everything that comes from the user's files passes Jinja's autoescape; charts travel as JSON whose ``<`` is escaped, and
the page's content policy forbids every request.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from budget import plots
from budget.words import certificate, marginal, stopping
from budget.words import outcome as planned
from cli.report import plan_leads, words
from cli.report.data import ReportData
from cli.report.parts import Chart, Table, chart_of
from cli.report.stories import Stories, project_name, stale_data
from cli.report.story import Story
from mmm import plots as media_plots
from outlay import style
from outlay.findings import Finding

__all__ = ["Chart", "Table", "render"]

NO_STORIES = Stories()


def render(data: ReportData | None, stories: Stories = NO_STORIES) -> str:
    """The whole report as HTML: of a fit, of stories, or of both."""
    from jinja2 import Environment, StrictUndefined
    from plotly.offline import get_plotlyjs

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files("cli.report").joinpath("page.html.j2").read_text(encoding="utf-8"))
    told = [each.story for each in stories.told]
    latest = data.fit if data is not None else max((each.run for each in stories.told), key=lambda run: run.created)
    return template.render(
        data=data,
        stories=stories.told,
        left_out=stories.left_out,
        tokens=style.CSS_TOKENS,
        style_sheet=files("cli.report").joinpath("page.css").read_text(encoding="utf-8"),
        plotly=get_plotlyjs(),
        summary=_summary(data, told),
        tiles=[*([] if data is None else _tiles(data)), *(tile for story in told for tile in story.tiles)],
        nav=_nav(data, told),
        all_findings=_findings(data, told),
        runs=runs_table(data, stories),
        assumptions=_assumptions(data, told),
        versions=latest.manifest.get("versions", {}),
        seed=latest.manifest.get("seed"),
        **_headings(data, stories),
        **({} if data is None else _of_fit(data)),
    )


_SUBJECTS = {"segment": "customers", "scorecard": "goals"}
"""What the story of a run is about, by kind; the others are about leads."""


def _headings(data: ReportData | None, stories: Stories) -> dict[str, str]:
    """Title of the file and heading of the page."""
    if data is None:
        name = project_name([each.run for each in stories.told])
        *before, last = dict.fromkeys(_SUBJECTS.get(each.run.kind, "leads") for each in stories.told)
        told = f"{name}: {', '.join(before)}{' and ' if before else ''}{last}"
        return {"title": told, "heading": told}
    return {
        "title": f"{data.title}: what media returned",
        "heading": f"{data.title}: what media returned, and the next budget",
    }


def _of_fit(data: ReportData) -> dict[str, Any]:
    """What only a fit has to show."""
    return {
        "charts": _charts(data),
        "curves": _curves(data),
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
    }


def _summary(data: ReportData | None, told: Sequence[Story]) -> tuple[tuple[str, list[str]], ...]:
    """What we learned, what to do, how sure we are; a box with nothing in it is not shown."""
    of_fit = ([], [], []) if data is None else (words.learned(data), words.advice(data), words.certainty(data))
    of_stories = (
        [line for story in told for line in story.learned],
        [line for story in told for line in story.advice],
        [line for story in told for line in story.certainty],
    )
    titles = ("What we learned", "What to do", "How sure we are")
    boxes = ((title, [*fit, *more]) for title, fit, more in zip(titles, of_fit, of_stories, strict=True))
    return tuple((title, lines) for title, lines in boxes if lines)


def _nav(data: ReportData | None, told: Sequence[Story]) -> list[tuple[str, str]]:
    """Anchors and names of the sections."""
    sections = [] if data is None else [("returns", "Returns"), ("causes", "Causes over time")]
    if data is not None:
        sections += [("curves", "Response curves")]
        sections += [("plan", "Plan")] if data.plan is not None else []
    sections += [(story.id, story.nav) for story in told]
    sections += [("fit", "Fit")] if data is not None else []
    sections += [("findings", "Findings")]
    sections += [("trust", "Trust")] if data is not None else []
    return [*sections, ("assumed", "Assumptions"), *([("runs", "Runs")] if told else [])]


def _findings(data: ReportData | None, told: Sequence[Story]) -> list[Finding]:
    """Findings of the fit and of every story, each once: several runs read the same table."""
    every = [*([] if data is None else data.findings), *(finding for story in told for finding in story.findings)]
    return list(dict.fromkeys(every))


def _assumptions(data: ReportData | None, told: Sequence[Story]) -> list[str]:
    of_fit = [] if data is None else [str(line) for line in data.model.get("assumed", [])]
    return list(dict.fromkeys([*of_fit, *(line for story in told for line in story.assumptions)]))


def runs_table(data: ReportData | None, stories: Stories) -> Table:
    """The runs behind the page, and what is newer than they are."""
    rows = []
    for run in [] if data is None else [data.fit, *([data.plan_run] if data.plan_run is not None else [])]:
        rows.append((run.kind, run.id, f"{run.created:%Y-%m-%d %H:%M} UTC", " ".join(stale_data(run)) or "no"))
    rows += [(each.run.kind, each.run.id, each.made, " ".join(each.stale) or "no") for each in stories.told]
    headers = (("Kind", False), ("Run", False), ("Made", False), ("Stale", False))
    return Table(headers, tuple(rows), None, frozenset(i for i, row in enumerate(rows) if row[-1] != "no"))


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
            chart_of(
                media_plots.plot_curve(data.told, row.channel, planned.get(row.channel)), f"Response to {row.channel}"
            ),
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
    title = "ROI of paid media" if data.money else f"{data.unit} per {data.currency}"
    tiles.append((title, style.ratio(paid.roi_mean), style.ratio_between(paid.roi_hdi_low, paid.roi_hdi_high)))
    if data.plan is not None:
        # in the plan's own unit: it may count the money of leads where the fit counts leads
        gain = style.signed(planned(data.plan, data.plan.gain_mean))
        low, high = planned(data.plan, data.plan.gain_hdi_low), planned(data.plan, data.plan.gain_hdi_high)
        tiles.append(("Expected gain of the plan", gain, f"{style.signed(low)} to {style.signed(high)}"))
        if data.plan.p_better is not None:
            tiles.append(("Plan beats the reference", style.percent(data.plan.p_better, 0), "probability"))
    return tiles


def _tables(data: ReportData) -> dict[str, Table]:
    from cli.report import tables, tables_plan

    built: dict[str, Any] = {
        "roi": tables.roi(data),
        "baseline": tables.baseline(data),
        "trust": tables.trust(data),
        "shapes": tables.shapes(data),
    }
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

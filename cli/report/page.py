"""The page: charts and tables put into one HTML file that needs nothing else.

Everything that comes from the user's files passes Jinja's autoescape; charts travel as JSON whose ``<`` is escaped, and
the page's content policy forbids every request.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from cli.around import marginal, stopping
from cli.planning import certificate
from cli.report import charts_fit, charts_media, charts_plan, words
from cli.report.data import ReportData
from cli.report.parts import Chart, Table, chart_of
from outlay import style

__all__ = ["Chart", "Table", "render"]


def render(data: ReportData) -> str:
    """The whole report as HTML."""
    from jinja2 import Environment, StrictUndefined
    from plotly.offline import get_plotlyjs

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files("cli.report").joinpath("page.html.j2").read_text(encoding="utf-8"))
    return template.render(
        data=data,
        tokens=style.CSS_TOKENS,
        style_sheet=files("cli.report").joinpath("page.css").read_text(encoding="utf-8"),
        plotly=get_plotlyjs(),
        summary=(
            ("What we learned", words.learned(data)),
            ("What to do", words.advice(data)),
            ("How sure we are", words.certainty(data)),
        ),
        tiles=_tiles(data),
        charts=_charts(data),
        curves=_curves(data),
        certificate="" if data.plan is None else certificate(data.plan),
        verdict=[] if data.plan is None else words.judged(data.plan),
        stopping="" if data.plan is None or data.plan.sweep is None else stopping(data.plan.sweep),
        marginal="" if data.plan is None else marginal(data.plan),
        weekly={} if data.plan is None else charts_plan.weekly_colours(data.plan),
        scenario_colours={} if data.scenarios is None else charts_plan.scenario_colours(data.scenarios),
        media_step=", per month" if charts_fit.by_month(data) else "",
        kinds=[charts_fit.KINDS[kind] for kind in reversed(charts_fit.kinds_present(data))],
        media=list(reversed(_media_legend(data))),
        cut_off=charts_media.cut_off(data),
        tables=_tables(data),
        assumptions=[str(line) for line in data.model.get("assumed", [])],
        versions=data.fit.manifest.get("versions", {}),
    )


def _charts(data: ReportData) -> dict[str, Chart]:
    charts = {
        "roi": chart_of(charts_media.roi_chart(data), "ROI of each paid channel with its interval"),
        "kinds": chart_of(charts_fit.kinds_chart(data), f"{data.outcome} over time by kind of cause"),
        "media": chart_of(charts_fit.media_chart(data), f"{data.outcome} caused by media over time, by channel"),
        "fit": chart_of(charts_fit.fit_chart(data), f"Actual {data.outcome} and the model over time"),
        "residual": chart_of(charts_fit.residual_chart(data), "Actual minus model over time"),
    }
    return charts | _plan_charts(data)


def _plan_charts(data: ReportData) -> dict[str, Chart]:
    plan, charts = data.plan, {}
    if plan is None:
        return {}
    charts["plan"] = chart_of(charts_plan.allocation_chart(plan), "Reference and planned spend by channel")
    if any(row.period is not None for row in plan.rows):
        charts["weekly"] = chart_of(charts_plan.weekly_chart(plan), f"Planned spend by {plan.period_unit} and channel")
    if data.scenarios is not None:
        charts["scenarios"] = chart_of(
            charts_plan.scenarios_chart(data.scenarios), "Spend by channel of every scenario"
        )
    if plan.sweep is not None:
        charts["sweep"] = chart_of(charts_plan.sweep_chart(plan, plan.sweep), f"Expected {data.outcome} against budget")
    if plan.frontier is not None:
        figure = charts_plan.frontier_chart(plan, plan.frontier)
        charts["frontier"] = chart_of(figure, "Expected outcome against that of the worst draws")
    return charts


def _curves(data: ReportData) -> list[tuple[str, str, Chart]]:
    planned: dict[str, float] = {}
    if data.plan is not None:
        totals = charts_plan.by_channel(data.plan)[1]
        planned = {name: spend / data.plan.periods for name, spend in totals.items()}
    notes = {"yes": "", "weak": "weak", "no": "not identified"}
    return [
        (
            row.channel,
            notes[row.identified],
            chart_of(
                charts_media.curve_chart(data, row.channel, planned.get(row.channel)), f"Response to {row.channel}"
            ),
        )
        for row in data.total_rows()
        if row.paid and any(point.channel == row.channel for point in data.curves)
    ]


def _media_legend(data: ReportData) -> list[tuple[str, str]]:
    return list(charts_fit.media_colours(data).items())


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
        gain = style.signed(words.outcome(data, data.plan.gain_mean))
        low, high = words.outcome(data, data.plan.gain_hdi_low), words.outcome(data, data.plan.gain_hdi_high)
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

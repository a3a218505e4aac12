"""Plans in notebooks and as charts: what is shown are the numbers of the answer."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from budget import Planner, PlanSection, Scenario, compare, frontier, plots, sensitivity, sweep, words
from budget.allocation import Allocation
from budget.document import PlanOutput
from outlay import style
from tests.budget.synthetic import make_response

SECTION = PlanSection(max_change=0.3)


@cache
def planner() -> Planner:
    return Planner(make_response(seed=2), margin=0.5)


@cache
def allocation() -> Allocation:
    return planner().optimize(SECTION)


def test_a_plan_shows_every_channel_and_how_sure_it_is() -> None:
    page = allocation()._repr_html_()
    for row in allocation().table.itertuples():
        assert style.amount(row.spend) in page
    assert "it is proven that none within the rules" in page
    assert "Against the reference plan" in page


def test_a_comparison_shows_its_scenarios() -> None:
    lean = planner().optimize(SECTION.model_copy(update={"name": "lean", "budget": 5_000.0}))
    page = compare([Scenario.of(allocation()), Scenario.of(lean)])._repr_html_()
    assert "lean" in page
    assert style.amount(5_000.0) in page


def test_a_name_is_text_in_a_chart_too() -> None:
    """Plotly reads a few tags in names: one of a scenario must not become a link."""
    named = planner().optimize(SECTION.model_copy(update={"name": "<a href='https://x.example'>lean</a>"}))
    found = compare([Scenario.of(allocation()), Scenario.of(named)])
    names = {trace.name for trace in plots.plot_scenarios(found).data}
    assert "&lt;a href=&#x27;https://x.example&#x27;&gt;lean&lt;/a&gt;" in names


@pytest.mark.parametrize(("p", "said"), [(0.997, ">99%"), (1.0, "100%"), (0.003, "<1%"), (0.5, "50%")])
def test_a_probability_is_called_certain_only_where_it_is(p: float, said: str) -> None:
    plan = PlanOutput.of(allocation()).model_copy(update={"p_better": p})
    assert words.gain(plan).endswith(f"with probability {said}.")


def test_what_stands_around_a_plan_is_shown() -> None:
    assert "Every row is the best plan at its total" in sweep(planner(), SECTION, points=3)._repr_html_()
    assert "worst draws" in frontier(planner(), SECTION, points=2)._repr_html_()
    assert "Cost of not" in sensitivity(planner(), SECTION)._repr_html_()


def test_an_answer_is_drawn_as_its_table_has_it() -> None:
    figure, table = plots.plot_allocation(allocation()), allocation().table
    drawn = {trace.name: dict(zip(trace.y, trace.x, strict=True)) for trace in figure.data}
    assert drawn["recommended"] == pytest.approx(dict(zip(table["channel"], table["spend"], strict=True)))
    assert drawn["reference"] == pytest.approx(dict(zip(table["channel"], table["reference_spend"], strict=True)))
    assert figure.layout.showlegend is not False  # the two colours are told apart


def test_a_sweep_is_drawn_as_its_table_has_it() -> None:
    found = sweep(planner(), SECTION, points=3)
    figure = plots.plot_sweep(allocation(), found)
    line = next(trace for trace in figure.data if trace.mode == "lines+markers")
    assert np.allclose(line.y, found.table["outcome_mean"])

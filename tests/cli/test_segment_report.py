"""Segments in the report: what makes them stale, and what the page's first lines say of them."""

from __future__ import annotations

from pathlib import Path

from cli.report.stories import _stale
from cli.report.story_segments import _advice, _learned, _tiles
from cli.report.tables_segments import bias_table, propensity_table
from outlay.runs import Run, RunWriter
from segmentation import document as rows
from segmentation.plots import column_title


def found(**more: object) -> rows.SegmentOutput:
    facts = {"mode": "profile", "run": "r", "customers": 90, "currency": "EUR", "hdi": 0.9, "k": 2, "clv_months": 12}
    return rows.SegmentOutput.model_validate({**facts, **more})


def test_labels_given_by_a_fit_do_not_make_it_stale(tmp_path: Path) -> None:
    made: list[Run] = []
    for kind in ("segment", "segment", "segment_assign"):
        with RunWriter(tmp_path, kind, command=["test"], seed=1, parents=made[-1:]) as writer:
            writer.write_json("segments", {})
        made.append(writer.run)
    # the second fit has its names from the first; that today's customers were put to it says nothing against it
    assert list(_stale(made[1], {run.kind: run for run in made}, None)) == []


def test_the_page_begins_with_the_most_urgent_action_of_each_segment() -> None:
    said = [(1, "protect"), (1, "grow"), (2, "win back")]
    actions = [rows.ActionRow(number=n, segment=f"S{n}", action=what, do="Do it.", why="") for n, what in said]
    assert _advice(found(actions=actions)) == ("1 S1: protect. Do it.", "2 S2: win back. Do it.")


def test_money_ahead_is_told_with_its_interval() -> None:
    whole = rows.ClvRow(number=None, segment="all", clv_total=1000.0, clv_total_low=900.0, clv_total_high=1100.0)
    told = found(clv=[whole])
    between = "€1.00k (90% interval €900 to €1.10k)"
    assert _learned(told) == (f"In the next 12 months all customers are expected to bring {between}, discounted.",)
    assert _tiles(told)[1] == ("Worth in 12 months", "€1.00k", "€900 to €1.10k (90%)")


def test_a_protected_level_is_marked_only_where_it_is_surely_below_the_limit() -> None:
    def row(level: str, rate: float, ratio: float, high: float) -> rows.BiasRow:
        return rows.BiasRow(
            column="status", level=level, number=1, segment="A", outcome="in A", customers=50, rate=rate, low=rate,
            high=rate, ratio=ratio, ratio_low=ratio, ratio_high=high,
        )  # fmt: skip

    table = bias_table(found(bias=[row("x", 0.5, 1.0, 1.0), row("y", 0.3, 0.6, 0.9), row("z", 0.1, 0.2, 0.4)]))
    assert [name for name, _ in table.headers] == ["Column", "Level", "Customers", "in 1 A"]
    assert table.weak == {2}  # y may be 0.9 of the highest rate: its ratio of 0.6 is not sure
    assert "0.20 of the highest" in table.rows[2][-1]


def test_everybody_has_no_number_in_a_table() -> None:
    row = rows.PropensityRow(number=0, segment="everybody", rate=0.1)
    assert propensity_table(found(propensity=[row])).rows[0][0] == "all"


def test_heads_of_columns_break_after_words_and_underscores() -> None:
    assert column_title("3 public_sector") == "<b>3</b><br>public_<br>sector"
    assert column_title("2 Low spend, low meat") == "<b>2</b><br>Low spend,<br>low meat"
    assert column_title("(gone)") == "(gone)"

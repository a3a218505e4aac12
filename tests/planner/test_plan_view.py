"""The plan's view without a browser: a question as fields and as limits, typed numbers, and what an answer says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from budget.config import PlanSection
from outlay.response import ResponseDraws
from outlay.style import numbers_as
from planner.asked import Asked
from planner.desk import Desk
from planner.plan_answering import refusal
from planner.plan_asking import group_words, sentence_of, speaks_of, target_words, with_group, with_groups
from planner.plan_changing import _typed
from planner.plan_files import plan_frame
from planner.plan_form import NUMBERS, Form, UnclearFieldError, fixed, form_of, freed, read_section, section_of
from planner.plan_grids import name_width
from planner.plan_hand import as_spend, cells_by_hand
from planner.plan_limits import ALL_GROUPS, SEPARATOR, LimitError, edited, limit_rows
from planner.plan_numbers import NotANumberError, parse
from planner.plan_result import held_words, on_page, plan_rows, repair_on_page, tiles_by_hand, tiles_of
from tests.cli.fakes import response_draws, write_fit

TOML = """
[project]
name = "retailer"
currency = "USD"
margin = 0.5

[plan]
periods = 13
max_change = 0.5
"""


@pytest.fixture(scope="module")
def response() -> ResponseDraws:
    return response_draws()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    from cli.study import study_of

    folder: Path = tmp_path_factory.mktemp("study")
    (folder / "outlay.toml").write_text(TOML, encoding="utf-8")
    write_fit(folder / "runs")
    return Desk(study_of(folder / "outlay.toml", None, force=False))


SECTIONS = {
    "nothing stated": {},
    "fixed": {"budget": 5e6, "start": "2023-12-04", "goal": 1e9, "margin_of_range": "none"},
    "free": {"budget_min": 1e6, "budget_max": 9e6, "objective": "profit"},
    "target": {"objective": "target_roi", "target": 1.5, "target_counts": "all", "budget_max": 9e6},
    "risk": {"risk": {"measure": "blend", "level": 0.2, "weight": 0.7, "of": "gain"}, "timing": "even"},
    "not on the form": {
        "time_limit": 3.0,
        "carry_over_after": False,
        "bounds": [{"channel": "tv", "period_max": 9000.0}],
        "ratios": [{"channels": ["tv"], "to": ["radio"], "max": 3.0}],
    },
}


@pytest.mark.parametrize("name", SECTIONS)
def test_a_form_that_nobody_touched_asks_the_same_question(name: str, response: ResponseDraws) -> None:
    section = PlanSection.model_validate(SECTIONS[name])
    form = form_of(section, response)
    assert section_of(Form.of(form.values()), section, response) == section


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("typed", ["-", "100000000000000000000"])
def test_a_number_that_is_none_is_told_beside_its_field(response: ResponseDraws, name: str, typed: str) -> None:
    """A browser sends text for what is half typed, and for more digits than it counts with."""
    values = form_of(PlanSection(), response).values() | {"risk": "cvar", "level": 5}
    with pytest.raises(UnclearFieldError) as unclear:
        section_of(Form.of(values | {name: typed}), PlanSection(), response)
    assert list(unclear.value.messages) == [name]


def test_half_a_period_is_no_length(response: ResponseDraws) -> None:
    values = form_of(PlanSection(), response).values()
    with pytest.raises(UnclearFieldError, match="whole number"):
        section_of(Form.of(values | {"periods": 13.5}), PlanSection(), response)
    assert section_of(Form.of(values | {"periods": 12.0}), PlanSection(), response).periods == 12


def test_a_share_that_is_half_typed_is_refused() -> None:
    with pytest.raises(UnclearFieldError, match="share is a number"):
        with_group(PlanSection(), ["tv"], "-", 30)


def test_fields_become_the_question_and_back(response: ResponseDraws) -> None:
    values = form_of(PlanSection(), response).values()
    values |= {"budget": 7e6, "periods": 8, "risk": "cvar", "level": 5, "max_change": 30, "beyond": ""}
    section = section_of(Form.of(values), PlanSection(), response)
    assert (section.budget, section.periods, section.max_change, section.range_margin) == (7e6, 8, 0.3, None)
    assert (section.risk.measure, section.risk.level) == ("cvar", 0.05)
    assert form_of(section, response).values() == values


def test_what_a_field_cannot_be_is_said_beside_it(response: ResponseDraws) -> None:
    values = form_of(PlanSection(), response).values()
    for change, place in (
        ({"periods": ""}, "periods"),
        ({"objective": "target_roi"}, "target"),
        ({"total": "free", "least": 5.0, "most": 1.0}, "least"),
        ({"objective": "target_kpi", "target": 1.0, "budget": 5.0}, "objective"),
        ({"risk": "cvar", "level": ""}, "level"),
    ):
        with pytest.raises(UnclearFieldError) as unclear:
            section_of(Form.of(values | change), PlanSection(), response)
        assert list(unclear.value.messages) == [place]


def test_a_total_is_freed_with_what_it_was_as_the_most_and_fixed_again(response: ResponseDraws) -> None:
    form = form_of(PlanSection(budget=4e6), response)
    assert (freed(form).most, freed(form).budget, freed(form).total) == (4e6, None, "free")
    again = fixed(freed(form), 3e6)
    # the most outcome needs no total stated; profit would look for the total itself without one
    assert (again.budget, again.most) == (None, None)
    profit = form_of(PlanSection(budget_max=4e6, objective="profit"), response)
    assert fixed(profit, 3e6).budget == 3e6


@pytest.mark.parametrize(
    ("text", "numbers", "value"),
    [
        ("1,234.5", "1,234.56", 1234.5),
        ("1.234,5", "1.234,56", 1234.5),
        ("1 234,5", "1 234,56", 1234.5),
        ("1'234.5", "1'234.56", 1234.5),
        ("1.2M", "1,234.56", 1.2e6),
        ("1,2m", "1.234,56", 1.2e6),
        ("-30 %", "1,234.56", -30.0),
        ("$ 5k", "1,234.56", 5000.0),
        ("7 USD", "1,234.56", 7.0),
        (".5", "1,234.56", 0.5),
    ],
)
def test_numbers_are_read_as_the_project_writes_them(text: str, numbers: str, value: float) -> None:
    assert parse(text, numbers) == value


@pytest.mark.parametrize("text", ["", "much", "1,23", "1.234,5", "1.2.3", "=1+1", "1e5", "nan", "--1"])
def test_what_could_mean_something_else_is_no_number(text: str) -> None:
    with pytest.raises(NotANumberError):
        parse(text, "1,234.56")


def test_limits_go_to_the_question_and_come_back_in_every_unit(desk: Desk) -> None:
    section = PlanSection(periods=13, budget=10e6)
    before = {row["channel"]: row for row in limit_rows(desk, section, "money")}["tv"]
    section = edited(desk, section, "money", before["id"], "lower", "1.5M")
    section = edited(desk, section, "share", before["id"], "upper", "20%")
    assert [bound.model_dump(exclude_none=True, exclude={"hard"}) for bound in section.bounds] == [
        {"channel": "tv", "min": 1.5e6, "max": 2e6}
    ]
    row = {row["channel"]: row for row in limit_rows(desk, section, "share")}["tv"]
    assert (row["lower"], row["upper"], row["group"]) == ("15.0%", "20.0%", ALL_GROUPS)
    section = edited(desk, section, "change", before["id"], "lower", "-100")
    assert section.bounds[0].min == 0.0
    for field in ("lower", "upper"):
        section = edited(desk, section, "money", before["id"], field, "")
    assert section.bounds == ()
    assert "bounds" not in section.model_fields_set


def test_a_limit_leaves_other_rules_of_its_channel_alone_and_tells_them(desk: Desk) -> None:
    section = PlanSection(
        bounds=[{"channel": "tv", "max_change": 0.2}, {"channel": "tv", "first": "2023-12-04", "max": 9.0}]
    )
    row = {row["channel"]: row for row in limit_rows(desk, section, "money")}["tv"]
    assert "change at most 20.0%" in row["more"]
    assert "at most 9 from 2023-12-04 to the end" in row["more"]
    after = edited(desk, section, "money", row["id"], "lower", "5")
    assert after.bounds[0].max_change == 0.2
    assert after.bounds[0].min == 5.0
    assert after.bounds[1] == section.bounds[1]


def test_the_largest_change_of_every_channel_is_told_of_channels_and_not_of_their_groups(tmp_path: Path) -> None:
    from cli.study import study_of

    (tmp_path / "outlay.toml").write_text(TOML, encoding="utf-8")
    write_fit(tmp_path / "runs", groups=("north", "south"))
    desk = Desk(study_of(tmp_path / "outlay.toml", None, force=False))
    rows = limit_rows(desk, PlanSection(max_change=0.5), "change")
    assert {row["lower_hint"] for row in rows if row["group"] == ALL_GROUPS} == {"-50.0%"}
    assert {row["lower_hint"] for row in rows if row["group"] != ALL_GROUPS} == {""}


def test_a_lock_holds_the_reference_or_the_amount_that_is_typed(desk: Desk) -> None:
    row = limit_rows(desk, PlanSection(), "money")[0]
    locked = edited(desk, PlanSection(), "money", row["id"], "lock", True)
    assert locked.locks[0].spend is None
    assert limit_rows(desk, locked, "change")[0]["lower"] == "+0.0%"
    typed = edited(desk, locked, "money", row["id"], "lower", "1,000")
    assert typed.locks[0].spend == 1000.0
    assert edited(desk, typed, "money", row["id"], "lock", False).locks == ()


@pytest.mark.parametrize(
    ("unit", "field", "text", "said"),
    [
        ("money", "lower", "-5", "below nothing"),
        ("share", "upper", "120", "more than the total"),
        ("change", "lower", "-120", "less than nothing"),
        ("money", "upper", "lots", "is no number"),
    ],
)
def test_a_limit_that_cannot_be_is_refused_with_its_channel(
    desk: Desk, unit: str, field: str, text: str, said: str
) -> None:
    row = limit_rows(desk, PlanSection(), "money")[0]
    with pytest.raises(LimitError, match=rf"^{row['channel']}: .*{said}"):
        edited(desk, PlanSection(), unit, row["id"], field, text)


def test_a_least_above_the_most_is_refused(desk: Desk) -> None:
    row = limit_rows(desk, PlanSection(), "money")[0]
    section = edited(desk, PlanSection(), "money", row["id"], "upper", "10")
    said = r"The least amount \(11\) is above the largest amount \(10\), so no amount is left"
    with pytest.raises(LimitError, match=said):
        edited(desk, section, "money", row["id"], "lower", "11")


def test_a_refused_limit_is_written_like_the_projects_numbers(desk: Desk) -> None:
    row = limit_rows(desk, PlanSection(), "money")[0]
    section = edited(desk, PlanSection(), "money", row["id"], "upper", "1000000")
    with numbers_as("1.234,56"), pytest.raises(LimitError, match=r"\(2\.000\.000,5\) is above .* \(1\.000\.000\)"):
        edited(desk, section, "money", row["id"], "lower", "2000000.5")
    with numbers_as("1.234,56"), pytest.raises(UnclearFieldError, match=r"Must be at most 90\.000\.000\.000\.000\."):
        read_section({"budget": 1e30})


def test_groups_of_channels_are_added_told_and_taken_away() -> None:
    section = with_group(PlanSection(), ["tv", "radio"], 5, "")
    assert group_words(section.groups[0]) == "tv + radio: at least 5.0%"
    assert with_groups(section, []) == PlanSection()
    for channels, least, most in (([], 5, ""), (["tv"], "", ""), (["tv"], 50, 5)):
        with pytest.raises(UnclearFieldError):
            with_group(PlanSection(), channels, least, most)


def test_spend_set_by_hand_keeps_the_parts_of_groups(desk: Desk) -> None:
    plan = desk.answer(Asked(PlanSection())).document
    cells = cells_by_hand(plan, {"tv": 123.0})
    assert {cell.channel: cell.spend for cell in cells}["tv"] == 123.0
    _, planned = plan.by_channel()
    assert {cell.channel: cell.spend for cell in cells}["radio"] == planned["radio"]
    for wrong in ({"tv": -1.0}, {"tv": "a"}, {"tv": float("nan")}):
        with pytest.raises(NotANumberError, match=r"^tv: spend is a number from zero, and this is"):
            as_spend(wrong)


@pytest.mark.parametrize("key", ["max", "min"])
def test_a_limit_beyond_all_money_is_refused_in_a_word(desk: Desk, key: str) -> None:
    with pytest.raises(LimitError, match="9") as caught:
        edited(desk, PlanSection(), "money", f"tv{SEPARATOR}", {"min": "lower", "max": "upper"}[key], "1" + "0" * 300)
    assert len(str(caught.value)) < 160


def test_tiles_of_a_plan_by_hand_are_those_of_its_answer(desk: Desk) -> None:
    asked = Asked(PlanSection(budget=10e6, goal=8e8))
    best = desk.answer(asked).document
    mine = desk.by_hand(asked, cells_by_hand(best, {}))
    slow = {tile.label: tile for tile in tiles_of(desk.answer(mine).document)}
    fast = {tile.label: tile for tile in tiles_by_hand(desk.judge(mine))}
    assert slow == {label: fast[label] for label in slow}


def test_the_grid_of_a_plan_says_what_holds_and_what_loosening_brings(desk: Desk) -> None:
    plan = desk.answer(Asked(desk.study.base)).document
    rows = plan_rows(plan)
    held = [row for row in rows if row["held"] == "its largest change"]
    assert held
    assert all(row["loosened"].startswith("One USD ") for row in held if row["loosened"])
    assert held_words("max_change; max_share of tv + radio") == "its largest change; the largest share of tv + radio"
    assert held_words("max_change of tv; no spend") == "the largest change of tv; no spend"
    frame = plan_frame(plan)
    assert frame["spend_USD"].sum() == pytest.approx(plan.budget, abs=0.02)


def test_a_refusal_finds_the_rows_that_it_speaks_of(desk: Desk) -> None:
    from outlay.errors import PlanError

    section = PlanSection(max_change=0.1, bounds=[{"channel": "tv", "min": 9e8}])
    with pytest.raises(PlanError) as refused:
        desk.answer(Asked(section))
    told = refusal(refused.value)
    assert any(speaks_of(rule, "tv", ALL_GROUPS) for rule in told["rules"])
    assert not any(speaks_of(rule, "radio", ALL_GROUPS) for rule in told["rules"])
    assert not speaks_of("tv_brand: at least 5 USD", "tv", ALL_GROUPS)
    assert speaks_of("tv in north: at least 5 USD", "tv", "north")
    assert not speaks_of("tv in north: at least 5 USD", "tv", ALL_GROUPS)
    assert on_page("at most 13 USD (max_change 0.3 of 10 USD") == "at most 13 USD (the largest change, 30% of 10 USD"
    assert on_page("raise [plan] max_change") == "raise the largest change"
    assert on_page("max: at most 5 USD; raise [plan] budget") == "max: at most 5 USD; raise the budget"
    assert repair_on_page("Lower the min, or give it a max.") == "Lower the least amount, or give it a largest amount."


def test_the_question_is_a_sentence(desk: Desk) -> None:
    def said(**keys: object) -> str:
        return sentence_of(PlanSection.model_validate(keys), 5e6, desk)

    assert said() == "Split $5.00M over 13 weeks for the most sales."
    assert said(budget=2e6, periods=1) == "Split $2.00M over 1 week for the most sales."
    assert said(objective="profit") == "Choose a total over 13 weeks for the most profit."
    assert said(budget_max=2e6) == "Choose a total of at most $2.00M over 13 weeks for the most sales."


def test_leads_that_turn_into_money_are_asked_for_by_their_value(response: ResponseDraws, desk: Desk) -> None:
    worth = replace(response, outcome="value of mqls")
    study = SimpleNamespace(currency="USD", period="week", outcome="mqls", unit="mqls")
    mine = cast(Desk, SimpleNamespace(planner=lambda _: SimpleNamespace(response=worth), study=study))
    assert sentence_of(PlanSection(budget=2e6), 5e6, mine) == "Split $2.00M over 13 weeks for the most value of mqls."
    cheapest = PlanSection(objective="target_kpi", target=3e6)
    assert sentence_of(cheapest, 5e6, mine).endswith("for the cheapest way to 3.00M USD.")
    assert target_words("target_kpi", worth) == ("value of mqls to reach", " USD")


def test_the_column_of_channels_is_as_wide_as_a_telephone_can_spare() -> None:
    assert name_width(["tv"]) == name_width([]) == 118
    assert name_width(["tv", "direct_mail_cat"]) == 133
    assert name_width(["professional_network"]) == name_width(["x" * 80]) == 160


def test_an_amount_that_is_left_as_it_is_shown_moves_nothing(desk: Desk) -> None:
    plan = desk.answer(Asked(desk.study.base)).document
    row = next(row for row in plan.rows if row.period is None)
    shown = {"rowId": f"{row.channel}{SEPARATOR}", "colId": "spend", "value": f"{row.spend:,.0f}"}
    kept = {cell.channel: cell.spend for cell in _typed(plan, [shown], "1,234.56")}
    assert kept == {each.channel: round(each.spend or 0.0, 2) for each in plan.rows if each.period is None}
    more = {**shown, "value": f"{(row.spend or 0.0) + 1000:,.0f}"}
    assert {cell.channel: cell.spend for cell in _typed(plan, [more], "1,234.56")}[row.channel] != kept[row.channel]


def test_a_plan_that_ran_out_of_time_is_looked_for_again(desk: Desk) -> None:
    asked = Asked(PlanSection(budget=7e6))
    first = desk.answer(asked)
    assert desk.afresh(asked) is first  # proven: kept
    assert first.document.certificate is not None
    late = first.document.certificate.model_copy(update={"status": "time"})
    cut = replace(first, document=first.document.model_copy(update={"certificate": late}))
    desk._answers.drop(desk._key(asked), lambda _: True)
    assert desk._answers.get(desk._key(asked), lambda: cut) is cut
    assert desk.answer(asked) is cut  # whoever looks at it sees the same plan
    again = desk.afresh(asked)
    assert again is not cut
    assert again.document.certificate is not None
    assert again.document.certificate.status == first.document.certificate.status
    assert [row.spend for row in again.document.rows] == pytest.approx([row.spend for row in first.document.rows])

"""The multiverse: which models, what moves an answer, and averages only where they mean the same."""

from __future__ import annotations

import numpy as np
import pytest

from mmm.validation.answers import Answers
from mmm.validation.multiverse import Fitted, Multiverse, multiverse
from mmm.validation.multiverse_run import findings
from mmm.validation.refits import Failed
from mmm.validation.specifications import STATED, Choice, Plan, Specification, apply, choices, designed, same
from tests.mmm.validation.fitters import conjugate_fit
from tests.mmm.validation.markets import data, market


def plan(**options: int) -> Plan:
    made = tuple(
        Choice(name, {STATED: same, **{f"{name}{i}": same for i in range(1, n)}}) for name, n in options.items()
    )
    return designed(made, 24, 1)


def test_every_change_alone_comes_before_combinations() -> None:
    found = plan(a=4, b=3, c=2, d=3)
    assert found.possible == 72
    assert len(found.specifications) == 24
    changed = [sum(option != STATED for option in one.options.values()) for one in found.specifications]
    assert changed[0] == 0
    assert changed[1 : 1 + 3 + 2 + 1 + 2] == [1] * 8
    assert len({one.name for one in found.specifications}) == 24
    assert [one.name for one in plan(a=4, b=3, c=2, d=3).specifications] == [one.name for one in found.specifications]


def test_all_combinations_are_there_where_they_fit() -> None:
    found = plan(a=3, b=2)
    assert len(found.specifications) == found.possible == 6


def test_choices_are_those_that_the_model_has_room_for() -> None:
    panel, section = data()
    names = {choice.name: list(choice.options) for choice in choices(panel, section)}
    assert names["carry-over"] == [STATED, "delayed", "weibull", "3 times slower"]
    assert names["saturation"] == [STATED, "logistic", "root"]
    assert "hierarchy" not in names
    panel, section = data(True)
    names = {choice.name: list(choice.options) for choice in choices(panel, section)}
    assert names["hierarchy"] == [STATED, "normal"]


def test_declared_mediators_are_a_choice_of_their_own() -> None:
    panel, section = data()
    stated = section.model_copy(update={"mediators": ("price",)})
    found = choices(panel, stated)
    assert found[-1].name == "control price"
    assert found[-1].adjusts
    left = Specification({**{choice.name: STATED for choice in found}, "control price": "left out"})
    assert left.adjustment == ("price",)
    less, shorter = apply(Plan(found, (), 0), left, panel, stated)
    assert less.control_names == shorter.controls == ()


def test_a_specification_is_applied_to_panel_and_section() -> None:
    panel, section = data()
    found = designed(choices(panel, section), 24, 1)
    stated = dict.fromkeys((choice.name for choice in found.choices), STATED)
    one = Specification({**stated, "carry-over": "delayed", "saturation": "root", "trend": "2 bends"})
    changed, other = apply(found, one, panel, section)
    assert changed.adstock == ("delayed", "delayed")
    assert changed.saturation == ("root", "root")
    assert other.knots == 2
    conjugate_fit(changed, other, market().project, 1)
    slower = Specification({**stated, "carry-over": "3 times slower"})
    lives = [channel.half_life_days for channel in apply(found, slower, panel, section)[1].channels]
    assert lives == [3 * section.prior.half_life_days] * 2


def _answers(tv: float, search: float) -> Answers:
    rng = np.random.default_rng(1)
    roi = np.stack([rng.normal(tv, 0.05, 400), rng.normal(search, 0.05, 400)], axis=1)
    roi -= np.median(roi, axis=0) - [tv, search]
    return Answers(("tv", "search"), roi / 100, roi)


def made(found: Plan, roi, weights: dict[str, float] | None = None) -> Multiverse:  # type: ignore[no-untyped-def]
    fits = tuple(Fitted(one, _answers(*roi(one.options))) for one in found.specifications)
    return Multiverse(found, fits, (), weights or {}, {}, 0.9, 1)


def test_effects_of_choices_are_found_when_they_add_up() -> None:
    """ROI of tv: 2, plus 0.6 under a1, less 0.2 under b1; of search always 1."""

    def roi(options):  # type: ignore[no-untyped-def]
        return 2.0 + 0.6 * (options["a"] == "a1") - 0.2 * (options["b"] == "b1"), 1.0

    found = made(plan(a=3, b=2), roi)
    table = found.effects().set_index(["channel", "option"])
    mean = np.mean([roi(one.options)[0] for one in found.plan.specifications])
    assert table.loc[("tv", "a1"), "effect"] == pytest.approx(0.6 / mean)
    assert table.loc[("tv", "a2"), "effect"] == pytest.approx(0.0, abs=1e-9)
    assert table.loc[("tv", "b1"), "effect"] == pytest.approx(-0.2 / mean)
    ranges = found.ranges().set_index("channel")
    assert ranges.loc["tv", "choice"] == "a"
    assert (ranges.loc["tv", "roi_least"], ranges.loc["tv", "roi_most"]) == pytest.approx((1.8, 2.6))
    assert np.isnan(ranges.loc["tv", "roi_averaged_median"])


def test_the_average_is_as_wide_as_what_it_averages() -> None:
    """Half of the weight at 2 and half at 3: a 90 % interval reaches both, the stated one only the first."""
    found = made(plan(a=2), lambda o: (2.0 + (o["a"] == "a1"), 1.0), {STATED: 0.5, "a: a1": 0.5})
    row = found.ranges().set_index("channel").loc["tv"]
    assert row["roi_averaged_low"] == pytest.approx(1.93, abs=0.05)
    assert row["roi_averaged_high"] == pytest.approx(3.07, abs=0.05)
    assert row["roi_plain_high"] < 2.2


def test_findings_name_channels_that_depend_on_the_model() -> None:
    found = made(plan(a=2), lambda o: (2.0 + (o["a"] == "a1"), 1.0))
    assert [(one.id, one.where) for one in findings(found)] == [("V020", "channel tv"), ("V023", "multiverse")]
    more = made(plan(a=5, b=5, c=5), lambda o: (2.0, 1.0), {STATED: 1.0})
    assert [one.id for one in findings(more)] == ["V022"]


def test_models_are_fitted_ranged_and_averaged_within_the_stated_controls() -> None:
    """Every model that leaves the mediator out is in the range and has no weight."""
    panel, section = data()
    stated = section.model_copy(update={"mediators": ("price",)})
    calls: list[int] = []

    def fitter(panel, section, project, seed):  # type: ignore[no-untyped-def]
        calls.append(panel.n_periods)
        return conjugate_fit(panel, section, project, seed)

    from unittest.mock import patch

    with patch("mmm.validation.multiverse.chains_met", return_value=True):
        found = multiverse(panel, stated, market().project, fitter=fitter, cap=12)
    table = found.by_specification()
    left_out = table["adjustment"] == "price"
    assert left_out.any()
    assert table.loc[left_out, "weight"].isna().all()
    assert table.loc[~left_out, "weight"].notna().all()
    assert sum(found.weights.values()) == pytest.approx(1.0)
    assert set(found.scores) == set(found.weights)
    assert min(calls) < panel.n_periods  # forecasts of what was left out


def test_a_model_that_fails_is_left_out_and_named() -> None:
    panel, section = data()

    def fitter(panel, section, project, seed):  # type: ignore[no-untyped-def]
        from outlay.errors import TrustError

        if section.channels[0].adstock == "delayed":
            raise TrustError("no start")
        return conjugate_fit(panel, section, project, seed)

    from unittest.mock import patch

    with patch("mmm.validation.multiverse.chains_met", return_value=True):
        found = multiverse(panel, section, market().project, fitter=fitter, cap=3)
    assert found.failed == (Failed("carry-over: delayed", "no start"),)
    assert "V021" in [one.id for one in findings(found)]

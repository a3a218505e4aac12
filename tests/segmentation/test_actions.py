"""Recommendations: rules with conditions, sentences with numbers, and what is said where a rule cannot be judged."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from outlay.errors import ConfigError
from segmentation.actions import DEFAULT_ACTIONS, Recommended, check_actions, recommend
from segmentation.customers import Customers
from segmentation.profiles import Profile, profile
from tests.segmentation.customers_made import customers_of, section_of

NUMBERS = np.repeat([1, 2, 3], [20, 60, 20])
NAMES = {1: "big", 2: "many", 3: "few"}


def spending() -> Customers:
    """20 who spend about 300, 60 about 25, 20 about 100: the mean is 95."""
    rng = np.random.default_rng(1)
    value = np.array([300.0, 25.0, 100.0])[NUMBERS - 1] * rng.uniform(0.9, 1.1, 100)
    recency = np.array([10.0, 60.0, 200.0])[NUMBERS - 1] * rng.uniform(0.9, 1.1, 100)
    plan = np.where(NUMBERS == 1, "gold", "basic")
    return customers_of({"Recency": recency}, {"plan": plan}, value=value, units={"Recency": "days"})


def told(**keys: object) -> Recommended:
    return recommend(profiled(), section_of(**keys), NAMES)


def profiled() -> Profile:
    return profile(spending(), NUMBERS, 0.9)


def actions_of(found: Recommended) -> dict[int, list[str]]:
    return {int(number): part["action"].tolist() for number, part in found.table.groupby("number")}


def test_defaults_without_lifetime_value() -> None:
    found = told()
    # value over the mean: about x3.2, x0.26, x1.05; recency over its mean of 78: x0.13, x0.77, x2.6
    assert actions_of(found) == {1: ["protect"], 2: ["serve at low cost"], 3: ["win back", "keep"]}
    # "grow" needs lifetime value and "welcome" tenure, which nobody asked for
    assert found.findings == ()


def test_sentences_hold_the_segments_own_numbers() -> None:
    found = told().table
    do = found.loc[found["number"] == 1, "do"].item()
    value = spending().value
    assert value is not None
    share = value[:20].sum() / value.sum()
    assert do.startswith(f"20% of the customers bring {share:.0%} of the value")
    why = found.loc[(found["number"] == 3) & (found["action"] == "win back"), "why"].item()
    assert "Recency:" in why
    assert "days against" in why


def test_lifetime_value_opens_more_rules() -> None:
    extra = pd.DataFrame(
        {
            "number": pd.array([None, 1, 2, 3], dtype="Int64"),
            "p_alive": [0.7, 0.9, 0.8, 0.3],
            "clv": [50.0, 60.0, 70.0, 20.0],
            "clv_low": [40.0, 50.0, 55.0, 10.0],
            "clv_high": [60.0, 70.0, 85.0, 30.0],
        }
    )
    found = recommend(profiled(), section_of(), NAMES, extra)
    # "many" is worth 70 against 50 ahead (x1.4), and spent x0.26 so far; at most two actions each
    assert actions_of(found)[2] == ["grow", "serve at low cost"]
    grow = found.table[found.table["action"] == "grow"].iloc[0]
    assert "Expected: €70.0 each" in grow["do"]
    # 55 / 50 = 1.1 is below the border of 1.2: it may not hold
    assert not grow["sure"]
    assert "it may not hold" in grow["why"]
    assert found.findings == ()


def test_rules_of_the_project_replace_the_defaults() -> None:
    mine = [
        {
            "name": "gold offer",
            "do": "{customers} of {name} ({number}): {Recency} since, {{sic}}",
            "when": [{"measure": "plan", "level": "gold", "stat": "share", "above": 0.5}],
        },
        {"name": "top", "do": "first by value", "when": [{"measure": "value_share", "stat": "rank", "below": 2}]},
    ]
    found = told(actions=mine)
    assert actions_of(found) == {1: ["gold offer", "top"]}
    do = found.table["do"].iloc[0]
    assert do.startswith("20 of big (1): 9.")
    assert do.endswith(" days since, {sic}")
    assert [(finding.id, finding.what.partition("by ")[2]) for finding in found.findings] == [("K057", "2 many, 3 few")]


@pytest.mark.parametrize(
    ("action", "problem"),
    [
        ({"do": "x", "when": [{"measure": "Recencie", "above": 1}]}, "no measure 'Recencie'"),
        ({"do": "{nothing}", "when": [{"measure": "Recency", "above": 1}]}, "no measure 'nothing'"),
        ({"do": "{open", "when": [{"measure": "Recency", "above": 1}]}, "cannot be read"),
        ({"do": "x", "when": [{"measure": "plan", "above": 1}]}, "plan is a category"),
        ({"do": "x", "when": [{"measure": "Recency", "level": "a", "above": 1}]}, "Recency has no levels"),
        ({"do": "x", "when": [{"measure": "plan", "level": "gold", "stat": "mean", "above": 1}]}, "plan has no mean"),
    ],
)
def test_rules_that_cannot_be_are_refused_before_the_fit(action: dict[str, object], problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        check_actions(section_of(actions=[{"name": "mine", **action}]), spending())


def test_lifetime_value_may_be_named_before_it_is_known() -> None:
    check_actions(
        section_of(actions=[{"name": "a", "do": "{clv}", "when": [{"measure": "p_alive", "above": 0.5}]}]), spending()
    )


def test_the_defaults_are_data_that_a_project_can_hold() -> None:
    check_actions(section_of(actions=[each.model_dump(exclude_none=True) for each in DEFAULT_ACTIONS]), spending())
    assert len({each.name for each in DEFAULT_ACTIONS}) == 7


def test_an_action_of_the_project_that_cannot_be_judged_is_told() -> None:
    mine = [
        {"name": "later", "do": "{clv}", "when": [{"measure": "Recency", "above": 0.1}]},
        {"name": "all", "do": "write", "when": [{"measure": "size_share", "stat": "mean", "above": 0.0}]},
    ]
    found = told(actions=mine)
    assert set(found.table["action"]) == {"all"}
    assert [(finding.id, finding.what) for finding in found.findings] == [("K056", "not known here: clv")]


def test_without_a_value_the_defaults_recommend_nothing() -> None:
    customers = customers_of({"x": np.arange(100.0)})
    found = recommend(profile(customers, NUMBERS, 0.9), section_of(), NAMES)
    assert found.table.empty
    assert [finding.id for finding in found.findings] == ["K057"]

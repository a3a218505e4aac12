"""Names: plain, distinct, tied to the largest differences; and the user's, matched to the segments they are like."""

from __future__ import annotations

import numpy as np
import pytest

from outlay.errors import ConfigError
from segmentation.customers import Customers
from segmentation.names import automatic_names, check_named, user_names
from segmentation.names_words import of_level, of_number, spoken
from segmentation.profiles import profile
from tests.segmentation.customers_made import customers_of, section_of


def companies(seed: int = 1, n: int = 300) -> tuple[Customers, np.ndarray]:
    """Three kinds: employees of about 12, 200 and 5,000; the last mostly in the public sector."""
    rng = np.random.default_rng(seed)
    numbers = np.repeat([1, 2, 3], n)
    employees = np.round(np.array([12.0, 200.0, 5000.0])[numbers - 1] * rng.lognormal(0, 0.4, 3 * n))
    public = np.where((numbers == 3) & (rng.random(3 * n) < 0.9), "public", "private")
    return customers_of({"employees": employees}, {"sector": public}), numbers


def family(seed: int = 1, n: int = 1000) -> tuple[Customers, np.ndarray]:
    """High spend and no children against low spend with children, and a middle of each."""
    rng = np.random.default_rng(seed)
    numbers = np.repeat([1, 2, 3], n)
    children = np.where(numbers == 1, 0, np.where(numbers == 2, 2, 1)) * (rng.random(3 * n) < 0.9)
    spend = np.array([900.0, 300.0, 80.0])[numbers - 1] * rng.lognormal(0, 0.3, 3 * n)
    visits = np.array([3.0, 3.0, 9.0])[numbers - 1] + rng.normal(size=3 * n)
    return customers_of(
        {"NumChildren": children.astype(float), "web_visits": visits, "Spend": spend}, value=spend, value_name="Spend"
    ), numbers


def test_names_say_the_largest_differences() -> None:
    customers, numbers = family()
    names = automatic_names(profile(customers, numbers, 0.9), ("Spend",))
    assert names[1] == "High spend, no children"
    assert names[2].startswith("Low spend, ")  # 300 of a mean of 427: below three quarters
    assert names[3].startswith("Low spend, ")
    assert len(set(names.values())) == 3
    # both are of low spend: what tells 2 from 3 most is visits (nearly all pairs), more than children (2 against 1)
    assert names[3] == "Low spend, many web visits"
    assert names[2] == "Low spend, few web visits"


def test_names_stay_when_customers_change_a_little() -> None:
    one, two = (automatic_names(profile(*family(seed), 0.9), ("Spend",)) for seed in (1, 2))
    assert one == two


def test_segments_that_nothing_tells_apart_still_have_names_of_their_own() -> None:
    rng = np.random.default_rng(3)
    customers = customers_of({"x": rng.normal(size=600)})
    names = automatic_names(profile(customers, rng.integers(1, 4, 600), 0.9))
    assert len(set(names.values())) == 3


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("MntWines", "wines"),
        ("NumWebVisitsMonth", "web visits month"),
        ("web_visits", "web visits"),
        ("HTTPErrors", "HTTP errors"),
        ("Dt_Customer", "customer"),
        ("num", "num"),  # nothing else is left to say
    ],
)
def test_columns_in_words(column: str, words: str) -> None:
    assert spoken(column) == words


def test_words_for_much_and_little() -> None:
    assert of_number("recency", "days", more=True) == "long absent"
    assert of_number("Income", "EUR", more=False) == "low income"
    assert of_number("NumDeals", "", more=True) == "many deals"
    assert of_level("Education", "PhD", more=True, most=False) == "more PhD"
    assert of_level("Complain", "1", more=True, most=True) == "complain 1"


LIKE = [
    {"name": "enterprise", "like": {"employees": 4000, "sector": "public"}},
    {"name": "small_business", "like": {"employees": 10}},
    {"name": "mid_market", "like": {"employees": 250}},
]


def test_names_by_what_segments_are_like() -> None:
    customers, numbers = companies()
    found = user_names(section_of(named=LIKE), customers, numbers)
    assert found.names == {1: "small_business", 2: "mid_market", 3: "enterprise"}
    assert found.findings == ()
    assert (found.table["distance"] < 0.3).all()


def test_distance_is_the_share_of_customers_between() -> None:
    numbers = np.repeat([1, 2], 50)
    customers = customers_of({"x": np.arange(100.0)})
    found = user_names(section_of(named=[{"name": "low", "like": {"x": 24.5}}]), customers, numbers)
    # 25 of 100 lie below 24.5; segment 1 (0 to 49) is centred at rank 0.25, segment 2 at 0.75
    assert found.table[["distance", "second"]].iloc[0].tolist() == pytest.approx([0.0, 0.5])


def test_units_and_outliers_do_not_matter() -> None:
    customers, numbers = companies()
    frame = customers.frame.copy()
    frame["employees"] = np.log(frame["employees"])
    logged = customers_of({"employees": frame["employees"].to_numpy()}, {"sector": frame["sector"].to_numpy()})
    like = [{**each, "like": {**each["like"], "employees": float(np.log(each["like"]["employees"]))}} for each in LIKE]
    one = user_names(section_of(named=LIKE), customers, numbers)
    two = user_names(section_of(named=like), logged, numbers)
    assert one.names == two.names
    assert two.table["distance"].to_numpy() == pytest.approx(one.table["distance"].to_numpy())


def test_one_to_one_with_the_least_total() -> None:
    # both names are nearest to segment 2 (ranks 0.5 and 0.6 against 1/6, 1/2, 5/6); the one that loses less goes to 3
    customers = customers_of({"x": np.arange(90.0)})
    named = [{"name": "middle", "like": {"x": 45.0}}, {"name": "above", "like": {"x": 54.0}}]
    found = user_names(section_of(named=named), customers, np.repeat([1, 2, 3], 30))
    assert found.names == {2: "middle", 3: "above"}
    assert "K053" in [finding.id for finding in found.findings]  # "above" lies nearer to 2, and is told


def test_a_number_comes_first_and_is_not_given_twice() -> None:
    customers, numbers = companies()
    named = [{"name": "ours", "number": 3}, *LIKE]
    found = user_names(section_of(named=named), customers, numbers)
    assert found.names[3] == "ours"
    assert len(found.names) == 3
    # three names are left for two segments
    assert "K055" in [finding.id for finding in found.findings]


def test_what_fits_nothing_and_what_fits_two_is_told() -> None:
    rng = np.random.default_rng(1)
    numbers = np.repeat([1, 2], 500)
    customers = customers_of({"x": np.where(numbers == 1, 1.0, 2.0) + rng.normal(0, 0.05, 1000)}, {"c": ["a"] * 1000})
    far = user_names(section_of(named=[{"name": "far", "like": {"x": 900.0, "c": "b"}}]), customers, numbers)
    assert [finding.id for finding in far.findings] == ["K053"]
    between = user_names(section_of(named=[{"name": "between", "like": {"x": 1.5}}]), customers, numbers)
    assert "K054" in [finding.id for finding in between.findings]


def test_a_number_that_is_not_there_is_told() -> None:
    customers, numbers = companies()
    found = user_names(section_of(named=[{"name": "fifth", "number": 5}]), customers, numbers)
    assert found.names == {}
    assert [(finding.id, finding.severity) for finding in found.findings] == [("K055", "warning")]


@pytest.mark.parametrize("like", [{"employes": 5}, {"employees": "many"}])
def test_like_names_columns_that_are_there(like: dict[str, object]) -> None:
    customers, _ = companies(n=20)
    with pytest.raises(ConfigError, match="employe"):
        check_named(section_of(named=[{"name": "a", "like": like}]), customers)

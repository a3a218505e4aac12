"""The future that a panel assumes: which period is repeated, at which cost, and whether the sentences say so."""

from __future__ import annotations

import numpy as np
import pytest

from mmm.future import assume_future
from tests.mmm.panels import panel, table


@pytest.mark.parametrize("freq, n, year", [("D", 800, 364), ("7D", 104, 52), ("MS", 36, 12)])
def test_the_same_period_last_year_is_repeated(freq: str, n: int, year: int) -> None:
    made = panel(table(n, freq=freq))
    future = assume_future(made, 5)
    # The last year of rows in order, and its first five again.
    np.testing.assert_array_equal(future.repeats, [*range(n - year, n), *range(n - year, n - year + 5)])
    np.testing.assert_array_equal(future.controls, made.controls[future.repeats])
    np.testing.assert_array_equal(future.levers, made.levers[future.repeats])
    assert future.how == "the same period of the last year of data"
    assert f"Control price: {future.how}." in future.assumptions


def test_days_are_repeated_on_their_weekday() -> None:
    made = panel(table(800, freq="D"))
    future = assume_future(made, 60)
    np.testing.assert_array_equal(made.dates[future.repeats].day_of_week, future.dates.day_of_week)


@pytest.mark.parametrize("freq, n, unit", [("D", 363, "days"), ("7D", 51, "weeks")])
def test_under_a_year_the_last_value_is_repeated_and_it_is_said(freq: str, n: int, unit: str) -> None:
    future = assume_future(panel(table(n, freq=freq)), 5)
    assert set(future.repeats) == {n - 1}
    assert future.how == "the last value seen, because there is less than a year of data"
    assert f"Lever discount: {future.how}." in future.assumptions
    assert f"Cost per exposure of each channel: that of all {n} {unit} of data." in future.assumptions


def test_media_history_is_no_year_to_repeat() -> None:
    # 60 weeks with media, 51 of them with a KPI and controls: one short of a year
    frame = table(60).assign(sales=lambda t: t["sales"].where(t.index >= 9))
    future = assume_future(panel(frame), 5)
    assert set(future.repeats) == {59}
    assert np.isfinite(future.controls).all()
    whole = assume_future(panel(frame.assign(sales=table(60)["sales"].where(frame.index >= 8))), 5)
    np.testing.assert_array_equal(whole.repeats, [*range(8, 60), *range(8, 13)])
    assert np.isfinite(whole.controls).all()


def test_contacts_are_those_of_the_people_reached_last_year() -> None:
    frame = table(160, groups=("a", "b", "c")).assign(often=2.0)
    frame.loc[frame["date"] < "2024-01-01", "often"] = 5.0  # two years before the end
    frame.loc[frame["geo"] == "b", "often"] = np.arange(160) % 2 + 1.0
    frame.loc[frame["geo"] == "c", ["tv_grp", "often", "tv"]] = 0.0
    channels = [
        {"name": "tv", "spend": "tv", "reach": "tv_grp", "frequency": "often"},
        {"name": "s", "spend": "search"},
    ]
    made = panel(frame, group="geo", channels=channels)
    future = assume_future(made, 5)
    people, contacts = made.exposure[-52:, 1, 0], made.contacts[-52:, 1, 0]
    ever = made.exposure[:, :, 0]
    assert future.contacts[0, 0] == pytest.approx(2.0)
    assert future.contacts[1, 0] == pytest.approx((people * contacts).sum() / people.sum())  # each person counts alike
    assert future.contacts[2, 0] == pytest.approx((ever * made.contacts[:, :, 0]).sum() / ever.sum())  # the others'
    assert not future.contacts[:, 1].any()
    assert "Contacts per person reached of tv: the average of the last year with reach." in future.assumptions


def test_a_borrowed_cost_is_the_other_groups_and_it_is_said() -> None:
    frame = table(groups=("a", "b", "c"))
    frame.loc[frame["geo"] == "a", "tv_grp"] = 0.0  # money that bought nothing one can count
    made = panel(frame, group="geo")
    future = assume_future(made, 5)
    # tv of b and c; the money of a has no exposure and is no part of the cost
    expected = made.spend[:, 1:, 0].sum() / made.exposure[:, 1:, 0].sum()
    assert future.cost_per_exposure[0, 0] == pytest.approx(expected)
    assert "Never bought there with exposure, so at the cost in the other groups: tv in a." in future.assumptions
    assert not any("older cost" in line for line in future.assumptions)


def test_an_older_cost_is_the_group_s_own_and_it_is_said() -> None:
    frame = table(160, groups=("a", "b"))
    frame.loc[100:159, ["tv", "tv_grp"]] = 0.0
    made = panel(frame, group="geo")
    future = assume_future(made, 5)
    assert future.cost_per_exposure[0, 0] == pytest.approx(made.spend[:, 0, 0].sum() / made.exposure[:, 0, 0].sum())
    assert "Not bought in the last year, so at its older cost per exposure: tv in a." in future.assumptions
    assert not any("other groups" in line for line in future.assumptions)


def test_a_cost_that_nothing_tells_is_not_a_number() -> None:
    free = assume_future(panel(table().assign(tv=0.0)), 5)
    assert np.isnan(free.cost_per_exposure[0, 0])
    assert free.cost_per_exposure[0, 1] == pytest.approx(1.0)  # search: the spend is the exposure
    assert not any("no cost per exposure" in line for line in free.assumptions)  # no money, nothing to plan
    unseen = assume_future(panel(table().assign(tv_grp=0.0)), 5)
    assert np.isnan(unseen.cost_per_exposure[0, 0])
    assert any("no cost per exposure is known" in line and "tv" in line for line in unseen.assumptions)

"""Movement between two days by one model: customers as their purchases showed them on an earlier day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from outlay.errors import ConfigError
from outlay.project import ProjectSection
from segmentation.assign import assign
from segmentation.clustering import ClusterModel
from segmentation.config import CustomersSection
from segmentation.customers import Customers
from segmentation.migration import Standing
from segmentation.prepare import Preparation
from segmentation.rfm import DERIVED, TWICE
from segmentation.transactions import purchases_at

DAYS_BACK = 91
"""A quarter: long enough for customers to move, short enough for somebody to remember why."""


def earlier_day(customers: Customers, section: CustomersSection) -> date | None:
    """The day from which movement is counted; None where nobody can have moved, or nothing is known of then.

    Nobody moves where no feature comes from purchases, and nothing is known where purchases do not reach back that far.

    Raises
    ------
    ConfigError
        Where the section states a day, and it is not between the first purchase and `as_of`, or nobody can move.
    """
    if section.moved_since is not None and not from_purchases(customers):
        raise ConfigError(
            "moved_since is stated, and no feature of the segments comes from purchases: nobody can have moved",
            where="[customers] moved_since",
            repair="Name features that come from purchases (recency, frequency, monetary), or leave the day out.",
        )
    if (
        section.transactions is None
        or customers.purchases is None
        or customers.as_of is None
        or not from_purchases(customers)
    ):
        return None
    oldest = float(customers.purchases["age"].max())
    if np.isnan(oldest):
        return None
    first = customers.as_of - timedelta(days=int(oldest))
    day = section.moved_since or customers.as_of - timedelta(days=DAYS_BACK)
    if first < day < customers.as_of:
        return day
    if section.moved_since is None:
        return None
    raise ConfigError(
        f"moved_since, {day}, is not between the first purchase ({first}) and the day of the table ({customers.as_of})",
        where="[customers] moved_since",
        repair="Write a day in between, or leave it out.",
    )


def from_purchases(customers: Customers) -> tuple[str, ...]:
    """Features that come from purchases; beside a column of the same name they have another one."""
    if customers.purchases is None:
        return ()
    made = {f"{TWICE}{name}" if f"{TWICE}{name}" in customers.frame else name for name in DERIVED}
    return tuple(name for name in customers.features if name in made)


def from_value(customers: Customers, section: CustomersSection) -> tuple[str, ...]:
    """Features that say what customers bought or were worth: a segment made from them knows of later purchases."""
    known = {*from_purchases(customers), *section.value_columns}
    return tuple(name for name in customers.features if name in known)


def standing_at(
    day: date,
    project: tuple[CustomersSection, ProjectSection, Path],
    model: tuple[Preparation, ClusterModel],
    names: Mapping[int, str],
) -> Standing:
    """Who was in which segment on an earlier day, by the model of today.

    Parameters
    ----------
    day : date
        As :func:`earlier_day`.
    project : tuple
        Section, project and the folder that relative paths start from.
    model : tuple
        Preparation and clusters, in the order of the segments' numbers.
    names : mapping of int to str

    Notes
    -----
    Columns that do not come from purchases are those of today: their change is not seen.

    Raises
    ------
    ConfigError, DataError
        As :func:`segmentation.transactions.purchases_at`.
    """
    section, about, base = project
    then = purchases_at(section, about, base, day, like=model[0])
    found = assign(then, *model)
    return Standing(then.ids, found.numbers, names, then.value, found.sureness, day.isoformat())

"""What the ``[customers]`` section refuses before any table is read."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from segmentation.config import ClustersSection, CustomersSection, NamedSegment, TransactionsSection

ORDERS: dict[str, Any] = {"source": "orders.csv", "customer": "customer", "date": "day"}


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({}, "name a table of customers"),
        ({"source": "c.csv", "id": "customer", "features": ["customer", "income"]}, "tells every customer apart"),
        ({"source": "c.csv", "transactions": ORDERS | {"amount": "paid"}}, "id is needed"),
        ({"source": "c.csv", "numeric": ["age"], "ignore": ["age"]}, "age stands in numeric and in ignore"),
        ({"source": "c.csv", "protected": ["sex"], "features": ["sex", "age"]}, "sex cannot be a feature"),
        ({"source": "c.csv", "named": [{"name": "a", "number": 1}, {"name": "a", "number": 2}]}, "named a"),
    ],
)
def test_keys_that_contradict_each_other_are_refused(keys: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        CustomersSection(**keys)


def test_the_money_of_a_purchase_is_named_one_way() -> None:
    for keys in ({}, {"quantity": "n"}, {"price": "p"}, {"amount": "a", "quantity": "n", "price": "p"}):
        with pytest.raises(ValidationError, match=r"amount|go together"):
            TransactionsSection(**ORDERS, **keys)


def test_clusters_and_names_say_what_they_mean() -> None:
    with pytest.raises(ValidationError, match="between 2 and 50"):
        ClustersSection(candidates=(5, 3))
    with pytest.raises(ValidationError, match="above the ceiling"):
        ClustersSection(k=6, ceiling=5)
    with pytest.raises(ValidationError, match="which segment is meant"):
        NamedSegment(name="large")
    with pytest.raises(ValidationError, match="which segment is meant"):
        NamedSegment(name="large", number=1, like={"employees": 4000.0})

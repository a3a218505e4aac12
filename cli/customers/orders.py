"""The orders of the same customers: their number, last day and money are those of the table, exactly."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cli.customers.draw import People
from cli.customers.world import AS_OF, SPEND


def draw_orders(people: People, rng: np.random.Generator) -> pd.DataFrame:
    """One row per order, in the order of time: ``order``, ``customer``, ``day``, ``amount`` in EUR.

    The last order is `Recency` days before the table was taken, the first as long ago as the customer is known, and the
    others lie evenly between them. Amounts of a customer add up to what the table says is spent.
    """
    frame = people.frame
    who = np.repeat(np.arange(len(frame)), people.orders)
    is_last = np.append(who[1:] != who[:-1], True)
    end = (np.datetime64(AS_OF, "D") - frame["Recency"].to_numpy().astype("timedelta64[D]"))[who]
    start = (np.datetime64(AS_OF, "D") - people.known.astype("timedelta64[D]"))[who]
    is_first = np.append(True, is_last[:-1])
    gone = np.where(is_last, 1.0, np.where(is_first, 0.0, rng.random(len(who))))
    day = start + np.floor(gone * (end - start).astype(np.int64)).astype("timedelta64[D]")
    cents = frame[list(SPEND)].sum(axis=1).to_numpy(np.int64) * 100
    table = pd.DataFrame({"customer": frame["ID"].to_numpy()[who], "day": day, "amount": _split(cents, who, rng) / 100})
    table = table.sort_values(["day", "customer"], kind="stable", ignore_index=True)
    table.insert(0, "order", [f"O{i:06d}" for i in range(1, len(table) + 1)])
    return table.assign(day=table["day"].astype("datetime64[s]"))


def _split(cents: np.ndarray, who: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Cents of each order, at least one euro and adding up to the customer's."""
    least = 100
    weight = rng.standard_gamma(3.0, len(who))
    count = np.bincount(who)
    spare = cents - least * count
    edges = np.cumsum(weight) - np.repeat(np.append(0.0, np.cumsum(np.bincount(who, weight)))[:-1], count)
    upto = np.floor(edges / np.bincount(who, weight)[who] * spare[who] + 1e-9).astype(np.int64)
    last = np.append(who[1:] != who[:-1], True)
    upto[last] = spare[who[last]]
    before = np.append(0, upto[:-1])
    before[np.append(True, who[1:] != who[:-1])] = 0
    return np.asarray(least + upto - before, np.int64)

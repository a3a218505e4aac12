"""The folder of the example: tables, project file and truth."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cli.customers.dirt import as_text, make_dirty
from cli.customers.draw import People, draw_people
from cli.customers.orders import draw_orders
from cli.customers.world import AS_OF, CAMPAIGNS, CUSTOMERS, KINDS, PROGRAMME, PROGRAMME_EFFECT, SPEND

TEMPLATE = Path(__file__).resolve().parent / "template"
"""Project file of the example."""


@dataclass(frozen=True, eq=False)
class Shop:
    """One simulated shop: its tables, and what is true of its customers."""

    seed: int
    people: People
    table: pd.DataFrame
    orders: pd.DataFrame

    @property
    def project_text(self) -> str:
        """The project file; nothing in it depends on the seed."""
        return (TEMPLATE / "outlay.toml").read_text(encoding="utf-8")

    @property
    def kinds(self) -> pd.DataFrame:
        """Who is of which kind, who has lapsed, and the true chance of accepting each campaign."""
        kind = np.array(list(KINDS), object)[self.people.kind]
        known = pd.DataFrame({"ID": self.people.frame["ID"], "kind": kind, "lapsed": self.people.lapsed})
        chances = pd.DataFrame(self.people.chance.round(5), columns=[f"chance_{name}" for name in CAMPAIGNS])
        return pd.concat([known, chances], axis=1)


def simulate_customers(seed: int = 1, n: int = CUSTOMERS) -> Shop:
    """Draw the shop; the same seed and number of customers give the same one.

    Parameters
    ----------
    seed : int
        Of everything that is drawn.
    n : int
        Number of customers.
    """
    # one stream per part: a change in one of them leaves what the others draw alone
    who, when, wrong = (np.random.default_rng(each) for each in np.random.SeedSequence(seed).spawn(3))
    people = draw_people(n, who)
    return Shop(seed, people, make_dirty(people.frame, wrong), draw_orders(people, when))


def files(project: str = "outlay.toml") -> tuple[str, ...]:
    """All that is written, relative to the example's folder, the project file first."""
    return (project, "data/customers.csv", "data/orders.parquet", "truth/kinds.csv", "truth/truth.json")


def write_customers(folder: Path, seed: int = 1, n: int = CUSTOMERS, project: str = "outlay.toml") -> Path:
    """Simulate the shop and write its folder; the same seed gives the same bytes.

    Parameters
    ----------
    folder : Path
        Made where it is missing. Files in it are overwritten; ``outlay init`` refuses before it comes to that.
    seed, n
        As :func:`simulate_customers` takes them.
    project : str
        Name of the project file.

    Returns
    -------
    Path
        The project file.
    """
    return write_shop(simulate_customers(seed, n), folder, project)


def write_shop(shop: Shop, folder: Path, project: str = "outlay.toml") -> Path:
    """Write a shop's folder, and return its project file."""
    for part in ("data", "truth"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    shop.orders.to_parquet(folder / "data/orders.parquet", index=False)
    texts = {
        "data/customers.csv": as_text(shop.table),
        "truth/kinds.csv": shop.kinds.to_csv(index=False, lineterminator="\n"),
        "truth/truth.json": json.dumps(truth(shop), indent=1) + "\n",
        project: shop.project_text,
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return folder / project


def truth(shop: Shop) -> dict[str, Any]:
    """What is true of the shop, in plain numbers: money in EUR over two years, chances as parts of one."""
    people, spent = shop.people, shop.people.frame[list(SPEND)].sum(axis=1).to_numpy(float)
    kinds = {}
    for k, name in enumerate(KINDS):
        mine = people.kind == k
        kinds[name] = {
            "customers": int(mine.sum()),
            "spent": round(float(spent[mine].sum()), 2),
            "spent_per_customer": round(float(spent[mine].mean()), 2) if mine.any() else None,
            "lapsed": round(float(people.lapsed[mine].mean()), 4) if mine.any() else None,
            "accepts": {
                campaign: round(float(people.chance[mine, j].mean()), 5) if mine.any() else None
                for j, campaign in enumerate(CAMPAIGNS)
            },
        }
    return {
        "seed": shop.seed,
        "as_of": AS_OF.isoformat(),
        "units": "money in EUR over two years; chances as parts of one; effects on the logarithm of what is spent",
        "kinds": kinds,
        "effects": {name: PROGRAMME_EFFECT if name == PROGRAMME else 0.0 for name in CAMPAIGNS},
    }

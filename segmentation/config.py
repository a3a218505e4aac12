"""The ``[customers]`` section of the project file: which tables customers are in, and how they are segmented."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from outlay.project import Section
from outlay.tables import CsvOptions

Method = Literal["kprototypes", "mixture", "kmeans", "minibatch", "gaussian", "agglomerative"]
"""``kprototypes`` and ``mixture`` (latent class) are Outlay's own and take mixed types and missing cells as they are;
the others are scikit-learn's, on numbers and indicator columns."""
Share = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
Names = tuple[str, ...]


class TransactionsSection(Section):
    """The ``[customers.transactions]`` section: one row per purchase or line of an order."""

    source: str = Field(description="CSV or Parquet path, or a URI such as duckdb:///file.db?table=orders.")
    csv: CsvOptions = Field(default_factory=CsvOptions, description="How a CSV file is written.")
    customer: str = Field(description="Column of the customer's id.")
    date: str = Field(description="Column of the day or time of the purchase.")
    date_unit: Literal["s", "ms", "us", "ns", "excel"] | None = Field(
        None,
        description='Where the date is a number: seconds ("s") or parts of them since 1970, or "excel" days.',
    )
    order: str | None = Field(None, description="Column of the order's id, where an order has several rows.")
    amount: str | None = Field(None, description="Column of the money of a row, in the project's currency.")
    quantity: str | None = Field(None, description="In place of `amount`: column of the quantity, with `price`.")
    price: str | None = Field(None, description="In place of `amount`: column of the price of one, with `quantity`.")
    returns: Literal["subtract", "leave_out"] = Field(
        "subtract",
        description='What rows with a negative amount do: "subtract" from what the customer spent (they are no orders '
        'either way), or "leave_out".',
    )
    without_customer: Literal["refuse", "leave_out"] = Field(
        "refuse", description='What becomes of rows without a customer: "refuse" the table, or "leave_out" and say so.'
    )

    @model_validator(mode="after")
    def _money(self) -> Self:
        if (self.amount is None) == (self.quantity is None and self.price is None):
            raise ValueError("name the money of a row by amount, or by quantity and price")
        if (self.quantity is None) != (self.price is None):
            raise ValueError("quantity and price go together: name both or neither")
        return self


class CleanSection(Section):
    """The ``[customers.clean]`` section: what is done to features before they are compared; all of it is told."""

    outliers: Literal["winsorise", "flag", "keep"] = Field(
        "winsorise",
        description='Numbers far outside: "winsorise" (pulled in to the limits for clustering; profiles keep them), '
        '"flag" (told, kept) or "keep".',
    )
    tails: Share = Field(0.01, description="Part of the customers in each tail that `outliers` is about.")
    skew: Literal["auto", "none"] = Field(
        "auto", description='Skewed numbers: "auto" compares them on a log scale where that is more symmetric.'
    )
    rare: Share = Field(0.01, description="Levels held by less than this part of the customers become one, (other).")
    missing: Literal["neutral", "refuse"] = Field(
        "neutral", description='Empty cells: "neutral" (they pull to no segment) or "refuse" the table.'
    )
    bounds: Mapping[str, tuple[float, float]] = Field(
        default_factory=dict,
        description="Least and greatest possible value by column; what lies outside counts as missing, and is told.",
    )


class ClustersSection(Section):
    """The ``[customers.clusters]`` section: how customers are put together."""

    method: Method = Field("kprototypes", description="What makes the clusters.")
    k: Annotated[int, Field(ge=1, le=50)] | Literal["auto"] = Field(
        "auto", description='Number of segments, or "auto": chosen among `candidates`, with the reason told.'
    )
    candidates: tuple[int, int] = Field((2, 8), description="Least and greatest number of segments that are tried.")
    ceiling: int | None = Field(
        None, ge=1, le=50, description="Greatest number of segments that the business can serve differently."
    )
    min_share: Share = Field(0.03, description="Least part of the customers that a segment may have.")
    starts: int = Field(10, ge=1, le=200, description="Starts of k-prototypes; the best is kept.")
    sample: int = Field(20_000, ge=100, description="Customers that starts, silhouette and stability are judged on.")
    bootstraps: int = Field(20, ge=0, le=500, description="Resamples that the stability of segments is judged on.")
    gamma: Positive | None = Field(
        None, description="What a different category counts, in squared units of a scaled number. Default: by Huang."
    )
    weights: Mapping[str, Annotated[float, Field(ge=0)]] = Field(
        default_factory=dict, description="How much a feature counts, by column; 1 where none is given."
    )

    @model_validator(mode="after")
    def _candidates(self) -> Self:
        low, high = self.candidates
        if not 2 <= low <= high <= 50:
            raise ValueError("candidates are two whole numbers between 2 and 50, the smaller one first")
        if self.ceiling is not None and self.k != "auto" and self.k > self.ceiling:
            raise ValueError(f"k = {self.k} is above the ceiling of {self.ceiling}")
        return self


class NamedSegment(Section):
    """One ``[[customers.named]]`` entry: a name of yours for a segment, by its number or by whom it is like."""

    name: str = Field(min_length=1, description="What the segment is called, in tables, labels and plans.")
    number: int | None = Field(None, ge=1, description="The segment's number, as `outlay segment` shows it.")
    like: Mapping[str, float | str] = Field(
        default_factory=dict,
        description="In place of the number: values of some features that are typical of the segment.",
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.number is None) == (not self.like):
            raise ValueError("say which segment is meant: by its number, or by values of features that it is like")
        return self


class Condition(Section):
    """When an action is recommended: what is true of a segment."""

    measure: str = Field(
        description="A feature of the profile, or size_share, value_share, value_per_customer, p_alive or clv."
    )
    stat: Literal["mean", "lift", "share", "rank"] = Field(
        "lift",
        description='Its mean, its "lift" over all customers, the "share" of a level, or its "rank" among segments.',
    )
    level: str | None = Field(None, description="Level of a categorical feature, with share or lift.")
    above: float | None = Field(None, description="The number has to be above this.")
    below: float | None = Field(None, description="The number has to be below this.")

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.above is None and self.below is None:
            raise ValueError("a condition needs above or below")
        return self


class Action(Section):
    """One ``[[customers.actions]]`` entry: what to do with segments of which all conditions are true."""

    name: str = Field(min_length=1, description="A short name: win back, upgrade, protect.")
    do: str = Field(
        min_length=1,
        description="What to do, in a sentence; measures in braces are filled in: {name}, {customers}, {clv}.",
    )
    when: tuple[Condition, ...] = Field(min_length=1, description="Conditions, all of which have to hold.")


class ClvSection(Section):
    """The ``[customers.clv]`` section: what customers will be worth."""

    model: Literal["bg_nbd", "pareto_nbd"] = Field("bg_nbd", description="Who buys again, and who is gone.")
    months: int = Field(12, ge=1, le=120, description="Months ahead over which value is counted.")
    discount: float = Field(0.10, ge=0, le=1, description="Rate of discount for a year.")
    holdout: Share = Field(0.3, description="Last part of the time that checks the model; 0 for no check.")
    unit: Literal["day", "week"] = Field("week", description="Unit of time that purchases are counted in.")


class DriversSection(Section):
    """The ``[customers.drivers]`` section: what goes with the value of a customer, and an effect that is asked for."""

    features: Names | None = Field(
        None, description="Columns that may go with value. Default: features that are not part of it."
    )
    programmes: Names = Field((), description="0/1 columns of programmes whose participants are compared with others.")
    effect: str | None = Field(
        None, description="Programme whose effect is asked about, by segment. Default: the first."
    )


class CampaignsSection(Section):
    """The ``[customers.campaigns]`` section: who responded to past campaigns, for the next one's response."""

    responses: Names = Field(min_length=1, description="0/1 columns, one for each campaign, in their order in time.")


class CustomersSection(Section):
    """The ``[customers]`` section: one row per customer, or purchases that customers are made from."""

    source: str | None = Field(None, description="Table with one row per customer: CSV or Parquet path, or a URI.")
    csv: CsvOptions = Field(default_factory=CsvOptions, description="How a CSV file is written.")
    id: str | None = Field(None, description="Column of the customer's id. Default: the row's number.")
    as_of: dt.date | None = Field(
        None, description="Day that ages and recency are counted to. Default: the latest day in the tables."
    )
    numeric: Names = Field((), description="Columns that are numbers, where their cells leave that open.")
    categorical: Names = Field((), description="Columns that are categories although their cells are numbers.")
    date: Names = Field((), description="Columns of days; they become days before `as_of`.")
    features: Names | None = Field(
        None, min_length=1, description="Columns that segments are made from. Default: all that can be."
    )
    ignore: Names = Field((), description="Columns that segments are not made from.")
    value: str | Names | None = Field(
        None, description="Column of what a customer is worth, in the project's currency; several are added up."
    )
    weight: str | None = Field(None, description="Column of how many customers a row stands for. Default: 1.")
    moved_since: dt.date | None = Field(
        None,
        description="Day from which movement between segments is counted, where customers are made from purchases. "
        "Default: 91 days before `as_of`.",
    )
    protected: Names = Field((), description="Columns that segments must not follow: never features, always reported.")
    transactions: TransactionsSection | None = Field(
        None, description="Purchases: recency, frequency, money and tenure come from them."
    )
    clean: CleanSection = Field(default_factory=CleanSection, description="What is done to features first.")
    clusters: ClustersSection = Field(default_factory=ClustersSection, description="How customers are put together.")
    named: tuple[NamedSegment, ...] = Field((), description="Names of yours for segments.")
    actions: tuple[Action, ...] | None = Field(
        None, description="What to recommend, and when. Default: a list by value, recency and lifetime value."
    )
    clv: ClvSection = Field(default_factory=ClvSection, description="What customers will be worth.")
    drivers: DriversSection = Field(default_factory=DriversSection, description="What goes with value.")
    campaigns: CampaignsSection | None = Field(None, description="Who responded to past campaigns.")

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if self.source is None and self.transactions is None:
            raise ValueError("name a table of customers (source) or of purchases ([customers.transactions])")
        if self.source is not None and self.transactions is not None and self.id is None:
            raise ValueError("id is needed: it joins customers and their purchases")
        named = {"numeric": self.numeric, "categorical": self.categorical, "date": self.date, "ignore": self.ignore}
        seen: dict[str, str] = {}
        for key, columns in named.items():
            for column in columns:
                if column in seen:
                    raise ValueError(f"{column} stands in {seen[column]} and in {key}")
                seen[column] = key
        barred = sorted(set(self.features or ()) & {*self.protected, *self.ignore})
        if barred:
            raise ValueError(f"{', '.join(barred)} cannot be a feature: it stands in protected or ignore")
        if self.id is not None and self.id in (self.features or ()):
            raise ValueError(f"{self.id} is the id: it tells every customer apart and is no feature")
        names = [each.name for each in self.named]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two segments are named {twice[0]}")
        return self

    @property
    def value_columns(self) -> Names:
        """The columns whose sum is what a customer is worth."""
        return (self.value,) if isinstance(self.value, str) else self.value or ()

"""Customers made from purchases, and customers of a table who get what they bought beside."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from outlay.catalogue import CATALOGUE as TABLES
from outlay.errors import DataError
from outlay.findings import Finding, errors
from outlay.places import place
from outlay.project import ProjectSection
from outlay.sources import relation_of_frame
from segmentation.catalogue import CATALOGUE
from segmentation.config import CustomersSection
from segmentation.customers import Customers
from segmentation.customers_columns import Columns
from segmentation.customers_kinds import Kind, Seen
from segmentation.customers_made import Gathered, customers_of
from segmentation.customers_words import how_many, listed, money
from segmentation.rfm import COMPARED, TWICE, Rfm, rfm
from segmentation.transactions import by_customer
from segmentation.transactions_table import Purchases, open_purchases, purchases_of, transactions_of

if TYPE_CHECKING:
    from segmentation.prepare_fields import Preparation


def customers_of_purchases(
    section: CustomersSection, about: ProjectSection, base: Path, as_of: date | None, like: Preparation | None
) -> Customers:
    """One customer for each id in the purchases; see :func:`segmentation.customers_read.read_customers`."""
    with open_purchases(section, base, as_of, currency=about.currency) as purchases:
        return _of(purchases, section, about, like)


def customers_of_purchase_frame(
    frame: pd.DataFrame,
    section: CustomersSection,
    about: ProjectSection,
    *,
    as_of: date | None = None,
    like: Preparation | None = None,
) -> Customers:
    """The customers of a DataFrame of purchases, with the columns that ``[customers.transactions]`` names.

    Parameters
    ----------
    frame : DataFrame
        One row per line of an order.
    section, about
        ``[customers]`` and ``[project]``.
    as_of : date, optional
        Day that recency and tenure count to; by default the section's, else the day after the last purchase.
    like : Preparation, optional
        Of a kept model, whose features the customers have to have.

    Raises
    ------
    DataError
        With every fault in the purchases.
    """
    bought = transactions_of(section)
    with relation_of_frame(frame) as relation:
        purchases = purchases_of(relation, "DataFrame", bought, about.currency, as_of or section.as_of)
        return _of(purchases, section, about, like)


def _of(purchases: Purchases, section: CustomersSection, about: ProjectSection, like: Preparation | None) -> Customers:
    sums, findings = _who_bought(by_customer(purchases), purchases, about.currency)
    found = rfm(sums, purchases.as_of, about.currency, subtract=purchases.section.returns == "subtract")
    columns = _columns(found, purchases.source, purchases.relation.fingerprint or _hash(sums))
    findings += _known(columns, section)
    if errors(findings):
        raise DataError([*purchases.findings, *findings])
    read = Gathered(
        columns=columns,
        ids=sums["customer"].to_numpy(dtype=object),
        weight=np.ones(len(sums)),
        as_of=purchases.as_of,
        findings=(*purchases.findings, *findings),
        units=found.units,
        spent=found.spent,
        purchases=found.purchases,
    )
    return customers_of(read, compared(section, found.units), about, like)


def _who_bought(sums: pd.DataFrame, purchases: Purchases, currency: str) -> tuple[pd.DataFrame, list[Finding]]:
    """Those who ordered anything; the others have no first order to count from."""
    none = (sums["orders"] == 0).to_numpy()
    if not none.any():
        return sums, []
    held = float(sums.loc[none, "gross"].sum() - sums.loc[none, "back"].sum())
    what = (
        f"{how_many(int(none.sum()), 'customer')} of {len(sums):,} with returns or free rows only "
        f"({money(held, currency)}) are left out: {listed(sums.loc[none, 'customer'], 5)}"
    )
    return sums[~none].reset_index(drop=True), [CATALOGUE.finding("K027", purchases.source, what)]


def _columns(found: Rfm, source: str, fingerprint: str) -> Columns:
    """Derived features as columns of a table."""
    names = list(found.features.columns)
    seen = {name: Seen(Kind.NUMBER, int(found.features[name].notna().sum())) for name in names}
    lines = np.arange(1, len(found.features) + 1)
    return Columns(found.features, dict.fromkeys(names, Kind.NUMBER), seen, lines, "row", source, fingerprint)


def compared(section: CustomersSection, made: Collection[str]) -> CustomersSection:
    """The section with the derived features that are compared where it does not say which."""
    if section.features is not None:
        return section
    plain = {name: name.removeprefix(TWICE) for name in made}
    spare = tuple(name for name in made if plain[name] not in COMPARED and name not in section.ignore)
    kept = tuple(name for name in made if plain[name] in COMPARED and name not in section.ignore)
    return section.model_copy(update={"ignore": (*section.ignore, *spare), "numeric": (*section.numeric, *kept)})


def _known(columns: Columns, section: CustomersSection) -> list[Finding]:
    """Columns that the section names and that purchases do not make."""
    named = (*(section.features or ()), *section.value_columns, *section.protected)
    strange = [name for name in dict.fromkeys(named) if name not in columns.kinds]
    return [
        TABLES.finding(
            "D006",
            place(columns.source),
            f'there is no feature "{name}" among those that purchases make',
            f"They make {', '.join(columns.kinds)}. Other columns belong to a table of customers: name it as `source`.",
        )
        for name in strange
    ]


def _hash(sums: pd.DataFrame) -> str:
    digest = hashlib.sha256()
    for name in sums.columns:
        values = pd.util.hash_pandas_object(sums[name], index=False).to_numpy()
        digest.update(name.encode() + np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def customers_with_purchases(
    table: Gathered,
    section: CustomersSection,
    about: ProjectSection,
    base: Path,
    as_of: date | None,
    like: Preparation | None,
) -> Customers:
    """Customers of a table with what they bought beside; see :func:`segmentation.customers_read.read_customers`."""
    with open_purchases(section, base, as_of, currency=about.currency) as purchases:
        sums, findings = by_customer(purchases), list(purchases.findings)
    latest = max(purchases.as_of, table.as_of or purchases.as_of)
    when = as_of or latest
    if as_of is None and latest > purchases.as_of:
        what = f"days are counted to {latest}, the latest day in both tables"
        findings.append(CATALOGUE.finding("K015", table.columns.source, what))
    sums, told = _met(sums, table, purchases, about.currency)
    findings += told
    if errors(findings):
        raise DataError([*table.findings, *findings])
    found = rfm(sums, when, about.currency, subtract=purchases.section.returns == "subtract")
    found = _renamed(found, table.columns)
    columns = replace(
        table.columns,
        frame=pd.concat([table.columns.frame, found.features], axis=1),
        kinds={**table.columns.kinds, **dict.fromkeys(found.features.columns, Kind.NUMBER)},
        fingerprint=f"{table.columns.fingerprint}+{purchases.relation.fingerprint}".rstrip("+"),
    )
    read = replace(
        table,
        columns=columns,
        as_of=when,
        findings=(*table.findings, *findings),
        units=found.units,
        spent=found.spent,
        purchases=found.purchases,
    )
    return customers_of(read, compared(section, found.units), about, like)


def _met(
    sums: pd.DataFrame, table: Gathered, purchases: Purchases, currency: str
) -> tuple[pd.DataFrame, list[Finding]]:
    """The sums of every customer of the table in its order; zero for those who bought nothing."""
    ids = pd.Index(table.ids)
    strange = ~sums["customer"].isin(ids).to_numpy()
    if strange.all():
        what = (
            f"no id of the purchases ({listed(sums['customer'], 3)}) is among those of {table.columns.source} "
            f"({listed(table.ids, 3)})"
        )
        repair = "See that `id` and the `customer` of purchases are the same id, written alike in both tables."
        return sums, [CATALOGUE.finding("K029", purchases.source, what, repair)]
    findings = []
    if strange.any():
        held = float(sums.loc[strange, "gross"].sum() - sums.loc[strange, "back"].sum())
        what = (
            f"{how_many(int(strange.sum()), 'customer')} with purchases ({money(held, currency)}) "
            f"are not in {table.columns.source} and are left out: {listed(sums.loc[strange, 'customer'], 5)}"
        )
        findings.append(CATALOGUE.finding("K027", purchases.source, what))
    whole = sums.set_index("customer").reindex(ids)
    counts = [name for name in whole.columns if name not in ("first", "last")]
    absent = whole["orders"].isna().to_numpy()
    if absent.any():
        what = f"{how_many(int(absent.sum()), 'customer')} of {len(ids):,} without a purchase"
        findings.append(CATALOGUE.finding("K027", table.columns.where(bad=absent), what))
    # the sum over no rows; there is no first and no last order
    whole.loc[absent, counts] = 0
    return whole.rename_axis("customer").reset_index(), findings


def _renamed(found: Rfm, columns: Columns) -> Rfm:
    """Derived features under names that the table does not have."""
    names = {name: f"{TWICE}{name}" for name in found.features if name in columns.kinds}
    units = {names.get(name, name): unit for name, unit in found.units.items()}
    return replace(found, features=found.features.rename(columns=names), units=units)

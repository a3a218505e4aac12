"""The ``[customers]`` section in a few lines: what ``outlay check`` tells of it."""

from __future__ import annotations

import numpy as np

from outlay.checked import Checked
from outlay.project import Project, ProjectSection
from segmentation.config import CustomersSection
from segmentation.customers import Customers
from segmentation.customers_read import read_customers
from segmentation.customers_words import how_many, listed, spoken
from segmentation.prepare import prepare
from segmentation.prepare_fields import NumberField, Preparation


def check_customers(project: Project) -> Checked:
    """Read customers and their purchases, and see how they would be compared.

    Raises
    ------
    ConfigError
        C007, C010 to C014: no [customers], no such file, kind of source, or table; weights of no feature.
    DataError
        D0xx, K0xx: every error of the tables together.
    """
    section, about = project.section("customers", CustomersSection), project.section("project", ProjectSection)
    customers = read_customers(section, about, project.base)
    preparation = prepare(customers, section)
    findings = (*customers.findings, *preparation.findings)
    return Checked("customers", customers.source, tuple(facts_of(customers, preparation, section)), findings)


def facts_of(customers: Customers, preparation: Preparation, section: CustomersSection) -> list[tuple[str, str]]:
    """Label and text of each line."""
    stood = f", standing for {spoken(float(customers.weight.sum()))}" if section.weight else ""
    lines = [("Customers", f"{customers.n_customers:,}{stood}")]
    if section.transactions is not None and section.source is not None:
        lines.append(("Purchases", section.transactions.source))
    if customers.as_of is not None:
        lines.append(("Taken", f"{customers.as_of}{'' if section.as_of else ', the latest day in the tables'}"))
    if customers.value is not None:
        lines.append(("Value", _value(customers)))
    if customers.numeric:
        lines.append((f"{len(customers.numeric)} numbers", listed(map(_number, preparation.numbers), 40)))
    if customers.categorical:
        shown = (f"{field.name} ({len(field.levels)})" for field in preparation.categories)
        lines.append((f"{len(customers.categorical)} categories", listed(shown, 40)))
    others = [name for name in customers.frame.columns if name not in customers.features]
    if others:
        lines.append(("Beside", listed(others, 40)))
    return lines


def _number(field: NumberField) -> str:
    told = ", ".join(part for part in (field.unit, "log" if field.log else "") if part)
    return f"{field.name} ({told})" if told else field.name


def _value(customers: Customers) -> str:
    value = np.asarray(customers.value, np.float64)
    known = ~np.isnan(value)
    total = float((value * customers.weight)[known].sum())
    gaps = f", {how_many(int((~known).sum()), 'customer')} without one" if not known.all() else ""
    each = f", {total / customers.weight[known].sum():,.2f} each" if known.any() else ""
    return f"{customers.value_name}: {customers.currency} {total:,.0f}{each}{gaps}"

"""Which columns segments are made from: numbers and categories, but no ids, free texts, constants or empty columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from outlay.findings import Finding
from segmentation.catalogue import CATALOGUE
from segmentation.config import CustomersSection
from segmentation.customers_columns import Columns
from segmentation.customers_kinds import Kind
from segmentation.customers_words import how_many, level_texts, listed, spoken

_ID_NAME = re.compile(
    r"(^|[_\s-])(id|ids|uuid|guid|key|number|nr|no|email|e-mail|phone)$|^(customer|client|account|user|member)$|[a-z](Id|ID)$",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"[a-z](Id|ID|Key|No|Nr)$")
CONSTANT = "the same for everybody"
_TEXT_ALL_DIFFERENT, _TEXT_FREE, _FEW = 0.95, 0.5, 20


@dataclass
class Roles:
    """What becomes of the columns.

    Attributes
    ----------
    frame : DataFrame
        The columns as they are used: numbers, and categories as text.
    numeric, categorical : list of str
    left_out : dict of str to str
        Columns that are no features, and why, in a few words.
    flags : list of str
        Numbers with two values that are categories.
    findings : list of Finding
    """

    frame: pd.DataFrame
    numeric: list[str] = field(default_factory=list)
    categorical: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def no_features(section: CustomersSection) -> set[str]:
    """Columns that never are features, or only where `features` names them."""
    chosen = set(section.features or ())
    responses = set(section.campaigns.responses) if section.campaigns else set()
    loose = {*responses, *section.drivers.programmes, *([section.drivers.effect] if section.drivers.effect else [])}
    fixed = {*section.protected, *section.ignore, section.id, section.weight} - {None}
    return {str(name) for name in fixed | (loose - chosen)}


def flag_columns(section: CustomersSection) -> tuple[str, ...]:
    """Columns of programmes and responses, each once."""
    responses = section.campaigns.responses if section.campaigns else ()
    effect = (section.drivers.effect,) if section.drivers.effect else ()
    return tuple(dict.fromkeys((*section.drivers.programmes, *effect, *responses)))


def roles_of(columns: Columns, section: CustomersSection) -> Roles:
    """Decide about every column that was read.

    Parameters
    ----------
    columns : Columns
        Days have become numbers.
    section : CustomersSection
    """
    found = Roles(columns.frame.copy(deep=False))
    barred, chosen, kept_number = no_features(section), section.features, set(flag_columns(section))
    ids, constants, empty = [], [], []
    for name, kind in columns.kinds.items():
        if name in barred or (chosen is not None and name not in chosen):
            found.left_out[name] = "not a feature"
            continue
        if kind is Kind.EMPTY:
            empty.append(name)
            continue
        if kind is Kind.OTHER:
            ids.append((name, f"holds {columns.seen[name].declared}"))
            continue
        column = columns.frame[name]
        different = int(column.nunique())
        if different == 0:
            empty.append(name)
        elif different == 1:
            constants.append(name)
        elif kind is not Kind.DATE and (why := _names_customers(name, column, different, name in section.categorical)):
            ids.append((name, why))
        elif kind is Kind.TEXT or name in section.categorical:
            found.categorical.append(name)
        elif different == 2 and name not in section.numeric and name not in kept_number and kind is Kind.NUMBER:
            found.flags.append(name)
            found.categorical.append(name)
        else:
            found.numeric.append(name)
    for name in found.categorical:
        if pd.api.types.is_float_dtype(found.frame[name]):
            found.frame[name] = pd.Series(level_texts(found.frame[name].to_numpy()), dtype="str")
    _tell(found, columns, section, ids, constants, empty)
    return found


def _only(column: pd.Series) -> str:
    value = column.dropna().iloc[0]
    return spoken(float(value)) if pd.api.types.is_float_dtype(column) else str(value)


def _names_customers(name: str, column: pd.Series, different: int, stated: bool) -> str:
    """Why a column tells customers apart and not kinds of customers; empty where it does not."""
    filled = int(column.notna().sum())
    if filled < _FEW:
        return ""
    if pd.api.types.is_float_dtype(column):
        values = column.dropna().to_numpy()
        whole = bool((values == np.floor(values)).all())
        if not whole or different < filled:
            return ""
        in_a_row = values.max() - values.min() == filled - 1
        named = bool(_ID_NAME.search(name) or _CAMEL.search(name))
        return "an id: whole numbers, each once" if in_a_row or named else ""
    if different >= _TEXT_ALL_DIFFERENT * filled:
        return "an id or free text: nearly every text is another"
    if different > _TEXT_FREE * filled and not stated:
        return "free text: most texts come once"
    return ""


def _tell(
    found: Roles,
    columns: Columns,
    section: CustomersSection,
    ids: Sequence[tuple[str, str]],
    constants: Sequence[str],
    empty: Sequence[str],
) -> None:
    """Say what was left out, as an error where it was asked for by name."""
    asked = {*(section.features or ()), *section.numeric, *section.categorical, *section.value_columns}
    source = columns.source

    def add(id: str, where: str, what: str) -> None:
        found.findings.append(CATALOGUE.finding(id, where, what))

    for name, why in ids:
        found.left_out[name] = why
        if name in (section.features or ()):
            add("K008", columns.where(name), f"the column is {why}")
    told = [(name, why) for name, why in ids if name not in (section.features or ())]
    if told:
        add("K009", source, "no features: " + "; ".join(f"{name} ({why})" for name, why in told))
    for name in empty:
        found.left_out[name] = "empty"
        add("K006" if name in asked else "K007", columns.where(name), "not one cell holds anything")
    if constants:
        found.left_out |= dict.fromkeys(constants, CONSTANT)
        values = [f"{name} ({_only(columns.frame[name])})" for name in constants]
        add("K010", source, f"{how_many(len(constants), 'column')} with one value: {listed(values)}")
    if found.flags:
        add("K011", source, f"numbers with two values are compared as categories: {listed(found.flags)}")
    loose = [name for name in flag_columns(section) if name not in (section.features or ()) and name in columns.kinds]
    if loose:
        what = f"programmes and responses are no features unless `features` names them: {listed(loose)}"
        add("K011", source, what)

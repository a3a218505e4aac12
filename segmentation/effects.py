"""The effect that is asked about: what goes with taking part in a programme, by segment, and how little that proves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay import style
from outlay.errors import ConfigError, DataError
from outlay.findings import Finding
from outlay.places import place
from outlay.summary import summarise
from outlay.transforms import Array
from segmentation.catalogue import CATALOGUE
from segmentation.config import CustomersSection
from segmentation.customers import Customers
from segmentation.drivers_table import value_parts
from segmentation.effects_data import Compared, compared, counts_by
from segmentation.effects_stats import posterior_of

DRAWS = 4_000
FEWEST = 10
"""Least number with and without the programme, in a segment and over all."""
COLUMNS = ["number", "programme", "customers", "participants", "effect", "low", "high", "unit", "positive"]
SHARE = "share"


@dataclass(frozen=True, eq=False)
class EffectFound:
    """What goes with a programme.

    Attributes
    ----------
    table : DataFrame
        ``number`` (missing for all), ``programme``, ``customers``, ``participants`` (by weight), ``effect`` with
        ``low`` and ``high`` (highest-density interval), ``unit`` and ``positive`` (probability that it is above
        nothing). The unit is ``"share"`` (0.1: a tenth more of value in the median, of those who spent anything) or
        the currency (per customer). The row over all customers comes from a regression of its own that does not know
        segments.
    facts : mapping of str to Any
    sentences : tuple of str
    findings : tuple of Finding
    """

    table: pd.DataFrame
    facts: Mapping[str, Any] = field(default_factory=dict)
    sentences: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def effect_of(
    customers: Customers,
    numbers: NDArray[np.intp],
    section: CustomersSection,
    names: Mapping[int, str],
    level: float,
    seed: int,
) -> EffectFound:
    """Compare participants with others who are alike in every column that may go with value.

    Raises
    ------
    ConfigError
        Where the programme is not in the table.
    DataError
        K063, where it is not 0 or 1.
    """
    programme = section.drivers.effect or (section.drivers.programmes or (None,))[0]
    if programme is None or customers.value is None:
        return EffectFound(pd.DataFrame(columns=COLUMNS))
    _see_programme(customers, programme)
    who, findings = compared(customers, section, programme)
    counted = counts_by(who.part, numbers[who.rows] - 1, customers.weight[who.rows], int(numbers.max()))
    if min(counted["with"].sum(), counted["without"].sum()) < FEWEST:
        with_it, without = (float(counted[name].sum()) for name in ("with", "without"))
        what = f"{with_it:,.0f} took part and {without:,.0f} did not; {FEWEST} of each are needed"
        findings.append(CATALOGUE.finding("K061", place(customers.source, column=programme), what))
        return EffectFound(pd.DataFrame(columns=COLUMNS), findings=tuple(findings))
    findings += _cautions(customers, section, programme, names, counted)
    return _found(customers, who, (programme, names, counted), (level, seed), findings, numbers)


def _see_programme(customers: Customers, programme: str) -> None:
    if programme not in customers.frame:
        known = ", ".join(sorted(map(str, customers.frame.columns)))
        where = "[customers.drivers] programmes"
        raise ConfigError(f"there is no column {programme!r}", where=where, repair=f"The columns are {known}.")
    column = customers.frame[programme]
    numeric = pd.api.types.is_numeric_dtype(column)
    held = set(column.dropna().unique()) if numeric else set()
    if numeric and held <= {0.0, 1.0} and len(held) == 2:
        return
    wrong = column.notna() & ~column.isin([0.0, 1.0]) if numeric else column.notna()
    rows = customers.lines[wrong.to_numpy()]
    seen = ", ".join(map(str, sorted(map(str, column.dropna().unique()))[:5])) or "nothing"
    where = place(customers.source, column=programme, word=customers.word, rows=rows)
    raise DataError([CATALOGUE.finding("K063", where, f"it holds {seen}, and not both 0 and 1")])


def _cautions(
    customers: Customers,
    section: CustomersSection,
    programme: str,
    names: Mapping[int, str],
    counted: Mapping[str, Array],
) -> list[Finding]:
    findings = []
    made = [name for name in value_parts(customers, section) if name in customers.features]
    if made:
        what = f"segments were made from {', '.join(made)}, which value consists of"
        findings.append(CATALOGUE.finding("K062", place(customers.source, column=programme), what))
    for number, (took, not_) in enumerate(zip(counted["with"], counted["without"], strict=True), start=1):
        if min(took, not_) < FEWEST:
            what = (
                f"of segment {names.get(number, number)} {took:,.0f} took part in {programme} and {not_:,.0f} did not"
            )
            findings.append(CATALOGUE.finding("K064", customers.source, what))
    return findings


def _found(
    customers: Customers,
    who: Compared,
    what: tuple[str, Mapping[int, str], Mapping[str, Array]],
    how: tuple[float, int],
    findings: list[Finding],
    numbers: NDArray[np.intp],
) -> EffectFound:
    (programme, names, counted), (level, seed) = what, how
    k = int(numbers.max())
    everyone = who.data(np.zeros(len(who.rows), dtype=np.intp), 1)
    whole = posterior_of(everyone, DRAWS, seed)
    by_segment = posterior_of(who.data(numbers[who.rows] - 1, k), DRAWS, seed) if k > 1 else whole
    draws = np.concatenate([whole.effects, by_segment.effects], axis=1)
    shown = np.expm1(draws) if who.scale == "log" else draws
    found = summarise(shown, level)
    table = pd.DataFrame(
        {
            "number": pd.array([None, *range(1, k + 1)], dtype="Int64"),
            "programme": programme,
            "customers": np.concatenate([[counted["customers"].sum()], counted["customers"]]),
            "participants": np.concatenate([[counted["participants"].sum()], counted["participants"]]),
            "effect": found.mean,
            "low": found.low,
            "high": found.high,
            "unit": SHARE if who.scale == "log" else customers.currency,
            "positive": (draws > 0).mean(axis=0),
        }
    )
    hidden = robustness(whole.effects[:, 0], float(who.weight.sum()) - who.covariates.shape[1] - 2)
    facts = {
        "programme": programme,
        "effect_scale": who.scale,
        "adjusted": list(who.adjusted),
        "spread_between_segments": float(by_segment.spread.mean()) if k > 1 else None,
        "hidden_cause": hidden,
    }
    said = _sentences(customers, table, who, facts, names, level)
    return EffectFound(table[COLUMNS], facts, said, tuple(findings))


def robustness(effect: Array, free: float) -> float:
    """How strong a hidden cause has to be to bring an effect to nothing.

    The robustness value of Cinelli and Hazlett (2020, "Making sense of sensitivity", section 4): the part of what is
    left unexplained, both of taking part and of value, that one unmeasured cause would have to explain.

    Parameters
    ----------
    effect : ndarray (S,)
        Draws; their mean over their spread is the t value.
    free : float
        Customers (of unequal weight: the effective number) less columns of the regression.
    """
    f2 = float(effect.mean() ** 2 / effect.var()) / max(free, 1)
    return 0.5 * (float(np.sqrt(f2**2 + 4 * f2)) - f2)


def _sentences(
    customers: Customers,
    table: pd.DataFrame,
    who: Compared,
    facts: Mapping[str, Any],
    names: Mapping[int, str],
    level: float,
) -> tuple[str, ...]:
    programme, whole = facts["programme"], table.iloc[0].to_dict()
    write = _written(str(whole["unit"]))
    columns = len(who.adjusted)
    alike = f"others who are alike in {columns} column{'' if columns == 1 else 's'}" if columns else "others"
    verb = "more" if whole["effect"] >= 0 else "less"
    low, high = sorted((whole["low"], whole["high"]))
    # exp of a mean of logarithms is a ratio of medians, and not of means: large customers do not rule it
    who_spends = "A typical customer" if facts["effect_scale"] == "log" else "On average a customer"
    first = (
        f"{who_spends} with {programme} spends {write(abs(whole['effect']))} {verb} than {alike} ({level:.0%} interval "
        f"{style.signed(write(low))} to {style.signed(write(high))})."
    )
    if whole["low"] <= 0 <= whole["high"]:
        first += " The interval holds nothing as well: it is not sure that they differ."
        strong = ""
    else:
        strong = (
            f" One hidden cause that explains {style.percent(facts['hidden_cause'], 0)} of what is left, of taking "
            "part and of value alike, would bring it to nothing."
        )
    second = (
        "That is an association and not what the programme brings: nobody was drawn by lot, so whoever took part may "
        f"differ in ways that no column says.{strong} A column that the programme itself changes (visits, orders) "
        "hides part of its effect where it is held fixed: [customers.drivers] features says which are. Only a group "
        "that is left out by lot tells the effect."
    )
    return (first, *_by_segment(table, write, names, level), second)


def _written(unit: str) -> Any:
    """How an effect is written: a percentage, or money per customer."""
    if unit == SHARE:
        return lambda x: style.percent(x, 0) if abs(x) >= 0.1 else style.percent(x)
    return lambda x: style.money(x, unit)


def _by_segment(table: pd.DataFrame, write: Any, names: Mapping[int, str], level: float) -> tuple[str, ...]:
    rows = table[table["number"].notna()].sort_values("effect", ascending=False)
    if len(rows) < 2:
        return ()
    ends = []
    for row in (rows.iloc[0], rows.iloc[-1]):
        name = names.get(int(row["number"]), f"segment {row['number']}")
        ends.append(f"{name} ({style.signed(write(row['effect']))}, {write(row['low'])} to {write(row['high'])})")
    apart = rows.iloc[0]["low"] > rows.iloc[-1]["high"]
    tail = "" if apart else ". Intervals overlap: the order is not sure"
    return (f"By segment it is largest for {ends[0]} and smallest for {ends[1]}{tail}.",)

"""What to do with each segment: rules with conditions on the profile, and sentences that numbers are filled into."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from outlay.errors import ConfigError
from outlay.findings import Finding
from segmentation.actions_measures import FILLED, KNOWN_LATER, Measured, Measures, measures_of
from segmentation.catalogue import CATALOGUE
from segmentation.config import Action, Condition, CustomersSection
from segmentation.customers import Customers
from segmentation.profiles import Profile

DEFAULT_ACTIONS: tuple[Action, ...] = (
    Action(
        name="protect",
        do="{size_share} of the customers bring {value_share} of the value: service, early access and a person to call "
        "come before any discount. One in ten of them lost costs {value_tenth}.",
        when=(Condition(measure="value_per_customer", stat="lift", above=1.5),),
    ),
    Action(
        name="win back",
        do="Ask them back now, with a reason to return and a limit to what it costs: their recency is {recency}, and "
        "they have brought {value_per_customer} each so far.",
        when=(Condition(measure="recency", stat="lift", above=1.5),),
    ),
    Action(
        name="win back",
        do="Ask them back now, with a reason to return and a limit to what it costs: {p_alive} of them still buy, and "
        "{clv} is what one is expected to bring.",
        when=(Condition(measure="p_alive", stat="mean", below=0.5),),
    ),
    Action(
        name="welcome",
        do="They are new ({tenure} since the first order, on average): the second order makes the habit. Thank them, "
        "show what goes with what they bought, and ask soon.",
        when=(Condition(measure="tenure", stat="lift", below=0.5),),
    ),
    Action(
        name="grow",
        do="They are worth more ahead than behind: a second product and a programme now, while the habit forms. "
        "Expected: {clv} each.",
        when=(
            Condition(measure="clv", stat="lift", above=1.2),
            Condition(measure="value_per_customer", stat="lift", below=1.2),
        ),
    ),
    Action(
        name="keep",
        do="Go on as it is, and test one offer at a time against a group that gets none: a tenth more from each is "
        "worth {value_tenth}.",
        when=(Condition(measure="value_per_customer", stat="lift", above=0.8, below=1.5),),
    ),
    Action(
        name="upgrade",
        do="They spend less than most, and something: look for the one step that most could take (a bundle, a larger "
        "basket). A tenth more from each is worth {value_tenth}, and may cost no more than that.",
        when=(Condition(measure="value_per_customer", stat="lift", above=0.4, below=0.8),),
    ),
    Action(
        name="serve at low cost",
        do="Serve them through channels that cost little: {value_per_customer} each leaves no room for calls or print.",
        when=(Condition(measure="value_per_customer", stat="lift", below=0.4),),
    ),
)
"""What is recommended where the project says nothing: rules on value, recency, tenure and lifetime value, by urgency.

"win back" has two: by the days since the last purchase, and by the probability that a customer still buys.
"""
MOST = 2
"""Actions of the default list that a segment gets; of the project's own list it gets all."""


@dataclass(frozen=True, eq=False)
class Recommended:
    """What to do.

    Attributes
    ----------
    table : DataFrame
        One row per segment and action whose conditions all hold, in the order of the list, each name once: ``number``,
        ``action``, ``do`` (the sentence with its numbers), ``why`` (the conditions with theirs) and ``sure`` (whether
        they hold all over the intervals, as far as there are any).
    findings : tuple of Finding
    """

    table: pd.DataFrame
    findings: tuple[Finding, ...]


def check_actions(section: CustomersSection, customers: Customers) -> None:
    """See that actions ask for what is there.

    Raises
    ------
    ConfigError
        Where a condition or a sentence names what is neither a measure nor a column.
    """
    for each in section.actions or ():
        where = f"[[customers.actions]] {each.name}"
        known = {*FILLED, *KNOWN_LATER, *(str(name).lower() for name in customers.frame.columns)}
        for name in (*(condition.measure for condition in each.when), *_fields(each, where)):
            if name.lower() not in known:
                columns = ", ".join(sorted(map(str, customers.frame.columns)))
                repair = f"Measures are {', '.join((*FILLED, *KNOWN_LATER))}; columns are {columns}."
                raise ConfigError(f"there is no measure {name!r}", where=where, repair=repair)
        for condition in each.when:
            _see_level(condition, customers, where)


def _see_level(condition: Condition, customers: Customers, where: str) -> None:
    name = condition.measure
    category = name in customers.frame and not pd.api.types.is_numeric_dtype(customers.frame[name])
    if category and condition.level is None:
        repair = 'Say which level is meant: level = "...", with stat = "share" or "lift".'
        raise ConfigError(f"{name} is a category", where=where, repair=repair)
    if condition.level is not None and not category:
        raise ConfigError(f"{name} has no levels", where=where, repair="Take out `level`, or name a category.")
    if category and condition.stat == "mean":
        raise ConfigError(f"{name} has no mean", where=where, repair='Use stat = "share" for a level.')


def _fields(action: Action, where: str) -> list[str]:
    """What the sentence asks for."""
    try:
        found = [name for _, name, _, _ in string.Formatter().parse(action.do) if name is not None]
    except ValueError as problem:
        repair = "Write a measure in braces, as {clv}, and a brace itself twice."
        raise ConfigError(f"its sentence cannot be read ({problem})", where=where, repair=repair) from problem
    return found


def recommend(
    profile: Profile,
    section: CustomersSection,
    names: Mapping[int, str],
    extra: pd.DataFrame | None = None,
) -> Recommended:
    """Find the actions whose conditions hold.

    Parameters
    ----------
    profile : Profile
    section : CustomersSection
        Its ``actions``, or :data:`DEFAULT_ACTIONS` where it has none.
    names : mapping of int to str
        Of the segments; ``{name}`` in a sentence.
    extra : DataFrame, optional
        More measures by ``number``, such as ``clv`` and ``p_alive``, with ``_low`` and ``_high`` where they are
        estimated; a row without a number holds those of all customers.

    Raises
    ------
    ConfigError
        Where a sentence cannot be read.
    """
    actions = DEFAULT_ACTIONS if section.actions is None else section.actions
    measures = measures_of(profile, names, extra)
    rows: list[dict[str, Any]] = []
    unjudged: dict[str, Finding] = {}
    judged = set()
    for each in actions:
        where = f"[[customers.actions]] {each.name}"
        asked = [*(condition.measure for condition in each.when), *_fields(each, where)]
        unknown = [name for name in dict.fromkeys(asked) if not measures.knows(name)]
        if unknown:
            unjudged[each.name] = CATALOGUE.finding("K056", where, f"not known here: {', '.join(unknown)}")
            continue
        judged.add(each.name)
        rows += _where_it_holds(each, measures, profile.numbers)
    table = _in_order(rows, None if section.actions is not None else MOST)
    served = set(table["number"].tolist())
    # nobody asked for the defaults: that one of them needs what is not there is no news
    findings = [each for name, each in unjudged.items() if name not in judged and section.actions is not None]
    idle = [f"{n} {names.get(n, '')}".strip() for n in profile.numbers if n not in served]
    if idle:
        what = f"none of {len(actions)} actions has all its conditions met by {', '.join(idle)}"
        findings.append(CATALOGUE.finding("K057", "segments", what))
    return Recommended(table, tuple(findings))


def _in_order(rows: Sequence[Mapping[str, Any]], most: int | None) -> pd.DataFrame:
    """By segment, in the order of the list, each action once and not more than asked for."""
    table = pd.DataFrame(rows, columns=["number", "action", "do", "why", "sure"])
    table = table.astype({"number": "int64", "sure": "bool"})
    table = table.sort_values("number", kind="stable").drop_duplicates(["number", "action"], ignore_index=True)
    return table if most is None else table.groupby("number").head(most).reset_index(drop=True)


def _where_it_holds(action: Action, measures: Measures, numbers: Sequence[int]) -> list[dict[str, Any]]:
    rows = []
    for number in numbers:
        found = [measures.stat(condition, number) for condition in action.when]
        if not all(_holds(condition, each.value) for condition, each in zip(action.when, found, strict=True)):
            continue
        sure = all(_surely(condition, each) for condition, each in zip(action.when, found, strict=True))
        why = "; ".join(each.words for each in found)
        why = why if sure else f"{why}; the interval reaches over the border of the rule, so that it may not hold"
        do = string.Formatter().vformat(action.do, (), measures.filled(number))
        rows.append({"number": number, "action": action.name, "do": do, "why": f"{why}.", "sure": sure})
    return rows


def _holds(condition: Condition, value: float) -> bool:
    if not np.isfinite(value):
        return False
    over = condition.above is None or value > condition.above
    return over and (condition.below is None or value < condition.below)


def _surely(condition: Condition, found: Measured) -> bool:
    ends = [end for end in (found.low, found.high) if np.isfinite(end)]
    return all(_holds(condition, end) for end in ends)

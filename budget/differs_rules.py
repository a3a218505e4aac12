"""A rule of ``[plan]`` in a few words, from what was written: for sentences that say which rules plans differ in."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from budget.cells import money
from outlay import style


def rule_words(kind: str, rule: Mapping[str, object], currency: str) -> str:
    """A rule of a list, in words: ``tv at least 1,000,000 USD``.

    Parameters
    ----------
    kind : str
        Key of the list: ``bounds``, ``groups``, ``ratios``, ``locks``, ``capacity`` or ``volumes``.
    rule : mapping
        As JSON holds it.
    currency : str
    """
    if kind == "locks":
        limits = [
            f"at {money(_float(rule['spend']), currency)}"
            if rule.get("spend") is not None
            else "as in the reference plan"
        ]
    else:
        says = _SAYS[kind]
        limits = [
            say(value, currency) for key, say in says.items() if (value := rule.get(key)) is not None and value != []
        ]
    dates = [f"{word} {rule[key]}" for key, word in (("first", "from"), ("last", "to")) if rule.get(key)]
    return " ".join([_whom(kind, rule), ", ".join(limits), *dates]).strip()


def _whom(kind: str, rule: Mapping[str, object]) -> str:
    """The cells that a rule is about."""
    alone = [str(rule[key]) for key in ("segment", "channel", "group", "stage") if rule.get(key)]
    several = [_together(rule[key]) for key in ("channels", "groups") if rule.get(key)]
    to = f" to {_together(rule['to'])}" if kind == "ratios" else ""
    return (", ".join([*alone, *several]) or "all") + to


def _together(names: object) -> str:
    return " and ".join(str(name) for name in names) if isinstance(names, list | tuple) else str(names)


def _float(value: object) -> float:
    return float(str(value))


def _amount(words: str) -> Callable[[object, str], str]:
    return lambda value, currency: words.format(money(_float(value), currency))


def _share(words: str) -> Callable[[object, str], str]:
    return lambda value, _: words.format(style.percent(_float(value)))


def _number(words: str) -> Callable[[object, str], str]:
    return lambda value, _: words.format(f"{style.Written(_float(value)):,.12g}")


def _timing(value: object, _: str) -> str:
    return "spread by a pattern of its own" if isinstance(value, list | tuple) else f"timing {value}"


def _active(value: object, _: str) -> str:
    stretches = value if isinstance(value, list | tuple) else []
    return "only " + " and ".join(f"{first} to {last}" for first, last in stretches)


_TOTALS: dict[str, Callable[[object, str], str]] = {"min": _amount("at least {}"), "max": _amount("at most {}")}

_SAYS: Mapping[str, Mapping[str, Callable[[object, str], str]]] = {
    "bounds": {
        **_TOTALS,
        "max_change": _share("changed by at most {}"),
        "max_change_amount": _amount("changed by at most {}"),
        "period_min": _amount("at least {} in each period"),
        "period_max": _amount("at most {} in each period"),
        "min_or_zero": _amount("nothing or at least {}"),
        "min_or_zero_per_period": _amount("nothing or at least {} in each period"),
        "max_step": _share("steps of at most {} between periods"),
        "timing": _timing,
        "active": _active,
    },
    "groups": {
        "min_share": _share("at least {} of the total"),
        "max_share": _share("at most {} of the total"),
        **_TOTALS,
    },
    "ratios": {"min": _number("at least {} to 1"), "max": _number("at most {} to 1")},
    "capacity": {
        "most": _number("at most {}"),
        "hours": _number("{} hours at hand"),
        "hours_per_unit": _number("{} hours each"),
    },
    "volumes": {"min": _number("at least {}"), "goal": _number("goal {}")},
}
"""How the keys of a rule are said, by list."""

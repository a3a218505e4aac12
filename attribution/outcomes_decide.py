"""What to do with leads of a cell: the action of least expected cost, and the thresholds that follow from costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from attribution.catalogue import CATALOGUE
from attribution.config import OutcomesSection
from outlay.errors import DataError
from outlay.findings import Finding
from outlay.transforms import Array

_WHERE = "[leads.outcomes]"


def matrix_of(section: OutcomesSection, classes: tuple[str, ...]) -> Array | None:
    """Cost of each action by the true class, both in the order of classes; None where no costs are stated.

    An action of another row than the default's costs ``wasted`` where the lead is of another class, and what missing
    that class costs on top.

    Raises
    ------
    DataError
        V022, every mismatch between the costs and the classes of the data.
    """
    if section.default is not None and section.default not in classes:
        raise DataError([_unknown("default", [section.default], classes)])
    if section.costs is not None:
        return _given(section.costs, classes)
    if section.missed is None or section.wasted is None:
        return None
    default = section.default or classes[0]
    asked = [name for name in classes if name != default]
    wrong = _mismatch("missed", list(section.missed), asked, classes)
    if wrong:
        raise DataError(wrong)
    missed = np.array([section.missed.get(name, 0.0) for name in classes])
    out = np.empty((len(classes), len(classes)))
    for a, action in enumerate(classes):
        out[a] = missed + (0.0 if action == default else section.wasted)
        out[a, a] = 0.0
    return out


def _given(costs: Mapping[str, Mapping[str, float]], classes: tuple[str, ...]) -> Array:
    wrong = _mismatch("costs", list(costs), list(classes), classes)
    for action, row in costs.items():
        wrong += _mismatch(f"costs.{action}", list(row), list(classes), classes)
    if wrong:
        raise DataError(wrong)
    return np.array([[float(costs[action][true]) for true in classes] for action in classes])


def _mismatch(key: str, given: list[str], wanted: list[str], classes: tuple[str, ...]) -> list[Finding]:
    found = []
    unknown = [name for name in given if name not in classes]
    if unknown:
        found.append(_unknown(key, unknown, classes))
    lacking = [name for name in wanted if name not in given]
    if lacking:
        what = f"no cost for {', '.join(lacking)}"
        found.append(CATALOGUE.finding("V022", f"{_WHERE} {key}", what))
    return found


def _unknown(key: str, names: list[str], classes: tuple[str, ...]) -> Finding:
    what = f"no lead is of class {', '.join(names)}; there are {', '.join(classes)}"
    return CATALOGUE.finding("V022", f"{_WHERE} {key}", what)


def decisions_table(draws: Array, costs: Array, classes: Sequence[str], labels: Sequence[str]) -> pd.DataFrame:
    """The action of least expected cost per row, beside the next best.

    Parameters
    ----------
    draws : ndarray (S, n, K)
        Classes' probabilities.
    costs : ndarray (K, K)
        Of each action by the true class.
    classes, labels : sequence of str
    """
    expected = draws @ costs.T
    mean = expected.mean(axis=0)
    order = np.argsort(mean, axis=1, kind="stable")
    rows = np.arange(len(mean))
    best, second = order[:, 0], order[:, 1]
    return pd.DataFrame(
        {
            "level": list(labels),
            "action": [classes[k] for k in best],
            "cost": mean[rows, best],
            "next": [classes[k] for k in second],
            "next_cost": mean[rows, second],
            # How often a draw of the probabilities asks for the same action: costs are linear, so this is not the mean.
            "sure": (expected.argmin(axis=2) == best).mean(axis=0),
        }
    )


def thresholds_table(costs: Array, classes: Sequence[str], default: str) -> pd.DataFrame:
    """Probability of a class from which its action costs less than doing nothing, where only the two can be.

    With cost c(action, truth), acting pays where p [c(none, class) - c(class, class)] exceeds
    (1 - p) [c(class, none) - c(none, none)].
    """
    d = list(classes).index(default)
    rows = []
    for k, name in enumerate(classes):
        if k == d:
            continue
        gain, loss = costs[d, k] - costs[k, k], costs[k, d] - costs[d, d]
        threshold = loss / (gain + loss) if gain + loss > 0 and gain > 0 else np.nan
        rows.append({"action": name, "missed": gain, "wasted": loss, "threshold": min(max(threshold, 0.0), 1.0)})
    return pd.DataFrame(rows, columns=["action", "missed", "wasted", "threshold"])

"""What if: channels off, or scaled, in a window, all at once. Asked jointly is not the sum of asked singly.

Outcome as it was expected, against outcome with the changed exposure: inside the window, and after it, where carry-over
is missing too. Where effects multiply (log likelihood), channels share what they bring together, and each alone would
claim it: the difference is told as interaction. Where effects add up it is exactly zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmm.draws import MediaDraws
from mmm.link import cell_effect, expected_kpi, lost
from mmm.paths import draw_blocks
from mmm.returns import lever_effects
from mmm.windows import Scope, scopes, unknown
from outlay.errors import ConfigError
from outlay.summary import summarise
from outlay.transforms import Array

TOGETHER, INTERACTION = "together", "interaction"


@dataclass(frozen=True)
class WhatIf:
    """Draws of what would be missing. Shapes: S draws, G groups, N changed channels and levers.

    Attributes
    ----------
    names : tuple of str
        What is changed.
    factors : ndarray (N,)
        What its exposure (a lever: its distance from the reference) in the window is multiplied by.
    window : slice
        The periods.
    spared : ndarray (G, N)
        Money not spent, currency; negative where more is spent.
    joint_inside, joint_after : ndarray (S, G)
        Outcome lost in the window and after it with all changes at once.
    alone : ndarray (S, G, N)
        Outcome lost with each change alone, in the window and after it.
    """

    names: tuple[str, ...]
    factors: Array
    window: slice
    spared: Array
    joint_inside: Array
    joint_after: Array
    alone: Array


def what_if(draws: MediaDraws, factors: Mapping[str, float], window: slice) -> WhatIf:
    """Ask what would be missing had these channels and levers been scaled by these factors.

    Parameters
    ----------
    draws : MediaDraws
        The posterior.
    factors : mapping of str to float
        Factor by channel or lever; zero is off (a lever: at its reference).
    window : slice
        Periods, among the scored ones.

    Raises
    ------
    ConfigError
        M022, for a name that the model does not have or cannot estimate, or for a factor below zero.
    """
    design, panel = draws.design, draws.design.panel
    _refuse(draws, factors)
    reach = slice(window.start, window.stop + design.l_max - 1)
    value = np.concatenate([panel.value, design.future.value[: design.l_max - 1]])[reach]
    inside = window.stop - window.start
    names, shape = tuple(factors), (draws.n_draws, panel.n_groups)
    joint_inside, joint_after, alone = np.zeros(shape), np.zeros(shape), np.zeros((*shape, len(names)))
    if design.log:
        draws.intercept  # noqa: B018  the expected KPI needs it, and it is computed for all draws at once
    for block, part in draw_blocks(draws, reach.stop - reach.start):
        for g in range(panel.n_groups):
            expected = expected_kpi(part, g, reach)
            gone = [_missing(part, g, name, factor, window, reach) for name, factor in factors.items()]
            for i, effect in enumerate(gone):
                alone[block, g, i] = lost(effect, expected) @ value[:, g]
            joint = lost(np.sum(gone, axis=0), expected) * value[:, g]
            joint_inside[block, g], joint_after[block, g] = joint[:, :inside].sum(1), joint[:, inside:].sum(1)
    by = np.array(list(factors.values()))
    return WhatIf(names, by, window, _spared(draws, names, by, window), joint_inside, joint_after, alone)


def _refuse(draws: MediaDraws, factors: Mapping[str, float]) -> None:
    panel = draws.design.panel
    known = [*panel.channels, *panel.lever_names]
    for name, factor in factors.items():
        if name not in known:
            raise unknown("channel or lever", name, known, "M022")
        if not 0 <= factor < np.inf:
            raise ConfigError(
                f"the factor {factor:g} is not zero or more",
                where=name,
                repair="0 is off, 0.5 is half, 1.2 is a fifth more.",
                id="M022",
            )
        if name in panel.channels and not draws.design.active[panel.channels.index(name)]:
            raise ConfigError(
                "the channel has no effect to estimate, so nothing is known about life without it",
                where=name,
                repair="`outlay explain M001` tells why; leave it out of the question.",
                id="M022",
            )
    if not factors:
        raise ConfigError("nothing is changed", where="what if", repair="Name one channel at least.", id="M022")


def _missing(draws: MediaDraws, g: int, name: str, factor: float, window: slice, reach: slice) -> Array:
    """Part of the model's mean that goes with one change, (S, R)."""
    panel = draws.design.panel
    if name in panel.lever_names:
        effect = np.zeros((draws.n_draws, reach.stop - reach.start))
        own = lever_effects(draws, g, window)[panel.lever_names.index(name)]
        effect[:, : own.shape[1]] = (1.0 - factor) * own
        return effect
    c = panel.channels.index(name)
    changed = panel.exposure[:, g, c].copy()
    changed[window] *= factor
    return cell_effect(draws, g, c, reach) - cell_effect(draws, g, c, reach, changed)


def _spared(draws: MediaDraws, names: Sequence[str], factors: Array, window: slice) -> Array:
    panel = draws.design.panel
    columns = [
        panel.lever_cost[window, :, panel.lever_names.index(name)].sum(0)
        if name in panel.lever_names
        else panel.spend[window, :, panel.channels.index(name)].sum(0)
        for name in names
    ]
    return np.stack(columns, axis=-1) * (1.0 - factors)


def what_if_table(draws: MediaDraws, asked: WhatIf, level: float, where: Sequence[Scope] | None = None) -> pd.DataFrame:
    """All changes together, each alone, and what they share, for the total and each group.

    Columns: ``change`` (``together``, a name, or ``interaction``), ``group, factor, spared`` (money not spent),
    ``lost_*`` (outcome, in the window and after it; a gain is negative), ``inside_*`` and ``after_*`` of all together,
    ``share_*`` (of the window's outcome) and ``per_money_*`` (outcome lost per unit of currency not spent).
    """
    panel = draws.design.panel
    outcome = (panel.kpi * panel.value)[asked.window].sum(0)
    rows: list[dict[str, object]] = []
    for scope in where or scopes(panel):
        rows += _scope_rows(scope, asked, float(outcome[scope[1]].sum()), level, log=draws.design.log)
    return pd.DataFrame(rows)


def _scope_rows(scope: Scope, asked: WhatIf, outcome: float, level: float, *, log: bool) -> list[dict[str, object]]:
    """All changes at once, each alone and what they share, for one scope."""
    group, members = scope
    inside, after = asked.joint_inside[:, members].sum(1), asked.joint_after[:, members].sum(1)
    alone, spared = asked.alone[:, members].sum(1), asked.spared[members].sum(0)

    def row(change: str, factor: float | None, money: float, gone: Array, **told: Array) -> dict[str, object]:
        series = {"lost": gone, "share": gone / outcome, **told} | ({"per_money": gone / money} if money else {})
        return {"change": change, "group": group, "factor": factor, "spared": money} | _summaries(series, level)

    together = row(TOGETHER, None, float(spared.sum()), inside + after, inside=inside, after=after)
    if len(asked.names) == 1:
        return [together]
    # Where effects add up nothing is shared, and a difference of sums would only show its rounding.
    rest = inside + after - alone.sum(1) if log else np.zeros_like(inside)
    return [
        together,
        *(row(name, float(asked.factors[i]), float(spared[i]), alone[:, i]) for i, name in enumerate(asked.names)),
        row(INTERACTION, None, 0.0, rest),
    ]


def _summaries(series: Mapping[str, Array], level: float) -> dict[str, object]:
    """Summaries of what there is; the columns of what there is not are empty."""
    columns: dict[str, object] = {}
    for prefix in ("lost", "inside", "after", "share", "per_money"):
        if prefix in series:
            columns |= {name: float(x) for name, x in summarise(series[prefix], level).columns(prefix).items()}
        else:
            columns |= {f"{prefix}_{part}": float("nan") for part in ("mean", "median", "hdi_low", "hdi_high")}
    return columns

"""The trust gate of a conversion run: over every rate, value and effect that its tables report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from attribution.conversion_tables import ALL, BOTH, stage_rates
from outlay.sampling import Samples
from outlay.transforms import Array
from outlay.trust import Check, Trust, assess

if TYPE_CHECKING:
    from attribution.conversion import FittedConversion

_HIGH_IS_BAD = ("T001", "T004")
"""Checks that must keep below their limit: R-hat and divergent draws."""

CAUSES = {
    "rate": "Few leads or few conversions there leave the rate to the prior; sample longer ([leads.sampling] draws).",
    "effect": "Few leads or few conversions there leave the effect to the prior; sample longer.",
    "spread": "The data hardly tell how much the levels differ; sample longer ([leads.sampling] draws).",
    "value": "Few deals there leave the value to the prior; sample longer ([leads.sampling] draws).",
}
"""Likely cause by the beginning of a quantity's name."""


def judge(fitted: FittedConversion) -> Trust:
    """Judge the posterior by every reported quantity."""
    return judge_quantities(fitted, dict(reported(fitted)))


def judge_quantities(fitted: FittedConversion, quantities: Mapping[str, Array]) -> Trust:
    """Judge the posterior by draws (S,) of given quantities."""
    chains, draws = fitted.parts[0].samples.chains, fitted.parts[0].samples.draws
    shaped = {name: values.reshape(chains, draws) for name, values in quantities.items()}
    return assess(shaped, _worst(fitted), CAUSES)


def both(first: Trust, second: Trust) -> Trust:
    """One verdict on two posteriors: the worse value of every check."""
    pairs = zip(first.checks, second.checks, strict=True)
    checks = tuple(min(pair, key=lambda check: (check.passed, _bad(check))) for pair in pairs)
    return replace(
        first, passed=first.passed and second.passed, checks=checks, failing=(*first.failing, *second.failing)
    )


def _bad(check: Check) -> float:
    """How good a check's value is: low is bad for what must be high, and the other way round."""
    return -check.value if check.id in _HIGH_IS_BAD else check.value


def reported(fitted: FittedConversion) -> Iterator[tuple[str, Array]]:
    """Name and draws (S,) of every reported quantity."""
    from attribution.conversion import END_TO_END

    stages = (*fitted.cells.stages[1:], END_TO_END)
    for by, reached in fitted.answers.reached.items():
        rows = fitted.mix.labels(by).itertuples(index=False)
        names = [f"{BOTH.join(by)} {BOTH.join(row)}" if by else ALL for row in rows]
        rates = stage_rates(reached)
        for g, name in enumerate(names):
            for j, stage in enumerate(stages):
                yield f"rate of {stage}, {name}", rates[:, g, j]
            if fitted.has_values:
                yield f"value per lead, {name}", reached.worth[:, g]
    for part in fitted.parts:
        for t, term in enumerate(part.link.terms):
            yield f"spread of {term.name}, {part.link.name}", part.samples.flat(f"spread_{term.name}")
            for k, level in enumerate(term.levels):
                yield f"effect of {term.name} {level}, {part.link.name}", part.effects[:, int(part.link.offsets[t]) + k]


def _worst(fitted: FittedConversion) -> Samples:
    """The sampler's statistics: the divergences of the part that has most, the energies of all parts as chains."""
    parts = [part.samples for part in fitted.parts]
    most = max(parts, key=lambda samples: float(samples.stats["diverging"].sum()))
    energy = np.concatenate([samples.stats["energy"] for samples in parts])
    return replace(most, stats={**most.stats, "energy": energy})

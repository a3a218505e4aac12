"""Random budget problems that can be given to every side: curves on posterior draws, a last plan, bounds, a budget.

Sizes, returns and half-saturations of the channels differ widely, as they do in fitted models: spend of the last plan
is lognormal (sd 0.8), its ROI lognormal (sd 0.5), the half-saturation 0.5 to 3 times the last spend, and draws scatter
by 20 % in the half-saturation and 30 % in the effect.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.budget.curves import Array, Curves

CONCAVE = ("michaelis_menten", "tanh", "logistic", "root", "hill")
SHAPES = ("concave", "mixed", "s")
BOUNDS = {"open": (0.0, 4.0), "tight": (0.5, 2.0)}
"""Least and most spend of a channel, as multiples of its last one."""

MONEY = 100_000.0
"""Mean spend of a channel in the last plan, in currency."""


@dataclass(frozen=True, eq=False)
class Instance:
    """Maximise ``sum_j mean_s f_sj(x_j)`` with ``sum(x) = budget`` and ``lower <= x <= upper``, in currency."""

    name: str
    curves: Curves
    last: Array
    lower: Array
    upper: Array
    budget: float

    @property
    def cells(self) -> int:
        """K."""
        return self.curves.cells

    @property
    def scale(self) -> float:
        """Outcome of the last plan at this budget: what the solvers measure outcome in."""
        return self.curves.total(self.last * (self.budget / self.last.sum()))

    def at(self, budget: float) -> Instance:
        """The same curves and bounds with another budget."""
        return replace(self, budget=budget)


@dataclass(frozen=True)
class Rules:
    """Rules beyond the budget and the bounds.

    Attributes
    ----------
    shares : tuple of (tuple of int, float)
        These cells together get at least this share of the spend.
    least : tuple of (int, float)
        This cell gets nothing or at least this much, in currency.
    """

    shares: tuple[tuple[tuple[int, ...], float], ...] = ()
    least: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class Recipe:
    """What an instance is drawn from.

    Attributes
    ----------
    shape : {"concave", "mixed", "s"}
        Curves that flatten from the start; about a third of them S-shaped; all S-shaped.
    bounds : {"open", "tight"}
    cells, draws : int
    concave : tuple of str
        Families that the concave curves come from.
    money : float
        Mean spend of a channel in the last plan.
    """

    shape: str = "concave"
    bounds: str = "open"
    cells: int = 20
    draws: int = 500
    concave: tuple[str, ...] = CONCAVE
    money: float = MONEY

    def name(self, seed: int) -> str:
        """What an instance is called in the results."""
        return f"{self.shape}-{self.bounds}-{self.cells}x{self.draws}-{seed}"


def draw(recipe: Recipe, seed: int) -> Instance:
    """One instance."""
    rng = np.random.default_rng([seed, SHAPES.index(recipe.shape), recipe.cells, recipe.draws])
    cells, draws = recipe.cells, recipe.draws
    last = rng.lognormal(0.0, 0.8, cells)
    last *= recipe.money / last.mean()
    bent = _bent(rng, recipe)
    family = tuple("hill" if bent[j] else str(rng.choice(recipe.concave)) for j in range(cells))
    half = rng.uniform(0.5, 3.0, cells) * np.exp(0.2 * rng.standard_normal((draws, cells)))
    exponent = np.stack([_exponent(rng, family[j], bool(bent[j]), draws) for j in range(cells)], axis=1)
    gain = np.exp(0.3 * rng.standard_normal((draws, cells)))
    unscaled = Curves(family, last, gain, half, exponent)
    roi = rng.lognormal(0.0, 0.5, cells)
    curves = replace(unscaled, gain=gain * (roi * last / unscaled.mean(last)[0]))
    least, most = BOUNDS[recipe.bounds]
    budget = float(last.sum() * rng.uniform(0.6, 1.2))
    return Instance(recipe.name(seed), curves, last, least * last, most * last, budget)


def _bent(rng: np.random.Generator, recipe: Recipe) -> np.ndarray:
    """Which curves are S-shaped."""
    if recipe.shape == "mixed":
        return np.asarray(rng.random(recipe.cells) < 0.4)
    return np.full(recipe.cells, recipe.shape == "s")


def _exponent(rng: np.random.Generator, family: str, bent: bool, draws: int) -> Array:
    """Exponents (S,) of one curve."""
    if family == "root":
        return np.clip(rng.uniform(0.3, 0.8) + 0.05 * rng.standard_normal(draws), 0.1, 0.95)
    if family == "hill" and bent:
        return rng.uniform(1.5, 4.0) * np.exp(0.1 * rng.standard_normal(draws))
    return np.full(draws, rng.uniform(0.5, 1.0) if family == "hill" else 1.0)


def draw_rules(instance: Instance, seed: int) -> Rules:
    """A fifth of the cells take nothing or 30 % of their last spend; the first quarter takes at least 30 % in all."""
    rng = np.random.default_rng(seed)
    closable = rng.choice(instance.cells, instance.cells // 5, replace=False)
    return Rules(
        shares=((tuple(range(instance.cells // 4)), 0.3),),
        least=tuple((int(cell), 0.3 * float(instance.last[cell])) for cell in closable),
    )


def catalogue(each: int = 50, concave: tuple[str, ...] = CONCAVE, draws: int = 500) -> list[tuple[Recipe, int]]:
    """Recipes and seeds of the quality part: ``each`` instances of six kinds, the kinds taking turns."""
    recipes = [
        Recipe(shape=shape, bounds=bounds, draws=draws, concave=concave) for shape in SHAPES for bounds in BOUNDS
    ]
    return [(recipe, seed) for seed in range(each) for recipe in recipes]

"""House style: how numbers are written and how charts look, the same in tables, reports and the planner.

The colours are those of Okabe and Ito (2008), "Color Universal Design", which stay apart under the common colour vision
deficiencies. Where more series meet than there are colours, lighter tints of the same hues follow and the labels stand
beside the series, so that no reader depends on colour alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go

PALETTE: tuple[str, ...] = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#B3A400")
"""Okabe and Ito's seven chromatic colours, blue first; the yellow is darkened to be legible on white."""

TINTS: tuple[str, ...] = ("#7FB8D8", "#F2CF7F", "#7FCEB9", "#E5BCD3", "#AAD9F4", "#EAAE7F", "#D9D17F")
"""The same hues at half strength, for the eighth series and on."""

BASELINE_COLOUR = "#B8BEC6"
LEVER_COLOUR = "#CC79A7"
ORGANIC_COLOUR = "#009E73"
PAID_COLOUR = "#0072B2"
ACTUAL_COLOUR = "#1F2933"
CURRENT_COLOUR = "#5F6B7A"
PLAN_COLOUR = "#D55E00"
MUTED = "#5F6B7A"
GRID = "#E4E7EB"

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

CSS_TOKENS = """
:root { color-scheme: light dark;
  --ink: #1f2933; --soft: #52606d; --page: #ffffff; --card: #f7f8fa; --line: #d9dee4; --accent: #0072b2;
  --warn-ink: #7a3e00; --warn-page: #fff4e5; --bad-ink: #8a1c1c; --bad-page: #fdecec; --good-ink: #0b5d46; }
@media (prefers-color-scheme: dark) { :root {
  --ink: #e6eaef; --soft: #a9b4c0; --page: #14181d; --card: #1d232a; --line: #36404b; --accent: #6cb6e0;
  --warn-ink: #ffce8f; --warn-page: #3a2a12; --bad-ink: #ffb3b3; --bad-page: #3d1b1b; --good-ink: #7fd6ba; } }
"""
"""Colours of a page, light and dark, as CSS variables. Charts keep a white ground: they are made to be pasted."""

_STEPS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
_SYMBOLS: Mapping[str, str] = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
MISSING = "n/a"

DATA_SAY = {"yes": "enough", "weak": "little", "no": "nothing"}
"""How much the data say about a channel, by the verdict of the fit (``identified``)."""


MARKS: Mapping[str, tuple[str, str]] = {
    "1,234.56": (",", "."),
    "1.234,56": (".", ","),
    "1 234,56": ("\N{NO-BREAK SPACE}", ","),
    "1'234.56": ("'", "."),
}
"""Thousands' and decimal mark of each ``[project] numbers``; the blank does not break."""

_MARKS: ContextVar[tuple[str, str]] = ContextVar("marks of numbers", default=(",", "."))


@contextmanager
def numbers_as(numbers: str) -> Iterator[None]:
    """Write numbers as the project does, inside of this block and of this thread (or task) alone.

    Parameters
    ----------
    numbers : str
        A key of :data:`MARKS`: ``[project] numbers``.
    """
    before = _MARKS.set(MARKS[numbers])
    try:
        yield
    finally:
        _MARKS.reset(before)


def written(text: str) -> str:
    """A number as Python formats it (``1,234.56``), with the marks of the project."""
    thousands, decimal = _MARKS.get()
    return text if (thousands, decimal) == (",", ".") else text.translate({44: thousands, 46: decimal})


class Written(float):
    """A number that an f-string writes with the marks of the project: ``f"{Written(x):,.0f}"``."""

    def __format__(self, spec: str) -> str:
        return written(super().__format__(spec))


def colours(names: tuple[str, ...] | list[str]) -> dict[str, str]:
    """One colour for each name, in order; past fourteen names the colours come again."""
    wheel = PALETTE + TINTS
    return {name: wheel[i % len(wheel)] for i, name in enumerate(names)}


def number(x: float | None, digits: int = 3) -> str:
    """A number to three significant digits with k, M, B or T: ``12.3M``; ``n/a`` where there is none."""
    if x is None or not math.isfinite(x):
        return MISSING
    if x == 0:
        return "0"
    rounded = float(f"{x:.{digits}g}")
    for step, letter in _STEPS:
        if abs(rounded) >= step:
            return f"{_significant(rounded / step, digits)}{letter}"
    return _significant(rounded, digits)


def _significant(x: float, digits: int) -> str:
    decimals = max(digits - 1 - math.floor(math.log10(abs(x))), 0) if x else 0
    return written(f"{x:.{min(decimals, 8)}f}")


def amount(x: float | None, decimals: int = 0) -> str:
    """A number in full with thousands separated: ``12,345,678``."""
    if x is None or not math.isfinite(x):
        return MISSING
    return written(f"{x if round(x, decimals) else 0.0:,.{decimals}f}")


def money(x: float | None, currency: str) -> str:
    """Money to three significant digits with its currency: ``$12.3M``, ``CHF 12.3M``."""
    if x is None or not math.isfinite(x):
        return MISSING
    sign = "-" if x < 0 else ""
    symbol = _SYMBOLS.get(currency, f"{currency} ")
    return f"{sign}{symbol}{number(abs(x))}"


def percent(share: float | None, decimals: int | None = None) -> str:
    """A share as a percentage: ``2.2%``, ``0.31%``; one decimal, two below one per cent, unless said otherwise."""
    if share is None or not math.isfinite(share):
        return MISSING
    if decimals is None:
        decimals = 2 if 0.00005 <= abs(share) < 0.01 else 1
    share = share if round(100 * share, decimals) else 0.0  # never "-0.0%"
    return written(f"{100 * share:.{decimals}f}%")


FEW = 100
"""Trials below which a rate is told as a count with its interval."""

FEW_EITHER_WAY = 5
"""Successes, or failures, below which a rate is told as a count with its interval."""


def few(successes: float, trials: float) -> bool:
    """Whether a rate rests on so few that a percentage alone would say more than is known."""
    return trials < FEW or min(successes, trials - successes) < FEW_EITHER_WAY


def rate_of(successes: float, trials: float, low: float, high: float) -> str:
    """A rate with its interval: ``3 of 17 (7 to 39%)`` where it rests on few, else ``17.6% (15.1 to 20.4%)``."""
    if trials <= 0:
        return MISSING
    if few(successes, trials):
        return f"{amount(successes)} of {amount(trials)} ({percent(low, 0)[:-1]} to {percent(high, 0)})"
    share = successes / trials
    decimals = 2 if share < 0.01 else 1
    return f"{percent(share, decimals)} ({percent(low, decimals)[:-1]} to {percent(high, decimals)})"


def chance(p: float | None) -> str:
    """A probability in whole per cent; ``0%`` and ``100%`` only where it is certain, else ``<1%`` and ``>99%``."""
    if p is None or not math.isfinite(p):
        return MISSING
    if 0 < p < 0.01:
        return "<1%"
    return ">99%" if 0.99 < p < 1 else percent(p, 0)


def ratio(x: float | None) -> str:
    """A return per unit spent: two decimals where that says enough, three significant digits otherwise."""
    if x is None or not math.isfinite(x):
        return MISSING
    if x == 0 or 0.01 <= abs(x) < 100:
        return written(f"{x:.2f}")
    return number(x)


def between(low: float | None, high: float | None) -> str:
    """An interval of amounts, ``1.20M to 3.40M``; empty where there is none."""
    return "" if low is None or high is None else f"{number(low)} to {number(high)}"


def ratio_between(low: float | None, high: float | None) -> str:
    """An interval of returns, both ends to the decimals that the larger one needs; empty where there is none."""
    if low is None or high is None:
        return ""
    larger = max(abs(low), abs(high))
    if larger >= 100 or larger == 0 or not math.isfinite(larger):
        return between(low, high)
    # Two decimals, or two significant digits of the larger end where it is below a tenth.
    decimals = max(2, 1 - math.floor(math.log10(larger)))
    return written(f"{low:.{decimals}f}") + " to " + written(f"{high:.{decimals}f}")


def change(share: float | None) -> str:
    """A change as a signed percentage, a multiple where it is tenfold or more, ``new`` where there was nothing."""
    if share is None:
        return "new"
    if share > 9:
        return f"x{Written(1 + share):,.0f}"
    return signed(percent(share, 1)) if abs(share) >= 0.0005 else written("0.0%")


def signed(text: str) -> str:
    """The text of a difference with its sign always shown: ``+12.3M``."""
    return text if text.startswith("-") or text == MISSING else f"+{text}"


def layout(**more: Any) -> dict[str, Any]:
    """Plotly layout defaults: white ground, light grid, no cramped legend, room for axis titles."""
    axis = {
        "gridcolor": GRID,
        "zerolinecolor": "#9AA5B1",
        "linecolor": "#9AA5B1",
        "ticks": "outside",
        "tickcolor": "#9AA5B1",
        "automargin": True,
        "title": {"font": {"size": 13, "color": MUTED}, "standoff": 8},
    }
    base: dict[str, Any] = {
        "template": "none",
        "font": {"family": FONT, "size": 13, "color": ACTUAL_COLOUR},
        "paper_bgcolor": "#FFFFFF",
        "plot_bgcolor": "#FFFFFF",
        "colorway": list(PALETTE),
        "xaxis": axis,
        "yaxis": axis,
        "margin": {"l": 64, "r": 24, "t": 24, "b": 48},
        "hovermode": "closest",
        "hoverlabel": {"font": {"family": FONT, "size": 13}},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 13}},
        "separators": "".join(reversed(_MARKS.get())),
    }
    return _merged(base, more)


def dressed(figure: go.Figure, **more: Any) -> go.Figure:
    """The figure with the layout of the house, over what was laid out before: notes, lines, places of subplots.

    In one assignment: :meth:`plotly.graph_objects.Figure.update_layout` finds every key anew, which takes ten times
    as long.
    """
    before = figure.layout.to_plotly_json()
    before.pop("template", None)
    figure.layout = _merged(before, layout(**more))
    return figure


def relaid(figure: go.Figure, changes: Mapping[str, Any], axis: Mapping[str, Any] | None = None) -> go.Figure:
    """The figure with changes over its layout, and over every axis of it, as quickly as :func:`dressed`."""
    before = figure.layout.to_plotly_json()
    axes = {name: axis for name in before if name[1:5] == "axis"} if axis else {}
    figure.layout = _merged(before, {**changes, **axes})
    return figure


def _merged(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Both mappings, the second winning, inner mappings merged too."""
    merged = dict(base)
    for key, value in more.items():
        both = isinstance(merged.get(key), dict) and isinstance(value, dict)
        merged[key] = _merged(merged[key], value) if both else value
    return merged

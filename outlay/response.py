"""Response draws: what a model hands to the optimizer, the tables and the planner.

:class:`ResponseDraws` holds, per posterior draw, the parameters of every cell's response (channel x group) and not
tabulated curves, with the spend and exposure history, the cost per exposure, the value per period and the baseline
forecast on the same draws. Everything is in original units.

The response of a cell to a spend path is

    sum over periods of  value x coefficient x [ f(exposure with the path) - f(exposure without it) ]

with ``f = sat(adstock(exposure))``, or ``adstock(sat(exposure))`` where the channel saturates first, and with the
carry-over of earlier exposure on both sides, so that what the past already bought is not counted twice. Where the
effect is a straight line, or saturates first, the past cancels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from outlay.downstream import Downstream
from outlay.downstream_file import attributes_of, downstream_of, variables_of
from outlay.errors import RunError
from outlay.transforms import Array, Bend

FORMAT = 3
READS = (2, FORMAT)
"""Formats that this version reads: 2 knew nothing of what becomes of leads."""
NATIONAL = "national"
"""Name of the only group of a model without groups; tables show it as the total (``group: null``)."""


def periods_per_year(period_days: int) -> int:
    """Periods after which the same season returns: 12 months, 52 weeks, or 364 days (so that weekdays stay).

    Every part that speaks of "the same period last year" counts with this, so that all mean the same period.
    """
    return 12 if period_days >= 28 else 364 // period_days


@dataclass(frozen=True)
class ResponseDraws:
    """Posterior draws of how an outcome responds to spend, per cell (channel x group).

    Shapes: S draws, T periods of history, H periods of future, G groups, C paid channels and levers.

    Attributes
    ----------
    outcome : str
        Name of the outcome (the KPI's column, or ``"value of <kpi>"``).
    outcome_unit : str
        Currency code where the outcome is money, else the KPI's name.
    money : bool
        True where the outcome is money, so that outcome over spend is an ROI.
    currency : str
        Currency of spend.
    period_days : int
        Days in a period (1, 7, or 30 for monthly data).
    channels, groups : tuple of str
        Names of what money is spent on, paid channels and then levers that cost money, and of the groups
        (``("national",)`` without groups).
    saturation : tuple of str
        Family per channel, a key of :data:`outlay.transforms.SATURATIONS`. A channel of reach and frequency is
        ``none`` on reach, with the saturated frequency of the plan inside its coefficient.
    saturation_first : tuple of bool
        Whether a channel's exposure saturates before it carries over.
    link : {"identity", "log"}
        Whether effects add up in units of the KPI, or in its logarithm.
    l_max : int
        Periods over which an exposure acts.
    dates, future_dates : DatetimeIndex
        The date of every period of history (T) and of the future that the model can speak of (H).
    weights : ndarray (S, C, l_max)
        Adstock weights; each row sums to one.
    half_saturation : ndarray (S, C)
        Half-saturation in units of ``scale`` (one where the family has none).
    exponent : ndarray (S, C)
        Exponent of ``hill`` and ``root`` (one where the family has none).
    coefficient : ndarray (S, G, C)
        KPI per period and unit of saturated exposure: for families with a most, that of full saturation.
    scale : ndarray (G, C)
        Exposure that counts as one.
    exposure, spend : ndarray (T, G, C)
        History in original units.
    cost_per_exposure : ndarray (G, C)
        Currency per unit of exposure that a future spend is turned into exposure with.
    value : ndarray (T + H, G)
        Outcome per unit of KPI in every period, future periods included (ones for a revenue KPI).
    baseline : ndarray (S, H, G)
        Forecast of the outcome without anything that is planned, neither paid media nor ``levers``, future periods.
    assumptions : tuple of str
        What was assumed of the future, in sentences that are shown beside every plan.
    date_marks : {"start", "end"}
        Whether a date is the first or the last day of its period.
    unplanned : tuple of (str, tuple of float)
        Paid channels that the model could not estimate, each with its spend in every period of history, over all
        groups. They are not among ``channels``: their money lies outside of every plan.
    levers : tuple of str
        Those of ``channels`` that are levers: a straight line in the distance from their reference (which is their
        exposure), without carry-over.
    downstream : Downstream or None
        Where the outcome is the money that leads turn into: what becomes of them, on the same draws. ``coefficient``
        and ``baseline`` are then in money already: leads times :attr:`outlay.downstream.Downstream.worth_of_lead`.
    """

    outcome: str
    outcome_unit: str
    money: bool
    currency: str
    period_days: int
    channels: tuple[str, ...]
    groups: tuple[str, ...]
    saturation: tuple[str, ...]
    saturation_first: tuple[bool, ...]
    link: str
    l_max: int
    dates: pd.DatetimeIndex
    future_dates: pd.DatetimeIndex
    weights: Array
    half_saturation: Array
    exponent: Array
    coefficient: Array
    scale: Array
    exposure: Array
    spend: Array
    cost_per_exposure: Array
    value: Array
    baseline: Array
    assumptions: tuple[str, ...] = ()
    date_marks: str = "start"
    unplanned: tuple[tuple[str, tuple[float, ...]], ...] = ()
    levers: tuple[str, ...] = ()
    downstream: Downstream | None = None

    @property
    def n_draws(self) -> int:
        """Number of posterior draws."""
        return int(self.weights.shape[0])

    @property
    def period(self) -> str:
        """The period in a word: day, week or month."""
        return {1: "day", 7: "week"}.get(self.period_days, "month")

    @property
    def is_panel(self) -> bool:
        """True where the model has groups."""
        return self.groups != (NATIONAL,)

    def bend(self, channel: int) -> Bend:
        """The saturation of a channel over draws."""
        return Bend(
            self.saturation[channel],
            self.half_saturation[:, channel],
            self.exponent[:, channel],
            self.saturation_first[channel],
        )

    def take(self, draws: NDArray[np.intp] | slice) -> ResponseDraws:
        """The same response on some of its draws: copies, or views where they are a slice."""
        return replace(
            self,
            weights=self.weights[draws],
            half_saturation=self.half_saturation[draws],
            exponent=self.exponent[draws],
            coefficient=self.coefficient[draws],
            baseline=self.baseline[draws],
            downstream=None if self.downstream is None else self.downstream.take(draws),
        )


@dataclass(frozen=True)
class CellWindow:
    """One cell's part of a plan's window.

    Attributes
    ----------
    lead_in : ndarray (l_max - 1,)
        Exposure in the periods just before the window, oldest first.
    flighting : ndarray (H,)
        Share of the cell's total that each period of the window gets; sums to one.
    value : ndarray (H,) or (H + l_max - 1,)
        Outcome per unit of KPI in the periods of the window and, where carry-over after it counts, in those after.
    after : ndarray (P - H,) or None
        Exposure after the window that is there whatever the plan is, for as many periods as count; None for none.
    """

    lead_in: Array
    flighting: Array
    value: Array
    after: Array | None = None


def cell_response(
    response: ResponseDraws, group: int, channel: int, window: CellWindow, totals: Array
) -> tuple[Array, Array]:
    """Outcome that a cell's spend in a window causes, and its slope, per draw and per total spend.

    Parameters
    ----------
    response : ResponseDraws
        The draws.
    group, channel : int
        The cell.
    window : CellWindow
        Lead-in, flighting and values. Its ``value`` decides how many periods count.
    totals : ndarray (J,)
        Total spend of the cell over the window, in currency.

    Returns
    -------
    outcome, slope : ndarray (S, J)
        Outcome in outcome units, zero at zero spend, and its derivative per unit of currency, both exact. Where the
        saturation is concave and the coefficient is not negative, so is the outcome in the total. The slope at zero
        spend is infinite where a curve rises steeply from zero (root, hill with an exponent below one) and the spend
        reaches a period that no earlier exposure carries into.
    """
    weights, bend = response.weights[:, channel], response.bend(channel)
    coefficient = response.coefficient[:, group, channel, None]
    scale = response.scale[group, channel]
    path = window.flighting / (response.cost_per_exposure[group, channel] * scale)  # scaled exposure per currency
    if bend.family == "none" or bend.first:
        gain = coefficient * _value_of_exposure(weights, window.value, len(path))
        if bend.family == "none":
            slope = (gain * path).sum(axis=1)
            return slope[:, None] * totals, np.repeat(slope[:, None], len(totals), axis=1)
        return _along(gain, bend, np.zeros((1, len(path))), path[None], totals)
    counted, tail = len(window.value), response.l_max - 1
    after = np.zeros(max(counted - len(path), 0))
    going_on = after if window.after is None else window.after[: len(after)] / scale
    beside = np.concatenate([window.lead_in / scale, np.zeros(len(path)), going_on])[: tail + counted]
    carried = _adstock_after(beside, weights, tail)  # (S, P)
    per_unit = _adstock_after(np.concatenate([np.zeros(tail), path, after])[: tail + counted], weights, tail)
    return _along(coefficient * window.value, bend, carried, per_unit, totals)


def _along(gain: Array, bend: Bend, base: Array, per_unit: Array, totals: Array) -> tuple[Array, Array]:
    """``sum_t gain_t [sat(base_t + total per_unit_t) - sat(base_t)]`` and its slope, (S, J) each."""
    without = bend.value(base)
    outcome = np.empty((len(gain), len(totals)))
    slope = np.empty_like(outcome)
    speed = gain * per_unit
    still = speed == 0.0
    anything_still = bool(still.any())
    for j, total in enumerate(np.asarray(totals, float)):
        x = base + total * per_unit
        outcome[:, j] = (gain * (bend.value(x) - without)).sum(axis=1)
        steepness = bend.slope(x)
        if anything_still:  # what money does not move has no slope, also where the curve's is infinite
            steepness = np.where(still, 0.0, steepness)
        slope[:, j] = (speed * steepness).sum(axis=1)
    return outcome, slope


def _value_of_exposure(weights: Array, value: Array, periods: int) -> Array:
    """Outcome per unit of KPI that saturated exposure of each period brings, now and later, per draw: (S, periods)."""
    after = np.concatenate([value, np.zeros(max(periods + weights.shape[1] - 1 - len(value), 0))])
    ahead = np.lib.stride_tricks.sliding_window_view(after, weights.shape[1])[:periods]
    return np.asarray(weights @ ahead.T)


def _adstock_after(x: Array, weights: Array, lead: int) -> Array:
    """Adstock of ``x`` in the periods after its first ``lead`` ones, per draw: (S, len(x) - lead)."""
    lagged = np.lib.stride_tricks.sliding_window_view(x, weights.shape[1])[:, ::-1]
    return np.asarray(weights @ lagged.T)[:, : len(x) - lead]


_DIMS: dict[str, tuple[str, ...]] = {
    "weights": ("draw", "channel", "lag"),
    "half_saturation": ("draw", "channel"),
    "exponent": ("draw", "channel"),
    "coefficient": ("draw", "group", "channel"),
    "scale": ("group", "channel"),
    "exposure": ("date", "group", "channel"),
    "spend": ("date", "group", "channel"),
    "cost_per_exposure": ("group", "channel"),
    "value": ("timeline", "group"),
    "baseline": ("draw", "future_date", "group"),
}


def save_response(response: ResponseDraws, path: Path) -> None:
    """Write the draws to a netCDF file (float64, compressed; a few MB)."""
    coordinates: dict[str, object] = {
        "channel": list(response.channels),
        "group": list(response.groups),
        "date": _days(response.dates),
        "future_date": _days(response.future_dates),
    }
    variables = {name: (dims, np.asarray(getattr(response, name), float)) for name, dims in _DIMS.items()}
    leads = response.downstream
    if leads is not None:
        variables |= variables_of(leads)
    if response.unplanned:
        coordinates["unplanned"] = [name for name, _ in response.unplanned]
        spend = np.array([spent for _, spent in response.unplanned], float).T
        variables["unplanned_spend"] = (("date", "unplanned"), spend)
    dataset = xr.Dataset(
        variables,
        coords=coordinates,
        attrs={
            "format": FORMAT,
            "outcome": response.outcome,
            "outcome_unit": response.outcome_unit,
            "money": int(response.money),
            "currency": response.currency,
            "period_days": response.period_days,
            "saturation": list(response.saturation),
            "saturation_first": [int(first) for first in response.saturation_first],
            "link": response.link,
            "l_max": response.l_max,
            "assumptions": "\n".join(response.assumptions),
            "date_marks": response.date_marks,
            "levers": list(response.levers),
            **({} if leads is None else attributes_of(leads)),
        },
    )
    encoding = {name: {"zlib": True, "complevel": 4} for name in variables}
    dataset.to_netcdf(path, engine="h5netcdf", encoding=encoding)


def load_response(path: Path) -> ResponseDraws:
    """Read what :func:`save_response` wrote.

    Raises
    ------
    RunError
        Where the file is damaged or of another format.
    """
    try:
        with xr.open_dataset(path, engine="h5netcdf", decode_times=False) as opened:
            dataset = opened.load()
        attrs = dataset.attrs
        if int(attrs["format"]) not in READS:
            raise RunError(
                f"its format is {int(attrs['format'])} and this version reads {READS[0]} to {READS[-1]}",
                where=str(path),
                repair="Fit again with this version, or read it with the version that wrote it.",
                id="R004",
            )
        return ResponseDraws(
            outcome=str(attrs["outcome"]),
            outcome_unit=str(attrs["outcome_unit"]),
            money=bool(attrs["money"]),
            currency=str(attrs["currency"]),
            period_days=int(attrs["period_days"]),
            channels=tuple(str(name) for name in dataset["channel"].to_numpy()),
            groups=tuple(str(name) for name in dataset["group"].to_numpy()),
            saturation=tuple(str(name) for name in np.atleast_1d(attrs["saturation"])),
            saturation_first=tuple(bool(first) for first in np.atleast_1d(attrs["saturation_first"])),
            link=str(attrs["link"]),
            l_max=int(attrs["l_max"]),
            dates=_dates(dataset["date"].to_numpy()),
            future_dates=_dates(dataset["future_date"].to_numpy()),
            assumptions=tuple(line for line in str(attrs["assumptions"]).split("\n") if line),
            date_marks=str(attrs.get("date_marks", "start")),
            unplanned=_unplanned(dataset),
            levers=tuple(str(name) for name in np.atleast_1d(attrs.get("levers", []))),
            downstream=downstream_of(dataset, attrs),
            **{name: dataset[name].to_numpy() for name in _DIMS},
        )
    except (OSError, KeyError, ValueError, TypeError) as problem:
        raise RunError(
            f"the response draws cannot be read ({type(problem).__name__})",
            where=str(path),
            repair="The file is damaged or incomplete. Fit again, or restore the run from a copy.",
            id="R003",
        ) from problem


def _unplanned(dataset: xr.Dataset) -> tuple[tuple[str, tuple[float, ...]], ...]:
    if "unplanned_spend" not in dataset:
        return ()
    spend = dataset["unplanned_spend"].to_numpy().T.tolist()
    return tuple((str(name), tuple(spent)) for name, spent in zip(dataset["unplanned"].to_numpy(), spend, strict=True))


def _days(dates: pd.DatetimeIndex) -> NDArray[np.int64]:
    return dates.to_numpy().astype("datetime64[D]").astype(np.int64)


def _dates(days: NDArray[np.int64]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(days.astype("datetime64[D]").astype("datetime64[ns]"))

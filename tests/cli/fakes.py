"""A fit run as `outlay fit` writes it, made without sampling: what every later command reads.

The numbers are consistent with one another: contributions come from the response draws, the fit from contributions and
baseline, the tables from both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from outlay.response import NATIONAL, ResponseDraws, save_response
from outlay.runs import Run, RunWriter
from outlay.transforms import adstock_weights, saturated_adstock

PAID = (
    "direct_mail",
    "inserts",
    "newspaper",
    "audio_digital",
    "radio",
    "tv",
    "video_digital",
    "social",
    "display",
    "search",
)
ORGANIC = ("email", "sms", "affiliates")
CPA_OF = {"median": "median", "hdi_low": "hdi_high", "hdi_high": "hdi_low"}
WEEKS, DRAWS, FUTURE = 150, 200, 26
HDI = 0.9


def response_draws(groups: Sequence[str] = (NATIONAL,), seed: int = 3) -> ResponseDraws:
    """Draws for ten paid channels, search the most and newspaper the least certain."""
    rng = np.random.default_rng(seed)
    n, g = len(PAID), len(groups)
    level = np.geomspace(400_000, 15_000, n)[rng.permutation(n)]
    flight = rng.gamma(2.0, 0.5, (WEEKS, g, n))
    flight[:, :, 7] *= (np.arange(WEEKS) > 60)[:, None]  # social begins in week 61
    spend = np.round(level * flight / g, 2)
    cost = np.tile(rng.uniform(0.004, 0.03, n), (g, 1))
    dates = pd.date_range("2021-01-04", periods=WEEKS, freq="7D")
    ahead = pd.date_range(dates[-1] + pd.Timedelta(days=7), periods=FUTURE, freq="7D")
    width = np.linspace(0.25, 1.0, n)
    roi = np.exp(rng.normal(np.log(np.linspace(3.5, 0.4, n)), width, (DRAWS, n)))
    half = np.exp(rng.normal(0.7, 0.5, (DRAWS, n)))
    scale = np.maximum((spend / cost).mean(axis=0), 1.0)
    full = roi * level * (1 + half)
    return ResponseDraws(
        outcome="sales",
        outcome_unit="USD",
        money=True,
        currency="USD",
        period_days=7,
        channels=PAID,
        groups=tuple(groups),
        saturation=("hill",) * n,
        l_max=8,
        dates=dates,
        future_dates=ahead,
        weights=adstock_weights("geometric", np.log(0.5) / np.log(rng.beta(4, 6, (DRAWS, n))), 1.0, 8),
        half_saturation=half,
        exponent=np.ones((DRAWS, n)),
        saturation_first=(False,) * n,
        link="identity",
        coefficient=np.repeat(full[:, None, :] / g, g, axis=1),
        scale=scale,
        exposure=spend / cost,
        spend=spend,
        cost_per_exposure=cost,
        value=np.ones((WEEKS + FUTURE, g)),
        baseline=rng.normal(6e7 / g, 1e6 / g, (DRAWS, FUTURE, g)),
        assumptions=(
            "Cost per exposure stays at the mean of the last 52 weeks.",
            "Price index and gas price are those of the same week last year.",
        ),
    )


def write_fit(
    root: Path,
    *,
    trusted: bool = True,
    groups: Sequence[str] = (NATIONAL,),
    odd_name: str = "",
    units: bool = False,
    currency: str = "USD",
    lock: str = '[project]\nname = "retailer"\n',
) -> Run:
    """Write a fit run with every file that the command line reads.

    ``units`` makes the KPI a count without a value; ``lock`` is the project file that the run keeps.
    """
    response = response_draws(groups)
    if units:
        response = replace(response, outcome="orders", outcome_unit="orders", money=False)
    with RunWriter(root, "fit", command=["outlay", "fit"], seed=1, inputs={"data/weekly.csv": "0" * 64}) as writer:
        save_response(response, writer.path("response.nc"))
        for name, frame in _tables(response).items():
            if odd_name and "channel" in frame:
                frame = frame.assign(channel=frame["channel"].replace({"tv": odd_name}))
            if odd_name and name == "contributions":
                frame = frame.assign(component=frame["component"].replace({"tv": odd_name}))
            if units and name == "roi":
                cost = {f"cpa_{part}": 1 / frame[f"roi_{other}"] for part, other in CPA_OF.items()}
                frame = frame.assign(**cost)
            writer.write_table(name, frame)
        writer.path("config.lock.toml").write_text(lock, encoding="utf-8")
        writer.write_json("model", _model(response) | {"currency": currency})
        writer.write_json("trust", _trust(trusted))
        writer.write_json("findings", _findings())
    return writer.run


def _outcome(response: ResponseDraws, g: int, c: int) -> np.ndarray:
    """Contribution per draw and week (S, T)."""
    x = response.exposure[:, g, c] / response.scale[g, c]
    return response.coefficient[:, g, c, None] * saturated_adstock(x, response.weights[:, c], response.bend(c))


def _bounds(draws: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(draws, [(1 - HDI) / 2, (1 + HDI) / 2])
    return float(low), float(high)


def _organic(rng: np.random.Generator, c: int) -> np.ndarray:
    path = 60_000 * (c + 1) * rng.gamma(3, 0.33, WEEKS)
    return path * np.exp(rng.normal(0, 0.4, (DRAWS, 1)))


def _tables(response: ResponseDraws) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(11)
    paid = {(c, g): _outcome(response, g, c) for c in range(len(PAID)) for g in range(len(response.groups))}
    organic = {name: _organic(rng, i) for i, name in enumerate(ORGANIC)}
    week = np.arange(WEEKS)
    parts = {
        "intercept": np.full(WEEKS, 5.2e7),
        "trend": 6e4 * week,
        "seasonality": 4e6 * np.sin(2 * np.pi * week / 52.18) + 2e6 * np.cos(4 * np.pi * week / 52.18),
        "holidays": 1.4e7 * np.isin(week % 52, (46, 47, 50)),
    }
    markdown = 1.2e6 * (1 + np.sin(week / 5.0)) + 3e5
    panel = response.is_panel
    total = sum(draws for draws in paid.values()) + sum(organic.values())
    mean = total.mean(axis=0) + sum(parts.values()) + markdown
    actual = mean * np.exp(rng.normal(0, 0.02, WEEKS))
    value = actual.sum()
    return {
        "roi": _roi(response, paid, organic, value, panel),
        "contributions": _contributions(response, paid, organic, parts, markdown, panel),
        "fit": _fit(response.dates, actual, mean, total),
        "curves": _curves(response),
        "shapes": _shapes(response),
        "baseline": _baseline(parts, markdown, value),
        "total": _total(response, paid, value),
    }


def _roi(response, paid, organic, value, panel):  # type: ignore[no-untyped-def]
    rows = []
    groups: list[str | None] = [None, *(response.groups if panel else ())]
    for group in groups:
        chosen = range(len(response.groups)) if group is None else [response.groups.index(group)]
        for c, name in enumerate(PAID):
            spend = float(sum(response.spend[:, g, c].sum() for g in chosen))
            draws = sum(paid[c, g].sum(axis=1) for g in chosen)
            rows.append(_row(name, group, spend, draws, value, width=c))
    for name, draws in organic.items():
        rows.append(_row(name, None, None, draws.sum(axis=1), value, width=5))
    return pd.DataFrame(rows)


def _row(name, group, spend, draws, value, width):  # type: ignore[no-untyped-def]
    def stats(prefix: str, x: np.ndarray | None) -> dict[str, float]:
        if x is None:
            return {f"{prefix}_{part}": np.nan for part in ("mean", "median", "hdi_low", "hdi_high")}
        low, high = _bounds(x)
        return {
            f"{prefix}_mean": x.mean(),
            f"{prefix}_median": np.median(x),
            f"{prefix}_hdi_low": low,
            f"{prefix}_hdi_high": high,
        }

    roi = draws / spend if spend else None
    share = stats("share", draws / value)
    share.pop("share_median")
    return {
        "channel": name,
        "group": group,
        "paid": spend is not None,
        "spend": np.nan if spend is None else spend,
        **stats("contribution", draws),
        **share,
        **stats("roi", roi),
        **stats("mroi", None if roi is None else 0.62 * roi),
        "contraction": 0.9 - 0.085 * width,
        "identified": "yes" if width < 6 else "weak" if width < 9 else "no",
        "warning": "M013" if width > 10 else None,
    }


def _contributions(response, paid, organic, parts, markdown, panel):  # type: ignore[no-untyped-def]
    frames = []

    def add(component: str, kind: str, draws: np.ndarray, group: str | None = None) -> None:
        draws = np.atleast_2d(draws)
        low, high = np.quantile(draws, [0.05, 0.95], axis=0)
        frames.append(
            pd.DataFrame(
                {
                    "date": response.dates,
                    "group": group,
                    "component": component,
                    "kind": kind,
                    "mean": draws.mean(axis=0),
                    "hdi_low": low,
                    "hdi_high": high,
                }
            )
        )

    for c, name in enumerate(PAID):
        add(name, "paid", sum(paid[c, g] for g in range(len(response.groups))))
        for g, group in enumerate(response.groups if panel else ()):
            add(name, "paid", paid[c, g], group)
    for name, draws in organic.items():
        add(name, "organic", draws)
    add("markdown", "lever", markdown)
    for name, path in parts.items():
        add(name, "baseline", path)
    return pd.concat(frames, ignore_index=True)


def _fit(dates, actual, mean, total):  # type: ignore[no-untyped-def]
    spread = 1.645 * np.sqrt((0.02 * mean) ** 2 + total.var(axis=0))
    frame = {"date": dates, "group": None, "actual": actual, "mean": mean}
    return pd.DataFrame({**frame, "hdi_low": mean - spread, "hdi_high": mean + spread, "residual": actual - mean})


def _curves(response: ResponseDraws) -> pd.DataFrame:
    rows = []
    for c, name in enumerate(PAID):
        spend = response.spend[:, :, c].sum(axis=1)
        current, most = float(spend.mean()), float(spend.max())
        grid = np.sort(np.append(np.linspace(0, 1.5 * most, 40), current))
        unit = response.cost_per_exposure[0, c] * response.scale[0, c]
        x = grid / unit / len(response.groups)
        y = response.coefficient[:, :, c].sum(axis=1)[:, None] * x / (x + response.half_saturation[:, c, None])
        low, high = np.quantile(y, [0.05, 0.95], axis=0)
        rows.append(
            pd.DataFrame(
                {
                    "channel": name,
                    "group": None,
                    "spend": grid,
                    "outcome_mean": y.mean(axis=0),
                    "outcome_hdi_low": low,
                    "outcome_hdi_high": high,
                    "extrapolated": grid > most,
                    "is_current": grid == current,
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def _shapes(response: ResponseDraws) -> pd.DataFrame:
    # Geometric weights fall by the retention from one week to the next.
    days = 7 * np.log(0.5) / np.log(response.weights[:, :, 1] / response.weights[:, :, 0])
    half = response.half_saturation * (response.scale * response.cost_per_exposure).sum(axis=0)
    rows = []
    for c, name in enumerate(PAID):
        for quantity, unit, draws in (
            ("half_life", "days", days[:, c]),
            ("half_saturation", "USD per week", half[:, c]),
        ):
            low, high = _bounds(draws)
            middle = {"mean": draws.mean(), "median": np.median(draws), "hdi_low": low, "hdi_high": high}
            rows.append({"channel": name, "quantity": quantity, "unit": unit, **middle})
    return pd.DataFrame(rows)


def _baseline(parts, markdown, value):  # type: ignore[no-untyped-def]
    rows = []
    for name, path in [*parts.items(), ("markdown", markdown)]:
        x = float(path.sum())
        middle = {"mean": x, "hdi_low": x - 2e7, "hdi_high": x + 2e7}
        shares = {f"share_{key}": amount / value for key, amount in middle.items()}
        kind = "lever" if name == "markdown" else "baseline"
        rows.append({"component": name, "kind": kind, **middle, **shares})
    return pd.DataFrame(rows)


def _total(response, paid, value):  # type: ignore[no-untyped-def]
    spend = float(response.spend.sum())
    row = _row("paid media", None, spend, sum(draws.sum(axis=1) for draws in paid.values()), value, width=0)
    drop = ("channel", "group", "paid", "contraction", "identified", "warning")
    return pd.DataFrame([{"outcome": value, **{key: x for key, x in row.items() if key not in drop}}])


def _model(response: ResponseDraws) -> dict[str, object]:
    return {
        "currency": "USD",
        "hdi": HDI,
        "kpi": response.outcome,
        "kpi_type": "revenue" if response.money else "units",
        "outcome_unit": response.outcome_unit,
        "money": response.money,
        "frequency": "weekly",
        "period": "week",
        "window_start": str(response.dates[0].date()),
        "window_end": str(response.dates[-1].date()),
        "periods_scored": WEEKS,
        "groups": list(response.groups) if response.is_panel else [],
        "channels": [*PAID, *ORGANIC],
        "r2": 0.93,
        "assumed": [
            "Before the data, paid media were believed to cause about 10% of sales (90%: 1.5% to 42%).",
            "A channel's ROI was believed to lie within five times the average, up or down.",
            "Effects of media are never negative, carry over geometrically and flatten (Hill, slope 1).",
        ],
    }


def _trust(trusted: bool) -> dict[str, object]:
    cause = "" if trusted else "The chains settled on different answers: the data allow more than one explanation."
    rows = [
        ("T001", "R-hat", 1.004 if trusted else 1.31, 1.01, trusted, "half-life of tv", cause),
        ("T002", "bulk ESS", 1210.0, 400.0, True, "trend", ""),
        ("T003", "tail ESS", 980.0, 400.0, True, "ROI of social", ""),
        ("T004", "divergent draws", 0.0, 0.001, True, "all draws", ""),
        ("T005", "E-BFMI", 0.82, 0.3, True, "all draws", ""),
    ]
    names = ("id", "name", "value", "limit", "passed", "quantity", "cause")
    checks = [dict(zip(names, row, strict=True)) for row in rows]
    return {"passed": trusted, "checks": checks, "draws": 1000, "chains": 4, "failing": []}


def _findings() -> list[dict[str, str]]:
    return [
        {
            "id": "D110",
            "severity": "warning",
            "where": "channel social",
            "what": "45 rows have spend without exposure (USD 1.2M in all)",
            "repair": "Ask the agency for the missing exposures, or leave the exposure column out.",
        },
        {
            "id": "D112",
            "severity": "warning",
            "where": "channels tv, radio",
            "what": "their exposures move together (correlation 0.93)",
            "repair": "Read the two as a sum, or run a lift test on one of them.",
        },
    ]

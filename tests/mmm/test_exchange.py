"""Models for and from PyMC-Marketing: the same numbers come out of both, and what differs is told or refused."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pymc_marketing.mmm import (
    MMM,
    BinomialAdstock,
    GeometricAdstock,
    HillSaturation,
    LogisticSaturation,
    LogSaturation,
    MichaelisMentenSaturation,
    NoSaturation,
)

from mmm.config import MediaSection
from mmm.exchange import to_pymc_marketing
from mmm.exchange_from import from_pymc_marketing
from mmm.media import MediaMixModel
from outlay.errors import DataError
from outlay.transforms import LOG2, LOG3, Bend, adstock_weights, saturated_adstock
from tests.mmm.simulate import PROJECT, Channel, simulate

CHANNELS = (Channel("tv", cost=12.0, spend=40_000.0), Channel("search"), Channel("social", on=0.9))


@pytest.fixture(autouse=True)
def _quiet_peer() -> Iterator[None]:
    """pymc-marketing warns of the future of its own dependencies; ours are tested elsewhere."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def model_of(groups: tuple[str, ...] = (), every: dict[str, Any] | None = None, **section: Any) -> MediaMixModel:
    """A market of 60 weeks as a model; ``every`` is added to each channel."""
    world = simulate(3, CHANNELS, n=60, groups=groups, l_max=6, levers=[])
    described = world.section.model_dump(exclude_unset=True)
    described["channels"] = [{**channel, **(every or {})} for channel in described["channels"]]
    described |= section
    return MediaMixModel.from_frame(world.frame, MediaSection.model_validate(described), PROJECT)


def evaluated(mmm: Any, name: str, point: dict[str, np.ndarray]) -> np.ndarray:
    """One of the MMM's quantities at a point."""
    graph = mmm.model.replace_rvs_by_values([mmm.model[name]])[0]
    values = mmm.model.compile_fn(graph, inputs=mmm.model.value_vars, mode="FAST_COMPILE", on_unused_input="ignore")
    return np.asarray(values(point))


def our_contribution(model: MediaMixModel, mmm: Any, point: dict[str, np.ndarray]) -> np.ndarray:
    """Scaled contributions, (T, G, C), from the MMM's parameters by our own transforms."""
    design, channel = model.design, model.section.channels[0]
    free = {name.removesuffix("_log__"): np.exp(value) for name, value in point.items() if name.endswith("_log__")}
    ones = np.ones(model.panel.n_channels)
    shape = free.get("adstock_theta", free.get("adstock_k", ones))
    life = free.get("adstock_halflife", free.get("adstock_lam", ones) * LOG2 ** (1.0 / shape))
    weights = adstock_weights(channel.adstock, life, shape, design.l_max)
    rate = free.get("saturation_lam", free.get("saturation_kappa", ones))
    half = LOG3 / rate if channel.saturation in ("logistic", "tanh") else rate
    slope = free.get("saturation_slope", ones if channel.slope == "free" else ones * float(channel.slope))
    root = point.get("saturation_alpha_logodds__")
    slope = 1.0 / (1.0 + np.exp(-root)) if root is not None else slope
    stem = "saturation_alpha_raw" if plain(channel) else "saturation_beta_raw"
    log_effect = point.get(stem, point.get(f"{stem}_mu"))
    groups = [log_effect] * model.panel.n_groups
    if model.design.pooled:
        groups = [log_effect + free[f"{stem}_sigma"] * z for z in point[f"{stem}_offset"]]
    out = np.zeros(design.x.shape)
    for g, own in enumerate(groups):
        for c in range(len(ones)):
            bend = Bend(channel.saturation, half[c : c + 1], slope[c : c + 1], channel.saturation_first)
            media = saturated_adstock(design.x[:, g, c], weights[c : c + 1], bend)[0]
            out[:, g, c] = np.exp(own[c]) * media
    return out


def plain(channel: Any) -> bool:
    """Michaelis-Menten, which a Hill curve of slope one is there; its effect is called alpha."""
    return channel.saturation == "michaelis_menten" or (channel.saturation == "hill" and channel.slope == 1.0)


FAMILIES = [
    {"adstock": "geometric", "saturation": "hill"},
    {"adstock": "delayed", "saturation": "logistic"},
    {"adstock": "weibull", "saturation": "hill", "slope": "free"},
    {"adstock": "weibull_cdf", "saturation": "root"},
    {"adstock": "none", "saturation": "none"},
    {"adstock": "geometric", "saturation": "tanh", "saturation_first": True},
    {"adstock": "delayed", "saturation": "michaelis_menten", "saturation_first": True},
    {"adstock": "none", "saturation": "hill", "slope": 1.7},
]


@pytest.mark.parametrize("groups", [(), ("north", "south")], ids=["national", "panel"])
@pytest.mark.parametrize("every", FAMILIES, ids=lambda every: f"{every['adstock']}-{every['saturation']}")
def test_the_mmm_computes_our_contributions(every: dict[str, Any], groups: tuple[str, ...]) -> None:
    model = model_of(groups, every)
    peer = to_pymc_marketing(model)
    rng = np.random.default_rng(1)
    start = peer.mmm.model.initial_point()
    point = {name: np.asarray(value + 0.4 * rng.normal(size=np.shape(value))) for name, value in start.items()}
    theirs = evaluated(peer.mmm, "channel_contribution", point)
    dims = peer.mmm.model.named_vars_to_dims["channel_contribution"]
    theirs = np.moveaxis(theirs, [dims.index(dim) for dim in ("date", *peer.mmm.dims, "channel")], range(theirs.ndim))
    ours = our_contribution(model, peer.mmm, point)
    # Scaled contributions are of order one: 1e-10 leaves room for another order of sums, and for nothing else.
    np.testing.assert_allclose(theirs.reshape(ours.shape), ours, atol=1e-10)


@pytest.mark.parametrize("groups", [(), ("north", "south")], ids=["national", "panel"])
def test_the_mmm_sees_our_data(groups: tuple[str, ...]) -> None:
    model = model_of(groups)
    peer = to_pymc_marketing(model)
    panel, design = model.panel, model.design
    scaled = peer.y.to_numpy().reshape(panel.kpi.shape) / design.y_scale
    np.testing.assert_allclose(scaled[design.fit], design.y)
    for c, name in enumerate(panel.channels):
        np.testing.assert_array_equal(peer.X[name].to_numpy().reshape(panel.kpi.shape), panel.exposure[:, :, c])
    assert peer.mmm.yearly_seasonality == 2  # two pairs of waves, which are not control columns any more
    assert list(peer.mmm.control_columns) == ["trend", "control price"]


def test_beliefs_about_coefficients_and_half_lives_are_carried_over_exactly() -> None:
    prior = {"on": "coefficient", "low": 0.1, "high": 0.4, "probability": 0.9}
    model = model_of(every={"prior": prior, "half_life_days": 14.0})
    peer = to_pymc_marketing(model)
    effect = peer.mmm.saturation.function_priors["alpha"].parameters
    np.testing.assert_allclose(effect["mu"], np.log(0.2))  # the middle of 0.1 and 0.4 on the log scale
    np.testing.assert_allclose(effect["sigma"], np.log(2.0) / 1.6448536, rtol=1e-6)  # 90 % within a factor of two
    np.testing.assert_allclose(peer.mmm.adstock.function_priors["halflife"].parameters["mu"], np.log(2.0))  # two weeks
    assert not [found for found in peer.findings if "ROI" in found.what]


@pytest.mark.parametrize("every", FAMILIES[:4], ids=lambda every: f"{every['adstock']}-{every['saturation']}")
def test_beliefs_about_shapes_are_carried_over(every: dict[str, Any]) -> None:
    model = model_of(every=every)
    peer, priors = to_pymc_marketing(model), model.priors
    told = {**peer.mmm.saturation.function_priors, **peer.mmm.adstock.function_priors}
    middle = {name: np.exp(prior.parameters["mu"]) for name, prior in told.items() if prior.distribution == "LogNormal"}
    spread = {name: prior.parameters["sigma"] for name, prior in told.items() if prior.distribution == "LogNormal"}
    half = np.exp(priors.half_saturation_log[0])
    if every["saturation"] == "logistic":  # half of the ceiling is reached at the middle of our half-saturation
        np.testing.assert_allclose(np.tanh(middle["lam"] * half / 2), 0.5)
        np.testing.assert_allclose(spread["lam"], priors.half_saturation_log[1])
    elif every["saturation"] == "hill":
        name = "kappa" if every.get("slope") == "free" else "lam"
        np.testing.assert_allclose(middle[name], half)
        np.testing.assert_allclose(spread[name], priors.half_saturation_log[1])
    if every.get("slope") == "free":
        np.testing.assert_allclose(middle["slope"], np.exp(priors.slope_log[0]))
    second = {"delayed": "theta", "weibull": "k", "weibull_cdf": "k"}.get(every["adstock"])
    if second is not None:
        np.testing.assert_allclose(middle[second], np.exp(priors.shape_log[0]))
        np.testing.assert_allclose(spread[second], priors.shape_log[1])
    if every["adstock"].startswith("weibull"):
        # log scale = log half-life + 0.3665 / k; with log k normal (sd 0.4) the mean of 1 / k is exp(0.08), and its sd
        # 0.45: 0.397 more in the middle. A thousand draws know that mean to 0.006.
        more = np.log(middle["lam"]) - priors.half_life_log[0]
        np.testing.assert_allclose(more, 0.3665 * np.exp(0.08), atol=0.03)


def test_beliefs_about_shares_become_the_coefficients_that_they_imply() -> None:
    prior = {"on": "share", "mean": 0.1, "sd": 0.01}
    model = model_of(every={"prior": prior})
    peer = to_pymc_marketing(model)
    effect = peer.mmm.saturation.function_priors["alpha"].parameters
    # Half-saturation is at twice the mean exposure when on, and half-lives of a week: the mean saturated media of a
    # channel that runs most of the time are between 0.1 and 0.4, so a share of 0.1 is a coefficient of 0.25 to 1.
    assert (np.exp(effect["mu"]) > 0.25).all()
    assert (np.exp(effect["mu"]) < 1.0).all()
    # Nearly all of its spread is that of half-saturation (log sd 1, by which the curve is between 0 and 1 as elastic).
    assert (effect["sigma"] > 0.3).all()
    assert (effect["sigma"] < 1.0).all()
    assert any("ROI, share" in found.what for found in peer.findings)


def test_every_difference_is_told() -> None:
    model = model_of(("north", "south"), {"adstock": "weibull", "saturation": "tanh"}, likelihood="student_t")
    told = [(found.id, found.where) for found in to_pymc_marketing(model).findings]
    expected = {"priors", "rows", "adstock", "saturation", "likelihood", "season", "controls", "spend"}
    assert {where for _, where in told} == expected
    assert {id for id, _ in told} == {"M091", "M092"}


def refused(**kwargs: Any) -> str:
    with pytest.raises(DataError) as caught:
        to_pymc_marketing(model_of(**kwargs))
    assert {finding.id for finding in caught.value.findings} == {"M090"}
    return " ".join(finding.what for finding in caught.value.findings)


def mixed(key: str, *values: str) -> list[dict[str, Any]]:
    names = ("tv", "search", "social")
    return [{"name": n, "spend": f"{n}_spend", key: value} for n, value in zip(names, values, strict=True)]


def test_what_an_mmm_cannot_say_is_refused() -> None:
    assert "one saturation for all channels" in refused(channels=mixed("saturation", "hill", "logistic", "hill"))
    assert "one adstock for all channels" in refused(channels=mixed("adstock", "geometric", "none", "geometric"))
    assert "log likelihood" in refused(likelihood="log")
    assert "hierarchy" in refused(groups=("a", "b"), hierarchy="normal")
    signed = {"prior": {"on": "share", "mean": 0.0, "sd": 0.1, "family": "normal"}}
    assert "either sign" in refused(every=signed)
    lever = [{"name": "discount", "column": "depth", "sign": "positive"}]
    assert "known direction" in refused(levers=lever)


def market(groups: tuple[str, ...] = ()) -> pd.DataFrame:
    """Weeks of two channels and a control."""
    frame = simulate(4, CHANNELS[1:], n=80, groups=groups, l_max=6, levers=[]).frame
    return frame.rename(columns={"search_spend": "search", "social_spend": "social"})


def mmm_of(frame: pd.DataFrame, **keys: Any) -> Any:
    """A built MMM."""
    described: dict[str, Any] = {
        "date_column": "date",
        "target_column": "sales",
        "channel_columns": ["social", "search"],
        "control_columns": ["price"],
        "yearly_seasonality": 3,
        "adstock": GeometricAdstock(l_max=5),
        "saturation": LogisticSaturation(),
    } | keys
    mmm = MMM(**described)
    mmm.build_model(frame.drop(columns="sales"), frame["sales"])
    return mmm


@pytest.mark.parametrize("groups", [(), ("north", "south", "west")], ids=["national", "panel"])
def test_an_mmm_and_its_data_become_our_model(groups: tuple[str, ...]) -> None:
    frame = market(groups)
    model = from_pymc_marketing(mmm_of(frame, dims=("geo",) if groups else ()), PROJECT, sampling={"draws": 7})
    section, panel = model.section, model.panel
    assert panel.channels == ("social", "search")
    assert (panel.adstock, panel.saturation) == (("geometric",) * 2, ("logistic",) * 2)
    assert (section.l_max, section.seasonality, section.trend, section.sampling.draws) == (5, 3, False, 7)
    ordered = frame.sort_values(["date", "geo"])
    shape = (80, max(len(groups), 1))
    for name, series in [("sales", panel.kpi), ("social", panel.spend[:, :, 0]), ("price", panel.controls[:, :, 0])]:
        np.testing.assert_array_equal(series, ordered[name].to_numpy().reshape(shape))
    told = {found.id for found in panel.findings if found.where in ("priors", "rows", "units", "spend")}
    assert told == {"M091", "M092"}
    model.build()


def test_the_mmms_own_beliefs_come_along() -> None:
    frame = market()
    model = from_pymc_marketing(mmm_of(frame), PROJECT)
    # Beta(1, 3) has its median at 1 - 0.5^(1/3) = 0.2063; a retention of that much is 0.439 weeks or 3.07 days. Five
    # thousand draws know the median to about 2 %.
    assert [c.half_life_days for c in model.section.channels] == pytest.approx([3.07] * 2, rel=0.06)
    # HalfNormal(2) on a KPI of at most one: 5 % below 0.125 and 5 % above 3.92, and more by how far the peak is up.
    unit = frame["sales"].max() / frame["sales"].mean()
    prior = model.section.channels[0].prior
    assert prior is not None
    assert (prior.low, prior.high) == pytest.approx((0.1254 * unit, 3.920 * unit), rel=0.1)


@pytest.mark.parametrize("groups", [(), ("north", "south")], ids=["national", "panel"])
@pytest.mark.parametrize("every", FAMILIES[:2], ids=lambda every: f"{every['adstock']}-{every['saturation']}")
def test_there_and_back_is_the_same_model(every: dict[str, Any], groups: tuple[str, ...]) -> None:
    prior = {"on": "coefficient", "low": 0.1, "high": 0.5}
    model = model_of(groups, {**every, "prior": prior, "half_life_days": 10.0})
    back = from_pymc_marketing(to_pymc_marketing(model).mmm, PROJECT)
    np.testing.assert_array_equal(back.panel.kpi, model.panel.kpi)
    np.testing.assert_array_equal(back.panel.exposure, model.panel.exposure)
    assert back.panel.adstock == model.panel.adstock
    assert back.design.l_max == model.design.l_max
    # Quantiles and medians of five thousand draws: within some hundredths of their logarithm.
    np.testing.assert_allclose(back.priors.own, model.priors.own, atol=0.05)
    np.testing.assert_allclose(back.priors.half_life_log[0], model.priors.half_life_log[0], atol=0.08)


def test_cells_that_the_mmm_has_filled_are_told() -> None:
    frame = market()
    frame.loc[3, "search"] = np.nan
    model = from_pymc_marketing(mmm_of(frame), PROJECT)
    assert ["1 empty cells are zero" in found.what for found in model.panel.findings if found.where == "data"] == [True]


@pytest.mark.parametrize(
    "keys, word",
    [
        ({"adstock": BinomialAdstock(l_max=5)}, "BinomialAdstock"),
        ({"saturation": LogSaturation()}, "LogSaturation"),
        ({"adstock": GeometricAdstock(l_max=5, normalize=False)}, "sum to one"),
        ({"time_varying_intercept": True}, "time-varying intercept"),
        ({"time_varying_media": True}, "vary over time"),
    ],
)
def test_what_we_cannot_say_is_refused(keys: dict[str, Any], word: str) -> None:
    with pytest.raises(DataError, match=word):
        from_pymc_marketing(mmm_of(market(), **keys), PROJECT)


def test_an_mmm_without_data_is_refused() -> None:
    mmm = MMM(date_column="d", channel_columns=["a"], adstock=GeometricAdstock(l_max=2), saturation=HillSaturation())
    with pytest.raises(DataError, match="build_model"):
        from_pymc_marketing(mmm, PROJECT)


@pytest.mark.parametrize(
    "curve, name",
    [(MichaelisMentenSaturation(), "michaelis_menten"), (NoSaturation(), "none"), (HillSaturation(), "hill")],
)
def test_further_curves_are_known(curve: Any, name: str) -> None:
    model = from_pymc_marketing(mmm_of(market(), saturation=curve), PROJECT)
    assert set(model.panel.saturation) == {name}
    assert np.isfinite(model.priors.own).all()
    assert {channel.slope for channel in model.section.channels} == {"free" if name == "hill" else 1.0}

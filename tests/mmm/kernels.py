"""Markets that hold every family side by side, and the PyMC model's posterior with its linear block integrated out.

The second part knows nothing of the kernel's algebra. The PyMC model's log density is quadratic in the integrated
parameters b, and its gradient by the others is too, so that both integrals are exact from its gradients at a few b.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from mmm.config import MediaSection
from mmm.design import Design, make_design
from mmm.kernel_draws import sampled_parameters
from mmm.kernel_spec import Spec, make_spec
from mmm.panel import panel_from_frame
from mmm.priors import Priors, make_priors
from outlay.project import ProjectSection

ADSTOCKS = ("geometric", "delayed", "weibull", "weibull_cdf", "none")
SATURATIONS = ("hill", "michaelis_menten", "logistic", "tanh", "root", "none")
INTEGRATED = ("level", "coefficient", "coefficient_group", "coefficient_deviation")
TODAY = date(2026, 1, 1)


@dataclass(frozen=True)
class Case:
    """A market with its design and priors."""

    design: Design
    priors: Priors

    @property
    def spec(self) -> Spec:
        return make_spec(self.design, self.priors)


def channel(name: str, **keys: Any) -> dict[str, Any]:
    return {"name": name, "spend": f"{name}_spend"} | keys


def families(first: bool) -> list[dict[str, Any]]:
    """Every adstock with every saturation, in one order."""
    return [
        channel(f"{adstock}_{saturation}", adstock=adstock, saturation=saturation, saturation_first=first)
        for adstock, saturation in product(ADSTOCKS, SATURATIONS)
    ]


def priors_of_their_own() -> list[dict[str, Any]]:
    """Every way of stating a belief, Hill with other slopes, organic media, and reach with frequency."""
    reach = {"reach": "{}_reach", "frequency": "{}_frequency"}
    return [
        channel("plain"),
        channel("free", slope="free"),
        channel("steep", slope=2.5, adstock="delayed"),
        channel("roi", prior={"on": "roi", "low": 0.5, "high": 3.0}),
        channel("share", prior={"on": "share", "mean": 0.02, "sd": 0.02, "family": "normal"}, saturation="tanh"),
        channel("coefficient", prior={"on": "coefficient", "mean": 0.1, "sd": 0.1}, saturation_first=True),
        {"name": "organic", "exposure": "organic_spend", "saturation": "root"},
        channel("tv", **{key: form.format("tv") for key, form in reach.items()}, adstock="weibull"),
    ]


def frame_of(channels: list[dict[str, Any]], n: int, groups: list[dict[str, str]], seed: int) -> pd.DataFrame:
    """A table with every column that the channels name, two controls and two levers."""
    rng = np.random.default_rng(seed)
    parts = []
    for keys in groups:
        part = pd.DataFrame({"date": pd.date_range("2022-01-03", periods=n, freq="7D"), **keys})
        part["sales"] = 1_000.0 * (1.0 + 0.1 * rng.standard_normal(n)) * rng.uniform(0.5, 2.0)
        for c in channels:
            name = c["name"]
            part[f"{name}_spend"] = 0.0 if c.get("never") else rng.gamma(2.0, 20.0, n) * (rng.uniform(size=n) < 0.7)
            if "reach" in c:
                part[f"{name}_reach"] = part[f"{name}_spend"] * 3.0
                part[f"{name}_frequency"] = np.where(part[f"{name}_spend"] > 0, 1.0 + rng.gamma(2.0, 1.0, n), 0.0)
        for name in ("price", "weather", "depth", "stock"):
            part[name] = 10.0 + rng.standard_normal(n)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def case_of(
    channels: list[dict[str, Any]], n: int = 40, groups: Any = ({},), seed: int = 1, columns: Any = None, **keys: Any
) -> Case:
    """The market of some channels; ``columns`` are the channels that the table is made for, where those are others."""
    frame = frame_of(columns or channels, n, list(groups), seed)
    section = MediaSection(
        date="date",
        kpi="sales",
        channels=channels,
        **{
            "controls": ["price", "weather"],
            "levers": [
                {"name": "discount", "column": "depth", "sign": "positive"},
                {"name": "shortage", "column": "stock", "sign": "negative"},
            ],
            "l_max": 6,
            **keys,
        },
    )
    panel = panel_from_frame(frame, section, ProjectSection(name="test", currency="EUR"), today=TODAY)
    design = make_design(panel, section)
    return Case(design, make_priors(design))


_ONE = [{"geo": name} for name in ("a", "b", "c")]
_NESTED = [{"region": region, "store": f"{region}{i}"} for region in ("n", "s") for i in (1, 2)]
_CROSSED = [{"geo": geo, "brand": brand} for geo in ("x", "y") for brand in ("p", "q")]


def _panel(groups: list[dict[str, str]], **keys: Any) -> Case:
    names = list(groups[0])
    group = names[0] if len(names) == 1 else names
    return case_of(priors_of_their_own(), **{"n": 30, "groups": groups, "group": group, **keys})


def _deficient() -> Case:
    """A column of zeros, a column twice, and more columns than rows: directions that the data say nothing of."""
    case = _panel(_ONE[:2], n=18, l_max=4, trend=False, controls=[])
    z = case.design.z
    rng = np.random.default_rng(0)
    more = rng.standard_normal((len(z), z.shape[1], len(z) + 2))
    more -= more.mean(0)
    more[..., 0], more[..., 1] = 0.0, more[..., 2]
    more[:, 1] = 0.0  # one group without any
    k = more.shape[-1]
    # A design has as many terms as columns; only their number is read here.
    terms = case.design.terms[:1] * (k + 2)
    signed = tuple(replace(term, sign=s) for term, s in zip(terms, (*[0] * k, 1, -1), strict=True))
    centre = np.tile(case.design.centre[:, :1], (1, k + 2))  # of the one column that all terms are
    design = replace(case.design, z=more, terms=signed, centre=centre, centred=np.arange(k) % 3 == 0)
    return Case(design, case.priors)


_CASES = {
    "adstock first": lambda: case_of(families(first=False)),
    "saturation first": lambda: case_of(families(first=True), seed=2, likelihood="log"),
    "beliefs": lambda: case_of(priors_of_their_own(), seed=3),
    "bare": lambda: case_of([channel("only")], trend=False, controls=[], levers=[], seasonality=0, l_max=1),
    "geos": lambda: _panel(_ONE),
    "nested": lambda: _panel(_NESTED, hierarchy="normal", likelihood="log"),
    "crossed": lambda: _panel(_CROSSED, trend=False, controls=[], levers=[], seasonality=0),
    "deficient": _deficient,
}
NAMES = tuple(_CASES)


@cache
def case(name: str) -> Case:
    """A market by name."""
    it = _CASES[name]()
    if name in ("geos", "nested"):
        # Both ways of writing a deviation in one model, whichever the data would choose.
        return replace(it, design=replace(it.design, centred=np.arange(it.design.z.shape[-1]) % 2 == 0))
    return it


@dataclass(frozen=True)
class Integral:
    """The PyMC model at one point of the sampled parameters, with the rest integrated out.

    Attributes
    ----------
    value : float
        Log density.
    gradient : mapping of str to ndarray
        By the sampled parameters, in PyMC's own coordinates.
    mean, precision : ndarray (B,), (B, B)
        Of the integrated parameters, given the sampled ones.
    """

    value: float
    gradient: dict[str, np.ndarray]
    mean: np.ndarray
    precision: np.ndarray


class Definition:
    """The compiled PyMC model of a case."""

    def __init__(self, it: Case) -> None:
        from mmm.model import build_model

        self.model = build_model(it.design, it.priors)
        names = {rv.name: rv for rv in self.model.free_RVs}
        self.values = {name: self.model.rvs_to_values[rv].name for name, rv in names.items()}
        self.shapes = {name: np.shape(value) for name, value in self.model.initial_point().items()}
        self.integrated = [name for name in INTEGRATED if name in names]
        self.sampled = [name for name in names if name not in INTEGRATED]
        order = [names[name] for name in (*self.integrated, *self.sampled)]
        self.split = sum(int(np.prod(self.shapes[name], dtype=int)) for name in self.integrated)
        outputs = [self.model.logp(), self.model.dlogp(order)]
        self.call = self.model.compile_fn(outputs, inputs=self.model.value_vars, mode="FAST_COMPILE")

    def at(self, point: Mapping[str, np.ndarray], b: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Log density, gradient by the integrated and by the sampled parameters."""
        where, start = dict(point), 0
        for name in self.integrated:
            size = int(np.prod(self.shapes[name], dtype=int))  # not transformed: the same name
            where[name] = b[start : start + size].reshape(self.shapes[name])
            start += size
        value, gradient = self.call(where)
        return float(value), gradient[: self.split], gradient[self.split :]

    def integral(self, point: Mapping[str, np.ndarray]) -> Integral:
        """Exact, because the density is quadratic in b, and its gradient by the sampled parameters too."""
        n = self.split
        start = self.at(point, np.zeros(n))[1]
        precision = np.stack([start - self.at(point, unit)[1] for unit in np.eye(n)])
        precision = (precision + precision.T) / 2
        mean = np.linalg.solve(precision, start)
        value = self.at(point, mean)[0] + 0.5 * n * np.log(2 * np.pi) - 0.5 * np.linalg.slogdet(precision)[1]
        spread = np.linalg.cholesky(np.linalg.inv(precision)).T * np.sqrt(n)
        flat = np.mean([self.at(point, mean + sign * step)[2] for step in spread for sign in (1, -1)], axis=0)
        gradient, at = {}, 0
        for name in self.sampled:
            size = int(np.prod(self.shapes[self.values[name]], dtype=int))
            gradient[name], at = flat[at : at + size], at + size
        return Integral(value, gradient, mean, precision)


@cache
def definition(name: str) -> Definition:
    """The compiled PyMC model of a named case."""
    return Definition(case(name))


def point_of(spec: Spec, definition: Definition, theta: np.ndarray) -> dict[str, np.ndarray]:
    """A point of the kernel as PyMC takes it: the parameters that it stands for, in PyMC's coordinates."""
    logs = {block.name for block in spec.blocks if block.form == "log"}
    point = {}
    for name, natural in sampled_parameters(spec, theta[None]).items():
        value = natural[0]
        if name in logs:
            value = np.log(value)
        elif name == "root":
            value = np.log(value / (1.0 - value))
        elif name == "paid_split":
            # PyMC's rotation of numbers that add to zero into one fewer.
            value = value[:-1] + value[-1] * -np.sqrt(len(value)) / (np.sqrt(len(value)) + len(value))
        point[definition.values[name]] = np.reshape(value, definition.shapes[definition.values[name]])
    return point


def gradient_of(spec: Spec, definition: Definition, theta: np.ndarray, exact: Integral) -> np.ndarray:
    """The integral's gradient by the kernel's coordinates, through the derivatives of PyMC's by them.

    Those are differences of the fourth order over a step of 1e-3: their error, the fifth derivative times 1e-12 / 30
    and rounding of 1e-13, lies far below what is tested.
    """
    names = [definition.values[name] for name in exact.gradient]

    def flat(at: np.ndarray) -> np.ndarray:
        point = point_of(spec, definition, at)
        return np.concatenate([np.ravel(point[name]) for name in names])

    pull, step = np.concatenate([np.ravel(g) for g in exact.gradient.values()]), 1e-3
    gradient = np.empty_like(theta)
    for i, unit in enumerate(np.eye(len(theta)) * step):
        near, far = flat(theta + unit) - flat(theta - unit), flat(theta + 2 * unit) - flat(theta - 2 * unit)
        gradient[i] = pull @ (8 * near - far) / (12 * step)
    return gradient


def log_jacobian(spec: Spec) -> float:
    """Of the log odds by the total and its rotated split: one direction is stretched by the root of their number."""
    return -0.5 * float(np.log(max(spec.data.n_pooled, 1)))

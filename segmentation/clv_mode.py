"""Where the posterior is highest and how it curves there: the coordinates in which the sampler moves.

With thousands of customers the posterior of three or four parameters is nearly normal. In coordinates that make it a
standard normal a step of the sampler crosses it, whatever the correlations are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from outlay.errors import TrustError
from outlay.transforms import Array
from segmentation.clv_pack import BG_NBD

_STEP = 1e-4
"""Step of the differences of the gradient, in logarithms of parameters."""

_LARGEST_VARIANCE = 4.0
"""Where the data say nothing about a direction, it moves by this (in squared logarithms) and not by infinity."""

type Fused = Callable[[Array], tuple[float, Array]]


@dataclass(frozen=True, eq=False)
class Mode:
    """The highest point of a posterior.

    Attributes
    ----------
    centre : ndarray (d,)
        Unbounded parameters there.
    root : ndarray (d, d)
        Lower triangle with ``root @ root.T`` the covariance of the normal approximation.
    value : float
        Log density there, up to a constant.
    """

    centre: Array
    root: Array
    value: float

    @property
    def spread(self) -> Array:
        """Standard deviations of the unbounded parameters (d,)."""
        return np.asarray(np.sqrt(np.square(self.root).sum(axis=1)))


def find_mode(fused: Fused, start: Array) -> Mode:
    """Climb from a start to the mode.

    Raises
    ------
    TrustError
        T007, where the density is not a number around the start, or has no top.
    """
    from scipy.optimize import minimize

    scale = max(abs(fused(start)[0]), 1.0)

    def downhill(at: Array) -> tuple[float, Array]:
        value, gradient = fused(at)
        if not (np.isfinite(value) and np.isfinite(gradient).all()):
            return 1e10, np.zeros_like(at)
        return -value / scale, -gradient / scale

    found = minimize(downhill, start, jac=True, method="BFGS", options={"gtol": 1e-9, "maxiter": 500})
    centre = np.asarray(found.x, float)
    for _ in range(3):  # Newton's steps: BFGS stops where a sum over a million customers has no more digits
        hessian = _hessian(fused, centre)
        step = _covariance(hessian) @ fused(centre)[1]
        if not np.isfinite(step).all() or np.abs(step).max() > 1.0:
            break
        centre = centre + step
    value = fused(centre)[0]
    if not np.isfinite(value) or np.abs(centre).max() > 30.0:
        raise TrustError(
            "the posterior of the customers' purchases has no top",
            where="the model of lifetime value",
            repair="Look for extreme frequencies, ages or amounts. `outlay explain T007` tells more.",
            id="T007",
        )
    return Mode(centre, np.asarray(np.linalg.cholesky(_covariance(_hessian(fused, centre))), float), value)


def _hessian(fused: Fused, at: Array) -> Array:
    size = len(at)
    out = np.empty((size, size))
    for i in range(size):
        step = np.zeros(size)
        step[i] = _STEP
        out[i] = (fused(at + step)[1] - fused(at - step)[1]) / (2.0 * _STEP)
    return 0.5 * (out + out.T)


def _covariance(hessian: Array) -> Array:
    """Inverse of the curvature, with what is flat or bends upwards held to :data:`_LARGEST_VARIANCE`."""
    values, vectors = np.linalg.eigh(-hessian)
    variance = np.where(values > 1.0 / _LARGEST_VARIANCE, 1.0 / np.maximum(values, 1e-300), _LARGEST_VARIANCE)
    return np.asarray((vectors * variance) @ vectors.T)


def fused_of(buffer: Array) -> Fused:
    """The kernel's log density and gradient in natural coordinates, as a function of Python."""
    from segmentation.kernel_clv import evaluate

    def fused(at: Array) -> tuple[float, Array]:
        gradient = np.empty(len(at))
        return float(evaluate(np.asarray(at, float), gradient, buffer)), gradient

    return fused


def start_of(buffer: Array) -> Array:
    """A point inside every prior, (d,): the scales of priors, half of customers' shares."""
    code, dim = int(buffer[1]), int(buffer[2])
    scales = buffer[8 : 8 + dim]
    if code == BG_NBD:
        return np.array([np.log(0.5 * scales[0]), np.log(0.5 * scales[1]), -0.6, 0.5])
    return np.asarray(np.log(0.5 * scales))


def natural(code_name: str, theta: Array) -> dict[str, Array]:
    """Parameters by name from unbounded ones (..., d)."""
    from scipy.special import ndtr

    if code_name == "bg_nbd":
        w, sure = theta[..., 2], 1.0 / ndtr(-theta[..., 3])
        rates = {name: np.exp(theta[..., i]) for i, name in enumerate(("r", "alpha"))}
        return rates | {"a": ndtr(w) * sure, "b": ndtr(-w) * sure}
    if code_name == "pareto_nbd":
        return {name: np.exp(theta[..., i]) for i, name in enumerate(("r", "alpha", "s", "beta"))}
    return {"p": np.exp(theta[..., 0]), "q": 1.0 + np.exp(theta[..., 1]), "v": np.exp(theta[..., 2])}

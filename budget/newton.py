"""One Newton step within the rules: the plan that is best under slopes and second derivatives of separate curves."""

from __future__ import annotations

import numpy as np

from budget.polytope import Polytope
from outlay.transforms import Array


class NewtonStep:
    """Quadratic programs over one polytope, by Clarabel; a failure costs nothing but the step."""

    def __init__(self, polytope: Polytope) -> None:
        import clarabel
        import scipy.sparse as sparse

        whole = polytope.matrix.shape[1]
        same = polytope.low == polytope.high
        most, least = np.isfinite(polytope.high) & ~same, np.isfinite(polytope.low) & ~same
        matrix, unit = polytope.matrix.tocsr(), sparse.eye_array(whole, format="csr")
        self._matrix = sparse.vstack([matrix[same], matrix[most], -matrix[least], unit, -unit]).tocsc()
        self._sides = np.concatenate([polytope.high[same], polytope.high[most], -polytope.low[least]])
        inequalities = self._matrix.shape[0] - int(same.sum())
        self._cones = [clarabel.ZeroConeT(int(same.sum())), clarabel.NonnegativeConeT(inequalities)]
        self._polytope = polytope
        self._settings = clarabel.DefaultSettings()
        self._settings.verbose, self._settings.max_threads = False, 1
        # A gap of e leaves the plan uncertain by its square root.
        self._settings.tol_gap_abs = self._settings.tol_gap_rel = 1e-12
        self._settings.tol_feas = 1e-10

    def best(self, gradient: Array, steepening: Array, center: Array, lower: Array, upper: Array) -> Array | None:
        """The plan (N,) that maximises ``gradient @ d + steepening @ d ** 2 / 2`` with ``d = z - center``."""
        import clarabel
        import scipy.sparse as sparse

        n, extra = self._polytope.n, self._polytope.extra
        bent = np.concatenate([np.maximum(-steepening, 0.0), np.zeros(extra)])
        linear = np.concatenate([-(gradient - steepening * center), np.zeros(extra)])
        most = np.concatenate([upper, self._polytope.upper[n:]])
        least = np.concatenate([lower, self._polytope.lower[n:]])
        loose = 1e4  # nothing scaled is near it
        sides = np.concatenate([self._sides, np.minimum(most, loose), -np.maximum(least, -loose)])
        solver = clarabel.DefaultSolver(
            sparse.diags_array(bent, format="csc"), linear, self._matrix, sides, self._cones, self._settings
        )
        answer = solver.solve()
        if answer.status != clarabel.SolverStatus.Solved:
            return None
        return np.clip(np.asarray(answer.x)[:n], lower, upper)

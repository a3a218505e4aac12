"""Facts of segments of customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.star.facts import SEGMENT

if TYPE_CHECKING:
    from cli.star.rows import About, Facts

_WORTH = {
    "p_alive": "p_alive",
    **{name: f"{name}_mean" for name in ("clv", "clv_total")},
    **{f"{name}_{end}": f"{name}_{end}" for name in ("clv", "clv_total") for end in ("low", "high")},
}


def segment(run: About) -> Facts:
    """Size, value and lifetime value of each segment."""
    found = run.table("segments")
    if found is None:
        return
    worth = run.table("clv_segments")
    if worth is not None and (run.force or clv_trusted(run)):
        of_segments = worth[worth["number"].notna()]
        one = of_segments.astype({"number": "int64"})[["number", *_WORTH]].rename(columns=_WORTH)
        found = found.merge(one, on="number", how="left", validate="one_to_one")
    yield SEGMENT, found.assign(currency=run.facts["currency"], hdi=run.facts["hdi"])


def clv_trusted(run: About) -> bool:
    """Whether the run's lifetime values passed the trust gate, or have none to pass."""
    from cli.fits import mapping

    kept = "clv_trust.json" in run.run.manifest["files"]
    return not kept or bool(mapping(run.run, "clv_trust.json").get("passed"))

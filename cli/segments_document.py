"""The document of ``outlay segment``, from a run or from what was found without one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from outlay.document import Document
    from outlay.findings import Finding
    from outlay.runs import Run
    from segmentation.document import Mode, SegmentOutput

_GATED = {"clv_trusted": ("clv_segments", "holdout"), "response_trusted": ("propensity",)}
"""Tables that rest on a posterior, by the fact that says whether that passed the trust gate."""


def document_of_run(
    run: Run, tables: Mapping[str, pd.DataFrame], *, force: bool, mode: Mode | None = None
) -> SegmentOutput:
    """The document of a kept run."""
    from cli.fits import findings_of, mapping

    facts = mapping(run, "segments.json")
    wanted: Mode = mode or ("assign" if run.kind == "segment_assign" else "profile")
    return document_of(wanted, run.id, tables, facts, findings_of(run), force=force)


def document_of(
    mode: Mode,
    run: str | None,
    tables: Mapping[str, pd.DataFrame],
    facts: Mapping[str, Any],
    findings: Sequence[Finding],
    *,
    force: bool,
) -> SegmentOutput:
    """Everything but the customers themselves and the points of the map, which stay in the run.

    Lifetime value and responses that did not pass the trust gate are left out unless `force`.
    """
    from outlay.document import FindingRow, documents
    from segmentation import document as rows

    kinds: dict[str, tuple[str, type[Document]]] = {
        "choice": ("choice", rows.ChoiceRow),
        "segments": ("segments", rows.SegmentRow),
        "features": ("features", rows.FeatureRow),
        "actions": ("actions", rows.ActionRow),
        "importance": ("importance", rows.ImportanceRow),
        "partial": ("partial", rows.PartialRow),
        "effects": ("effects", rows.EffectRow),
        "bias": ("bias", rows.BiasRow),
        "clv_segments": ("clv", rows.ClvRow),
        "holdout": ("holdout", rows.HoldoutRow),
        "propensity": ("propensity", rows.PropensityRow),
        "migration": ("migration", rows.MigrationRow),
        "migration_segments": ("moved", rows.MovedRow),
        "drift": ("drift", rows.DriftRow),
    }
    hidden = {name for fact, names in _GATED.items() if facts.get(fact) is False and not force for name in names}
    built: dict[str, Any] = {
        key: documents(tables[name], kind)
        for name, (key, kind) in kinds.items()
        if name in tables and name not in hidden
    }
    plain = {key: value for key, value in facts.items() if key in rows.SegmentOutput.model_fields}
    built["findings"] = [FindingRow.of(finding) for finding in findings]
    return rows.SegmentOutput(**{**plain, **built, "mode": mode, "run": run})

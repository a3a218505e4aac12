"""Runs of segments made by hand, for what reads the labels of customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from outlay.runs import Run, RunWriter


def segment_run(
    base: Path,
    labels: Mapping[str, str],
    *,
    kind: str = "segment",
    id: str | None = "account_id",
    as_of: str | None = None,
    from_value: Sequence[str] = (),
) -> Run:
    """Keep who is in which segment as `outlay segment` does, in the folder of runs of a project."""
    names = list(dict.fromkeys(labels.values()))
    table = pd.DataFrame(
        {
            "id": list(labels),
            "number": [names.index(name) + 1 for name in labels.values()],
            "segment": list(labels.values()),
            "sureness": 0.9,
        }
    )
    with RunWriter(base / "runs", kind, command=["outlay", "segment"], seed=1) as writer:
        writer.write_table("labels", table)
        writer.write_json("segments", {"id": id, "as_of": as_of, "from_value": list(from_value)})
    return writer.run

"""The appendix: facts about the model, beliefs before the data beside what was found, versions and the project file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.report.parts import Table
from outlay import style
from outlay.exports import records

if TYPE_CHECKING:
    from cli.report.data import ReportData
    from mmm.media import FittedMedia
    from outlay.runs import Run


def facts(data: ReportData) -> Table:
    """The model in a table: what is explained, by what, over which time, and how it was sampled."""
    model, told = data.model, data.total_rows()
    kinds = {"paid": "paid", "organic": "organic", "lever": "levers"}
    counts = [(word, sum(row.kind == kind for row in told)) for kind, word in kinds.items()]
    draws, chains = data.trust_facts.get("draws"), data.trust_facts.get("chains")
    rows = [
        ("Outcome", f"{data.outcome} ({data.unit})"),
        ("Window", f"{model.get('window_start', '')} to {model.get('window_end', '')}"),
        ("Periods", f"{model.get('periods_scored', '')}, {model.get('frequency', '')}"),
        ("Groups", str(len(data.groups)) if data.groups else "one national series"),
        ("Channels and levers", ", ".join(f"{n} {word}" for word, n in counts if n)),
        ("Posterior", f"{chains} chains of {draws} draws" if draws and chains else ""),
        ("Sampler", str(model.get("engine", ""))),
        ("Parameters", str(model.get("parameters", ""))),
        ("Variation explained (R2)", style.percent(_number(model.get("r2")), 0) if model.get("r2") is not None else ""),
        ("Autocorrelation of what is left over", _plain(model.get("residual_autocorrelation"))),
    ]
    return Table(
        (("Fact", False), ("Value", False)), tuple(row for row in rows if row[1].strip(", ") not in ("", "to"))
    )


def _number(x: object) -> float | None:
    return float(x) if isinstance(x, int | float) else None


def _plain(x: object) -> str:
    value = _number(x)
    return "" if value is None else style.ratio(value)


def loaded(run: Run) -> FittedMedia | None:
    """The fit with its draws; None for a run that keeps only tables."""
    from mmm.media import FittedMedia

    return FittedMedia.load(run.path) if "design.nc" in run.manifest["files"] else None


def priors(data: ReportData, fitted: FittedMedia) -> Table:
    """What was believed of each channel before the data, beside what is believed after."""
    from mmm.prior_check import check_priors

    check = check_priors(fitted.design, fitted.priors, fitted.project.hdi, fitted.project.seed)
    after = {row.channel: row for row in data.total_rows()}
    unit = "ROI" if data.money else f"{data.unit} per {data.currency}"
    headers = (
        ("Channel", False),
        (f"{unit} before (median)", True),
        (f"{data.level} interval", True),
        (f"{unit} after (median)", True),
        (f"{data.level} HDI", True),
        ("Data say", False),
    )
    rows = []
    for row in records(check.channels):
        name = str(row["channel"])
        told = after.get(name)
        if told is None or not told.paid or row.get("group") is not None:
            continue
        rows.append(
            (
                name,
                style.ratio(row["roi_median"]),
                style.ratio_between(row["roi_hdi_low"], row["roi_hdi_high"]),
                style.ratio(told.roi_median),
                style.ratio_between(told.roi_hdi_low, told.roi_hdi_high),
                style.DATA_SAY[told.identified],
            )
        )
    return Table(headers, tuple(rows))


def versions(run: Run) -> Table:
    """Versions and seed of a run."""
    found = run.manifest.get("versions", {})
    rows = [(str(name), str(version)) for name, version in found.items()]
    rows.append(("seed", str(run.manifest.get("seed"))))
    return Table((("What", False), ("Version", False)), tuple(rows))


def inputs(run: Run) -> Table:
    """Tables that a run read, with their fingerprints."""
    found = run.manifest.get("inputs", {})
    return Table((("Input", False), ("SHA-256", False)), tuple((str(name), str(hash)) for name, hash in found.items()))


def project_file(run: Run) -> str:
    """The project file as it was when the run was made; empty where the run keeps none."""
    if "config.lock.toml" not in run.manifest["files"]:
        return ""
    return run.file("config.lock.toml").read_text(encoding="utf-8")

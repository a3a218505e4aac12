"""The table of docs/scores.md, made from the numbers."""

from __future__ import annotations

from attribution.scores import LeadScores

SHOWN = {
    "score": "the score",
    "score, frozen on the day of the fit": "the same, frozen on the day of the fit",
    "classifier alone": "the classifier alone",
    "plain logistic regression": "plain logistic regression",
}


def rows(found: LeadScores) -> list[str]:
    """Markdown rows: AUC, PR-AUC, log-loss, slope and intercept with their 90 % intervals, mean error by tenths."""
    made = []
    for row in found.tables["metrics"].to_dict("records"):
        if row["name"] not in SHOWN:
            continue
        cells = [SHOWN[str(row["name"])]]
        for name, digits in (("auc", 3), ("pr_auc", 3), ("log_loss", 4), ("slope", 2), ("intercept", 2)):
            low, high = (f"{row[f'{name}_{end}'] + 0.0:.{digits}f}" for end in ("low", "high"))
            cells.append(f"{row[name] + 0.0:.{digits}f} ({low} to {high})")
        cells.append(f"{row['calibration_error']:.1%}".replace("%", " %"))
        made.append("| " + " | ".join(cells) + " |")
    return made

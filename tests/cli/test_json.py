"""What ``--json`` prints: one document, of the published schema, of the shape that a golden file holds."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.app import app
from cli.outputs.registry import OUTPUTS

GOLDEN = Path(__file__).parent / "golden"
ASKED = {
    "roi": ["roi"],
    "curves": ["curves"],
    "plan": ["plan", "--dry-run"],
    "report": ["report", "--dry-run"],
    "runs": ["runs"],
    "runs-show": ["runs", "show"],
    "doctor": ["doctor"],
    "explain": ["explain", "X001"],
}


def shape(value: Any) -> Any:
    """Keys and kinds of a document without its values; lists are told by their first item."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return {str: "text", bool: "truth", int: "number", float: "number", type(None): "null"}[type(value)]


@pytest.mark.parametrize("name", ASKED)
def test_documents(name: str, fitted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(fitted)
    said = CliRunner().invoke(app, [*ASKED[name], "--json"])
    # doctor may find a problem of the machine that runs the tests (exit 1); its document is complete all the same
    assert said.exit_code in ((0, 1) if name == "doctor" else (0,))
    document = json.loads(said.stdout)
    OUTPUTS[name].model_validate(document)
    if name in ("doctor", "runs-show"):
        return  # their keys name the packages and files of this machine
    path = GOLDEN / f"json-{name}.json"
    text = json.dumps(shape(document), indent=1) + "\n"
    if os.environ.get("OUTLAY_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_json_has_what_the_design_promises(fitted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys that the design fixes for roi and plan, so that a golden file cannot be rewritten past them."""
    monkeypatch.chdir(fitted)
    roi = json.loads(CliRunner().invoke(app, ["roi", "--json"]).stdout)
    assert {"run", "currency", "rows", "hdi", "baseline"} <= set(roi)
    row = {"channel", "group", "spend", "contribution_mean", "contribution_hdi_low", "contribution_hdi_high"}
    row |= {"roi_mean", "roi_median", "roi_hdi_low", "roi_hdi_high", "mroi_mean", "share_mean"}
    assert row <= set(roi["rows"][0])
    plan = json.loads(CliRunner().invoke(app, ["plan", "--dry-run", "--json"]).stdout)
    top = {"status", "objective", "budget", "expected", "expected_hdi_low", "expected_hdi_high", "reference"}
    assert top | {"gain_mean", "p_better", "upper_bound", "gap", "rows", "shadow_prices"} <= set(plan)
    cell = {"channel", "group", "period", "reference_spend", "spend", "lower", "upper", "mroi", "binding"}
    assert cell <= set(plan["rows"][0])


def test_an_organic_channel_has_no_roi(fitted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(fitted)
    rows = json.loads(CliRunner().invoke(app, ["roi", "--json"]).stdout)["rows"]
    email = next(row for row in rows if row["channel"] == "email")
    assert email["contribution_mean"] > 0
    assert (email["spend"], email["roi_mean"], email["mroi_hdi_low"]) == (None, None, None)


@pytest.mark.parametrize("name", OUTPUTS)
def test_every_document_has_a_schema(name: str) -> None:
    said = CliRunner().invoke(app, ["schema", "--json-output", name])
    assert said.exit_code == 0
    schema = json.loads(said.stdout)
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False


def test_the_project_schema_has_the_sections() -> None:
    schema = json.loads(CliRunner().invoke(app, ["schema"]).stdout)
    assert {"project", "media", "plan"} <= set(schema["properties"])


def test_a_refusal_is_a_document_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = CliRunner().invoke(app, ["roi", "--json"])
    document = json.loads(said.stdout)
    OUTPUTS["error"].model_validate(document)
    assert document["error"]["exit_code"] == said.exit_code == 1
    assert document["error"]["id"] == "R001"

"""Which document belongs to which command: ``outlay schema --json-output COMMAND`` prints the JSON Schema of each."""

from __future__ import annotations

from attribution.document_conversion import ConvertOutput
from attribution.document_journeys import AttributeOutput
from attribution.document_scorecard import ScorecardOutput
from attribution.document_scores import ScoreOutput
from budget.document import PlanOutput
from budget.document_compare import CompareOutput, ScenariosOutput
from cli.outputs.about import DoctorOutput, ErrorOutput, ExplainOutput
from cli.outputs.checks import CheckOutput, InitOutput
from cli.outputs.export_db import ExportDbOutput
from cli.outputs.export_xlsx import ExportXlsxOutput
from cli.outputs.media import CurvesOutput, FitOutput, ForecastOutput, RoiOutput
from cli.outputs.refresh import RefreshOutput
from cli.outputs.runs import DemoOutput, ReportOutput, RunOutput, RunsOutput
from cli.outputs.serve import ServeOutput
from cli.outputs.validation import ValidateOutput
from outlay.document import Document
from segmentation.document import SegmentOutput

OUTPUTS: dict[str, type[Document]] = {
    "init": InitOutput,
    "check": CheckOutput,
    "segment": SegmentOutput,
    "convert": ConvertOutput,
    "fit": FitOutput,
    "roi": RoiOutput,
    "curves": CurvesOutput,
    "forecast": ForecastOutput,
    "plan": PlanOutput,
    "plan-scenarios": ScenariosOutput,
    "scorecard": ScorecardOutput,
    "compare": CompareOutput,
    "report": ReportOutput,
    "refresh": RefreshOutput,
    "serve": ServeOutput,
    "runs": RunsOutput,
    "runs-show": RunOutput,
    "validate": ValidateOutput,
    "doctor": DoctorOutput,
    "explain": ExplainOutput,
    "demo": DemoOutput,
    "attribute": AttributeOutput,
    "score": ScoreOutput,
    "export-db": ExportDbOutput,
    "export-xlsx": ExportXlsxOutput,
    "error": ErrorOutput,
}

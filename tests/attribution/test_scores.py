"""Scores from leads to tables: what is learnt, what is refused, and what is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from attribution.catalogue import CATALOGUE
from attribution.config_score import ScoreSection
from attribution.reasons import contributions, sampled
from attribution.recalibrate import logit_of
from attribution.scores import ScoringTable, score_leads
from attribution.scores_classes import score_classes
from attribution.scores_classifiers import MAKERS, boost_library
from attribution.scores_features import learn_encoder
from attribution.scores_folds import blocks_of
from attribution.scores_rows import _labels
from attribution.scores_table import split_by_date
from outlay.errors import ConfigError, DataError, MissingDependencyError
from tests.attribution.scored import leads

PLAIN = ScoreSection(classifier="logistic", reasons=5)


def ids(found: object) -> set[str]:
    return {finding.id for finding in found.findings}  # type: ignore[attr-defined]


def refusal(table: ScoringTable, section: ScoreSection = PLAIN) -> set[str]:
    with pytest.raises(DataError) as caught:
        score_leads(table, section)
    return {finding.id for finding in caught.value.findings if finding.severity == "error"}


@pytest.fixture(scope="module")
def world() -> tuple[ScoringTable, np.ndarray]:
    return leads(6000)


def test_probabilities_are_near_the_truth(world: tuple[ScoringTable, np.ndarray]) -> None:
    table, truth = world
    found = score_leads(table, PLAIN)
    scores = found.tables["scores"]
    error = scores["probability"] - truth[scores["row"]]
    # outcomes have an sd of 0.4 around the truth; 4,500 leads and a walk of the rate leave a tenth of it
    assert np.sqrt((error**2).mean()) < 0.05
    # the last quarter begins with a whole day: 1,521 leads, a tenth of which is 152.1
    assert found.tables["captures"]["leads"].tolist() == [152, 304, 457, 456, 152]
    assert found.tables["metrics"].set_index("name").loc["score", "slope"] == pytest.approx(1, abs=0.2)


def test_the_same_seed_gives_the_same_scores(world: tuple[ScoringTable, np.ndarray]) -> None:
    section = ScoreSection(classifier="boosting", reasons=3)
    one, other = (score_leads(world[0], section, seed=3).tables["scores"] for _ in range(2))
    pd.testing.assert_frame_equal(one, other)


def test_the_order_of_the_table_does_not_matter(world: tuple[ScoringTable, np.ndarray]) -> None:
    table, _ = world
    # days are shuffled among themselves only where they differ, so that the stable order in time is the same
    order = np.argsort(np.random.default_rng(1).random(table.n_leads))
    order = order[np.argsort(np.asarray(table.created)[order], kind="stable")]
    back = np.random.default_rng(2).permutation(table.n_leads)
    mixed = replace(
        table,
        features=table.features.iloc[back].reset_index(drop=True),
        **{name: getattr(table, name)[back] for name in ("outcome", "created", "segment", "channel")},
    )
    one, other = (score_leads(given, PLAIN).tables["metrics"]["auc"][0] for given in (table, mixed))
    # leads of one day may swap between blocks; the area moves by less than a fifth of its standard error (0.015)
    assert one == pytest.approx(other, abs=3e-3)


def test_an_own_classifier_is_used_and_named(world: tuple[ScoringTable, np.ndarray]) -> None:
    from sklearn.naive_bayes import GaussianNB

    found = score_leads(world[0], PLAIN, classifier=GaussianNB())
    assert found.facts["classifier"] == "GaussianNB"
    assert found.tables["metrics"]["auc"][0] > 0.6


def test_auto_says_what_it_took_and_why(world: tuple[ScoringTable, np.ndarray]) -> None:
    found = score_leads(world[0], ScoreSection(reasons=0))
    losses = found.facts["classifier_losses"]
    assert {"logistic", "boosting", "50% logistic, 50% boosting"} <= set(losses)
    assert losses[found.facts["classifier"]] == min(losses.values())


def test_a_jump_of_the_rate_is_followed_and_told() -> None:
    table, _ = leads(4000, jump=1.5)
    metrics = score_leads(table, replace_section(test_from=date(2024, 11, 15))).tables["metrics"].set_index("name")
    assert metrics.loc["score", "log_loss"] < metrics.loc["classifier alone", "log_loss"] - 0.02
    assert abs(metrics.loc["score", "mean_probability"] - metrics.loc["score", "rate"]) < 0.04
    assert "S015" in ids(score_leads(table, replace_section(test_from=date(2024, 11, 15))))
    still = score_leads(table, replace_section(test_from=date(2024, 11, 15), drift=False))
    assert "score, frozen on the day of the fit" not in set(still.tables["metrics"]["name"])


def replace_section(**more: object) -> ScoreSection:
    return ScoreSection(classifier="logistic", reasons=0, **more)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------ what is refused


def test_one_outcome_is_refused(world: tuple[ScoringTable, np.ndarray]) -> None:
    table = world[0]
    assert refusal(replace(table, outcome=np.zeros(table.n_leads))) == {"S001"}
    assert refusal(replace(table, outcome=np.full(table.n_leads, np.nan))) == {"S001"}


def test_too_few_conversions_are_refused_and_few_are_told(world: tuple[ScoringTable, np.ndarray]) -> None:
    table = world[0]
    few = np.zeros(table.n_leads)
    few[100:109] = 1
    few[5000:5100:4] = 1
    assert refusal(replace(table, outcome=few)) == {"S008"}
    few[np.arange(0, 4000, 100)] = 1
    assert "S013" in ids(score_leads(replace(table, outcome=few), PLAIN))


def test_a_test_without_leads_is_refused(world: tuple[ScoringTable, np.ndarray]) -> None:
    assert refusal(world[0], replace_section(test_from=date(2026, 1, 1))) == {"S009"}


def test_a_column_that_decides_is_refused_unless_it_is_kept(world: tuple[ScoringTable, np.ndarray]) -> None:
    table = world[0]
    noise = np.random.default_rng(1).normal(0, 0.2, table.n_leads)
    leaking = replace(table, features=table.features.assign(closed=table.outcome + noise))
    assert refusal(leaking) == {"S002"}
    kept = score_leads(leaking, PLAIN.model_copy(update={"keep": ("closed",)}))
    assert kept.tables["metrics"]["auc"][0] > 0.95
    out = score_leads(leaking, PLAIN.model_copy(update={"exclude": ("closed",)}))
    assert out.tables["metrics"]["auc"][0] < 0.85


def test_a_column_that_is_filled_afterwards_is_refused(world: tuple[ScoringTable, np.ndarray]) -> None:
    table = world[0]
    rng = np.random.default_rng(1)
    filled = (table.outcome == 1) & (rng.random(table.n_leads) < 0.6)
    late = replace(table, features=table.features.assign(contract=np.where(filled, "yes", None)))
    assert refusal(late) == {"S003"}


def test_a_column_that_tells_much_is_told(world: tuple[ScoringTable, np.ndarray]) -> None:
    table = world[0]
    duration = table.outcome + np.random.default_rng(1).normal(0, 0.7, table.n_leads)
    found = score_leads(replace(table, features=table.features.assign(duration=duration)), PLAIN)
    assert [f.where for f in found.findings if f.id == "S004"] == ["leads.csv, column duration"]


def test_no_feature_is_refused(world: tuple[ScoringTable, np.ndarray]) -> None:
    table = world[0]
    only = pd.DataFrame({"id": [f"L{i}" for i in range(table.n_leads)], "same": 1.0})
    assert refusal(replace(table, features=only)) == {"S010"}


def test_a_column_that_is_not_there_is_refused(world: tuple[ScoringTable, np.ndarray]) -> None:
    with pytest.raises(ConfigError, match="no column 'visit'"):
        score_leads(world[0], ScoreSection(features=("visit",)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"hours": 3.0},
        {"cost_missed": 3.0},
        {"features": ("a",), "exclude": ("a",)},
        {"stage": "sqo", "outcome": "action"},
        {"costs": {"a": {"b": 1.0}}},
    ],
)
def test_keys_that_do_not_go_together_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        ScoreSection(**wrong)  # type: ignore[arg-type]


def test_a_missing_booster_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "lightgbm", None)
    with pytest.raises(MissingDependencyError, match="lightgbm") as caught:
        boost_library("lightgbm")
    assert "outlay[boost]" in caught.value.repair


# ------------------------------------------------------------------------------------------------ features


def test_kinds_of_columns() -> None:
    n = 300
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "number": rng.normal(size=n),
            "flag": rng.random(n) < 0.5,
            "level": rng.choice(["a", "b"], n),
            "rare": np.where(np.arange(n) < 5, "odd", np.where(np.arange(n) < 150, "x", "y")),
            "digits": np.where(np.arange(n) < 3, " ", rng.integers(0, 1000, n).astype(str)),
            "id": [f"L{i}" for i in range(n)],
            "note": [f"they said the {i} thing was fine" for i in range(n)],
            "day": pd.Timestamp("2024-01-01"),
            "same": "s",
            "gaps": np.where(np.arange(n) < 100, np.nan, 1.0),
        }
    )
    encoder, findings = learn_encoder(frame)
    assert {f.name: f.kind for f in encoder.features} == {
        "number": "number",
        "flag": "number",
        "level": "category",
        "rare": "category",
        "digits": "number",
        "gaps": "number",
    }
    told = {(finding.id, finding.where) for finding in findings}
    assert told == {(id, f"column {name}") for id, name in [("S005", n) for n in ("id", "note", "day", "same")]} | {
        ("S006", "column digits"),
        ("S007", "column rare"),
    }
    matrix = encoder.matrix(frame)
    design, owner = encoder.linear(matrix)
    # number 1, flag 1, level 2, rare 3 (x, y, rare), digits 1 and its gap, gaps 1 and its gap
    assert np.bincount(owner).tolist() == [1, 1, 2, 3, 2, 2]
    assert not np.isnan(design).any()
    assert design[:, owner == 5][:100, 1].all()


def test_missing_is_a_level_and_a_new_level_is_told() -> None:
    frame = pd.DataFrame({"level": ["a"] * 50 + ["b"] * 50 + [None] * 50})
    encoder, _ = learn_encoder(frame)
    assert "(missing)" in encoder.features[0].levels
    new = pd.DataFrame({"level": ["a", "zebra", None]})
    assert list(encoder.unseen(new)) == [("level", ["zebra"], 1)]
    assert np.isnan(encoder.matrix(new)[1, 0])
    assert not np.isnan(encoder.matrix(new)[2, 0])


def test_new_levels_among_scored_leads_are_a_finding(world: tuple[ScoringTable, np.ndarray]) -> None:
    table = world[0]
    industry = table.features["industry"].to_numpy(object).copy()
    industry[-10:] = "space"
    found = score_leads(replace(table, features=table.features.assign(industry=industry)), PLAIN)
    assert [f.what[:2] for f in found.findings if f.id == "S011"] == ["10"]


# ------------------------------------------------------------------------------------------------ time


def test_a_model_sees_only_outcomes_that_were_known() -> None:
    day, label = np.arange(1000), np.arange(1000) % 2
    for span, known in blocks_of(day, 100.0, label):
        assert day[known].max() + 100 <= day[span.start]


def test_a_model_of_too_few_leads_says_nothing_of_the_one_that_scores() -> None:
    day, label = np.arange(1000), np.arange(1000) % 2
    # blocks of 200 days begin on day 200: 51 leads are known then after 150 days, and 101 after 100
    assert [span.start for span, _ in blocks_of(day, 150.0, label)] == [400, 600, 800]
    assert [span.start for span, _ in blocks_of(day, 100.0, label)] == [200, 400, 600, 800]


def test_a_lead_without_a_day_or_without_a_segment(world: tuple[ScoringTable, np.ndarray]) -> None:
    table = world[0]
    created = np.asarray(table.created, "datetime64[D]").copy()
    created[[3, 5]] = np.datetime64("NaT")
    with pytest.raises(DataError) as refused:
        score_leads(replace(table, created=created), PLAIN)
    assert [finding.id for finding in refused.value.findings] == ["S025"]
    assert "rows 4, 6" in refused.value.findings[0].where
    nameless = np.where(np.arange(table.n_leads) % 3 == 0, None, "a").astype(object)
    rows = score_leads(replace(table, segment=nameless), PLAIN).tables["calibration"]
    assert set(rows.loc[rows["by"] == "segment", "name"]) == {"a", "(missing)"}


def test_leads_without_an_outcome_when_the_test_begins_are_in_neither() -> None:
    table, _ = leads(4000, maturity=60.0)
    day = np.asarray(table.created, "datetime64[D]").astype(int)
    young = day > day.max() - 60
    given = replace(table, outcome=np.where(young, np.nan, table.outcome))
    split, findings = split_by_date(given, PLAIN, 1)
    assert (day[split.train] + 60 <= split.test_day).all()
    assert sorted(np.concatenate([split.train, split.between, split.test, split.new])) == list(range(4000))
    assert [finding.id for finding in findings] == ["S012"]
    assert f"{len(split.between):,} leads" in findings[0].what


def test_open_leads_are_graded_handed_over_and_explained() -> None:
    table, _ = leads(4000, maturity=30.0, value=np.full(4000, 100.0))
    day = np.asarray(table.created, "datetime64[D]").astype(int)
    young = day > day.max() - 30
    reached = young & (table.outcome == 1)
    given = replace(table, outcome=np.where(young, np.nan, table.outcome), reached=reached)
    found = score_leads(given, PLAIN.model_copy(update={"hours": 40.0, "hours_per_lead": 2.0}))
    scores = found.tables["scores"]
    new = scores[scores["set"] == "open"]
    assert len(new) == young.sum()
    assert new["handed"].sum() == 20  # 40 hours at two a lead
    assert not (new["handed"] & new["reached"]).any()
    row = found.tables["capacity"].iloc[0]
    assert row["left_out"] == (~new["reached"]).sum() - 20
    # every lead that converted brought 100: worth is a hundred times the probability
    assert new["worth"].to_numpy() == pytest.approx(100 * new["probability"].to_numpy())
    assert found.tables["reasons"]["row"].nunique() == 5
    assert all("raises it" in words or "lowers it" in words for words in found.tables["reasons"]["words"])


def test_segments_without_hours_are_told() -> None:
    table, _ = leads(4000, maturity=30.0)
    day = np.asarray(table.created, "datetime64[D]").astype(int)
    given = replace(table, outcome=np.where(day > day.max() - 30, np.nan, table.outcome))
    found = score_leads(given, PLAIN.model_copy(update={"hours": {"small": 10.0}, "hours_per_lead": 1.0}))
    assert "S018" in ids(found)
    handed = found.tables["scores"][found.tables["scores"]["handed"]]
    assert set(handed["segment"]) == {"small"}


def test_what_is_missing_is_told(world: tuple[ScoringTable, np.ndarray]) -> None:
    assert {"S016", "S017"} <= ids(score_leads(world[0], PLAIN))
    assert "S022" in ids(score_leads(replace(world[0], created=None), PLAIN))
    tied = replace(world[0], features=world[0].features[["segment"]])
    assert "S020" in ids(score_leads(tied, PLAIN))


def test_a_feature_that_drifts_is_told(world: tuple[ScoringTable, np.ndarray]) -> None:
    table = world[0]
    late = np.arange(table.n_leads) > 4600
    moved = table.features.assign(visits=table.features["visits"] + 4 * late)
    found = score_leads(replace(table, features=moved), PLAIN)
    assert "leads.csv, column visits" in [f.where for f in found.findings if f.id == "S014"]
    assert found.tables["drift"]["name"][0] in {"visits", "the score"}


def test_the_rules_stand_beside_the_grades() -> None:
    table, truth = leads(4000)
    rules = np.round(truth * 10 + np.random.default_rng(1).normal(0, 2, 4000))
    found = score_leads(replace(table, rules=rules), PLAIN.model_copy(update={"cost_missed": 9.0, "cost_wasted": 1.0}))
    assert set(found.tables["captures"]["by"]) == {"score", "rules"}
    assert "S016" not in ids(found)
    costs = found.tables["costs"].set_index("way")["cost"]
    assert costs["probability at the threshold"] < costs["rules, as many leads"]


# ------------------------------------------------------------------------------------------------ reasons


@pytest.mark.parametrize("name", ["logistic", "boosting", "lightgbm", "xgboost"])
def test_reasons_add_up_to_the_score(name: str, world: tuple[ScoringTable, np.ndarray]) -> None:
    if name in ("lightgbm", "xgboost"):
        pytest.importorskip(name, reason="the extra [boost] is not installed")
    table = world[0]
    encoder, _ = learn_encoder(table.features)
    matrix, label = encoder.matrix(table.features), table.outcome.astype(np.int64)
    scorer = MAKERS[name](encoder, matrix, label, 2, 1)
    found = contributions(scorer, matrix[:20], matrix[:256], 1)
    said = logit_of(scorer.probabilities(matrix[:20])[:, 1])
    # float32 trees and matrices keep about six digits
    assert found.base + found.parts.sum(axis=1) == pytest.approx(said, abs=2e-4)
    strongest = np.abs(found.parts).mean(axis=0).argmax()
    assert encoder.names[strongest] in {"visits", "segment"}


def test_sampled_reasons_are_shapleys_where_features_add_up() -> None:
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(300, 3)).astype(np.float32)
    weights = np.array([1.0, -2.0, 0.5])
    found = sampled(lambda rows: rows @ weights, matrix[:4], matrix, 1)
    # of a sum, a feature's part is weight times distance from the leads drawn: 16 of them, an sd of 1 / 4
    assert found.parts == pytest.approx(matrix[:4] * weights, abs=1.5)
    assert found.base + found.parts.sum(axis=1) == pytest.approx(matrix[:4] @ weights, abs=1e-5)
    same = sampled(lambda rows: rows @ weights, matrix[:4], matrix[:1], 1)
    assert same.parts == pytest.approx((matrix[:4] - matrix[0]) * weights, abs=1e-5)


# ------------------------------------------------------------------------------------------------ several classes


def classes(n: int = 5000, seed: int = 1) -> tuple[ScoringTable, np.ndarray]:
    table, truth = leads(n, seed)
    rng = np.random.default_rng(seed)
    buy = rng.random(n) < 0.2 * truth
    labels = np.where(buy, "buy", np.where(rng.random(n) < truth, "trial", "none")).astype(object)
    return replace(table, outcome=(labels != "none").astype(float)), labels


def test_rare_classes_keep_their_rates_and_costs_decide() -> None:
    table, labels = classes()
    costs = {"buy": {"none": 40.0, "trial": 20.0}, "trial": {"none": 5.0}}
    found = score_classes(table, labels, ScoreSection(outcome="action", costs=costs, classifier="logistic"))
    by = found.tables["classes"].set_index("name")
    assert found.facts["classes"] == ["none", "trial", "buy"]
    # never re-weighted: the mean probability of each class is near its rate (false alarms: 3 x 0.1 % at 99.9 %)
    assert by["predicted"].to_numpy() == pytest.approx(by["observed"].to_numpy(), abs=0.03)
    metrics = found.tables["metrics"].set_index("name")["log_loss"]
    assert metrics["score"] < metrics["rates of the training"]
    costs_table = found.tables["costs"].set_index("way")["cost"]
    assert costs_table["least expected cost"] < costs_table["likeliest class"]
    columns = [f"p_{name}" for name in found.facts["classes"]]
    assert found.tables["scores"][columns].sum(axis=1).to_numpy() == pytest.approx(1.0, abs=1e-6)


def test_a_class_with_few_leads_is_told_and_an_unknown_one_refused() -> None:
    table, labels = classes()
    labels = labels.copy()
    labels[:6] = "other"
    section = ScoreSection(outcome="action", classifier="logistic")
    assert "S023" in ids(score_classes(table, labels, section))
    with pytest.raises(ConfigError, match="'bye'"):
        score_classes(table, labels, section.model_copy(update={"costs": {"bye": {"none": 1.0}}}))


def test_every_finding_of_scores_has_an_entry_of_some_sentences() -> None:
    ours = {id: entry for id, entry in CATALOGUE.items() if id.startswith("S")}
    assert len(ours) == 28
    assert all(len(entry.meaning) > 80 and entry.repair for entry in ours.values())


def test_what_was_tried_and_left_out_is_told(world: tuple[ScoringTable, np.ndarray]) -> None:
    found = score_leads(world[0], PLAIN)
    left = [trial["name"] for trial in found.facts["trials"] if not trial["taken"]]
    assert len(left) == sum(finding.id == "S019" for finding in found.findings)
    few = score_leads(replace(world[0], created=None), PLAIN.model_copy(update={"drift": False}))
    assert "drift" not in {trial["name"] for trial in few.facts["trials"]}


def test_leads_without_a_class_are_told_and_young_ones_are_not() -> None:
    column = pd.Series(["none", "none", "buy", None, " ", None])
    young = np.array([False] * 5 + [True])
    labels, outcome, findings = _labels(column, young, "leads.csv", "action")
    assert labels.tolist() == ["none", "none", "buy", "", "", ""]
    assert outcome[:3].tolist() == [0, 0, 1]
    assert np.isnan(outcome[3:]).all()
    assert [(f.id, f.where, f.what[0]) for f in findings] == [("S024", "leads.csv, column action", "2")]

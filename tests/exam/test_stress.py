"""What counts as wrong, as spoken and as silent is what docs/truth.md says, and its table shows what was kept."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from benchmarks.stress import END, FAIR_NAME, MARK, ROOT, WORLDS, Answer, common, page, run, summary
from benchmarks.worlds import FAIR, STRESS
from mmm.simulate import simulate

BAR = 2
"""Silent worlds that the exam allows."""

RIGHT = Answer(
    truth={"tv": 2.0, "search": 1.0},
    low={"tv": 1.0, "search": 0.5},
    middle={"tv": 1.9, "search": 1.0},
    high={"tv": 3.0, "search": 2.0},
    total_error=0.1,
    share_error={"tv": 0.1, "search": 0.1},
    verdict={"tv": "yes", "search": "yes"},
    trusted=True,
    warnings=[],
)
MISSED = replace(RIGHT, truth={"tv": 4.0, "search": 1.0})
FAR = replace(RIGHT, total_error=0.4, share_error={"tv": 0.6, "search": 0.1})


def test_a_right_answer_is_never_silent() -> None:
    assert not RIGHT.wrong
    assert not RIGHT.silent()


@pytest.mark.parametrize("wrong", [MISSED, FAR])
def test_a_wrong_answer_that_nobody_doubts_is_silent(wrong: Answer) -> None:
    assert wrong.wrong
    assert wrong.silent()


@pytest.mark.parametrize("wrong", [MISSED, FAR])
@pytest.mark.parametrize(
    "word",
    [
        {"trusted": False},
        {"verdict": {"tv": "weak", "search": "yes"}},
        {"warnings": [("M004", "channel tv: ROI 30 on average")]},
        {"warnings": [("M008", "residuals: neighbouring residuals correlate with 0.70")]},
    ],
)
def test_a_word_about_it_breaks_the_silence(wrong: Answer, word: dict) -> None:
    assert not replace(wrong, **word).silent()


@pytest.mark.parametrize("wrong", [MISSED, FAR])
@pytest.mark.parametrize(
    "word",
    [
        {"verdict": {"tv": "yes", "search": "no"}},
        {"warnings": [("M004", "channel search: ROI 30 on average")]},
    ],
)
def test_a_word_about_another_channel_does_not(wrong: Answer, word: dict) -> None:
    """Search is right here, so doubting it tells nobody about TV."""
    assert replace(wrong, **word).silent()


def test_validation_may_break_a_silence_that_the_fit_kept() -> None:
    led = replace(MISSED, doubts=[("V016", "tv")])
    assert led.silent()
    assert not led.validated.silent()
    assert replace(MISSED, doubts=[("V016", "search")]).validated.silent()
    row = summary([led, MISSED], [])
    assert (row["silent"], row["silent_after_validation"], row["warnings"]) == (2, 1, {"V016": 1})


def test_what_is_always_said_does_not_count() -> None:
    chatter = replace(MISSED, warnings=[("M008", "residuals: neighbouring residuals correlate with 0.70")])
    assert common([chatter, chatter, RIGHT]) == ["M008"]
    assert common([chatter, RIGHT]) == []
    assert chatter.silent(ignored=["M008"])
    row = summary([chatter, chatter, RIGHT], ["M008"])
    assert (row["wrong"], row["silent"], row["is_silent"], row["channels_missed"]) == (2, 2, True, 2)


def test_every_world_can_be_drawn_and_departs_from_the_fair_one() -> None:
    """At least 14, as the exam asks; another description or another truth, and a KPI that a log would take too."""
    assert len(STRESS) >= 14
    for stress in STRESS.values():
        assert stress.world != FAIR
        assert (simulate(stress.world, 0).kpi > 0).all()


def test_the_page_shows_the_numbers_that_were_kept() -> None:
    kept = json.loads((ROOT / "benchmarks" / "results" / "stress.json").read_text(encoding="utf-8"))
    text = (ROOT / "docs" / "truth.md").read_text(encoding="utf-8")
    shown = text.partition(MARK)[2].rpartition(END)[0].strip()
    assert shown == page(kept)
    assert set(kept["rows"]) == {FAIR_NAME, *STRESS}


def test_at_most_two_worlds_are_kept_as_silent() -> None:
    kept = json.loads((ROOT / "benchmarks" / "results" / "stress.json").read_text(encoding="utf-8"))
    assert len(kept["silent_worlds"]) <= BAR
    assert len(kept["silent_worlds_after_validation"]) <= BAR


@pytest.mark.slow
def test_at_most_two_worlds_stay_silent() -> None:
    """The exam's bar, on new fits. A world whose intervals hold by chance is wrong in 27 % of its runs, and silent in
    half of 20 with a probability of 2.4 %; that three such worlds of 20 are has one of 1.2 %.
    """
    answers = run(WORLDS, 20, validated=False, jobs=2)
    ignored = common(answers.pop(FAIR_NAME))
    silent = [name for name, found in answers.items() if summary(found, ignored)["is_silent"]]
    assert len(silent) <= BAR, silent

"""The progress bar: what it says, and that it is silent where nobody watches."""

from __future__ import annotations

import io
import sys

import pytest

from outlay.progress import sampling_bar, words
from outlay.sampling import Progress


class Screen(io.StringIO):
    """A stderr that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_no_bar_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with sampling_bar(enabled=True) as tell:
        assert tell is None


def test_no_bar_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Screen())
    with sampling_bar(enabled=False) as tell:
        assert tell is None


def test_the_bar_passes_from_compiling_to_sampling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling has no total, and a bar that formats one broke every fit in a terminal."""
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with sampling_bar(enabled=True) as tell:
        assert tell is not None
        tell(Progress("compile"))
        tell(Progress("sample", 0, 8000, 0, None))
        tell(Progress("sample", 1200, 8000, 3, 12.4))
    shown = screen.getvalue()
    assert "Compiling the model" in shown
    assert "1,200 of 8,000 draws, 3 divergences, 12 s left" in shown


def test_words_without_an_estimate() -> None:
    assert words(Progress("sample", 0, 8000)) == "0 of 8,000 draws, 0 divergences"

"""Segments in notebooks: sizes, values and the choice of their number as the results have them."""

from __future__ import annotations

import pandas as pd
import pytest

from segmentation.choose import Choice
from segmentation.plots import plot_choice, plot_sizes
from tests.segmentation.test_profiles import by_hand


def test_segments_show_size_and_value() -> None:
    page = by_hand()._repr_html_()
    assert "66.7%" in page  # of the value: 60 of 90
    assert "Value per customer" in page
    size, value = plot_sizes(by_hand()).data
    assert list(size.x) == [0.5, 0.5]  # three of six customers each
    assert list(value.x) == pytest.approx([1 / 3, 2 / 3])  # from the last segment up


def test_the_choice_shows_every_number_and_marks_one() -> None:
    table = pd.DataFrame(
        {"k": [2, 3], "cost": [1.5, 1.2], "silhouette": [0.31, 0.28], "smallest_share": [0.4, 0.2]}
        | {"why": ["", "past the elbow"], "chosen": [True, False]}
    )
    choice = Choice(table, 2, "Two come back.", {}, ())
    page = choice._repr_html_()
    assert page.count("chosen") == 1
    assert "past the elbow" in page
    assert "Two come back." in page
    assert "BIC" not in page  # the method has none
    titles = [title for title, _ in plot_choice(choice)]
    assert titles == ["Cost (lower is closer)", "Silhouette (higher is clearer)", "Smallest segment"]

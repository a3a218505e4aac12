"""What the page says of a refusal: sentences, and no place of the server."""

from __future__ import annotations

import pytest

from outlay.errors import ConfigError
from planner.refusals import refused, sentence


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a scenario needs a name", "A scenario needs a name."),
        ("tv: at least 5 USD", "tv: at least 5 USD."),  # a name stays as its owner writes it
        ("tv + radio: at most 5 USD", "tv + radio: at most 5 USD."),
        ("tv in north: at most 5 USD", "tv in north: at most 5 USD."),
        ("no amount is left: tv gets 5 USD", "No amount is left: tv gets 5 USD."),
        ("Is it?", "Is it?"),
        ("", ""),
    ],
)
def test_a_text_becomes_a_sentence(text: str, said: str) -> None:
    assert sentence(text) == said


def test_a_place_is_told_only_where_it_is_the_planners_own() -> None:
    problem = ConfigError("'lots' is not a number", where="Plan!B6", repair="Write a number", id="X062")
    assert refused(problem) == "'lots' is not a number. Write a number."
    assert refused(problem, where=True) == "Plan!B6: 'lots' is not a number. Write a number."

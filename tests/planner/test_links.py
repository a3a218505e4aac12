"""Links of scenarios: what is in an address comes from anybody."""

from __future__ import annotations

import pytest

from planner.links import Link, link_of

ID = "0123456789ab"


@pytest.mark.parametrize("link", [Link(ID), Link(ID, 1), Link(ID, 12)])
def test_a_link_is_found_in_its_own_address(link: Link) -> None:
    path, _, query = link.address.partition("?")
    assert path == "/plan"
    assert link_of(f"?{query}") == link


@pytest.mark.parametrize(
    "search",
    [
        None,
        "",
        "?",
        "?version=1",
        "?scenario=",
        "?scenario=../../../etc",
        f"?scenario={ID.upper()}",
        f"?scenario={ID}0",
        f"?scenario={ID}&version=0",
        f"?scenario={ID}&version=-1",
        f"?scenario={ID}&version=1e3",
        f"?scenario={ID}&version=99999999999999999999",
        f"?scenario={ID}&version=\u0661",  # a digit of another script
        f"?scenario={ID}%0a",
        "?" + "&".join(f"x{n}=1" for n in range(500)),
    ],
)
def test_what_is_no_link_of_ours_opens_nothing(search: str | None) -> None:
    assert link_of(search) is None

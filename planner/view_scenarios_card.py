"""A scenario as the list shows it, and what its window shows: numbers as they were, and what can be done with it."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash.development.base_component import Component

from planner.desk import Desk
from planner.links import Link
from planner.store import Kept
from planner.view_scenarios_told import moment, numbers_of, provenance

LIKE_A_BUTTON = {
    "padding": "4px 14px",
    "borderRadius": "var(--mantine-radius-sm)",
    "background": "var(--mantine-primary-color-light)",
    "color": "var(--mantine-primary-color-light-color)",
    "fontWeight": 600,
}


def doing(what: str, kept: Kept) -> dict[str, str]:
    """What marks a button that does something with a version; ``assets/scenarios.js`` hands it to the page.

    Ids that match a pattern would do the same, and cost a browser more with every button.
    """
    return {"data-scenario-do": what, "data-scenario": kept.id, "data-scenario-version": str(kept.number)}


def nothing_kept() -> Component:
    """What stands in the place of an empty list."""
    return dmc.Paper(
        dmc.Stack(
            [
                dmc.Text("Nothing is kept yet."),
                dmc.Text(
                    "Make a plan, give it a name in the bar under its numbers, and press Save. It then stands here "
                    "with its numbers, can be opened again by a link, and be compared with others.",
                    size="sm",
                    c="dimmed",
                ),
                dmc.Anchor("Make a plan", href="/plan", refresh=False),
            ],
            gap=4,
        ),
        withBorder=True,
        p="md",
    )


def card(kept: Kept, desk: Desk, *, picked: bool, opened: bool) -> Component:
    """The newest version of a scenario, with its numbers of then."""
    other_fit = kept.fit != desk.study.fit.id
    badges = [
        dmc.Badge(f"version {kept.number}", variant="light", color="gray"),
        *([dmc.Badge("open", variant="light", color="teal")] if opened else []),
        *([dmc.Badge("another fit", variant="light", color="yellow")] if other_fit else []),
        *([dmc.Badge("deleted", variant="filled", color="gray")] if kept.deleted else []),
    ]
    name = dmc.Title(kept.name, order=2, size="md", fw=600, style={"overflowWrap": "anywhere"})
    pick = dmc.Checkbox(
        id={"kind": "scenario-pick", "id": kept.id},
        checked=picked and not kept.deleted,
        disabled=kept.deleted,
        **{"aria-label": f"Compare {kept.name}"},
    )
    about = provenance(kept) + (". Its numbers are those of then." if other_fit else "")
    return dmc.Paper(
        dmc.Stack(
            [
                dmc.Group(
                    [
                        dmc.Group([pick, name, *badges], gap="xs", flex=1, miw=200),
                        _buttons(kept, read_only=desk.study.read_only),
                    ],
                    justify="space-between",
                    gap="xs",
                ),
                dmc.Box(
                    [
                        *([dmc.Text(kept.note, size="sm", style={"overflowWrap": "anywhere"})] if kept.note else []),
                        dmc.Text(about, size="xs", c="dimmed"),
                    ]
                ),
                _numbers(kept),
            ],
            gap="xs",
        ),
        withBorder=True,
        p="sm",
        className="scenario",
        opacity=0.65 if kept.deleted else 1,
    )


def _numbers(kept: Kept) -> Component:
    """The numbers as one component: what a list of n components costs a browser grows with the square of n."""
    rows = [list(one) for one in numbers_of(kept)]
    return dmc.Table(data={"body": rows}, className="numbers num", withRowBorders=False)


def _buttons(kept: Kept, *, read_only: bool) -> Component:
    def do(what: str, label: str, **more: Any) -> Component:
        return dmc.MenuItem(label, **doing(what, kept), **more)

    changing = [] if read_only else [do("rename", "Rename"), do("copy", "Copy"), do("delete", "Delete", color="red")]
    menu = dmc.Menu(
        [
            dmc.MenuTarget(dmc.Button("More", variant="default", size="xs", **{"aria-label": f"More: {kept.name}"})),
            dmc.MenuDropdown([do("versions", f"Versions ({kept.newest})"), *changing]),
        ],
        position="bottom-end",
    )
    if kept.deleted:
        back = dmc.Button(
            "Bring back",
            **doing("undelete", kept),
            size="xs",
            variant="light",
        )
        return dmc.Group([] if read_only else [back], gap="xs")
    return dmc.Group([open_link(kept, f"Open {kept.name}"), menu], gap="xs")


def open_link(kept: Kept, label: str) -> Component:
    """The link that opens a version."""
    return link_button("Open", Link(kept.id, kept.number).address, **{"aria-label": label})


def link_button(label: str, href: str, **more: Any) -> Component:
    """A link that looks like a button: it leads somewhere, and a browser can open it in another tab."""
    return dmc.Anchor(label, href=href, refresh=False, underline="never", size="sm", style=LIKE_A_BUTTON, **more)


def rename(kept: Kept) -> Component:
    """The field for another name."""
    return dmc.Group(
        [
            dmc.TextInput(
                id={"kind": "scenario-name", "id": kept.id},
                label="New name",
                value=kept.name,
                flex=1,
                **{"data-autofocus": True},
            ),
            dmc.Button("Rename", id={"kind": "scenario-rename", "id": kept.id}, n_clicks=0),
        ],
        align="end",
    )


def version(kept: Kept, *, read_only: bool) -> Component:
    """One version with its number of then, its link, and the way back to it."""
    expected = next(one for one in numbers_of(kept) if one[0].startswith("Expected"))
    restore = dmc.Button(
        "Restore",
        **doing("restore", kept),
        size="xs",
        variant="default",
    )
    newest = kept.number == kept.newest
    head = f"Version {kept.number}{', the newest' if newest else ''}"
    who = f" by {kept.who}" if kept.who else ""
    return dmc.Paper(
        dmc.Group(
            [
                dmc.Box(
                    [
                        dmc.Text(head, fw=600, size="sm"),
                        dmc.Text(
                            f"{moment(kept)}{who}{f' ({kept.origin})' if kept.origin else ''}", size="xs", c="dimmed"
                        ),
                        *([dmc.Text(kept.note, size="sm")] if kept.note else []),
                        dmc.Text(f"{expected[0]}: {expected[1]} ({expected[2]})", size="sm", className="num"),
                    ],
                    flex=1,
                    miw=200,
                ),
                dmc.Group(
                    [
                        open_link(kept, f"Open version {kept.number}"),
                        *([] if newest or read_only else [restore]),
                    ],
                    gap="xs",
                ),
            ],
            justify="space-between",
        ),
        withBorder=True,
        p="xs",
    )

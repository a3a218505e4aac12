"""The text of a first project file."""

from __future__ import annotations

import json
from datetime import date

from cli.proposal import ChannelColumns, Proposal

TEMPLATE = Proposal(
    date="week",
    kpi="sales",
    kpi_type="revenue",
    group=None,
    population=None,
    channels=(
        ChannelColumns("tv", "tv_spend", "tv_grp"),
        ChannelColumns("search", "search_spend", "search_clicks"),
        ChannelColumns("email", None, "email_sent"),
    ),
    rest=(),
)
"""What the file without ``--from`` holds: an example to replace."""


def draft(name: str, source: str, proposal: Proposal, *, guessed: bool) -> str:
    """A commented ``outlay.toml``.

    Parameters
    ----------
    name : str
        Name of the project.
    source : str
        Path or URI of the table.
    proposal : Proposal
        Roles of its columns.
    guessed : bool
        Whether the roles are guesses from a table (each is marked so) or an example.
    """
    mark = "  # GUESS: confirm" if guessed else "  # EXAMPLE: replace"
    parts = [_project(name), _media(source, proposal, mark), *_channels(proposal, mark), _levers(), _plan()]
    return "\n".join(parts)


def _text(value: str) -> str:
    # A TOML basic string takes the same escapes as a JSON string, and wants DEL escaped too.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _project(name: str) -> str:
    return f"""# The project file of outlay. `outlay schema` describes every key; `outlay check` looks over the data.

[project]
name = {_text(name)}
currency = "USD"          # the currency of spend (and of the KPI, where it is revenue)
# hdi = 0.9               # level of the intervals
# seed = 1
"""


def _media(source: str, proposal: Proposal, mark: str) -> str:
    lines = [
        "[media]",
        f"source = {_text(source)}",
        f"date = {_text(proposal.date or 'date')}{mark}",
        f"kpi = {_text(proposal.kpi or 'sales')}{mark}",
        f'kpi_type = "{proposal.kpi_type}"{mark}; "revenue" is money in the currency, "units" is a count',
    ]
    if proposal.value_per_kpi:
        lines.append(f"value_per_kpi = {_text(proposal.value_per_kpi)}{mark}; money per unit, so that there is an ROI")
    elif proposal.kpi_type == "units":
        lines.append("# value_per_kpi = 50.0    # money per unit: a number or a column; then there is an ROI")
    if proposal.group:
        lines.append(f'group = {_text(proposal.group)}{mark}; or two columns: ["region", "store"]')
    if proposal.population:
        lines.append(f"population = {_text(proposal.population)}{mark}")
    lines.append('# holidays = "US"         # country code of the built-in holiday calendar')
    if proposal.events:
        lines.append("# One-off events as 0/1 columns; take into the list what `holidays` does not already cover:")
        lines.append(f"# events = [{', '.join(_text(name) for name in proposal.events)}]")
    lines += _controls(proposal.rest)
    return "\n".join(lines) + "\n"


def _controls(rest: tuple[str, ...]) -> list[str]:
    lines = [
        "",
        "# Controls move the KPI and are not moved by media: prices, weather, the economy. A column that media move on",
        "# their way to the KPI (site visits, brand searches) is no control: it would take credit from media.",
    ]
    if not rest:
        return [*lines, "controls = []"]
    lines.append("# Numeric columns without a role; take into the list what is a control:")
    return [*lines, *(f"#   {_comment(name)}" for name in rest), "controls = []"]


def _comment(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _channels(proposal: Proposal, mark: str) -> list[str]:
    head = [
        "# One block for each channel. Without `spend` a channel is organic: it has a contribution, no ROI, no plan.",
        '# What you know of one goes here too: media_type = "tv", or prior = { low = 1.0, high = 3.0 } about its ROI.',
    ]
    blocks = []
    for i, (name, *columns) in enumerate(proposal.channels):
        lines = (head if i == 0 else []) + ["[[media.channels]]", f"name = {_text(name)}"]
        for key, column in zip(ChannelColumns._fields[1:], columns, strict=True):
            if column:
                lines.append(f"{key} = {_text(column)}{mark}")
        blocks.append("\n".join(lines) + "\n")
    return blocks


def _levers() -> str:
    return """# Levers are your own actions that are not media: price, promotion, distribution.
# [[media.levers]]
# name = "discount"
# column = "discount_depth"
# reference = "min"       # the value at which the lever does nothing: min, max, mean or a number
"""


def _plan() -> str:
    year = date.today().year + 1
    return f"""# The next budget: `outlay plan` spreads it over the paid channels.
[plan]
periods = 13              # length of the window in periods of the data
# start = {year}-01-05      # default: the first period after the data
# budget = 1_000_000      # total over the window; default: what the last periods of the same length spent
# [[plan.bounds]]
# channel = "tv"
# max_change = 0.3        # at most 30 % more or less than in the reference plan
"""

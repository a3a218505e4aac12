"""The folder of the example: tables, truth, project file and scenarios."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from cli.b2b.accounts import Accounts, simulate_accounts
from cli.b2b.goals import goals_table
from cli.b2b.journeys import Journeys, simulate_journeys
from cli.b2b.leads import CAUSES, Leads, simulate_leads
from cli.b2b.media import Media, simulate_media, weekly_table
from cli.b2b.truth import hours_at_hand, truth
from cli.b2b.world import AS_OF, LAUNCH, Size

TEMPLATE = Path(__file__).resolve().parent / "template"
"""Project file and scenarios with places for what depends on the seed."""

_STAGES = ["mql", "sqo", "won", "amount"]


@dataclass(frozen=True, eq=False)
class Company:
    """One simulated company: what happened, and what is true of it."""

    size: Size
    media: Media
    leads: Leads
    journeys: Journeys
    accounts: Accounts

    @property
    def leads_table(self) -> pd.DataFrame:
        """The table of leads: who, how far, the label of the last touch, and what was known on the first day."""
        table = self.leads.frame.copy()
        table["channel"] = np.array(CAUSES, object)[self.journeys.label]
        table["account_id"] = self.accounts.ids
        who = [
            "lead_id",
            "account_id",
            "created",
            *_STAGES,
            "segment",
            "sub_segment",
            "region",
            "sub_region",
            "channel",
        ]
        return table[who + [name for name in table.columns if name not in who]]

    @property
    def project_text(self) -> str:
        """The project file, with the seller hours of this world in it."""
        text = (TEMPLATE / "outlay.toml").read_text(encoding="utf-8")
        places = {"as_of": AS_OF.isoformat(), "launch": LAUNCH.isoformat()}
        places |= {f"hours_{name}": f"{number:.0f}" for name, number in hours_at_hand(self.leads).items()}
        for name, value in places.items():
            text = text.replace(f"@{name}@", value)
        return text


def simulate_b2b(seed: int = 1, scale: float = 1.0) -> Company:
    """Draw the company; the same seed and scale give the same one.

    Parameters
    ----------
    seed : int
        Of everything that is drawn.
    scale : float
        Its size: leads, accounts, spend, seller hours and goals; costs per lead stay as they are.
    """
    size = Size(seed, scale)
    # one stream per part: a change in one of them leaves what the others draw alone
    streams = [np.random.default_rng(each) for each in np.random.SeedSequence(seed).spawn(4)]
    media = simulate_media(size, streams[0])
    leads = simulate_leads(size, media, streams[1])
    journeys = simulate_journeys(size, media, leads, streams[2])
    return Company(size, media, leads, journeys, simulate_accounts(leads, streams[3]))


def scenarios() -> tuple[str, ...]:
    """The scenario files, relative to the example's folder."""
    return tuple(f"scenarios/{path.name}" for path in sorted((TEMPLATE / "scenarios").glob("*.toml")))


def files(project: str = "outlay.toml") -> tuple[str, ...]:
    """All that is written, relative to the example's folder, the project file first."""
    data = ("data/accounts.parquet", "data/leads.parquet", "data/touches.parquet", "data/weekly.csv", "data/goals.csv")
    return (project, *scenarios(), *data, "truth/truth.json")


def write_b2b(folder: Path, seed: int = 1, scale: float = 1.0, project: str = "outlay.toml") -> Path:
    """Simulate the company and write its folder; the same seed and scale give the same bytes.

    Parameters
    ----------
    folder : Path
        Made where it is missing. Files in it are overwritten; ``outlay init`` refuses before it comes to that.
    seed, scale
        As :func:`simulate_b2b` takes them.
    project : str
        Name of the project file.

    Returns
    -------
    Path
        The project file.
    """
    return write_company(simulate_b2b(seed, scale), folder, project)


def write_company(company: Company, folder: Path, project: str = "outlay.toml") -> Path:
    """Write a company's folder, and return its project file."""
    for part in ("data", "truth", "scenarios"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    leads = company.leads
    company.accounts.frame.to_parquet(folder / "data/accounts.parquet", index=False)
    company.leads_table.to_parquet(folder / "data/leads.parquet", index=False)
    company.journeys.touches.to_parquet(folder / "data/touches.parquet", index=False)
    weekly = weekly_table(company.media, leads.counts, company.size)
    known = truth(company.size, company.media, leads, company.journeys)
    texts = {
        "data/weekly.csv": weekly.to_csv(index=False, lineterminator="\n"),
        "data/goals.csv": goals_table(leads).to_csv(index=False, lineterminator="\n"),
        "truth/truth.json": json.dumps(known, indent=1) + "\n",
        project: company.project_text,
    }
    texts |= {name: (TEMPLATE / name).read_text(encoding="utf-8") for name in scenarios()}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return folder / project

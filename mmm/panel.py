"""The media panel: every series that a media-mix model reads, dense and in order, after all checks have passed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import compress
from pathlib import Path

import numpy as np
import pandas as pd

from mmm.calendar import Frequency, detect_frequency
from mmm.catalogue import CATALOGUE
from mmm.checks import check_panel, check_table
from mmm.columns import check_columns, number_uses
from mmm.config import LeverSection, MediaSection
from mmm.levels import Grouping, Level
from mmm.rows import Floats, Rows, rows_from_frame, rows_from_table
from mmm.wording import listed
from outlay.catalogue import CATALOGUE as TABLES
from outlay.errors import DataError
from outlay.findings import Finding, errors
from outlay.project import ProjectSection


@dataclass(frozen=True, eq=False)
class MediaPanel:
    """Dates x groups x channels, in original units.

    Shapes: T periods, G groups, C channels, K controls, E events, V levers. Dates ascend without gaps, groups are in
    natural order of their names, channels and all other series in the order of the project file.

    Attributes
    ----------
    dates : DatetimeIndex (T,)
        The periods.
    frequency : Frequency
        Their spacing.
    history : int
        Leading periods with media and without a KPI. There ``kpi`` is NaN, and so are controls, events, levers, and the
        value and lever costs that are columns, whatever the table says of them: nothing uses them.
    groups : tuple of str
        ``("national",)`` without groups; ``"north / s1"`` with two columns.
    grouping : Grouping
        The group columns and their values for each group.
    channels : tuple of str
        Names of the channels.
    paid : ndarray of bool (C,)
        Whether the channel has spend; the others are organic.
    adstock, saturation : tuple of str
        Family per channel.
    exposure : ndarray (T, G, C)
        What the model sees; the spend where the channel names no exposure, people reached where it names reach.
    reaches : ndarray of bool (C,)
        Whether the channel is measured by reach and frequency.
    contacts : ndarray (T, G, C)
        Average contacts per person reached, the frequency; zero for all other channels.
    spend : ndarray (T, G, C)
        Currency; zero for organic channels.
    kpi : ndarray (T, G)
        The outcome to explain.
    value : ndarray (T, G)
        Money per unit of KPI; one for a revenue KPI or where no value is known.
    has_value : bool
        Whether ``kpi * value`` is money.
    controls, events, levers : ndarray (T, G, K), (T, G, E), (T, G, V)
        The other series.
    lever_reference : ndarray (V,)
        The value at which each lever does nothing.
    lever_cost : ndarray (T, G, V)
        Currency; zero where the lever names no cost.
    has_cost : ndarray of bool (V,)
        Whether the lever names a cost.
    population : ndarray (G,) or None
        Size of each group.
    currency, kpi_name, kpi_type : str
        The units.
    findings : tuple of Finding
        Warnings and notes of the checks.
    source, fingerprint : str
        The table and the hash of what was read.
    """

    dates: pd.DatetimeIndex
    frequency: Frequency
    history: int
    grouping: Grouping
    channels: tuple[str, ...]
    paid: np.ndarray
    adstock: tuple[str, ...]
    saturation: tuple[str, ...]
    exposure: Floats
    reaches: np.ndarray
    contacts: Floats
    spend: Floats
    kpi: Floats
    value: Floats
    has_value: bool
    controls: Floats
    control_names: tuple[str, ...]
    events: Floats
    event_names: tuple[str, ...]
    levers: Floats
    lever_names: tuple[str, ...]
    lever_reference: Floats
    lever_cost: Floats
    has_cost: np.ndarray
    population: Floats | None
    currency: str
    kpi_name: str
    kpi_type: str
    findings: tuple[Finding, ...] = ()
    source: str = "DataFrame"
    fingerprint: str = ""

    @property
    def outcome_name(self) -> str:
        """What tables of outcome are about: the KPI, or the value of a KPI that is counted and has one."""
        counted = self.kpi_type == "units" and self.has_value
        return f"value of {self.kpi_name}" if counted else self.kpi_name

    @property
    def outcome_unit(self) -> str:
        """Its unit: the currency, or the KPI itself where it has no value."""
        return self.currency if self.kpi_type == "revenue" or self.has_value else self.kpi_name

    @property
    def n_periods(self) -> int:
        """Number of periods, T."""
        return len(self.dates)

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups."""
        return self.grouping.groups

    @property
    def levels(self) -> tuple[Level, ...]:
        """The panel dimensions: none, the groups, or two that are nested or crossed."""
        return self.grouping.levels

    @property
    def observed(self) -> slice:
        """The periods with a KPI: all after the media history."""
        return slice(self.history, self.n_periods)

    @property
    def pressure(self) -> Floats:
        """Exposure (T, G, C), with contacts in place of people for channels of reach and frequency."""
        if not self.reaches.any():
            return self.exposure
        return np.where(self.reaches, self.exposure * self.contacts, self.exposure)

    @property
    def n_groups(self) -> int:
        """Number of groups, G."""
        return len(self.groups)

    @property
    def n_channels(self) -> int:
        """Number of channels, C."""
        return len(self.channels)

    @property
    def is_panel(self) -> bool:
        """True where the panel has groups."""
        return bool(self.grouping.columns)

    def to_frame(self) -> pd.DataFrame:
        """Long form: one row per date and group, a column per series, such as ``spend:tv`` and ``control:price``."""
        n, g = self.n_periods, self.n_groups
        columns: dict[str, object] = {
            "date": np.repeat(self.dates.to_numpy(), g),
            "group": list(self.groups) * n,
            "kpi": self.kpi.ravel(),
            "value": self.value.ravel(),
        }
        if len(self.grouping.columns) > 1:
            for side, name in enumerate(self.grouping.columns):
                columns[f"group:{name}"] = [key[side] for key in self.grouping.keys] * n
        if self.population is not None:
            columns["population"] = np.tile(self.population, n)
        for kind, names, series in self._series():
            for index, name in enumerate(names):
                columns[f"{kind}:{name}"] = series[:, :, index].ravel()
        return pd.DataFrame(columns)

    def _series(self) -> Iterable[tuple[str, tuple[str, ...], Floats]]:
        yield "exposure", self.channels, self.exposure
        yield "contacts", tuple(compress(self.channels, self.reaches)), self.contacts[:, :, self.reaches]
        yield "spend", self.channels, self.spend
        yield "control", self.control_names, self.controls
        yield "event", self.event_names, self.events
        yield "lever", self.lever_names, self.levers
        yield "lever_cost", self.lever_names, self.lever_cost

    @classmethod
    def from_frame(
        cls, frame: pd.DataFrame, section: MediaSection, project: ProjectSection, findings: Iterable[Finding] = ()
    ) -> MediaPanel:
        """The panel that :meth:`to_frame` wrote, exactly, without the checks that it passed then.

        Raises
        ------
        DataError
            Where the frame was written from another section: columns or whole periods are missing.
        """
        _refuse_another_panel(frame, section)
        grouping = _stored_grouping(frame, section)
        groups = grouping.keys
        dates = pd.DatetimeIndex(frame["date"].to_numpy()[:: len(groups)]).as_unit("ns")
        frequency = detect_frequency(dates, marks=section.date_marks)
        if frequency is None:
            raise DataError([CATALOGUE.finding("D118", "panel", "the dates are not daily, weekly or monthly")])

        def block(kind: str, names: Iterable[str]) -> Floats:
            arrays = [frame[f"{kind}:{name}"].to_numpy(np.float64) for name in names]
            return _stack(arrays, (len(dates), len(groups)))

        def plane(name: str) -> Floats:
            return frame[name].to_numpy(np.float64).reshape(len(dates), len(groups))

        channels, levers = [c.name for c in section.channels], [lever.name for lever in section.levers]
        contacts = np.zeros((len(dates), len(groups), len(channels)))
        reaches = [channel.reaches for channel in section.channels]
        contacts[:, :, reaches] = block("contacts", compress(channels, reaches))
        kpi = plane("kpi")
        return _panel(
            section,
            project,
            dates=dates,
            frequency=frequency,
            grouping=grouping,
            history=int(np.isnan(kpi).all(1).sum()),
            exposure=block("exposure", channels),
            contacts=contacts,
            spend=block("spend", channels),
            kpi=kpi,
            value=plane("value"),
            controls=block("control", section.controls),
            events=block("event", section.events),
            levers=block("lever", levers),
            lever_cost=block("lever_cost", levers),
            population=plane("population")[0] if "population" in frame else None,
            findings=tuple(findings),
        )


def _stored_grouping(frame: pd.DataFrame, section: MediaSection) -> Grouping:
    if not section.groups:
        return Grouping()
    columns = ["group"] if len(section.groups) == 1 else [f"group:{name}" for name in section.groups]
    keys = dict.fromkeys(zip(*(frame[column].astype(str) for column in columns), strict=True))
    return Grouping(section.groups, tuple(keys))


def _refuse_another_panel(frame: pd.DataFrame, section: MediaSection) -> None:
    wanted = ["date", "group", "kpi", "value"]
    wanted += [f"{kind}:{channel.name}" for channel in section.channels for kind in ("exposure", "spend")]
    wanted += [f"contacts:{channel.name}" for channel in section.channels if channel.reaches]
    wanted += [f"group:{name}" for name in section.groups if len(section.groups) > 1]
    wanted += [f"control:{name}" for name in section.controls] + [f"event:{name}" for name in section.events]
    wanted += [f"{kind}:{lever.name}" for lever in section.levers for kind in ("lever", "lever_cost")]
    absent = [name for name in wanted if name not in frame.columns]
    if absent:
        repair = "Fit again; the section is not the one that this panel was made from."
        raise DataError([TABLES.finding("D006", "panel", f"the stored panel has no {listed(absent)}", repair)])
    dates, groups = frame["date"].nunique(), frame["group"].nunique()
    if not len(frame) or len(frame) != dates * groups:
        what = f"the stored panel has {len(frame):,} rows for {dates:,} dates and {groups:,} groups"
        raise DataError([TABLES.finding("D004", "panel", what, "Fit again; the file is not whole.")])


def panel_from_table(
    section: MediaSection, project: ProjectSection, base: Path, *, today: date | None = None
) -> MediaPanel:
    """Read the section's table, check it, and arrange it.

    Parameters
    ----------
    section, project : MediaSection, ProjectSection
        From the project file.
    base : Path
        Folder that relative paths start from.
    today : date, optional
        What counts as today for rows in the future; the real day by default.

    Raises
    ------
    DataError
        With every error of the table; nothing is filled, dropped or averaged.
    """
    findings = check_columns(section)
    rows, found = rows_from_table(section, base)
    return _checked(rows, [*found, *findings], section, project, today or date.today())


def panel_from_frame(
    frame: pd.DataFrame, section: MediaSection, project: ProjectSection, *, today: date | None = None
) -> MediaPanel:
    """The same from a DataFrame; rows are named by position, from 0.

    Raises
    ------
    DataError
        With every error of the table.
    """
    findings = check_columns(section)
    rows, found = rows_from_frame(frame, section)
    return _checked(rows, [*found, *findings], section, project, today or date.today())


def _checked(
    rows: Rows, findings: list[Finding], section: MediaSection, project: ProjectSection, today: date
) -> MediaPanel:
    frequency = detect_frequency(rows.dates, rows.code, marks=section.date_marks)
    findings = findings + check_table(rows, section, frequency, project.currency)
    if errors(findings) or frequency is None:
        raise DataError(findings)
    panel = _arranged(rows, frequency, section, project)
    return replace(panel, findings=(*findings, *check_panel(panel, section, today)))


def _arranged(rows: Rows, frequency: Frequency, section: MediaSection, project: ProjectSection) -> MediaPanel:
    """Rows to arrays; the checks have shown that every date and group has exactly one row."""
    order = np.lexsort((rows.code, rows.dates.to_numpy()))
    shape = (len(rows) // len(rows.groups), len(rows.groups))
    zero = np.zeros(len(rows))
    kinds = number_uses(section)

    def take(column: str | None) -> Floats:
        if column is None:
            return zero
        values = rows.numbers[column]
        return (np.where(rows.history, np.nan, values) if kinds[column].with_kpi else values)[order]

    def block(columns: Iterable[str | None]) -> Floats:
        return _stack([take(column) for column in columns], shape)

    value = section.value_per_kpi
    return _panel(
        section,
        project,
        dates=rows.dates[order][:: shape[1]],
        frequency=frequency,
        grouping=rows.grouping,
        history=int(rows.history.sum()) // shape[1],
        exposure=block(channel.reach or channel.exposure or channel.spend for channel in section.channels),
        contacts=block(channel.frequency for channel in section.channels),
        spend=block(channel.spend for channel in section.channels),
        kpi=take(section.kpi).reshape(shape),
        value=take(value).reshape(shape) if isinstance(value, str) else np.full(shape, 1.0 if value is None else value),
        controls=block(section.controls),
        events=block(section.events),
        levers=block(lever.column for lever in section.levers),
        lever_cost=block(lever.cost for lever in section.levers),
        population=take(section.population).reshape(shape)[0] if section.population is not None else None,
        source=rows.source,
        fingerprint=rows.fingerprint,
    )


def _panel(
    section: MediaSection, project: ProjectSection, *, levers: Floats, history: int, **arrays: object
) -> MediaPanel:
    """Add what the project file says to the arrays."""
    return MediaPanel(
        channels=tuple(channel.name for channel in section.channels),
        paid=np.array([channel.spend is not None for channel in section.channels], bool),
        adstock=tuple(channel.adstock for channel in section.channels),
        saturation=tuple(channel.saturation for channel in section.channels),
        reaches=np.array([channel.reaches for channel in section.channels], bool),
        has_value=section.kpi_type == "revenue" or section.value_per_kpi is not None,
        control_names=section.controls,
        event_names=section.events,
        history=history,
        levers=levers,
        lever_names=tuple(lever.name for lever in section.levers),
        lever_reference=np.array(
            [_reference(lever, levers[history:, :, index]) for index, lever in enumerate(section.levers)], np.float64
        ),
        has_cost=np.array([lever.cost is not None for lever in section.levers], bool),
        currency=project.currency,
        kpi_name=section.kpi,
        kpi_type=section.kpi_type,
        **arrays,  # type: ignore[arg-type]
    )


def _reference(lever: LeverSection, values: Floats) -> float:
    named = {"min": values.min(), "max": values.max(), "mean": values.mean()}
    return float(named[lever.reference]) if isinstance(lever.reference, str) else float(lever.reference)


def _stack(columns: list[Floats], shape: tuple[int, int]) -> Floats:
    """Columns in date-then-group order to (T, G, n)."""
    if not columns:
        return np.zeros((*shape, 0))
    return np.ascontiguousarray(np.stack(columns, axis=-1).reshape(*shape, len(columns)))


__all__ = ["Level", "MediaPanel", "panel_from_frame", "panel_from_table"]

"""Every id that the foundation can show: tables (D0xx), project file (C0xx), runs (R0xx) and trust (T0xx)."""

from outlay._entries import config, runs, tables, trust
from outlay.findings import Catalogue

CATALOGUE = Catalogue({**tables.ENTRIES, **config.ENTRIES, **runs.ENTRIES, **trust.ENTRIES})

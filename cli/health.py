"""What ``outlay doctor`` looks at: each check is a function that returns one row."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from importlib.util import find_spec
from pathlib import Path

from cli.config import runs_root
from cli.outputs.about import DoctorCheck

ROOMS = ("outlay", "mmm", "attribution", "segmentation", "budget", "planner", "cli")
VERSIONS_OF = (
    "outlay",
    "pymc",
    "pymc-marketing",
    "nutpie",
    "numba",
    "numpy",
    "pandas",
    "xarray",
    "cvxpy",
    "duckdb",
    "ibis-framework",
    "plotly",
)
EXTRAS = {"pyspark": "spark", "psycopg": "postgres", "ray": "ray", "dask": "dask", "jax": "jax", "mlflow": "mlflow"}
NEEDED_MEMORY_GB = 2.0
OLDEST_PYTHON = (3, 12)


def all_checks(project: Path) -> list[DoctorCheck]:
    """Every check, in the order in which a problem would bite."""
    return [
        _python(),
        _packages(),
        _shadowed(),
        _folder("project folder", project.parent),
        _folder("runs folder", runs_root(project)),
        _compile_cache(),
        _compiler(),
        _cores(),
        _memory(),
        _locale(),
        _extras(),
    ]


def versions(names: tuple[str, ...]) -> dict[str, str | None]:
    """Installed version of each distribution, None where it is missing."""
    return {name: _version(name) for name in names}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _check(name: str, ok: bool, what: str, repair: str = "", *, grave: bool = False) -> DoctorCheck:
    state = "ok" if ok else "problem" if grave else "warning"
    return DoctorCheck(name=name, state=state, what=what, repair="" if ok else repair)


def _python() -> DoctorCheck:
    found = ".".join(str(part) for part in sys.version_info[:3])
    ok = sys.version_info[:2] >= OLDEST_PYTHON
    return _check("python", ok, f"{found} at {sys.executable}", "Install Python 3.12 or newer.", grave=True)


def _packages() -> DoctorCheck:
    missing = [name for name, found in versions(VERSIONS_OF).items() if found is None]
    what = f"missing: {', '.join(missing)}" if missing else f"all {len(VERSIONS_OF)} main packages are there"
    # outlay itself has no metadata where it runs from a checkout without an installation
    grave = bool(set(missing) - {"outlay"})
    return _check("packages", not missing, what, "Install the locked dependencies again.", grave=grave)


def _shadowed() -> DoctorCheck:
    """Another distribution that installs a top-level name of ours (Meridian's schema installs ``mmm``)."""
    owners = packages_distributions()
    home = Path(__file__).resolve().parents[1]
    strangers = [
        f"{room} ({', '.join(sorted(set(owners[room]) - {'outlay'}))})"
        for room in ROOMS
        if set(owners.get(room, ())) - {"outlay"}
    ]
    for room in ROOMS:
        spec = find_spec(room)
        place = Path(spec.origin).resolve().parent if spec and spec.origin else None
        if place != home / room:
            strangers.append(f"{room} is read from {place or 'nowhere'}")
    what = "; ".join(strangers) if strangers else f"none; packages are read from {home}"
    repair = "Another package uses the same import name. Install outlay in an environment of its own."
    return _check("shadowed names", not strangers, what, repair, grave=True)


def _folder(name: str, folder: Path) -> DoctorCheck:
    place = folder.resolve()
    while not place.exists():
        place = place.parent
    ok = place.is_dir() and os.access(place, os.W_OK | os.X_OK)
    free = shutil.disk_usage(place).free / 1e9
    what = f"{folder.resolve()}, {free:.1f} GB free" if ok else f"{folder.resolve()} cannot be written to"
    return _check(name, ok, what, "Change its permissions or work in another folder.", grave=True)


def _compile_cache() -> DoctorCheck:
    given = os.environ.get("NUMBA_CACHE_DIR")
    folder = Path(given) if given else Path.home()
    ok = os.access(folder if folder.exists() else folder.parent, os.W_OK)
    what = f"{folder} ({'NUMBA_CACHE_DIR' if given else 'home folder'})"
    repair = "Set NUMBA_CACHE_DIR to a writable folder, or every fit compiles its model again."
    return _check("compile cache", ok, what, repair)


def _compiler() -> DoctorCheck:
    found = shutil.which("g++") or shutil.which("clang++")
    what = found or "no C++ compiler; not needed (models are compiled with numba)"
    return DoctorCheck(name="compiler", state="ok", what=what, repair="")


def _cores() -> DoctorCheck:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return _check("cores", cores >= 2, f"{cores}", "With one core the chains run one after another: fits take longer.")


def _memory() -> DoctorCheck:
    try:
        gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    except (ValueError, OSError, AttributeError):
        return DoctorCheck(name="memory", state="ok", what="unknown on this system", repair="")
    ok = gigabytes >= NEEDED_MEMORY_GB
    return _check("memory", ok, f"{gigabytes:.1f} GB", f"Fits want {NEEDED_MEMORY_GB:g} GB: use fewer draws or chains.")


def _locale() -> DoctorCheck:
    encoding = (sys.stdout.encoding or "unknown").lower()
    ok = encoding.startswith("utf")
    what = f"output is {encoding}"
    return _check("locale", ok, what, "Letters outside it are shown as escapes. Set LANG to a UTF-8 locale.")


def _extras() -> DoctorCheck:
    there = [extra for module, extra in EXTRAS.items() if find_spec(module) is not None]
    what = f"installed: {', '.join(there)}" if there else "none installed; none is needed"
    return DoctorCheck(name="optional extras", state="ok", what=what, repair="")

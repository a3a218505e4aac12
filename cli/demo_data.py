"""Where the bundled example is: `examples/retailer` in a source checkout, `cli/demo` in an installed wheel."""

from __future__ import annotations

import shutil
from pathlib import Path

from outlay.errors import ConfigError

_PARTS = ("outlay.toml", "README.md", "LICENSE*", "data/*.csv", "scenarios/*.toml")


def demo_folder() -> Path:
    """Folder of the retailer example, to be read only.

    Returns
    -------
    Path
        A folder that holds `outlay.toml`, `README.md`, the licence and `data/weekly.csv`.

    Raises
    ------
    ConfigError
        ``X090`` when the installation is incomplete.
    """
    here = Path(__file__).resolve().parent
    for folder in (here / "demo", here.parent / "examples" / "retailer"):
        if (folder / "outlay.toml").is_file():
            return folder
    raise ConfigError(
        "the demo data are not part of this installation", where=str(here), repair="install outlay again", id="X090"
    )


def copy_demo(target: Path) -> Path:
    """Copy the example into `target`, so that its project file, runs and reports belong to the user.

    Files of an earlier copy are kept as they are: the user may have edited them.

    Parameters
    ----------
    target : Path
        Folder to copy into; made if it does not exist.

    Returns
    -------
    Path
        The project file in `target`.
    """
    source = demo_folder()
    for pattern in _PARTS:
        for file in sorted(source.glob(pattern)):
            copy = target / file.relative_to(source)
            if not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, copy)
    return target / "outlay.toml"

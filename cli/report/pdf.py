"""The report as PDF: a browser of the Chromium family prints the page that was written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from cli.catalogue import CATALOGUE
from outlay.errors import MissingDependencyError, OutlayError

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
    "brave-browser",
)
"""Commands of browsers that print without a window, the freest first."""

PLACES: dict[str, tuple[str, ...]] = {
    "darwin": (
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    ),
    "win32": (
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
        r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
        r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    ),
}
"""Where browsers lie that are not on the path, by platform."""

VARIABLE = "OUTLAY_CHROMIUM"
SECONDS = 120.0
"""After which a browser that prints nothing is given up."""


def chromium() -> str:
    """The browser that prints: the one that ``OUTLAY_CHROMIUM`` names, or the first that is installed.

    Raises
    ------
    MissingDependencyError
        X042, where there is none.
    """
    named = os.environ.get(VARIABLE)
    if named:
        found = shutil.which(named)
        if found:
            return found
        raise _missing(f"{VARIABLE} names {named}, which is no program", VARIABLE)
    for name in (*NAMES, *PLACES.get(sys.platform, ())):
        found = shutil.which(name)
        if found:
            return found
    raise _missing("no browser of the Chromium family is installed, and it makes the PDF", "--pdf")


def _missing(what: str, where: str) -> MissingDependencyError:
    return MissingDependencyError(what, where=where, repair=CATALOGUE["X042"].repair, id="X042")


def print_pdf(html: str, browser: str) -> bytes:
    """A page as PDF, on the paper that it asks for.

    Parameters
    ----------
    html : str
        The page, laid out for paper.
    browser : str
        The program.

    Raises
    ------
    OutlayError
        X043, where the browser fails or takes too long.
    """
    with tempfile.TemporaryDirectory(prefix="outlay-pdf-") as folder:
        page, made = Path(folder, "report.html"), Path(folder, "report.pdf")
        page.write_text(html, encoding="utf-8")
        try:
            done = subprocess.run(  # noqa: S603  (a browser that is installed, on our own page)
                [browser, *_arguments(Path(folder), made), page.as_uri()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _failed(f"{browser} printed nothing within {SECONDS:.0f} seconds") from None
        except OSError as problem:
            raise _failed(f"{browser} could not be started: {problem.strerror}") from None
        if done.returncode or not made.is_file() or not made.stat().st_size:
            raise _failed(f"{browser} ended with {done.returncode} and no PDF{_last_line(done.stderr)}")
        return made.read_bytes()


def _arguments(folder: Path, made: Path) -> list[str]:
    """A browser of its own: no profile, no network, no window, and no date and address at the page's edges."""
    arguments = [
        "--headless",
        "--disable-gpu",
        "--disable-extensions",
        "--disable-background-networking",
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        f"--user-data-dir={folder / 'profile'}",
        "--no-pdf-header-footer",
        f"--print-to-pdf={made}",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # Chromium refuses to start as root with its sandbox; the page is our own and asks for nothing
        arguments.append("--no-sandbox")
    return arguments


def _failed(what: str) -> OutlayError:
    return OutlayError(what, where="--pdf", repair=CATALOGUE["X043"].repair, id="X043")


def _last_line(said: bytes) -> str:
    lines = [line for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    return f": {lines[-1][:200]}" if lines else ""

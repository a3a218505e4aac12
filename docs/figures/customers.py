"""Draw docs/figures/customers-*.png: the map and the lifts of a picture that `outlay segment --picture` wrote.

    .venv/bin/python docs/figures/customers.py segments.html docs/figures/customers-personality.png

Needs a Chromium or Chrome on the path, which makes a picture of the page; Pillow crops it and makes it small.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

FIRST, BEHIND = "<h2>A map of the customers</h2>", "<h2>Each segment"
WIDTH, HEIGHT, MARGIN, COLOURS = 1000, 2400, 16, 256


def shortened(page: str) -> str:
    """The page with the map and the lifts alone."""
    top, map_, behind, end = (page.index(text) for text in ("<header", FIRST, BEHIND, "</main>"))
    return page[:top] + "<main>" + page[map_:behind] + page[end:]


def drawn(page: str, folder: Path) -> Image.Image:
    """The page as a browser shows it."""
    source, target = folder / "page.html", folder / "page.png"
    source.write_text(page, encoding="utf-8")
    names = ("chromium", "chromium-browser", "google-chrome")
    browser = next((found for name in names if (found := shutil.which(name))), None)
    if browser is None:
        raise SystemExit(f"none of {', '.join(names)} is on the path")
    size = f"--window-size={WIDTH},{HEIGHT}"
    flags = ["--headless", "--no-sandbox", "--hide-scrollbars", "--virtual-time-budget=10000", size]
    subprocess.run([browser, *flags, f"--screenshot={target}", source.as_uri()], check=True, capture_output=True)  # noqa: S603
    return Image.open(target).convert("RGB")


def cropped(picture: Image.Image) -> Image.Image:
    """The picture without its empty edges."""
    ground = Image.new("RGB", picture.size, picture.getpixel((0, picture.height - 1)))
    box = ImageChops.difference(picture, ground).getbbox() or (0, 0, *picture.size)
    left, top, right, bottom = box
    edges = (max(left - MARGIN, 0), max(top - MARGIN, 0), right + MARGIN, bottom + MARGIN)
    return picture.crop((edges[0], edges[1], min(edges[2], picture.width), min(edges[3], picture.height)))


def main() -> None:
    """Draw the picture of a page."""
    source, target = map(Path, sys.argv[1:3])
    with tempfile.TemporaryDirectory() as folder:
        picture = cropped(drawn(shortened(source.read_text(encoding="utf-8")), Path(folder)))
    # the median cut would give rare colours away, and those of a legend are rare
    picture.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE).save(target, optimize=True)


if __name__ == "__main__":
    main()

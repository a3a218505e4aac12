"""Mutated tables: values or a refusal in words, never another exception; and a large table in little memory."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from outlay.errors import OutlayError
from outlay.tables import CsvOptions, Role, Table, read_table, table_columns

ROLES = {"week": Role.DATE, "tv": Role.NUMBER, "geo": Role.TEXT}
PIECES = [
    '"',
    '""',
    ",",
    ";",
    "\t",
    "|",
    "\n",
    "\r",
    "\r\n",
    "\x00",
    "é",
    "\ufeff",
    "N/A",
    "1.234.567",
    "1,5",
    "nan",
    "1e999",
]
PIECES += [
    "13/01/2025",
    "2025-02-30",
    "45292",
    "-",
    " ",
    "%",
    "$",
    "x" * 200,
    "\u2028",
    "\ud7ff",
    "٣",
    "week",
    "0001-01-01",
]


def mutated(rng: random.Random) -> bytes:
    separator = rng.choice([",", ";", "\t"])
    rows = [["week", "tv", "geo"]] + [[f"2025-01-{day:02d}", f"{day * 1.5}", "a b"] for day in range(1, 9)]
    text = "\n".join(separator.join(row) for row in rows) + "\n"
    for _ in range(rng.randint(0, 3)):
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice([*PIECES, ""]) + text[at + rng.randint(0, 3) :]
    data = text.encode(rng.choice(["utf-8"] * 6 + ["utf-16", "utf-8-sig", "utf-32"]))
    if rng.random() < 0.2:
        at = rng.randrange(len(data))
        data = data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
    return data


def read(name: str, folder: Path, options: CsvOptions) -> Table | OutlayError:
    try:
        table_columns(name, base=folder)
        return read_table(name, ROLES, base=folder, options=options)
    except OutlayError as error:
        return error


@pytest.mark.parametrize("seed", range(4))
def test_mutated_csv_files(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    options = [
        CsvOptions(),
        CsvOptions(decimal=","),
        CsvOptions(encoding="latin-1"),
        CsvOptions(date_format="%d/%m/%Y"),
    ]
    refused = 0
    for _ in range(50):
        (tmp_path / "w.csv").write_bytes(mutated(rng))
        found = read("w.csv", tmp_path, rng.choice([CsvOptions(), *options]))
        if isinstance(found, OutlayError):
            refused += 1
            assert found.id
            assert found.repair
            assert found.exit_code == 3
        else:
            assert np.isfinite(found.frame["tv"]).all()
            assert found.frame.notna().all(axis=None)
            assert len(found.rows) == len(found.frame)
    assert 12 < refused < 50  # most edits break something, some do not


def test_mutated_parquet_files(tmp_path: Path) -> None:
    rng = random.Random(5)
    pq.write_table(pa.table({"week": ["2025-01-06"] * 50, "tv": [1.5] * 50, "geo": ["a"] * 50}), tmp_path / "w.parquet")
    whole = (tmp_path / "w.parquet").read_bytes()
    refused = 0
    for _ in range(60):
        at = rng.randrange(len(whole))
        damaged = whole[:at] + bytes([rng.randrange(256)]) + whole[at + 1 :] if rng.random() < 0.7 else whole[:at]
        (tmp_path / "w.parquet").write_bytes(damaged)
        found = read("w.parquet", tmp_path, CsvOptions())
        if isinstance(found, OutlayError):
            refused += 1
            assert found.exit_code == 3
    assert refused > 10  # every cut file is: about 18 of 60


LARGE = """
import sys
from pathlib import Path
from outlay.tables import Role, read_table
roles = {"week": Role.DATE, "geo": Role.TEXT, **{f"x{i}": Role.NUMBER for i in range(13)}}
table = read_table("large.csv", roles, base=Path(sys.argv[1]))
assert len(table.frame) == 1_000_000
status = Path("/proc/self/status").read_text()
print(table.frame["x12"].sum(), next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux, which tells a process's peak memory")
def test_a_million_rows_stay_within_two_gigabytes(tmp_path: Path) -> None:
    """The exam's bound: 10^6 rows of 15 columns in 2 GB; ru_maxrss would hold the peak of the tests' own process."""
    numbers = np.round(np.random.default_rng(0).gamma(2.0, 5000.0, (1000, 13)), 2)
    with (tmp_path / "large.csv").open("w") as stream:
        stream.write("week,geo," + ",".join(f"x{i}" for i in range(13)) + "\n")
        for geo in range(1000):
            days = np.datetime64("2006-01-02") + 7 * np.arange(1000)
            stream.writelines(
                f"{day},geo{geo},{','.join(map(str, row))}\n" for day, row in zip(days, numbers, strict=True)
            )
    done = subprocess.run([sys.executable, "-c", LARGE, str(tmp_path)], capture_output=True, text=True, check=True)
    total, kibibytes = done.stdout.split()
    assert float(total) == pytest.approx(1000 * numbers[:, 12].sum(), rel=1e-12)
    assert int(kibibytes) * 1024 < 2e9

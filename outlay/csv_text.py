"""From the bytes of a CSV file to columns of text: encoding, separator, header and shape, detected or refused.

Nothing is converted here. What a byte, a separator or a row means is either certain or a finding with its line.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray

from outlay.catalogue import CATALOGUE
from outlay.csv_layout import Layout, layout
from outlay.errors import DataError
from outlay.places import counted, place, quoted

SEPARATORS = (",", ";", "\t", "|")
_WORDS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_CHUNK = 1 << 22
_HEAD = 1 << 20
_MARKS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_OTHER_KINDS = (
    (b"PK\x03\x04", "an Excel workbook or another zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"\x1f\x8b", "a gzip-compressed file"),
    (b"PAR1", "a Parquet file"),
)


@dataclass(frozen=True)
class CsvText:
    """The text of a CSV file, its rows known and still unread.

    Attributes
    ----------
    header : tuple of str
        Column names, without spaces around them.
    lines : ndarray (N,)
        Line of each row below the header.
    encoding, separator : str
        How the text was read.
    rows : bytes
        UTF-8 text below the header.
    source : str
        The file, for messages.
    """

    header: tuple[str, ...]
    lines: NDArray[np.int64]
    encoding: str
    separator: str
    rows: bytes
    source: str

    def columns(self, wanted: Collection[int]) -> pa.Table:
        """The wanted columns as text, named ``c0``, ``c1`` ... by their position.

        Raises
        ------
        DataError
            D009 if the parser does not find the rows that the scan found.
        """
        names = [f"c{position}" for position in range(len(self.header))]
        kept = [names[position] for position in sorted(wanted)]
        try:
            table = pyarrow.csv.read_csv(
                pa.BufferReader(self.rows),
                read_options=pyarrow.csv.ReadOptions(column_names=names, block_size=1 << 23),
                parse_options=pyarrow.csv.ParseOptions(
                    delimiter=self.separator, newlines_in_values=True, ignore_empty_lines=True
                ),
                convert_options=pyarrow.csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), include_columns=kept, strings_can_be_null=False
                ),
            )
        except pa.ArrowException as error:
            raise DataError([CATALOGUE.finding("D009", self.source, f"the file cannot be read: {error}")]) from None
        if table.num_rows != len(self.lines):
            what = f"{len(self.lines)} rows were counted and {table.num_rows} read"
            raise DataError([CATALOGUE.finding("D009", self.source, what)])
        return table


def csv_text(data: bytes, source: str, *, encoding: str | None = None, separator: str | None = None) -> CsvText:
    """Take a CSV file apart into header and rows.

    Parameters
    ----------
    data : bytes
        The whole file.
    source : str
        Its name in messages.
    encoding, separator : str, optional
        Stated by the user; detected or refused where None.

    Raises
    ------
    DataError
        D001 to D004, D007, D008, D010.
    """
    known, utf8 = _as_utf8(data, source, encoding)
    if b"\r" in utf8:
        utf8 = utf8.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not utf8.strip():
        raise _refused("D003", source, "the file is empty")
    mark = separator or _separator(utf8, source)
    shape = layout(utf8, mark)
    _check_shape(shape, source)
    names = next(csv.reader(io.StringIO(utf8[: shape.header_end].decode().lstrip("\n"), newline=""), delimiter=mark))
    return CsvText(
        header=tuple(name.strip() for name in names),
        lines=shape.lines[1:],
        encoding=known,
        separator=mark,
        rows=utf8[shape.header_end + 1 :],
        source=source,
    )


def how_read(text: CsvText, *, encoding: str | None, separator: str | None) -> str:
    """What was detected and not stated, beyond plain UTF-8 with commas, in words; empty if nothing."""
    parts = [text.encoding.upper()] if encoding is None and text.encoding != "utf-8" else []
    if separator is None and text.separator != ",":
        parts.append(f"{_WORDS[text.separator]}-separated")
    return ", ".join(parts)


def _refused(id: str, where: str, what: str, repair: str = "") -> DataError:
    return DataError([CATALOGUE.finding(id, where, what, repair)])


def _as_utf8(data: bytes, source: str, stated: str | None) -> tuple[str, bytes]:
    """Name of the encoding, and the text in UTF-8 without byte order mark."""
    for start, kind in _OTHER_KINDS:
        if data.startswith(start):
            raise _refused("D010", source, f"the file is {kind}, not CSV text")
    mark, encoding = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", ""))
    wanted = codecs.lookup(stated).name if stated else ""
    if mark and wanted and not encoding.startswith(wanted.removesuffix("-sig")):
        what = f"encoding = {stated} is stated and the file's byte order mark says {encoding}"
        raise _refused("D001", source, what, "Remove encoding from the project file; the mark is read by itself.")
    encoding = encoding or wanted or "utf-8"
    body = data[len(mark) :] if mark else data
    if encoding in {"utf-8", "utf-8-sig"}:
        _refuse_nulls(body, source)
        _decoded(body, source, "utf-8", keep=False)
        return "utf-8", body
    text = _decoded(body, source, encoding, keep=True)
    _refuse_nulls(text, source)
    return encoding, text


def _refuse_nulls(text: bytes, source: str) -> None:
    if b"\x00" in text:
        line = text.count(b"\n", 0, text.index(b"\x00")) + 1
        raise _refused("D010", place(source, rows=np.array([line])), "the file holds null bytes and is not plain text")


def _decoded(body: bytes, source: str, encoding: str, *, keep: bool) -> bytes:
    """Check that the bytes are text of the encoding and, to `keep` it, give that text in UTF-8.

    In pieces, because Python's own text takes up to four bytes for each of the file's.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    pieces = []
    for start in range(0, len(body) + 1, _CHUNK):
        end = min(start + _CHUNK, len(body))
        try:
            piece = decoder.decode(body[start:end], final=end == len(body))
            pieces += [piece.encode()] if keep else []
        except UnicodeDecodeError as error:
            bad = end - len(error.object) + error.start
            raise _undecodable(body, source, encoding, bad) from None
        except UnicodeError as error:  # half of a surrogate pair, which UTF-8 cannot hold
            raise _refused("D001", source, f"the text is not {encoding.upper()}: {error.args[-1]}") from None
    return b"".join(pieces)


def _undecodable(body: bytes, source: str, encoding: str, bad: int) -> DataError:
    line = body[:bad].decode(encoding, errors="ignore").count("\n") + 1
    start = body.rfind(b"\n", 0, bad) + 1
    near = body[max(start, bad - 15) : bad + 15].split(b"\n")[0].decode("latin-1")
    what = f"the text is not {encoding.upper()}: byte 0x{body[bad]:02x} near {quoted([near])}"
    return _refused("D001", place(source, rows=np.array([line])), what)


def _separator(data: bytes, source: str) -> str:
    """The only candidate that splits the header, or the only one by which all first rows have its width."""
    head = data[:_HEAD].decode(errors="ignore")
    if len(data) > _HEAD:
        head = head[: head.rfind("\n") + 1]
    widths = {mark: _widths(head, mark) for mark in SEPARATORS}
    splitting = [mark for mark in SEPARATORS if widths[mark][:1] > [1]]
    if len(splitting) <= 1:
        return splitting[0] if splitting else ","
    even = [mark for mark in splitting if len(set(widths[mark])) == 1]
    if len(even) == 1:
        return even[0]
    names = " and ".join(_WORDS[mark] for mark in splitting)
    raise _refused("D002", source, f"{names} both split the header, and the rows do not tell which is meant")


def _widths(head: str, separator: str) -> list[int]:
    try:
        return [len(row) for row in csv.reader(io.StringIO(head, newline=""), delimiter=separator) if row]
    except csv.Error:  # a value longer than the module reads: not by this separator
        return []


def _check_shape(shape: Layout, source: str) -> None:
    if shape.stray is not None:
        what = "a quotation mark opens or closes inside a value, or is never closed"
        raise _refused("D008", place(source, rows=np.array([shape.stray])), what)
    if len(shape.lines) == 1:
        raise _refused("D004", source, "the file has a header and no rows")
    width = int(shape.widths[0])
    ragged = np.flatnonzero(shape.widths != width)
    if len(ragged):
        found = Counter(shape.widths[ragged].tolist()).most_common(3)
        words = ", ".join(f"{counted(number, 'row')} with {counted(size, 'value')}" for size, number in found)
        what = f"the header has {counted(width, 'name')}, and there are {words}"
        raise _refused("D007", place(source, rows=shape.lines[ragged]), what)

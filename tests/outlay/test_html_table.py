"""Tables in notebooks: every cell is there and is text, whatever it holds."""

from __future__ import annotations

import re

from outlay.html_table import html_table
from outlay.text_table import Column, TextTable

TABLE = TextTable(
    "Plan <of> {{m^2}}",
    [Column("Channel", False), Column("Spend\n(USD)"), Column("90% HDI"), Column("90% HDI")],
    [("<b>tv</b>", "1,200", "1 to 2", "3 to 4"), ("=cmd()", "n/a", "", "")],
    ("total", "1,200", "", ""),
    ["Spend is <i>the total</i>."],
)


def cells(page: str) -> list[str]:
    return re.findall(r"<td[^>]*class=\"gt_row[^>]*>(.*?)</td>", page)


def test_every_cell_is_there_in_order_and_no_cell_is_markup() -> None:
    found = cells(html_table(TABLE))
    assert found[:4] == ["&lt;b&gt;tv&lt;/b&gt;", "1,200", "1 to 2", "3 to 4"]
    assert found[8:] == ["total", "1,200", "", ""]


def test_headers_titles_and_notes_are_text_with_their_line_breaks() -> None:
    page = html_table(TABLE, ["Better with <probability> 54%."])
    assert "Spend<br>(USD)" in page
    assert page.count("90% HDI</th>") == 2  # two columns of one name stay two
    assert "Plan &lt;of&gt; &#123;&#123;m^2}}" in page  # not read as great-tables' units
    assert "Spend is &lt;i&gt;the total&lt;/i&gt;." in page
    assert "Better with &lt;probability&gt; 54%." in page


def test_numbers_are_right_and_names_left() -> None:
    page = html_table(TABLE)
    assert re.search(r"gt_left\"[^>]*>Channel|gt_left[^>]*>Channel", page)
    assert re.search(r"gt_right[^>]*>Spend<br>", page)


def test_an_interval_stays_on_its_line() -> None:
    page = html_table(TABLE)
    assert re.search(r'<td style="white-space: nowrap;"[^>]*>1 to 2</td>', page)
    assert not re.search(r'<td style="white-space: nowrap;"[^>]*>&lt;b&gt;tv', page)


def test_a_table_without_rows_title_or_total_is_a_table() -> None:
    page = html_table(TextTable("", [Column("Channel", False)], []))
    assert "Channel" in page
    assert cells(page) == []

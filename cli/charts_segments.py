"""The picture of segments: everything that was found, drawn, in one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from outlay import style

if TYPE_CHECKING:
    import pandas as pd

    from segmentation.document import SegmentOutput

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline';
 style-src 'unsafe-inline'; img-src data: blob:">
<meta name="generator" content="outlay"><title>{{ title }}</title>
<style>{{ tokens | safe }}{{ sheet | safe }}</style></head><body>
<header><h1>{{ title }}</h1><p class="meta">{{ about }}</p></header><main>
{% for line in text %}<p>{{ line }}</p>{% endfor %}
{% macro draw(c) %}<div class="chart" role="img" aria-label="{{ c.label }}" style="height: {{ c.height }}px">
<script type="application/json">{{ c.json | safe }}</script></div>{% endmacro %}
{% macro key(e) %}{% if e.key %}<ul class="key row{% if not e.chart %} plate{% endif %}">{% for entry in e.key %}
<li><span class="swatch{% if entry | length > 2 %} {{ entry[2] }}{% endif %}" style="
{%- if entry | length > 2 and entry[2] in ("line", "dashed", "hollow") %}border-color{% else %}background{% endif -%}
:{{ entry[1] }}"></span>{{ entry[0] }}</li>{% endfor %}</ul>{% endif %}{% endmacro %}
{% for e in exhibits %}<h2>{{ e.title }}</h2>
{% if e.chart %}<figure>{{ key(e) }}{{ draw(e.chart) }}</figure>{% endif %}
{% if e.grid %}{% if not e.chart %}{{ key(e) }}{% endif %}<div class="curves">
{% for name, c in e.grid %}<figure><h3>{{ name }}</h3>{{ draw(c) }}</figure>{% endfor %}</div>{% endif %}
{% if e.table %}<div class="scroll"><table><thead><tr>
{% for name, numeric in e.table.headers %}<th scope="col"{% if numeric %} class="n"{% endif %}>{{ name }}</th>
{% endfor %}</tr></thead><tbody>{% for row in e.table.rows %}<tr>{% for cell in row %}<td
{%- if e.table.headers[loop.index0][1] %} class="n"{% elif cell | length > 60 %} class="words"{% endif %}>{{ cell }}
</td>{% endfor %}</tr>{% endfor %}</tbody></table></div>{% endif %}
{% if e.note %}<p class="note">{{ e.note }}</p>{% endif %}{% endfor %}
</main><script>{{ plotly | safe }}</script><script>
for (const place of document.querySelectorAll(".chart")) {
  const figure = JSON.parse(place.querySelector("script").textContent);
  place.replaceChildren();
  Plotly.newPlot(place, figure.data, figure.layout, {displayModeBar: false});
  new ResizeObserver(() => Plotly.Plots.resize(place)).observe(place);
}</script></body></html>
"""


def picture(found: SegmentOutput, tables: Mapping[str, pd.DataFrame]) -> str:
    """One HTML file: every chart of what was found, with its table."""
    from importlib.resources import files

    from jinja2 import Environment, StrictUndefined
    from plotly.offline import get_plotlyjs

    from cli.report.story_segments import exhibits, heading, text

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    day = f" as of {found.as_of}" if found.as_of else ""
    return environment.from_string(_PAGE).render(
        title=heading(found),
        about=f"{found.customers:,} customers of {found.source}{day}. Intervals hold {found.hdi:.0%}."
        + (f" Run {found.run}." if found.run else ""),
        text=text(found),
        exhibits=exhibits(found, tables),
        tokens=style.CSS_TOKENS,
        sheet=files("cli.report").joinpath("page.css").read_text(encoding="utf-8"),
        plotly=get_plotlyjs(),
    )

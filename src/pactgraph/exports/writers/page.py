"""One HTML page to explore a network: works offline, fetches nothing, and runs only its own script."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from typing import IO, Any

from pactgraph.exports.about import About
from pactgraph.exports.drawing import HEIGHT, WIDTH, Drawing, draw
from pactgraph.exports.network import Network
from pactgraph.exports.writers.xml import NOT_XML_TEXT
from pactgraph.resources import packaged

MOST_NODES = 800
_LONGEST = 2000
_SHOWN = ("class", "type", "side", "country", "start", "end")


def write_page(network: Network, about: About, stream: IO[bytes]) -> None:
    """Write the page: the drawing, its data, and the script that pans, zooms and searches."""
    drawing = draw(network, most=MOST_NODES, width=WIDTH, height=HEIGHT)
    script = packaged("exports/writers/page.js")
    style = packaged("exports/writers/page.css")
    page = packaged("exports/writers/page.html")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    fields = {
        "@POLICY@": policy,
        "@LANGUAGE@": about.language.split(",", maxsplit=1)[0],
        "@TITLE@": about.title,
        "@DESCRIPTION@": about.description or "The answer to a query.",
        "@COUNTS@": _counts(about, drawing),
        "@SOURCE@": f"Source: {about.citation}. {about.checksum}",
    }
    for mark, text in fields.items():
        page = page.replace(mark, html.escape(NOT_XML_TEXT.sub("�", text)))
    page = (
        page.replace("@STYLE@", style)
        .replace("@SCRIPT@", script)
        .replace("@CONTENT@", _embedded(_content(drawing, about)))
    )
    stream.write(page.encode())


def _counts(about: About, drawing: Drawing) -> str:
    shown = f"{about.nodes:,} nodes, {about.edges:,} edges"
    if drawing.left_out:
        shown += f"; drawn are the {len(drawing.dots):,} nodes that are joined most strongly"
    told = [shown, "larger: joined more strongly", "dashed: inferred by the editors"]
    if about.revision is not None:
        told.append(f"revision {about.revision}")
    if about.newest_source:
        told.append(f"newest source of {about.newest_source}")
    return " · ".join(told)


def _content(drawing: Drawing, about: About) -> dict[str, Any]:
    places = {identifier: number for number, identifier in enumerate(drawing.dots)}
    nodes = [
        {
            "x": dot.x,
            "y": dot.y,
            "r": round(dot.radius, 1),
            "c": dot.colour,
            "id": _cut(dot.identifier),
            "label": _cut(dot.label),
            "detail": [[name, _cut(str(dot.detail[name]))] for name in _SHOWN if name in dot.detail],
        }
        for dot in drawing.dots.values()
    ]
    lines = [
        [
            places[line.source],
            places[line.target],
            line.weight,
            int(line.inferred),
            _cut("; ".join(filter(None, line.labels))),
        ]
        for line in drawing.lines
    ]
    legend = [list(entry) for entry in drawing.legend]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "nodes": nodes,
        "lines": lines,
        "legend": legend,
        "about": about.entries(),
    }


def _cut(text: str) -> str:
    text = NOT_XML_TEXT.sub("�", text)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _embedded(content: dict[str, Any]) -> str:
    """Return JSON that cannot end the script element it stands in."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return (
        text.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )


def _hash(text: str) -> str:
    """Return the source expression of an inline script or style (CSP Level 3 §2.3.1)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

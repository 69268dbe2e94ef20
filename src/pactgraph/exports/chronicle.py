"""A network whose every edge is one dated event, as a list by date: a web of lines would say less."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from pactgraph.exports.drawing import Dot, Drawing, coloured
from pactgraph.exports.network import Network, records

COLUMNS, LINES = 3, 60
_MOSTLY = 0.8
_MOST_EDGES = 10_000  # what is longer is no list that a person reads


@dataclass(frozen=True, slots=True)
class Chronicle:
    """The drawing of a list: dots with the words beside them, and the years above them as (x, y, year)."""

    drawing: Drawing
    years: list[tuple[float, float, str]]


def chronicle(network: Network, *, width: float, height: float) -> Chronicle | None:
    """Return the events by date, or nothing when the network is no list of events.

    It is one when each edge has a source of its own, and nearly all have a start. When there are more than
    have room, the latest are shown.
    """
    names = {column.name for column in network.edges.columns}
    if not {"start", "source_label"} <= names or len(network.edges) > _MOST_EDGES:
        return None
    dated = [edge for edge in records(network.edges) if edge.get("start")]
    if not dated or len(dated) < _MOSTLY * len(network.edges):
        return None
    if len({edge["source"] for edge in dated}) < len(dated):
        return None
    dots = []
    for edge in sorted(dated, key=lambda edge: (edge["start"], edge["source"])):
        until = f" – {edge['end']}" if edge.get("end", edge["start"]) != edge["start"] else ""
        words = f"{edge['start']}{until}  {edge['source_label']}"
        dots.append(Dot(edge["source"], words, str(edge.get("label", "")), 1.0))
    years, shown = _laid_out(dots, width, height)
    legend = coloured(shown)
    drawing = Drawing({dot.identifier: dot for dot in shown}, [], legend, "label", len(dots) - len(shown))
    return Chronicle(drawing, years)


def _laid_out(
    dots: list[Dot], width: float, height: float
) -> tuple[list[tuple[float, float, str]], list[Dot]]:
    """Place as many of the latest as there are lines for, a line before each year; return years and dots."""
    room, shown, year = COLUMNS * LINES - (COLUMNS - 1), 0, ""  # a line at each foot may stay free
    for dot in reversed(dots):
        room -= 1 if dot.label[:4] == year else 2
        if room < 0:
            break
        year, shown = dot.label[:4], shown + 1
    step, line = height / LINES, 0
    years = []
    for year, members in groupby(dots[len(dots) - shown :], key=lambda dot: dot.label[:4]):
        if line % LINES == LINES - 1 and line // LINES < COLUMNS - 1:
            line += 1  # no year alone at the foot of a column
        years.append((line // LINES * width / COLUMNS, (line % LINES + 0.5) * step, year))
        for dot in members:
            line += 1
            dot.x, dot.y = line // LINES * width / COLUMNS + 8, (line % LINES + 0.5) * step
        line += 1
    return years, dots[len(dots) - shown :]

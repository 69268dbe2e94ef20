"""Where the nodes of a drawing stand, how large they are, and which labels have room."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import networkx as nx

from pactgraph.exports.network import Network, records

WIDTH, HEIGHT = 1600.0, 1100.0
SEED = 1
# Okabe and Ito's colours, which the colour-blind can tell apart; the last is for whatever is left.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
REST = "#999999"
_GAP = 3.0

Box = tuple[float, float, float, float]
Measure = Callable[[str, float], tuple[float, float]]


@dataclass(slots=True)
class Dot:
    """A node of a drawing; y grows downwards."""

    identifier: str
    label: str
    group: str
    strength: float
    x: float = 0.0
    y: float = 0.0
    radius: float = 4.0
    colour: str = REST
    detail: dict[str, Any] = field(default_factory=dict)
    label_box: Box | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """All edges between two nodes as one line."""

    source: str
    target: str
    weight: float
    inferred: bool
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """What to draw: the strongest nodes, the lines between them, and the legend."""

    dots: dict[str, Dot]
    lines: list[Line]
    legend: list[tuple[str, str]]
    grouped_by: str
    left_out: int


def draw(network: Network, *, most: int, width: float = WIDTH, height: float = HEIGHT) -> Drawing:
    """Return a drawing of the ``most`` nodes with the greatest weighted degree, the same each time."""
    lines = _lines(network)
    strength: dict[str, float] = defaultdict(float)
    for line in lines:
        strength[line.source] += line.weight
        strength[line.target] += line.weight
    nodes = list(records(network.nodes))
    nodes.sort(key=lambda node: (-strength.get(node["id"], 0.0), node["id"]))
    shown = nodes[:most]
    by = "side" if 3 * sum("side" in node for node in shown) > len(shown) else "class"
    dots = {
        node["id"]: Dot(
            node["id"],
            str(node.get("label", node["id"])),
            str(node.get(by, "")),
            strength.get(node["id"], 0.0),
            detail=node,
        )
        for node in shown
    }
    lines = [line for line in lines if line.source in dots and line.target in dots]
    _size(dots.values())
    _place(dots, lines, width, height)
    legend = coloured(dots.values())
    return Drawing(dots, lines, legend, by, len(nodes) - len(shown))


def _lines(network: Network) -> list[Line]:
    """Join parallel edges; a loop stays no line, as it has no other end."""
    weights: dict[tuple[str, str], float] = defaultdict(float)
    inferred: dict[tuple[str, str], bool] = {}
    labels: dict[tuple[str, str], set[str]] = defaultdict(set)
    for edge in records(network.edges):
        if edge["source"] == edge["target"]:
            continue
        ends = (min(edge["source"], edge["target"]), max(edge["source"], edge["target"]))
        weight = edge.get("weight", 1)
        weights[ends] += weight if isinstance(weight, (int, float)) and weight > 0 else 1
        inferred[ends] = inferred.get(ends, True) and bool(edge.get("inferred"))
        labels[ends].add(str(edge.get("shared") or edge.get("via") or edge.get("label") or ""))
    return [
        Line(*ends, weights[ends], inferred[ends], tuple(sorted(labels[ends]))) for ends in sorted(weights)
    ]


def _size(dots: Iterable[Dot]) -> None:
    largest = max((dot.strength for dot in dots), default=0.0) or 1.0
    for dot in dots:
        dot.radius = 4.0 + 12.0 * math.sqrt(dot.strength / largest)


def coloured(dots: Iterable[Dot]) -> list[tuple[str, str]]:
    """Give the largest groups a colour each; return the legend."""
    dots = list(dots)
    groups: dict[str, int] = defaultdict(int)
    for dot in dots:
        groups[dot.group] += 1
    largest = sorted((group for group in groups if group), key=lambda group: (-groups[group], group))
    named = sorted(largest[: len(COLOURS)])  # by name, so that a group has the same colour in most drawings
    colours = dict(zip(named, COLOURS, strict=False))
    for dot in dots:
        dot.colour = colours.get(dot.group, REST)
    legend = [(group, colours[group]) for group in named]
    return [*legend, ("other or not known", REST)] if len(legend) < len(groups) else legend


def _place(dots: dict[str, Dot], lines: list[Line], width: float, height: float) -> None:
    """Lay out each connected part by itself, then fill the page with the parts, largest first."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(dots)
    graph.add_weighted_edges_from((line.source, line.target, math.log1p(line.weight)) for line in lines)
    parts = sorted(nx.connected_components(graph), key=lambda part: (-len(part), min(part)))
    _page(dots, graph, parts, width, height)
    ordered = [dots[identifier] for identifier in sorted(dots)]
    for _ in range(60):
        if not _push_apart(ordered):
            break
    for dot in ordered:
        dot.x = round(min(max(dot.x, dot.radius), width - dot.radius), 1)
        dot.y = round(min(max(dot.y, dot.radius), height - dot.radius), 1)


def _page(dots: dict[str, Dot], graph: Any, parts: list[set[str]], width: float, height: float) -> None:  # noqa: ANN401 — networkx is not typed
    """Give the first part the page, and the small ones a strip below it, one cell each by size."""
    small = [part for part in parts[1:] if len(part) <= max(12, len(parts[0]) // 4)]
    large = [part for part in parts if part not in small]
    strip = min(0.4, 0.1 * math.ceil(len(small) / 12)) * height if small else 0.0
    share = width / max(sum(math.sqrt(len(part)) for part in large), 1.0)
    left = 0.0
    for part in large:
        across = share * math.sqrt(len(part))
        _lay(dots, graph, part, (left, 0.0, left + across, height - strip))
        left += across
    per_row = min(12, len(small)) or 1
    rows = math.ceil(len(small) / per_row) or 1
    for number, part in enumerate(small):
        row, column = divmod(number, per_row)
        x, y = column * width / per_row, height - strip + row * strip / rows
        _lay(dots, graph, part, (x, y, x + width / per_row, y + strip / rows))


def _lay(dots: dict[str, Dot], graph: Any, part: set[str], box: Box) -> None:  # noqa: ANN401 — as above
    margin = min(50.0, (box[2] - box[0]) / 6, (box[3] - box[1]) / 6)
    left, top, right, bottom = box[0] + margin, box[1] + margin, box[2] - margin, box[3] - margin
    if len(part) == 1:
        identifier = next(iter(part))
        dots[identifier].x, dots[identifier].y = (left + right) / 2, (top + bottom) / 2
        return
    piece: nx.Graph[str] = nx.Graph()
    piece.add_nodes_from(sorted(part))  # the order of a set is not the same twice
    piece.add_edges_from(sorted(tuple(sorted(edge)) for edge in graph.subgraph(part).edges))
    weights = {edge: graph.edges[edge]["weight"] for edge in piece.edges}
    nx.set_edge_attributes(piece, weights, "weight")
    places = nx.spring_layout(
        piece,
        seed=SEED,
        k=2.2 / math.sqrt(len(part)),
        iterations=150 if len(part) <= 200 else 40,
        weight="weight",
        method="force",
    )
    across = _spread({identifier: float(place[0]) for identifier, place in places.items()})
    down = _spread({identifier: float(place[1]) for identifier, place in places.items()})
    for identifier in places:
        dots[identifier].x = left + (right - left) * across[identifier]
        dots[identifier].y = top + (bottom - top) * down[identifier]


def _spread(values: dict[str, float]) -> dict[str, float]:
    """Return the values between 0 and 1, half way to equal distances: crowds get room for names."""
    least, span = min(values.values()), (max(values.values()) - min(values.values())) or 1.0
    order = sorted(values, key=lambda identifier: (values[identifier], identifier))
    ranks = {identifier: place / max(len(order) - 1, 1) for place, identifier in enumerate(order)}
    return {
        identifier: (value - least) / span / 2 + ranks[identifier] / 2 for identifier, value in values.items()
    }


def _push_apart(dots: list[Dot]) -> bool:
    """Move nodes that overlap away from each other; return whether any did."""
    moved = False
    cell = 2 * 16.0 + _GAP
    grid: dict[tuple[int, int], list[Dot]] = defaultdict(list)
    for dot in dots:
        grid[(int(dot.x // cell), int(dot.y // cell))].append(dot)
    for (column, row), here in sorted(grid.items()):
        near = [dot for dx in (0, 1) for dy in (-1, 0, 1) for dot in grid.get((column + dx, row + dy), ())]
        for dot in here:
            for other in near:
                if dot is other or (dot.identifier >= other.identifier and other in here):
                    continue
                moved |= _part_two(dot, other)
    return moved


def _part_two(dot: Dot, other: Dot) -> bool:
    dx, dy = other.x - dot.x, other.y - dot.y
    distance = math.hypot(dx, dy)
    wanted = dot.radius + other.radius + _GAP
    if distance >= wanted:
        return False
    if distance == 0:
        dx, dy, distance = 1.0, 0.5, math.hypot(1.0, 0.5)
    step = (wanted - distance) / 2 / distance
    dot.x, dot.y = dot.x - dx * step, dot.y - dy * step
    other.x, other.y = other.x + dx * step, other.y + dy * step
    return True


def place_labels(drawing: Drawing, measure: Measure, size: float, bounds: Box) -> int:
    """Give each label a place where it touches no node and no other label, strongest nodes first.

    Return how many have no room. ``measure`` returns the width and height of a text of a size.
    """
    taken: list[Box] = [
        (dot.x - dot.radius, dot.y - dot.radius, dot.x + dot.radius, dot.y + dot.radius)
        for dot in drawing.dots.values()
    ]
    without = 0
    for dot in sorted(drawing.dots.values(), key=lambda dot: (-dot.strength, dot.identifier)):
        width, height = measure(dot.label, size)
        for box in _candidates(dot, width, height):
            inside = (
                bounds[0] <= box[0] and bounds[1] <= box[1] and box[2] <= bounds[2] and box[3] <= bounds[3]
            )
            if inside and not any(_touch(box, other) for other in taken):
                dot.label_box = box
                taken.append(box)
                break
        else:
            without += 1
    return without


def _candidates(dot: Dot, width: float, height: float) -> list[Box]:
    boxes = []
    for ring in (0.0, 8.0, 18.0, 30.0, 44.0):
        reach = dot.radius + _GAP + ring
        slant = reach * 0.7
        places = (
            (dot.x + reach, dot.y - height / 2),
            (dot.x - reach - width, dot.y - height / 2),
            (dot.x - width / 2, dot.y + reach),
            (dot.x - width / 2, dot.y - reach - height),
            (dot.x + slant, dot.y + slant),
            (dot.x + slant, dot.y - slant - height),
            (dot.x - slant - width, dot.y + slant),
            (dot.x - slant - width, dot.y - slant - height),
        )
        boxes += [(x, y, x + width, y + height) for x, y in places]
    return boxes


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]

"""Measures, changes, drawings and bundles."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner

from pactgraph.cli import main
from pactgraph.errors import InputError
from pactgraph.exports.analysis import Span, changes, co_participation, measure, with_analysis
from pactgraph.exports.ask import Ask
from pactgraph.exports.bundle import write_bundle
from pactgraph.exports.chronicle import chronicle
from pactgraph.exports.delivery import Wishes, deliver_view
from pactgraph.exports.drawing import draw, place_labels
from pactgraph.exports.network import Column, Network, Origin, TableRows, records
from pactgraph.exports.sorting import SortedRows, Sorter
from pactgraph.exports.views import read_views
from pactgraph.vocab import prefixes


@pytest.fixture
def bridge() -> Network:
    """Two triangles joined by one edge, and a loop."""
    rows = ["ab2020-", "ac2020-", "bc2020-2021", "de2022-", "df2022-", "ef--", "cd2024-", "aa2020-"]
    nodes, edges = Sorter(2), Sorter(5)
    nodes.fill([(name, "x") for name in "abcdef"])
    cells = [(row[0], row[1], *row[2:].split("-")[:2]) for row in rows]
    edges.fill([(source, target, start or None, end or None, "2") for source, target, start, end in cells])
    columns = (
        Column("source"),
        Column("target"),
        Column("start", "date"),
        Column("end", "date"),
        Column("weight", "integer"),
    )
    return Network(
        SortedRows(nodes.finish(), (Column("id"), Column("class"))),
        SortedRows(edges.finish(), columns),
        False,
        Origin("bridge"),
    )


def test_the_ends_of_the_bridge_are_the_brokers(bridge: Network) -> None:
    found = {node["id"]: node for node in records(with_analysis(bridge).nodes)}
    assert sorted(found, key=lambda node: -found[node]["betweenness"])[:2] == ["c", "d"]
    assert (found["c"]["degree"], found["c"]["weighted_degree"], found["c"]["core"]) == (3, 6.0, 2)
    assert len({found[node]["community"] for node in "abc"}) == 1
    assert found["a"]["community"] != found["f"]["community"]
    assert measure(bridge) == measure(bridge)


def test_large_networks_are_measured_by_the_same_definitions(
    bridge: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = measure(bridge)
    monkeypatch.setattr("pactgraph.exports.analysis.LARGE", 1)
    assert measure(bridge) == small
    assert "NetworKit" in str(with_analysis(bridge).origin.note)
    monkeypatch.setattr("pactgraph.exports.analysis.EXACT_UP_TO", 1)
    estimated = measure(bridge)
    assert {name: values for name, values in estimated.items() if name != "betweenness"} == {
        name: values for name, values in small.items() if name != "betweenness"
    }
    assert estimated == measure(bridge)


def test_change_between_two_dates(bridge: Network) -> None:
    span = Span.read("2021-06", "2024")
    assert span is not None
    ends = [edge["source"] + edge["target"] for edge in records(bridge.edges)]
    assert dict(zip(ends, changes(bridge, span), strict=True)) == {
        "aa": "stayed",
        "ab": "stayed",
        "ac": "stayed",
        "bc": "gone",
        "cd": "appeared",
        "de": "appeared",
        "df": "appeared",
        "ef": "undated",
    }
    found = {node["id"]: node for node in records(with_analysis(bridge, span).nodes)}
    assert (found["c"]["degree_from"], found["c"]["degree_to"]) == (2, 2)


@pytest.mark.parametrize(("start", "end"), [("2024", None), ("soon", "2024"), ("2025", "2024")])
def test_spans_that_are_none(start: str, end: str | None) -> None:
    with pytest.raises(InputError):
        Span.read(start, end)


def test_co_participation_counts_shared_neighbours_of_one_class(ask: Ask) -> None:
    network = deliver_view(read_views()["topics"], ask, prefixes(), Wishes()).network
    pairs = co_participation(network)
    classes = {node["id"]: node["class"] for node in records(network.nodes)}
    assert pairs[0]["weight"] == len(pairs[0]["shared"]) > 1
    assert all(classes[pair["source"]] == classes[pair["target"]] for pair in pairs)


def test_labels_of_a_drawing_touch_neither_each_other_nor_a_node(ask: Ask) -> None:
    drawing = draw(deliver_view(read_views()["collaboration"], ask, prefixes(), Wishes()).network, most=100)
    without = place_labels(drawing, lambda text, size: (len(text) * size * 0.6, size), 10, (0, 0, 1600, 1100))
    boxes = [dot.label_box for dot in drawing.dots.values() if dot.label_box]
    dots = [
        (dot.x - dot.radius, dot.y - dot.radius, dot.x + dot.radius, dot.y + dot.radius)
        for dot in drawing.dots.values()
    ]
    assert len(boxes) + without == len(drawing.dots)
    assert without < len(drawing.dots) / 10
    for place, box in enumerate(boxes):
        for other in boxes[place + 1 :] + dots:
            assert not (box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3])


def test_the_timeline_is_drawn_as_a_list_by_date_without_a_line_twice(ask: Ask) -> None:
    network = deliver_view(read_views()["timeline"], ask, prefixes(), Wishes()).network
    listed = chronicle(network, width=1560, height=930)
    assert listed is not None
    dots = list(listed.drawing.dots.values())
    assert len(dots) == len(network.edges)
    words = [dot.label for dot in dots]
    assert words == sorted(words, key=lambda text: text.split()[0])
    assert any(text.startswith("2022-11-28  EU–ROK Digital Partnership: signed on") for text in words)
    lines = [(int(x // 520), y) for x, y, _ in listed.years] + [(int(dot.x // 520), dot.y) for dot in dots]
    assert len(set(lines)) == len(lines)
    assert max(y for _, y in lines) < 930


def test_a_list_that_is_too_long_shows_the_latest() -> None:
    days = [f"{1900 + number // 4}-0{1 + number % 4}" for number in range(400)]
    edges = {"source": [f"e{number}" for number in range(400)], "target": ["x"] * 400}
    table = pa.table({**edges, "label": ["held"] * 400, "start": days, "source_label": ["An event"] * 400})
    columns = (*map(Column, ("source", "target", "label")), Column("start", "date"), Column("source_label"))
    nodes = TableRows(pa.table({"id": ["x"]}), (Column("id"),))
    listed = chronicle(
        Network(nodes, TableRows(table, columns), True, Origin("long")), width=1560, height=930
    )
    assert listed is not None
    shown = [dot.label for dot in listed.drawing.dots.values()]
    assert listed.drawing.left_out == 400 - len(shown) > 200
    assert shown[-1].startswith(days[-1])
    assert len(shown) + len(listed.years) <= 180
    assert max(dot.x for dot in listed.drawing.dots.values()) < 1560


@pytest.mark.parametrize("view", ["collaboration", "funding", "people", "statements"])
def test_other_networks_are_no_list(ask: Ask, view: str) -> None:
    network = deliver_view(read_views()[view], ask, prefixes(), Wishes()).network
    assert chronicle(network, width=1560, height=930) is None


def test_a_bundle_is_the_same_each_time_and_checks_itself(ask: Ask, tmp_path: Path) -> None:
    for name in ("one", "two"):
        deliveries = {
            view: (read_views()[view], deliver_view(read_views()[view], ask, prefixes(), Wishes()))
            for view in ("funding", "people")
        }
        write_bundle(tmp_path / name, deliveries, "0", "pactgraph export --bundle DIR")
    files = sorted(
        path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file()
    )
    assert len(files) > 15
    for path in files:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes()
    for line in (tmp_path / "one" / "SHA256SUMS").read_text().splitlines():
        checksum, name = line.split("  ")
        assert hashlib.sha256((tmp_path / "one" / name).read_bytes()).hexdigest() == checksum
    package = json.loads((tmp_path / "one" / "datapackage.json").read_text())
    assert package["views"]["funding"]["revision"] == 7
    assert {resource["path"] for resource in package["resources"]} >= {
        "funding/edges.csv",
        "people/nodes.parquet",
    }


def test_the_command_in_the_readme_makes_the_same_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = "export --bundle one people --lang ko,en --analyse --from 2020 --to 2025 --data none"
    assert CliRunner().invoke(main, asked.split()).exit_code == 0
    (command,) = re.findall(r"^    pactgraph (export .*)$", Path("one/README.md").read_text(), re.MULTILINE)
    again = [*command.replace("DIR", "two").split(), "--data", "none"]
    assert CliRunner().invoke(main, again).exit_code == 0
    assert Path("one/SHA256SUMS").read_bytes() == Path("two/SHA256SUMS").read_bytes()


def test_the_descriptor_of_a_bundle_keeps_the_data_package_specification(ask: Ask, tmp_path: Path) -> None:
    view = read_views()["funding"]
    write_bundle(tmp_path, {"funding": (view, deliver_view(view, ask, prefixes(), Wishes()))}, "0", "x")
    package = json.loads((tmp_path / "datapackage.json").read_text())
    name = re.compile(r"[a-z0-9._/-]+")  # https://specs.frictionlessdata.io/data-package/#name
    assert name.fullmatch(package["name"])
    assert package["licenses"] == [
        {"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}
    ]
    resources = {resource["name"]: resource for resource in package["resources"]}
    assert len(resources) == len(package["resources"])
    assert all(name.fullmatch(each) for each in resources)
    for resource in resources.values():
        content = (tmp_path / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    for table in ("nodes", "edges"):
        resource = resources[f"funding-{table}-csv"]
        with (tmp_path / resource["path"]).open(newline="") as lines:
            header, *rows = csv.reader(lines)
        fields = resource["schema"]["fields"]
        assert [field["name"] for field in fields] == header
        assert len(rows) == resource["rows"]
        for field, cells in zip(fields, zip(*rows, strict=True), strict=True):
            read = {"integer": int, "number": float, "boolean": {"true": True, "false": False}.__getitem__}
            for cell in filter(None, cells):
                read.get(field["type"], str)(cell)


def test_a_bundle_leaves_a_folder_with_other_files_alone(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(InputError, match="no bundle"):
        write_bundle(tmp_path, {}, "0", "")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]

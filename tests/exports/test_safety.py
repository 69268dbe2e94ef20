"""What files must not do: run formulas, break XML, lose rows, or leave half of themselves."""

from __future__ import annotations

import csv
import io
import random
import zipfile
from pathlib import Path

import networkx as nx
import openpyxl
import pyarrow as pa
import pytest
from click.testing import CliRunner

from pactgraph.cli import main
from pactgraph.exports import sorting
from pactgraph.exports.about import About, describe
from pactgraph.exports.formats import format_by_name
from pactgraph.exports.network import Column, Network, Origin, TableRows
from pactgraph.exports.output import open_file
from pactgraph.exports.sorting import SortedRows, Sorter
from pactgraph.exports.writers.spreadsheet import safe_cells
from pactgraph.exports.writers.xml import xml_tokens

from .conftest import NASTY
from .readers import READERS

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def network(texts: list[str]) -> Network:
    nodes, edges = Sorter(2), Sorter(4)
    nodes.fill([(f"n{number}", text) for number, text in enumerate(texts)])
    edges.fill([(f"n{number}", "n0", text, str(number)) for number, text in enumerate(texts)])
    return Network(
        SortedRows(nodes.finish(), (Column("id"), Column("label"))),
        SortedRows(
            edges.finish(), (Column("source"), Column("target"), Column("note"), Column("weight", "integer"))
        ),
        True,
        Origin("=1+1 \x00 test"),
        {"lone surrogates": nodes.surrogates + edges.surrogates},
    )


def written(of: Network, name: str) -> tuple[bytes, About]:
    stream, about = io.BytesIO(), describe(of)
    format_by_name(name).write(of, about, stream)
    return stream.getvalue(), about


def test_no_cell_of_a_csv_is_a_formula_and_numbers_stay_numbers() -> None:
    content, _ = written(network(NASTY), "csv")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        rows = list(csv.reader(io.StringIO(archive.read("edges.csv").decode(), newline="")))[1:]
        readme = archive.read("README.txt").decode()
    cells = [row[2] for row in rows]
    assert len(cells) == len(NASTY)
    assert [cell for cell in cells if cell.lstrip(" \u00a0").startswith(DANGEROUS) and cell != "-12.5"] == []
    assert {"'=1+1", "'＝1+1", "' =1+1", "-12.5"} <= set(cells)
    assert "formula" in readme
    assert '"control characters replaced by U+FFFD": 12' in readme


def test_a_readme_beside_a_table_says_what_it_is_and_counts_what_was_replaced(tmp_path: Path) -> None:
    of = network(NASTY)
    stream, about = io.BytesIO(), describe(of)
    write_readme = format_by_name("edges-csv").readme
    assert write_readme is not None
    write_readme(of, about, stream)
    content, _ = written(of, "csv")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        told = archive.read("README.txt").decode().replace("nodes.csv   ", "*.nodes.csv ")
    assert stream.getvalue().decode() == told.replace("edges.csv   ", "*.csv       ")
    done = CliRunner().invoke(main, ["export", "people", str(tmp_path / "out.csv"), "--data", "none"])
    assert done.exit_code == 0
    assert "licence: CC-BY-4.0" in (tmp_path / "out.README.txt").read_text(encoding="utf-8")
    assert {path.name for path in tmp_path.iterdir()} == {"out.csv", "out.nodes.csv", "out.README.txt"}


def test_no_cell_of_a_workbook_is_a_formula_and_what_was_cut_is_counted() -> None:
    content, _ = written(network(NASTY), "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    texts = [
        cell.value
        for sheet in (book["nodes"], book["edges"])
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "s"
    ]
    assert [text for text in texts if text.lstrip(" \u00a0").startswith(DANGEROUS) and text != "-12.5"] == []
    about = {row[0]: row[1] for row in book["about"].iter_rows(values_only=True)}
    assert '"cells cut at 32,767 characters": 4' in about["replaced"]
    assert isinstance(book["edges"]["D2"].value, int)


@pytest.mark.parametrize("name", READERS)
def test_lone_surrogates_are_replaced_and_counted(name: str) -> None:
    content, about = written(network(["\ud800", "a\udfffb\udfff", "good"]), name)
    assert READERS[name](content)[:2] == (3, 3)
    assert about.replaced == {"lone surrogates": 6}


def test_control_characters_in_graphml_are_counted_in_the_file() -> None:
    content, about = written(network(NASTY), "graphml")
    graph = nx.read_graphml(io.BytesIO(content), force_multigraph=True)
    assert about.controls == 12
    assert '"control characters replaced by U+FFFD": 12' in graph.graph["replaced"]
    labels = {data["iri"]: data.get("label") for _, data in graph.nodes(data=True)}
    assert labels["n15"] == NASTY[15].replace("\r\n", "\n") or labels["n15"] == NASTY[15]


@pytest.mark.parametrize("text", ["=1", " \t=1", "\ufeff=1", "\u3000＠x", "\n=1", "−1+2"])
def test_formulas_in_disguise(text: str) -> None:
    assert safe_cells(pa.array([text]))[0].to_pylist() == ["'" + text]


def test_tokens_are_different_for_different_ids_and_fit_xml() -> None:
    ids = [
        "https://w3id.org/eukdp/id/a_b",
        "https://w3id.org/eukdp/id/a/b",
        "urn:a:b",
        "a b",
        "a_20_b",
        "한",
        "_D55C_",
        "",
        "a\x00",
    ]
    tokens = xml_tokens(pa.array(ids)).to_pylist()
    assert len(set(tokens)) == len(ids)
    assert all(token and all(c.isascii() and (c.isalnum() or c in "_.:-") for c in token) for token in tokens)


def test_sorting_in_ranges_is_sorting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorting, "_IN_MEMORY", 20_000)
    monkeypatch.setattr(sorting, "_RANGE_BYTES", 10_000)
    draw = random.Random(1)
    rows = [
        (
            draw.choice("abcd") * draw.randint(0, 3),
            draw.choice([None, "x", "y\x00", "é한"]),
            str(draw.randint(0, 9)),
        )
        for _ in range(20_000)
    ]

    def key(row: tuple[str | None, ...]) -> tuple[tuple[bool, bytes], ...]:
        return tuple((cell is not None, (cell or "").encode()) for cell in row)

    for distinct in (False, True):
        sorter = Sorter(3)
        sorter.fill(rows)
        assert list(sorter.finish(distinct=distinct).cells()) == sorted(
            set(rows) if distinct else rows, key=key
        )


def test_a_failed_export_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("before")

    def fail() -> None:
        with open_file(target) as stream:
            stream.write(b"half")
            raise RuntimeError("stopped")

    with pytest.raises(RuntimeError):
        fail()
    assert target.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_a_sheet_that_is_too_long_names_other_formats() -> None:
    from pactgraph.errors import InputError

    table = pa.table({"id": pa.array(["n"] * 1_048_576)})
    long = TableRows(table, (Column("id"),))
    edges = TableRows(
        pa.table({"source": pa.array([], pa.string()), "target": pa.array([], pa.string())}),
        (Column("source"), Column("target")),
    )
    with pytest.raises(InputError, match="CSV or Parquet"):
        written(Network(long, edges, True, Origin("long")), "xlsx")

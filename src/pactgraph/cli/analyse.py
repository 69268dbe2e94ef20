"""``pactgraph analyse``: who matters in a view, who bridges, who belongs together, and what changed."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pactgraph.cli.exporting import from_option, lang_option, open_counter, read_wishes, to_option
from pactgraph.cli.options import at_option, data_option, endpoint_option, timeout_option
from pactgraph.exports.about import About
from pactgraph.exports.analysis import co_participation
from pactgraph.exports.network import Network, records
from pactgraph.exports.writers.spreadsheet import safe_cells

_WIDEST = 200
_MEASURES = ("degree", "weighted_degree", "betweenness", "community", "core", "degree_from", "degree_to")


@click.command()
@click.argument("view")
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True
)
@click.option("--pairs", is_flag=True, help="Pairs of nodes and how much they share, not single nodes.")
@click.option("--top", type=click.IntRange(min=1), metavar="N", help="Only the first N rows.")
@lang_option
@from_option
@to_option
@at_option
@endpoint_option
@timeout_option
@data_option
def analyse(
    *,
    view: str,
    form: str,
    pairs: bool,
    top: int | None,
    languages: str,
    start: str | None,
    end: str | None,
    when: str | None,
    endpoint: str | None,
    timeout: float,
    data: Path,
) -> None:
    """Measure the network of a VIEW: degree, betweenness (brokers first), community, core, co-participation.

    With --from and --to: the degrees at both dates, and how many edges appeared and are gone. Exit code 1
    when the view is empty.
    """
    wishes = read_wishes(languages, start, end, analyse=True)
    with open_counter(endpoint, data, timeout, when) as counter:
        delivery = counter.view(view, wishes)[1]
        rows = _pairs(delivery.network) if pairs else _nodes(delivery.network)
        changed = _changed(delivery.network)
    shown = rows[:top]
    if form == "json":
        results = {**delivery.about.entries(), **({"changes": changed} if changed else {}), "results": shown}
        click.echo(json.dumps(results, ensure_ascii=False, indent=1))
    elif form == "csv":
        _write_csv(shown)
    else:
        _print_table(shown)
    _tell(delivery.about, changed)
    if not rows:
        sys.stdout.flush()
        raise click.exceptions.Exit(1)


def _nodes(network: Network) -> list[dict[str, Any]]:
    names = ("label", "class", "side", *_MEASURES, "id")
    rows = [{name: node[name] for name in names if name in node} for node in records(network.nodes)]
    return sorted(rows, key=lambda row: (-row["betweenness"], -row["weighted_degree"], row["id"]))


def _pairs(network: Network) -> list[dict[str, Any]]:
    labels = {node["id"]: node.get("label", node["id"]) for node in records(network.nodes)}
    rows = []
    for pair in co_participation(network):
        named = {
            "source_label": labels[pair["source"]],
            "target_label": labels[pair["target"]],
            "weight": pair["weight"],
        }
        shared = {"shared": " | ".join(labels[node] for node in pair["shared"])} if "shared" in pair else {}
        rows.append({**named, **shared, "source": pair["source"], "target": pair["target"]})
    return rows


def _changed(network: Network) -> dict[str, int]:
    counts: dict[str, int] = {}
    for edge in records(network.edges):
        if "change" in edge:
            counts[edge["change"]] = counts.get(edge["change"], 0) + 1
    return dict(sorted(counts.items()))


def _tell(about: About, changed: dict[str, int]) -> None:
    click.echo(f"{about.nodes:,} nodes, {about.edges:,} edges; {about.note}.", err=True)
    if changed:
        click.echo(
            "Edges: " + ", ".join(f"{number} {what}" for what, number in changed.items()) + ".", err=True
        )


def _columns(rows: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _write_csv(rows: list[dict[str, Any]]) -> None:
    """Write CSV that no spreadsheet runs as a formula."""
    writer = csv.DictWriter(sys.stdout, _columns(rows), lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        texts = {name: value for name, value in row.items() if isinstance(value, str)}
        safe = safe_cells(pa.array(list(texts.values()), pa.string()))[0].to_pylist()
        writer.writerow({**row, **dict(zip(texts, safe, strict=True))})


def _print_table(rows: list[dict[str, Any]]) -> None:
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDEST)
    table = Table(box=None, pad_edge=False, header_style="bold")
    names = [name for name in _columns(rows) if name not in {"id", "source", "target"}]
    for name in names:
        is_number = bool(rows) and isinstance(rows[0].get(name), (int, float))
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(row.get(name))) for name in names))
    if names:
        console.print(table)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4f}" if value % 1 else f"{value:.0f}"
    text = "" if value is None else str(value)
    return "".join(character if character.isprintable() else " " for character in text)

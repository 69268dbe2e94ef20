"""``pactgraph export``: write a view of the graph, or the answer to a query, to a file."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click
from pyoxigraph import Quad, RdfFormat, parse

from pactgraph import vocab
from pactgraph.app import reading
from pactgraph.cli.options import data_option, endpoint_option, existing_data, timeout_option
from pactgraph.cli.query import open_runner, read_query_file
from pactgraph.errors import InputError
from pactgraph.exports.formats import FORMATS, choose_format, write_quads
from pactgraph.exports.output import write_file
from pactgraph.exports.views import VIEWS, view_by_name
from pactgraph.model import QueryRequest
from pactgraph.query.formats import BINDING_FORMATS, ResultFormat, by_name, by_suffix
from pactgraph.query.guard import form_of
from pactgraph.query.remote import QueryRunner


@click.command()
@click.argument("places", metavar="[VIEW] OUT", nargs=-1)
@click.option(
    "--query", "source", metavar="FILE", help="Export the answer to the query in this file, not a view."
)
@click.option("--format", "name", metavar="F", help="The format; otherwise the suffix of OUT decides.")
@click.option("--list", "listing", is_flag=True, help="List the views and their formats.")
@endpoint_option
@timeout_option
@data_option
def export(
    *,
    places: tuple[str, ...],
    source: str | None,
    name: str | None,
    listing: bool,
    endpoint: str | None,
    timeout: float,
    data: Path,
) -> None:
    """Write a view of the graph, or the answer to a query, to the file OUT; - is standard output.

    The same revision gives the same bytes. Exports the data directory, or the shipped graph when there is
    none.
    """
    if listing:
        _list_views()
        return
    if len(places) != (1 if source else 2):
        raise click.UsageError("Give a VIEW and OUT, or --query FILE and OUT; --list shows the views.")
    if places[-1] == "-" and name is None:
        raise click.UsageError("Standard output has no suffix; name the format with --format F.")
    if source is not None:
        with open_runner(endpoint, data, timeout) as runner:
            _write(
                places[-1],
                _export_query(runner, read_query_file(source), name, Path(places[-1]).suffix, timeout),
            )
    elif endpoint is not None:
        raise InputError(
            "A view is made from the data directory, not from an endpoint; use --query with --endpoint"
        )
    else:
        _write(places[-1], _export_view(places[0], name, Path(places[-1]).suffix, data))


def _list_views() -> None:
    for view in VIEWS:
        click.echo(f"{view.name:12} {view.title} ({', '.join(view.formats)})")


def _export_view(view_name: str, name: str | None, suffix: str, data: Path) -> bytes:
    view = view_by_name(view_name)
    form = choose_format(f"The view {view.name}", view.formats, name=name, suffix=suffix)
    with reading(existing_data(data)) as dataset:
        written = write_quads(view.quads(dataset), form, vocab.prefixes())
    if view.name == "statements" and not form.keeps_graphs:
        click.echo(f"{form.name} has no graphs: the sources of the statements are dropped.", err=True)
    return written


def _export_query(runner: QueryRunner, text: str, name: str | None, suffix: str, timeout: float) -> bytes:
    """Return the answer: SELECT and ASK as the engine writes it, graphs sorted."""
    if form_of(text) in {"SELECT", "ASK"}:
        chosen = _choose_bindings(name, suffix)
        return runner.run(QueryRequest(text, media_type=chosen.media_type, timeout=timeout)).read()
    form = choose_format("A graph", tuple(form.name for form in FORMATS), name=name, suffix=suffix)
    answer = runner.run(QueryRequest(text, media_type="application/n-triples", timeout=timeout)).read()
    quads: Iterable[Quad] = parse(answer, format=RdfFormat.N_TRIPLES)
    return write_quads(quads, form, vocab.prefixes())


def _choose_bindings(name: str | None, suffix: str) -> ResultFormat:
    if name is None:
        return by_suffix(suffix, BINDING_FORMATS)
    chosen = by_name(name)
    if chosen not in BINDING_FORMATS:
        known = ", ".join(form.name for form in BINDING_FORMATS)
        raise InputError(f"The answer to a SELECT is not written as {name}; choose one of {known}")
    return chosen


def _write(place: str, content: bytes) -> None:
    if place == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        write_file(Path(place), [content])
        click.echo(f"Wrote {place} ({len(content):,} bytes).", err=True)

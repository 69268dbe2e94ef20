"""``pactgraph export``: write views of the graph, or the answer to a query, for the tools of analysts."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from pactgraph import __version__
from pactgraph.cli.exporting import (
    Counter,
    from_option,
    lang_option,
    open_counter,
    read_wishes,
    to_option,
)
from pactgraph.cli.options import at_option, data_option, endpoint_option, timeout_option
from pactgraph.cli.query import read_query_file
from pactgraph.errors import InputError
from pactgraph.exports.bundle import write_bundle
from pactgraph.exports.delivery import Delivery, Wishes
from pactgraph.exports.formats import ExportFormat, format_by_file, format_by_name, formats_of
from pactgraph.exports.output import open_file
from pactgraph.exports.views import View, read_views, view_by_name


@click.command()
@click.argument("places", metavar="[VIEW] OUT", nargs=-1)
@click.option(
    "--query", "source", metavar="FILE", help="Export the answer to the query in this file, not a view."
)
@click.option("--format", "name", metavar="F", help="The format; otherwise the suffix of OUT decides.")
@click.option("--list", "listing", is_flag=True, help="List the views and their formats.")
@click.option(
    "--bundle", type=click.Path(path_type=Path), metavar="DIR", help="Write a bundle of the views named."
)
@lang_option
@click.option("--analyse", is_flag=True, help="Add degree, betweenness, community and core to the nodes.")
@from_option
@to_option
@at_option
@endpoint_option
@timeout_option
@data_option
def export(
    *,
    places: tuple[str, ...],
    source: str | None,
    name: str | None,
    listing: bool,
    bundle: Path | None,
    languages: str,
    analyse: bool,
    start: str | None,
    end: str | None,
    when: str | None,
    endpoint: str | None,
    timeout: float,
    data: Path,
) -> None:
    """Write a view of the graph, or the answer to a query, to the file OUT; - is standard output.

    A query is a graph when it selects ?source and ?target, or constructs triples. The same revision gives the
    same bytes. Exports the data directory, or the shipped graph when there is none.
    """
    if listing:
        _list_views()
        return
    wishes = read_wishes(languages, start, end, analyse=analyse)
    if bundle is not None:
        _check_bundle(places, source, name)
        with open_counter(endpoint, data, timeout, when) as counter:
            _bundle(counter, bundle, places, wishes)
        return
    if len(places) != (1 if source else 2):
        raise click.UsageError("Give a VIEW and OUT, or --query FILE and OUT; --list shows the views.")
    text = read_query_file(source) if source else None
    view = None if source else view_by_name(places[0], read_views())
    form = _choose(places[-1], name, view)
    with open_counter(endpoint, data, timeout, when) as counter:
        delivery = counter.query(text, wishes) if text is not None else counter.view(places[0], wishes)[1]
        _write(delivery, form, places[-1], view)


def _choose(place: str, name: str | None, view: View | None) -> ExportFormat:
    if name is not None:
        return format_by_name(name, view)
    if place == "-":
        raise click.UsageError("Standard output has no suffix; name the format with --format F.")
    return format_by_file(Path(place).name, view)


def _list_views() -> None:
    for view in read_views().values():
        click.echo(f"{view.name:14} {view.description}")
    click.echo("\nFormats (the suffix of OUT, or --format):")
    for view in read_views().values():
        if view.calendar:
            click.echo(f"  {'ics':14} .ics: calendars, of {view.name}")
    for form in formats_of(None):
        click.echo(f"  {form.name:14} {', '.join(form.suffixes)}: {form.about}")


def _check_bundle(views: tuple[str, ...], source: str | None, name: str | None) -> None:
    if not views or source or name:
        raise click.UsageError(
            "Give --bundle DIR and the names of one or more views, without --query and --format."
        )
    known = read_views()
    for view in views:
        view_by_name(view, known)


def _bundle(counter: Counter, folder: Path, views: tuple[str, ...], wishes: Wishes) -> None:
    deliveries = {view: counter.view(view, wishes) for view in dict.fromkeys(views)}
    files = write_bundle(folder, deliveries, __version__, _again(deliveries, wishes))
    click.echo(f"Wrote {len(files)} files to {folder}.", err=True)


def _again(deliveries: Mapping[str, tuple[View, Delivery]], wishes: Wishes) -> str:
    """Return the command that makes the same bundle, whatever the newest revision is then."""
    words = ["pactgraph", "export", "--bundle", "DIR", *deliveries, "--lang", ",".join(wishes.languages)]
    revision = next(iter(deliveries.values()))[1].about.revision
    if revision:
        words += ["--at", str(revision)]
    if wishes.analyse:
        words.append("--analyse")
    if wishes.span is not None:
        words += ["--from", wishes.span.start, "--to", wishes.span.end]
    return shlex.join(words)


def _write(delivery: Delivery, form: ExportFormat, place: str, view: View | None) -> None:
    if place == "-":
        delivery.write(form, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    path = Path(place)
    with open_file(path) as stream:
        delivery.write(form, stream)
    written = [path]
    if form.companion is not None:  # a format of one table: the nodes go beside the edges
        companion = format_by_name(form.companion, view)
        other = path.with_name(f"{path.stem}{companion.suffix}")
        if other == path:
            raise InputError(f"{path} is the name of the file for the nodes; choose another for the edges")
        with open_file(other) as stream:
            delivery.write(companion, stream)
        written.append(other)
    if form.readme is not None:
        other = path.with_name(f"{path.stem}.README.txt")
        with open_file(other) as stream:
            form.readme(delivery.network, delivery.about, stream)
        written.append(other)
    if view is not None and view.quads and form.name in {"turtle", "ntriples", "rdfxml"}:
        click.echo(f"{form.name} has no graphs: the sources of the statements are dropped.", err=True)
    about = delivery.about
    size = ", ".join(f"{file} ({file.stat().st_size:,} bytes)" for file in written)
    click.echo(f"Wrote {size}: {about.nodes:,} nodes, {about.edges:,} edges.", err=True)
    for rule, number in about.replaced.items():
        click.echo(f"Note: {number:,} {rule}.", err=True)

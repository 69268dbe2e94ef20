"""``pactgraph log``: the revisions, newest first; of one entity, its story."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pactgraph import vocab
from pactgraph.app import reading_journal
from pactgraph.cli.naming import read_iri
from pactgraph.cli.options import data_option, endpoint_option
from pactgraph.cli.table import WIDEST, one_line
from pactgraph.config import check_variables
from pactgraph.history import Told, heading_json
from pactgraph.remote import Server

_COLUMNS = ("revision", "ended_at", "author", "added", "removed", "message")


@click.command()
@click.argument("iri", required=False)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    metavar="N",
    help="The most revisions to list.",
)
@click.option("--before", type=click.IntRange(min=1), metavar="REV", help="Only revisions before this one.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@endpoint_option
@data_option
def log(
    *, iri: str | None, limit: int, before: int | None, form: str, endpoint: str | None, data: Path
) -> None:
    """List the revisions, newest first; with an IRI (or prefixed name), those that mention it.

    The exit code is 1 when there is none.
    """
    check_variables(os.environ)
    node = None if iri is None else read_iri(iri, vocab.prefixes()).value
    if endpoint is not None:
        told = _ask(Server(endpoint), node, limit, before)
    else:
        with reading_journal(data) as journal:
            told = [heading_json(each) for each in journal.headings(iri=node, limit=limit, before=before)]
    if form == "json":
        click.echo(json.dumps({"revisions": told}, ensure_ascii=False, indent=1))
    elif told:
        _print(told)
    if not told:
        click.echo("No revision mentions it." if iri else "There is no revision.", err=True)
        sys.stdout.flush()
        raise click.exceptions.Exit(1)


def _ask(server: Server, iri: str | None, limit: int, before: int | None) -> list[Told]:
    last = None if before is None else str(before)
    answer = server.get("/changes", iri=iri, limit=str(limit), before=last)
    found: list[Told] = json.loads(answer)["revisions"]
    return found


def _print(told: list[Told]) -> None:
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDEST)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in _COLUMNS:
        table.add_column(name.replace("_", " "), justify="right" if name in {"added", "removed"} else "left")
    for each in told:
        table.add_row(*(Text(one_line(str(each[name]))) for name in _COLUMNS))
    console.print(table)

"""``pactgraph show``: one revision: who, when, why, and what it changed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import click

from pactgraph import vocab
from pactgraph.app import reading_journal
from pactgraph.cli.naming import Names, open_names
from pactgraph.cli.options import data_option, endpoint_option
from pactgraph.cli.patch_lines import patch_lines
from pactgraph.cli.table import one_line
from pactgraph.config import check_variables
from pactgraph.errors import InputError
from pactgraph.history import Told, entry_json, read_rdf_patch, revision_at
from pactgraph.remote import Server


@click.command()
@click.argument("revision", metavar="REV")
@click.option(
    "--format", "form", type=click.Choice(["text", "patch", "json"]), default="text", show_default=True
)
@endpoint_option
@data_option
@click.pass_context
def show(context: click.Context, *, revision: str, form: str, endpoint: str | None, data: Path) -> None:
    """Show a revision (a number, or the last one at a date): who, when, why, what.

    ``--format patch`` is RDF Patch. The exit code is 1 when there is no such revision.
    """
    check_variables(os.environ)
    try:
        told = _read(revision, data) if endpoint is None else _ask(Server(endpoint), revision)
    except InputError as error:
        if error.code not in {"no-revision", "not-found"}:
            raise
        click.echo(f"Error: {error.message}", err=True)
        context.exit(1)
    if form == "json":
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    elif form == "patch":
        click.echo("\n".join(told["patch"]))
    else:
        with open_names(data) if endpoint is None else nullcontext(Names(vocab.prefixes())) as names:
            click.echo("\n".join(_text(told, names)))


def _read(revision: str, data: Path) -> Told:
    with reading_journal(data) as journal:
        entry = journal.read(revision_at(journal, revision))
        if entry is None:
            raise InputError(f"There is no revision {revision}.", code="no-revision")
        return entry_json(entry)


def _ask(server: Server, revision: str) -> Told:
    if not revision.isdigit():
        raise InputError("On a server a revision is named by its number; the log lists them.")
    told: Told = json.loads(server.get(f"/changes/{revision}"))
    patch = server.get(f"/changes/{revision}/patch", accept="application/rdf-patch, */*;q=0.1")
    return {**told, "patch": patch.decode().splitlines()}


def _text(told: Told, names: Names) -> Iterator[str]:
    added, removed = read_rdf_patch(told["patch"])
    yield f"Revision {told['revision']}"
    yield f"Author:   {one_line(told['author'])}"
    yield f"Date:     {told['ended_at']}"
    yield f"Message:  {one_line(told['message'])}"
    yield f"Changes:  {told['added']} added, {told['removed']} removed"
    yield f"Hash:     {told['hash']}"
    if told.get("parent"):
        yield f"Parent:   {told['parent']}"
    for result in (told.get("report") or {}).get("results", ()):
        yield f"{result['severity']}:  {one_line(result['message'])}"
    yield from patch_lines(added, removed, names)

"""``pactgraph query``: ask the graph a SPARQL query."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from pactgraph import vocab
from pactgraph.app import asking
from pactgraph.cli.options import at_option, data_option, endpoint_option, existing_data, timeout_option
from pactgraph.cli.table import print_table
from pactgraph.config import Limits
from pactgraph.errors import InputError
from pactgraph.model import QueryRequest
from pactgraph.query.answer import Answer
from pactgraph.query.formats import ALL_FORMATS, by_name, formats_of
from pactgraph.query.guard import form_of
from pactgraph.query.remote import AtRevision, QueryRunner, RemoteEndpoint

# What the answer to a query that found nothing holds, or lacks: one solution or triple would change it.
_EMPTY_IF_PRESENT = {
    "json": (b'"bindings":[]', b'"boolean":false'),
    "xml": (b"<results></results>", b"<boolean>false<"),
}
_EMPTY_IF_ABSENT = {
    "rdfxml": b"<rdf:Description",
    "turtle": b" ",
    "trig": b" ",
    "ntriples": b" ",
    "nquads": b" ",
}


@click.command()
@click.argument("text", metavar="[QUERY]", required=False)
@click.option(
    "-f", "--file", "source", metavar="FILE", help="Read the query from this file; - is standard input."
)
@click.option(
    "--format",
    "name",
    type=click.Choice(["table", *(form.name for form in ALL_FORMATS)]),
    help="How to write the answer.  [default: table, or turtle for CONSTRUCT and DESCRIBE]",
)
@at_option
@endpoint_option
@timeout_option
@data_option
def query(
    *,
    text: str | None,
    source: str | None,
    name: str | None,
    when: str | None,
    endpoint: str | None,
    timeout: float,
    data: Path,
) -> None:
    """Ask the graph a SPARQL query.

    Reads the data directory, or the shipped graph when there is none. Exit code 1 when nothing is found or an
    ASK is false.
    """
    text = _read_text(text, source)
    form = form_of(text) or "SELECT"
    as_table = name == "table" or (name is None and form in {"SELECT", "ASK"})
    if name == "table" and form not in {"SELECT", "ASK"}:
        raise InputError(f"A query of the form {form} gives a graph; choose turtle or another RDF format")
    chosen = formats_of(form)[0] if as_table or name is None else by_name(name)
    with open_runner(endpoint, data, timeout, when) as runner:
        answer = runner.run(QueryRequest(text, media_type=chosen.media_type, timeout=timeout))
        found = print_table(answer.read(), vocab.prefixes()) if as_table else _copy(answer)
    if not found:
        sys.stdout.flush()
        raise click.exceptions.Exit(1)


@contextmanager
def open_runner(
    endpoint: str | None, data: Path, timeout: float, when: str | None = None
) -> Iterator[QueryRunner]:
    """Open what answers queries: the endpoint, or a pool on the data directory or the shipped graph.

    ``when`` names the revision or date whose state is asked; raises ``InputError`` when there was none.
    """
    if endpoint is not None:
        yield RemoteEndpoint(endpoint, at=when)
        return
    with asking(existing_data(data), Limits(timeout=timeout, workers=1)) as service:
        yield service.pool if when is None else AtRevision(service.pool, service.at(when))


def _read_text(text: str | None, source: str | None) -> str:
    if (text is None) == (source is None):
        raise click.UsageError("Give one query: as an argument, with -f FILE, or - for standard input.")
    if source is not None or text == "-":
        return read_query_file(source or "-")
    return str(text)


def read_query_file(place: str) -> str:
    """Return the query in a file, or for ``-`` on standard input; raises ``InputError``."""
    try:
        content = sys.stdin.buffer.read() if place == "-" else Path(place).read_bytes()
        return content.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{place} cannot be read: {error.strerror}; name another file") from None
    except UnicodeDecodeError:
        raise InputError(f"{place} is not UTF-8; save it as UTF-8") from None


def _copy(answer: Answer) -> bool:
    """Copy an answer to standard output; return whether it holds anything."""
    name = answer.format.name
    lines, size, seen = 0, 0, b""
    with answer:
        for chunk in answer.chunks:
            sys.stdout.buffer.write(chunk)
            lines, size, seen = lines + chunk.count(b"\n"), size + len(chunk), (seen + chunk)[:4096]
    sys.stdout.buffer.flush()
    if name in _EMPTY_IF_PRESENT:
        return not any(sign in seen for sign in _EMPTY_IF_PRESENT[name])
    if name in _EMPTY_IF_ABSENT:
        return _EMPTY_IF_ABSENT[name] in seen
    if name == "jsonld":
        return seen.strip() != b"[]"
    return lines > 1 or seen == b"true"  # CSV and TSV have a line of names

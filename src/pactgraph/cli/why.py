"""``pactgraph why``: what stands behind a statement: its sources, and the revision that brought it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from pyoxigraph import Literal, NamedNode

from pactgraph import vocab
from pactgraph.app import reading, reading_journal
from pactgraph.cli.naming import Names, read_iri, read_term
from pactgraph.cli.options import data_option, endpoint_option, require_data
from pactgraph.cli.table import one_line
from pactgraph.config import check_variables
from pactgraph.errors import InputError
from pactgraph.history import Told
from pactgraph.remote import Server
from pactgraph.why import told
from pactgraph.why import why as supports_of

_STRING = NamedNode(f"{vocab.XSD}string")


@click.command()
@click.argument("subject")
@click.argument("predicate", required=False)
@click.argument("value", metavar="[OBJECT]", required=False)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@endpoint_option
@data_option
def why(
    *, subject: str, predicate: str | None, value: str | None, form: str, endpoint: str | None, data: Path
) -> None:
    """Say why the graph states something: each statement, its sources, and the revision that brought it.

    SUBJECT and PREDICATE are IRIs or prefixed names, OBJECT also a literal as in Turtle, or plain text. The
    exit code is 1 when nothing of the kind is stated.
    """
    check_variables(os.environ)
    prefixes = vocab.prefixes()
    asked = read_iri(subject, prefixes)
    link = None if predicate is None else read_iri(predicate, prefixes)
    term = None if value is None else read_term(value, prefixes)
    if endpoint is not None:
        found = _ask(Server(endpoint), asked, link, term)
        lines = [line for each in found for line in _lines(each, Names(prefixes))]
    else:
        with reading(require_data(data)) as dataset, reading_journal(data) as journal:
            found = list(told(supports_of(dataset, journal, asked, link, term)))
            names = Names(prefixes, dataset)
            lines = [line for each in found for line in _lines(each, names)]
    if form == "json":
        click.echo(json.dumps({"statements": found}, ensure_ascii=False, indent=1))
    elif lines:
        click.echo("\n".join(lines))
    if not found:
        click.echo("Nothing of the kind is stated.", err=True)
        sys.stdout.flush()
        raise click.exceptions.Exit(1)


def _ask(
    server: Server, subject: NamedNode, predicate: NamedNode | None, value: NamedNode | Literal | None
) -> list[Told]:
    written = value.value if isinstance(value, NamedNode) else None if value is None else str(value)
    link = None if predicate is None else predicate.value
    try:
        answer = server.get("/why", s=subject.value, p=link, o=written)
    except InputError as error:
        if error.code != "not-stated":
            raise
        return []
    found: list[Told] = json.loads(answer)["statements"]
    return found


def _read_term(term: dict[str, str]) -> object:
    if term["type"] == "uri":
        return NamedNode(term["value"])
    if "xml:lang" in term:
        return Literal(term["value"], language=term["xml:lang"])
    return Literal(term["value"], datatype=NamedNode(term.get("datatype", _STRING.value)))


def _lines(statement: Told, names: Names) -> Iterator[str]:
    subject, predicate, value = (_read_term(statement[name]) for name in ("subject", "predicate", "object"))
    yield f"{names.long(subject)}  {names.short(predicate)}  {names.long(value)}"
    for support in statement["supports"]:
        for source in support["sources"] or [{"iri": support["graph"]}]:
            about = [source.get("title"), source.get("publisher"), source.get("grade")]
            told = " · ".join(one_line(each) for each in about if each)
            yield f"  {names.short(NamedNode(source['iri']))}{f': {told}' if told else ''}"
        if support["inferred"]:
            yield f"  inferred: {one_line(support['reason'] or 'joined by the editors from these sources')}"
        if support["revision"] is not None:
            yield f"    revision {support['revision']}, {one_line(support['author'])}, {support['time']}"

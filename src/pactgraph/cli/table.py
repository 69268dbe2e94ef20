"""Answers as a table for people."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from pyoxigraph import Literal, NamedNode, QueryBoolean, QueryResultsFormat, parse_query_results
from rich.console import Console
from rich.table import Table
from rich.text import Text

_XSD = "http://www.w3.org/2001/XMLSchema#"
WIDEST = 100_000


def print_table(payload: bytes, prefixes: Mapping[str, str]) -> bool:
    """Print an answer in SPARQL JSON as a table; return whether it holds anything.

    At a terminal long cells are folded; in a pipe every row is one line.
    """
    results = parse_query_results(payload, format=QueryResultsFormat.JSON)
    width = None if sys.stdout.isatty() else WIDEST
    console = Console(file=sys.stdout, highlight=False, width=width)
    if isinstance(results, QueryBoolean):
        console.print("yes" if results else "no")
        return bool(results)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for variable in results.variables:
        table.add_column(variable.value, overflow="fold")
    found = 0
    for solution in results:
        table.add_row(*(Text(shorten(term, prefixes)) for term in solution))
        found += 1
    if results.variables:
        console.print(table)
    Console(stderr=True, highlight=False).print(f"{found} row{'' if found == 1 else 's'}")
    return found > 0


def shorten(term: object, prefixes: Mapping[str, str]) -> str:
    """Return a term as a person would write it: prefixed names, bare numbers, text with its language.

    >>> shorten(NamedNode("http://example.org/a"), {"ex": "http://example.org/"})
    'ex:a'
    """
    if term is None:
        return ""
    if isinstance(term, NamedNode):
        return _shorten_iri(term.value, prefixes)
    if isinstance(term, Literal):
        if term.language:
            return one_line(f"{term.value} @{term.language}")
        if term.datatype.value.startswith(_XSD):
            return one_line(term.value)
        return one_line(f"{term.value} ({_shorten_iri(term.datatype.value, prefixes)})")
    return str(term)


def one_line(text: str) -> str:
    """Return a text without control characters, which could move the cursor of a terminal."""
    return "".join(character if character.isprintable() else " " for character in text)


def _shorten_iri(iri: str, prefixes: Mapping[str, str]) -> str:
    fitting = [(len(namespace), name) for name, namespace in prefixes.items() if iri.startswith(namespace)]
    if not fitting:
        return one_line(iri)
    length, name = max(fitting)
    return one_line(f"{name}:{iri[length:]}")

"""The operations of SPARQL 1.1 Update as values: where their parts stand, what graphs they name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from pactgraph.errors import InputError

Verb = Literal["CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY"]
DEFAULT, NAMED, ALL = "DEFAULT", "NAMED", "ALL"
"""What a graph operation may name instead of an IRI; no absolute IRI is one of these."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the text, from ``start`` up to ``end``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Template:
    """Quads to be filled in: the group with its brackets and the variables in it.

    ``bare`` says that some stand outside of GRAPH, ``blank`` that it makes blank nodes.
    """

    span: Span
    variables: tuple[str, ...] = ()
    bare: bool = False
    blank: bool = False


@dataclass(frozen=True, slots=True)
class DataOperation:
    """INSERT DATA and DELETE DATA (§3.1.1, §3.1.2)."""

    prologue: str
    span: Span
    block: Template
    deletes: bool


@dataclass(frozen=True, slots=True)
class PatternOperation:
    """DELETE/INSERT with its pattern, and DELETE WHERE, whose pattern is its template (§3.1.3).

    ``graph`` is the one of WITH; ``using`` is nothing when the dataset is not described.
    """

    prologue: str
    span: Span
    where: Span
    delete: Template | None
    insert: Template | None
    graph: str | None = None
    using: tuple[str, ...] | None = None
    using_named: tuple[str, ...] = ()

    @property
    def deletes_what_matches(self) -> bool:
        """Whether this is DELETE WHERE."""
        return self.delete is not None and self.delete.span == self.where


@dataclass(frozen=True, slots=True)
class GraphOperation:
    """CLEAR, DROP and CREATE of ``target``; ADD, MOVE and COPY of ``target`` to ``destination`` (§3.2)."""

    verb: Verb
    span: Span
    silent: bool
    target: str
    destination: str | None = None


Operation = DataOperation | PatternOperation | GraphOperation


def on_dataset(
    operations: Iterable[Operation], using: list[str], using_named: list[str]
) -> Iterator[Operation]:
    """Yield the operations with the dataset of the request for their patterns (SPARQL 1.1 Protocol §2.2.3).

    Raises ``InputError`` for an update that describes a dataset itself.
    """
    for operation in operations:
        if not isinstance(operation, PatternOperation) or not (using or using_named):
            yield operation
            continue
        if operation.using is not None or operation.graph is not None:
            raise InputError(
                "The update names graphs with USING or WITH, and so does the request (using-graph-uri); "
                "leave out one of them",
                code="two-datasets",
            )
        yield replace(operation, using=tuple(using), using_named=tuple(using_named))

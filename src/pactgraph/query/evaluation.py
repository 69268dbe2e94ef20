"""Evaluates one query inside a worker, and serialises the answer straight into frames."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import IO, Any

import pyoxigraph as ox

from pactgraph.query.frames import BYTES, END, LAST, write_frame

_CHUNK = 256 * 1024
_PATIENCE = 0.2  # seconds that a row waits for the frame to fill
_POSITION = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
# What XML 1.0 §2.2 cannot hold, and the element that the engine writes for a predicate without a local name.
_NOT_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|<oxprefix:[ >]")
_CARRIED = 16
_UNKNOWN_FUNCTION = re.compile(r"custom function <([^>]*)> is not supported")
_MOST_UNKNOWN = 20
_VAGUE = "something else is expected here"

Results = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples


class Fault(Exception):
    """What is wrong with this query, as the report that goes to the pool."""

    def __init__(self, code: str, message: str, **more: object) -> None:
        super().__init__(message)
        self.report: dict[str, object] = {"code": code, "message": message, **more}


def evaluate(store: ox.Store, request: dict[str, Any], prologue: dict[str, Any]) -> Results:
    """Start the evaluation on the dataset that the request describes; raises ``Fault``.

    ``prologue`` holds the ``base_iri`` and the ``prefixes`` that need no declaration.
    """
    described, dataset = described_dataset(store, request["default_graphs"], request["named_graphs"])
    text = request["text"]
    # The engine reads every prefix that it is given: those that cannot occur are left out.
    prefixes = {name: iri for name, iri in prologue["prefixes"].items() if name + ":" in text}
    return _query(described, text, base_iri=prologue["base_iri"], prefixes=prefixes, **dataset)


def described_dataset(
    store: ox.Store, default: list[str] | None, named: list[str] | None
) -> tuple[ox.Store, dict[str, Any]]:
    """Return what to evaluate on and the engine's arguments, for the graphs of a dataset description.

    Without ``default`` it is the whole store. Without ``named`` all named graphs stay reachable.
    """
    if default is None:
        return store, {}
    names = None if named is None else [ox.NamedNode(iri) for iri in named]
    if len(default) > 1:
        merged = _merge(store, default, store.named_graphs() if names is None else names)
        return merged, {"default_graph": ox.DefaultGraph(), "named_graphs": names}
    return store, {"default_graph": [ox.NamedNode(iri) for iri in default], "named_graphs": names}


def _merge(store: ox.Store, default: list[str], named: Iterable[ox.NamedNode | ox.BlankNode]) -> ox.Store:
    """Return a dataset in memory whose default graph is the merge of several (SPARQL 1.1 Query §13.2).

    The engine's own union of default graphs repeats a triple that two of them state. There are no blank nodes
    in the store, so the merge is the set union.
    """
    merged = ox.Store()
    for iri in default:
        graph = store.quads_for_pattern(None, None, None, ox.NamedNode(iri))
        merged.bulk_extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in graph)
    for name in named:
        merged.bulk_extend(store.quads_for_pattern(None, None, None, name))
    return merged


def _query(store: ox.Store, text: str, **options: Any) -> Results:  # noqa: ANN401 — passed on to the engine as it is
    """Start the evaluation; an unknown function is an error where it is called (§17.2), not before."""
    unknown: dict[ox.NamedNode, Any] = {}
    while True:
        try:
            return store.query(text, custom_functions=unknown or None, **options)
        except SyntaxError as error:
            raise _syntax_fault(str(error), text) from None
        except RuntimeError as error:
            match = _UNKNOWN_FUNCTION.search(str(error))
            if match is None or len(unknown) == _MOST_UNKNOWN:
                raise _unevaluable(error) from None
            unknown[ox.NamedNode(match[1])] = _no_value


def _no_value(*_arguments: object) -> None:
    """Be the result of an unknown function: an error, so ``FILTER`` drops and ``BIND`` leaves out."""


def _unevaluable(error: RuntimeError) -> Fault:
    return Fault("query-refused", f"The query cannot be evaluated: {error}; change that part of it")


def _syntax_fault(error: str, text: str) -> Fault:
    """Reword the engine's message, which lists every letter that could have followed, into one sentence."""
    place = read_syntax_error(error)
    if place is None:
        return Fault("query-syntax", f"The query does not parse: {error}; correct it", line=None, column=None)
    line, column, reason = place
    message = f"The query does not parse at line {line}, column {column}: {reason}"
    return Fault("query-syntax", message + what_stands_at(text, line, column), line=line, column=column)


def read_syntax_error(error: str) -> tuple[int, int, str] | None:
    """Return line, column and reason of the engine's message, or nothing when it names no place."""
    match = _POSITION.match(error)
    return match and (int(match[1]), int(match[2]), _reason(match[3]))


def _reason(expected: str) -> str:
    """Return the engine's own reason when it has one; words it could have read otherwise are no help."""
    parts = [
        part.strip()
        for part in expected.removeprefix("expected one of ").removeprefix("expected ").split(",")
    ]
    reasons = [part for part in parts if " " in part and not re.search(r"[=\[\]]", part)]
    return (
        reasons[0].replace("IRI parsing failed", "an IRI is not absolute or has a wrong character")
        if reasons
        else _VAGUE
    )


def what_stands_at(text: str, line: int, column: int) -> str:
    """Return the end of a sentence that shows what stands at a place of a query."""
    lines = text.split("\n")
    rest = lines[line - 1][column - 1 :].strip() if line <= len(lines) else ""
    return f", before {rest[:30]!r}" if rest else ", at the end of the line"


class Serialiser:
    """A binary stream for the engine's serialisers that fills frames of 256 KiB, so memory does not grow."""

    def __init__(self, answers: IO[bytes], *, xml: bool) -> None:
        self._answers = answers
        self._xml = xml
        self._buffer = bytearray()
        self._tail = b""
        self._fault: Fault | None = None
        self._writes = 0
        self._sent = time.monotonic()

    def write_results(self, results: Results, media_type: str) -> None:
        """Serialise everything; raises ``Fault`` when the evaluation fails or XML cannot hold the answer."""
        output: Any = self
        try:
            if isinstance(results, ox.QueryTriples):
                results.serialize(output, ox.RdfFormat.from_media_type(media_type))
            else:
                results.serialize(output, ox.QueryResultsFormat.from_media_type(media_type))
            self._send(last=True)
        except RuntimeError as error:
            raise _unevaluable(error) from None
        except OSError:
            if self._fault is None:
                raise
            raise self._fault from None

    def write(self, data: bytes) -> int:
        """Take bytes from the engine's serialiser."""
        self._buffer += data
        if len(self._buffer) >= _CHUNK or self._is_due():
            self._send()
        return len(data)

    def flush(self) -> None:
        """Do nothing: frames are sent when they are full."""

    def _is_due(self) -> bool:
        """Whether the reader has waited long enough for what there is; asked at every 32nd write."""
        self._writes += 1
        return self._writes % 32 == 0 and time.monotonic() - self._sent > _PATIENCE

    def _send(self, *, last: bool = False) -> None:
        self._sent = time.monotonic()
        chunk = bytes(self._buffer)
        self._buffer.clear()
        if self._xml:
            if _NOT_XML.search(self._tail + chunk):
                hint = "ask for JSON or N-Triples"
                self._fault = Fault(
                    "not-xml", f"The answer holds a character or a predicate that XML cannot; {hint}"
                )
                raise OSError("stopped")  # the engine passes OSError on, and only that
            self._tail = chunk[-_CARRIED:]
        if chunk:
            write_frame(self._answers, LAST if last else BYTES, chunk)
        elif last:
            write_frame(self._answers, END)

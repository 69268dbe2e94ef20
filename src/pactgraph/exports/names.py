"""Names for people: labels in the language asked for, and short forms of IRIs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from urllib.parse import unquote

from pactgraph.exports.ask import Ask
from pactgraph.exports.cells import text_of
from pactgraph.exports.spool import Spool

_TABLE = "labels"


def local_name(iri: str) -> str:
    """Return the last part of an IRI, for things that nobody named.

    >>> local_name("https://w3id.org/eukdp/id/tenure/lee-jong-ho-minister")
    'lee-jong-ho-minister'
    """
    last = iri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1]
    return unquote(last) or iri


class Labels:
    """The names of everything, in a spool."""

    def __init__(self, spool: Spool, prefixes: Mapping[str, str], languages: Sequence[str]) -> None:
        self._spool = spool
        self._languages = [language.lower() for language in languages]
        self._prefixes = sorted(
            ((space, name) for name, space in prefixes.items()), key=lambda pair: -len(pair[0])
        )
        spool.fill(_TABLE, 4, [])
        self.label = lru_cache(maxsize=50_000)(self._label)
        self.curie = lru_cache(maxsize=10_000)(self._curie)

    def read(self, ask: Ask, query: str) -> None:
        """Take the labels from the dataset."""
        self.take(
            (text_of(row[0]), text_of(row[1]), row[1].language or "", text_of(row[2])) for row in ask(query)
        )
        self._spool.run(f"CREATE INDEX labels_by_id ON {_TABLE} (c0)")

    def take(self, rows: Iterable[tuple[str, str, str, str]]) -> None:
        """Take labels: the thing, its name, the language (or nothing), and the rank of this kind of name."""
        self._spool.fill(_TABLE, 4, rows)

    def choose(self, candidates: Iterable[tuple[str, str, str]]) -> str | None:
        """Return the best of (name, language, rank): the languages asked for, no language, then any other."""
        return min(candidates, key=self._order, default=(None, "", ""))[0]

    def _order(self, candidate: tuple[str, str, str]) -> tuple[int, str, str, str]:
        name, language, rank = candidate
        wanted = self._languages
        base = language.split("-")[0]
        if language in wanted:
            place = wanted.index(language)
        elif base in wanted:
            place = wanted.index(base)
        else:
            place = len(wanted) + (1 if language else 0)
        return (place, rank, language, name)

    def _label(self, iri: str) -> str:
        found = self._spool.run(f"SELECT c1, c2, c3 FROM {_TABLE} WHERE c0 = ?", (iri,))  # noqa: S608 — a constant
        return self.choose(found.fetchall()) or local_name(iri)

    def _curie(self, iri: str) -> str:
        for space, name in self._prefixes:
            local = iri[len(space) :]
            if iri.startswith(space) and local and "/" not in local and "#" not in local:
                return f"{name}:{local}"
        return iri

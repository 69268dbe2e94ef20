"""The index of one dataset: kept in step with its revisions, and asked by name."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pyoxigraph import DefaultGraph, NamedNode

from pactgraph import vocab
from pactgraph.errors import QueryFailed
from pactgraph.journal import Entry
from pactgraph.search.naming import Dataset, Name, everything_named, read_named, touched
from pactgraph.search.ranking import LEAST, Asked
from pactgraph.search.table import Stand, Table

FILE = "search.sqlite"
MOST = 100
"""How many entities one answer has at most."""
_CANDIDATES = 250
_SAME = 10_000  # namesakes of all names of a patch together
_SECONDS = 2.0
_SUBCLASS = NamedNode(f"{vocab.RDFS}subClassOf")
_LOG = logging.getLogger("pactgraph.search")
_PASSING = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR}
_PRIMARY = 0xFF  # the part of an SQLite result code that says which kind it is
_DAMAGE = (sqlite3.Error, OSError)


@dataclass(frozen=True, slots=True)
class Found:
    """An entity that was found: the name that is nearest to what was asked, its class, how near it is."""

    iri: str
    label: str
    lang: str
    type: str | None
    score: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, nearest first, and the revision that was searched."""

    found: tuple[Found, ...]
    revision: int


class SearchIndex:
    """Names and classes of a dataset's entities. Thread-safe: each search reads on a connection of its own.

    It is derived from the dataset: deleting its file while nobody has it open loses nothing.
    """

    def __init__(
        self,
        dataset: Dataset,
        path: Path,
        *,
        at_rest: bool = False,
        history: Callable[[int], Iterable[Entry]] = lambda _: (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep the index of ``dataset`` in the file ``path``; one ``at_rest`` nobody writes to meanwhile.

        ``history`` gives the revisions from a number on: what an index that fell behind catches up from.
        """
        self._dataset = dataset
        self._path = path
        self._at_rest = at_rest
        self._history = history
        self._clock = clock
        self._table: Table | None = None
        self._folder: TemporaryDirectory[str] | None = None
        self._writing = threading.Lock()

    @classmethod
    def temporary(cls, dataset: Dataset, stand: Stand) -> SearchIndex:
        """Build an index in a folder of its own, which goes when it is closed: for who may write nothing."""
        folder = TemporaryDirectory(prefix="pactgraph-search-")
        index = cls(dataset, Path(folder.name) / FILE)
        index._folder = folder
        index.synchronise(stand, ())
        return index

    def synchronise(self, stand: Stand, since: Iterable[Entry] | None) -> None:
        """Bring the index to where the dataset stands.

        ``since`` are the revisions that the index lacks; without them, and when the file cannot be used as it
        is, it is built anew from the dataset. A disk that does not take it leaves it as it was, behind.
        """
        with self._writing:
            try:
                self._bring(stand, since)
            except _DAMAGE as fault:
                if _is_passing(fault):
                    _LOG.warning("the search index stays behind (%s)", fault)
                    return
                _LOG.warning("the search index is built anew (%s)", fault)
                with suppress(*_DAMAGE):
                    self._discard()
                    self._bring(stand, None)

    def follow(self, entry: Entry) -> None:
        """Take in a revision that the dataset has just taken; stay behind when the disk does not."""
        self.synchronise(Stand(entry.number, entry.hash), self._up_to(entry))

    def _up_to(self, entry: Entry) -> Iterator[Entry]:
        """Yield what the index lacks: this revision alone, unless it fell behind before."""
        here = None if self._table is None else self._table.stand
        if here is not None and here.hash != entry.parent:
            yield from self._history(here.revision + 1)
        else:
            yield entry

    def _bring(self, stand: Stand, since: Iterable[Entry] | None) -> None:
        table = self._table = self._table or Table(self._path)
        known = table.stand
        if known == stand:
            return
        iris: set[str] = set()
        for entry in since or ():
            if known is None or known.hash != entry.parent:
                break
            iris |= touched((*entry.added, *entry.removed))
            known = Stand(entry.number, entry.hash)
        wholly = known != stand
        wanted = everything_named(self._dataset) if wholly else sorted(iris)
        table.replace((read_named(self._dataset, iri) for iri in wanted), stand, wholly=wholly)

    @property
    def stand(self) -> Stand | None:
        """Where the index stands; nothing when it cannot be read."""
        try:
            with closing(Table(self._path, read_only=True, at_rest=self._at_rest)) as table:
                return table.stand
        except _DAMAGE:
            return None

    def search(
        self, text: str, *, kind: str | None = None, lang: str | None = None, limit: int = 10
    ) -> Answer:
        """Return the entities whose names are nearest to ``text``; in the names' spelling or in their sound.

        ``kind`` keeps to one class and its subclasses. ``lang`` shows each entity by its nearest name in that
        language and leaves out who has none; found they are by any. Raises ``QueryFailed`` when the index
        cannot be read, or takes too long.
        """
        asked = Asked.of(text)
        kinds = None if kind is None else self._with_subclasses(kind)
        with self._reading() as table:
            stand = table.stand
            names = table.candidates(asked.trigrams, kinds, _CANDIDATES)
            ranked = _ranked(asked, names)
            if lang is not None:
                ranked = _in_language(asked, table.names_of(ranked), ranked, lang)
            nearest = sorted(ranked.items(), key=lambda each: (-each[1][0], each[0]))[: min(limit, MOST)]
            found = tuple(
                Found(iri, name.label, name.lang, self._kind(table.kinds_of(iri)), round(score, 3))
                for iri, (score, name) in nearest
            )
        return Answer(found, 0 if stand is None else stand.revision)

    def namesakes(self, keys: Collection[str]) -> dict[str, list[str]]:
        """Return, by folded name (``names.folded``), what has it; nothing when the index cannot be read."""
        found: dict[str, list[str]] = {}
        if keys:
            with suppress(QueryFailed), self._reading() as table:
                for key, iri in table.same_names(keys, _SAME):
                    found.setdefault(key, []).append(iri)
        return found

    def disagreement(self) -> str | None:
        """Say what the index has that the dataset does not, or the other way round; nothing when they agree.

        Raises ``sqlite3.Error`` when it cannot be read.
        """
        with closing(Table(self._path, read_only=True, at_rest=self._at_rest)) as table:
            table.check()
            names, kinds = table.everything()
        entities = [read_named(self._dataset, iri) for iri in everything_named(self._dataset)]
        odd = names ^ {name for entity in entities for name in entity.names}
        other = kinds ^ {(entity.iri, kind) for entity in entities for kind in entity.kinds}
        if odd:
            return f"the names of <{min(odd).iri}> differ"
        return f"the classes of <{min(other)[0]}> differ" if other else None

    @contextmanager
    def _reading(self) -> Iterator[Table]:
        end = self._clock() + _SECONDS
        try:
            with closing(Table(self._path, read_only=True, at_rest=self._at_rest)) as table:
                table.stop_when(lambda: self._clock() > end)
                yield table
        except sqlite3.Error as fault:
            if "interrupted" in str(fault):
                raise QueryFailed(
                    "The search took too long; ask for a longer part of the name.", code="query-timeout"
                ) from None
            text = "The search index cannot be read; it is built anew with the next write or start."
            raise QueryFailed(text, code="search-damaged") from fault

    def _with_subclasses(self, kind: str) -> set[str]:
        reached, todo = {kind}, [NamedNode(kind)]
        while todo:
            below = self._dataset.quads(None, _SUBCLASS, todo.pop(), DefaultGraph())
            near = {quad.subject for quad in below if isinstance(quad.subject, NamedNode)}
            todo.extend(each for each in near if each.value not in reached)
            reached |= {each.value for each in near}
        return reached

    def _kind(self, kinds: list[str]) -> str | None:
        """Return the most special of an entity's classes; the first in the alphabet of several."""
        for each in kinds:
            if len(kinds) == 1 or not (self._with_subclasses(each) - {each}) & set(kinds):
                return each
        return kinds[0] if kinds else None

    def _discard(self) -> None:
        """Remove the file; what readers have open of it stays theirs."""
        if self._table is not None:
            with suppress(sqlite3.Error):
                self._table.close()
            self._table = None
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file; may be called more than once."""
        if self._table is not None:
            self._table.close()
            self._table = None
        if self._folder is not None:
            self._folder.cleanup()


def _is_passing(fault: Exception) -> bool:
    """Whether the file may be sound: there is no space, or another process has it, for now."""
    return getattr(fault, "sqlite_errorcode", 0) & _PRIMARY in _PASSING


_Ranked = dict[str, tuple[float, Name]]


def _ranked(asked: Asked, names: Iterable[Name]) -> _Ranked:
    """Return the nearest name of each entity that is near enough, and how near it is."""
    best: _Ranked = {}
    for name in sorted(names):
        score = asked.nearness(name.label) * name.weight
        if score >= LEAST and (name.iri not in best or score > best[name.iri][0]):
            best[name.iri] = score, name
    return best


def _in_language(asked: Asked, names: Iterable[Name], ranked: _Ranked, lang: str) -> _Ranked:
    """Return the same entities, each by its nearest name in a language (RFC 4647 §3.3.1)."""
    wanted = lang.lower()
    shown: _Ranked = {}
    for name in sorted(names, key=lambda each: (-asked.nearness(each.label), -each.weight, each)):
        tag = name.lang.lower()
        if (tag == wanted or tag.startswith(f"{wanted}-")) and name.iri not in shown:
            shown[name.iri] = ranked[name.iri][0], name
    return shown

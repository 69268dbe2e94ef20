"""A store that grew in many batches is compacted before it takes its place; one that hardly grew is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from pactgraph.provenance import revision_mark
from pactgraph.store import staging
from pactgraph.store.staging import Staging

BATCHES, QUADS = 4, 100


class Watched:
    """A store that counts how often it is compacted."""

    compacted = 0

    def __init__(self, path: Path) -> None:
        self._store = Store(path)

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def __contains__(self, quad: Quad) -> bool:
        return quad in self._store

    def __len__(self) -> int:
        return len(self._store)

    def optimize(self) -> None:
        self._store.optimize()
        Watched.compacted += 1


@pytest.mark.parametrize(
    ("large", "before", "expected"),
    [
        (BATCHES * QUADS, 0, 1),
        (BATCHES * QUADS + 1, 0, 0),  # little
        (BATCHES * QUADS, BATCHES * QUADS * 8, 0),  # much, but not of this store
    ],
)
def test_what_grew_much_is_compacted_and_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: int, before: int, expected: int
) -> None:
    monkeypatch.setattr(staging, "LARGE", large)
    monkeypatch.setattr(staging, "Store", Watched)
    monkeypatch.setattr(Watched, "compacted", 0)
    origin = Store(tmp_path / "origin")
    graph, subject, predicate = (NamedNode(f"http://e.org/{name}") for name in "gsp")
    origin.bulk_extend(Quad(subject, predicate, Literal(-1 - n), graph) for n in range(before))
    origin.add(revision_mark(1))
    filled = Staging(origin, tmp_path / "staged")
    for batch in range(BATCHES):
        quads = [Quad(subject, predicate, Literal(batch * QUADS + n), graph) for n in range(QUADS)]
        assert len(filled.add(quads)) == QUADS
    filled.finish(1, 2, [])
    assert Watched.compacted == expected
    assert len(Store.read_only(str(tmp_path / "staged"))) == before + BATCHES * QUADS * 2 + 1

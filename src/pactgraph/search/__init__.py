"""Finding entities by name: a derived index beside the store, and the ranking of what it finds.

    naming    which statements are names, and of what
    table     the index as an SQLite file: rows, candidates, what it stands at
    ranking   how near a name is to what was asked
    index     the index of one dataset: kept in step with the revisions, asked by the edges

The reasons: docs/decisions/20261122-search.md.
"""

from pactgraph.search.index import FILE, SearchIndex

__all__ = ["FILE", "SearchIndex"]

"""The knowledge graph of the EU–Republic of Korea Digital Partnership.

>>> import pactgraph
>>> with pactgraph.open() as graph:
...     bool(graph.query("ASK { ?agreement a pact:Agreement }"))  # doctest: +SKIP
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pactgraph.api import Graph, open
    from pactgraph.result import Result

__version__ = "0.1.0"
__all__ = ["Graph", "Result", "__version__", "open"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 — whatever the API exports
    """Import the public API when it is first asked for, so that a query worker starts without rdflib."""
    if name in {"Graph", "Result", "open"}:
        from pactgraph import api  # noqa: PLC0415 — the late import is the purpose of this function

        return getattr(api, name)
    raise AttributeError(f"module 'pactgraph' has no attribute {name!r}")

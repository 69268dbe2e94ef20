"""The embedded dataset: a data directory, the store in it, and the default graph as a set union."""

from pactgraph.store.embedded import EmbeddedDataset

__all__ = ["EmbeddedDataset"]

"""Deliveries and files, each made once for all the tests that read them."""

from __future__ import annotations

import io
from functools import cache

import pyoxigraph as ox

from pactgraph.exports.ask import ask_store
from pactgraph.exports.delivery import Delivery, Wishes, deliver_view
from pactgraph.exports.formats import FORMATS
from pactgraph.exports.views import read_views
from pactgraph.vocab import prefixes


@cache
def delivered(store: ox.Store, view: str) -> Delivery:
    return deliver_view(read_views()[view], ask_store(store), prefixes(), Wishes())


@cache
def written(delivery: Delivery, name: str, *, as_network: bool = False) -> bytes:
    """Return the file of a format; RDF of a view of statements is these, or the network if asked."""
    stream = io.BytesIO()
    form = next(form for form in FORMATS if form.name == name)
    if as_network:
        form.write(delivery.network, delivery.about, stream)
    else:
        delivery.write(form, stream)
    return stream.getvalue()

"""A program: writes every view in every format from the quads of a file, in an order of its own choice."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pyoxigraph as ox

from pactgraph.exports.ask import ask_store
from pactgraph.exports.delivery import Wishes, deliver_view
from pactgraph.exports.formats import format_by_name, formats_of
from pactgraph.exports.views import read_views
from pactgraph.vocab import prefixes


def main(quads: Path, folder: Path) -> None:
    """Load the quads shuffled, and write the files."""
    shuffled = list(ox.parse(path=quads, format=ox.RdfFormat.N_QUADS))
    random.shuffle(shuffled)
    store = ox.Store()
    store.extend(shuffled)
    for view in read_views().values():
        delivery = deliver_view(view, ask_store(store), prefixes(), Wishes())
        for form in formats_of(view):
            with (folder / f"{view.name}.{form.name}").open("wb") as stream:
                delivery.write(form, stream)
    wishes = Wishes(analyse=True)
    delivery = deliver_view(read_views()["collaboration"], ask_store(store), prefixes(), wishes)
    with (folder / "collaboration.analysed").open("wb") as stream:
        delivery.write(format_by_name("json"), stream)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

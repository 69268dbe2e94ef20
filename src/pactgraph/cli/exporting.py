"""What ``export`` and ``analyse`` share: their options, and opening what they ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
import pyoxigraph as ox

from pactgraph import vocab
from pactgraph.app import asking
from pactgraph.cli.options import existing_data
from pactgraph.config import Limits
from pactgraph.errors import InputError
from pactgraph.exports.analysis import Span
from pactgraph.exports.ask import Ask, ask_runner, ask_snapshot
from pactgraph.exports.delivery import CONTEXT_VIEW, Delivery, Wishes, deliver_query, deliver_view
from pactgraph.exports.views import View, read_views, view_by_name
from pactgraph.query.guard import form_of
from pactgraph.query.remote import RemoteEndpoint

lang_option = click.option(
    "--lang",
    "languages",
    default="en",
    show_default=True,
    metavar="LANG,…",
    help="The languages of names, the one wanted most first.",
)
from_option = click.option("--from", "start", metavar="DATE", help="Compare the edges of this date …")
to_option = click.option("--to", "end", metavar="DATE", help="… with those of this date.")


@dataclass(frozen=True, slots=True)
class Counter:
    """Where orders are placed: what answers the views, and what answers queries within limits."""

    trusted: Ask
    limited: Ask
    views: dict[str, View]

    def view(self, name: str, wishes: Wishes) -> tuple[View, Delivery]:
        """Deliver a view; raises ``InputError`` for one that is not known."""
        view = view_by_name(name, self.views)
        return view, deliver_view(view, self.trusted, vocab.prefixes(), wishes)

    def query(self, text: str, wishes: Wishes) -> Delivery:
        """Deliver the answer to a query; raises ``InputError`` for one that is no graph."""
        context = self.views[CONTEXT_VIEW]
        return deliver_query(text, self.limited, context, vocab.prefixes(), wishes, context_ask=self.trusted)


@contextmanager
def open_counter(
    endpoint: str | None, data: Path, timeout: float, when: str | None = None
) -> Iterator[Counter]:
    """Open the data directory, the shipped graph, or an endpoint for exports.

    The views ship with pactgraph and read the snapshot without limits; a query of the user keeps to those of
    the endpoint. ``when`` names an earlier revision or a date; before the first revision nothing was there.
    """
    views = read_views()
    if endpoint is not None:
        remote = ask_runner(RemoteEndpoint(endpoint, at=when), form_of, timeout)
        yield Counter(remote, remote, views)
        return
    with asking(existing_data(data), Limits(timeout=timeout, workers=1)) as service:
        snapshot = service.state(when)
        limited = ask_runner(service.pool, form_of, timeout, snapshot)
        yield Counter(ask_snapshot(snapshot), limited, views)


def read_wishes(languages: str, start: str | None, end: str | None, *, analyse: bool) -> Wishes:
    """Return the wishes that the options express; raises ``InputError``."""
    chosen = tuple(language.strip() for language in languages.split(",") if language.strip())
    for language in chosen:
        try:
            ox.Literal("", language=language)
        except ValueError:
            raise InputError(f"{language!r} is not a language tag; write en, ko or en,ko") from None
    return Wishes(chosen or ("en",), analyse, Span.read(start, end))

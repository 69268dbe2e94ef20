"""Which of the result formats a client gets: the ``format`` parameter first, then the ``Accept`` header."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pactgraph.errors import UnknownFormat
from pactgraph.query.formats import ResultFormat, formats_of
from pactgraph.web.negotiation import preferred

HTML = "text/html"
_REMEMBERED, _SHORT = 500, 500


@dataclass(frozen=True)
class Offer:
    """A format, under the media type that was asked for (``application/json`` is JSON results, too)."""

    format: ResultFormat
    media_type: str


class Choices:
    """Remembers what ``choose`` said: clients send the same ``Accept`` every time. For many threads."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str | None, tuple[str, ...]], Offer] = {}

    def of(self, form: str, accept: str | None, asked: Sequence[str] = ()) -> Offer:
        """Return what ``choose`` does for the formats of a query form; raises what it raises."""
        key = (form, accept, tuple(asked))
        known = self._known.get(key)
        if known is None:
            known = choose(formats_of(form), accept, asked)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            if len(repr(key)) < _SHORT:
                self._known[key] = known
        return known


def choose(formats: Sequence[ResultFormat], accept: str | None, asked: Sequence[str] = ()) -> Offer:
    """Return the format for the answer; raises ``UnknownFormat`` (406) that lists the ones offered here.

    ``asked`` holds the values of ``format``: the first known one wins. Clients send names of their own there
    (SPARQLWrapper: ``n3``), so when none is known, an ``Accept`` header that names a type has its say.
    """
    named = [offer for value in asked if (offer := _named(formats, value.strip().lower())) is not None]
    if named:
        return named[0]
    offers = _offers(formats)
    chosen = None if asked and accept in (None, "*/*") else preferred(accept, list(offers))
    if chosen is None:
        wanted = f"format {asked[0]!r}" if asked else f"nothing that Accept names ({accept})"
        raise _not_offered(wanted, formats)
    return offers[chosen]


def choose_or_page(
    formats: Sequence[ResultFormat], accept: str | None, *, page_first: bool = False
) -> Offer | None:
    """Return the format that ``Accept`` prefers, or None for the HTML page; raises ``UnknownFormat`` (406).

    ``page_first`` says which of the two goes to clients that take anything.
    """
    offers = _offers(formats)
    chosen = preferred(accept, [HTML, *offers] if page_first else [*offers, HTML])
    if chosen is None:
        raise _not_offered(f"nothing that Accept names ({accept})", formats, HTML)
    return offers.get(chosen)


def _offers(formats: Sequence[ResultFormat]) -> dict[str, Offer]:
    """Map each media type to its offer: the formats' own types first, then their aliases."""
    offers = {format_.media_type: Offer(format_, format_.media_type) for format_ in formats}
    for format_ in formats:
        for alias in format_.aliases:
            offers.setdefault(alias, Offer(format_, alias))
    return offers


def _named(formats: Sequence[ResultFormat], wanted: str) -> Offer | None:
    """Find a format by its short name, suffix or media type, the latter also without its first half."""
    for format_ in formats:
        types = (format_.media_type, *format_.aliases)
        if wanted in types:
            return Offer(format_, wanted)
        if wanted in (format_.name, format_.suffix[1:]) or wanted in {
            each.partition("/")[2] for each in types
        }:
            return Offer(format_, format_.media_type)
    return None


def _not_offered(wanted: str, formats: Sequence[ResultFormat], *more: str) -> UnknownFormat:
    known = ", ".join([f"{each.name} ({each.media_type})" for each in formats] + list(more))
    return UnknownFormat(f"{wanted} is not offered for this answer; ask for one of {known}", status=406)

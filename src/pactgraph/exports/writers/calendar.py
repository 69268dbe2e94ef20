"""iCalendar (RFC 5545): one event for each edge with a start."""

from __future__ import annotations

import datetime
import hashlib
import re
from typing import IO, Any

from icalendar import Calendar, Event

from pactgraph.exports.about import CONTROL, About, as_text
from pactgraph.exports.dates import first_day, last_day
from pactgraph.exports.network import Network, records

UNDATED = "rows without a day that a calendar has"
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_DAY = datetime.timedelta(days=1)


def write_calendar(network: Network, about: About, stream: IO[bytes]) -> None:
    """Write a calendar of whole days; a month or year that a source gives spans all of it, and says so."""
    calendar = Calendar()
    calendar.add("prodid", "-//pactgraph//exports//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _clean(about.title))
    stamp = datetime.datetime.fromisoformat(first_day(about.newest_source or "") or "2000-01-01").replace(
        tzinfo=datetime.UTC
    )
    undated = controls = 0
    for edge in records(network.edges):
        event = _event(edge, stamp)
        if event is None:
            undated += 1
            continue
        controls += sum(len(_CONTROLS.findall(value)) for value in edge.values() if isinstance(value, str))
        calendar.add_component(event)
    for name, value in as_text(about.entries(**{UNDATED: undated, CONTROL: controls})).items():
        if name != "query":
            calendar.add(f"x-pactgraph-{name.replace('_', '-')}", _clean(value))
    stream.write(calendar.to_ical())


def _event(edge: dict[str, Any], stamp: datetime.datetime) -> Event | None:
    start = first_day(edge.get("start", ""))
    end = last_day(edge.get("end") or edge.get("start", ""))
    if start is None:
        return None
    event = Event()
    identity = "\t".join(str(edge.get(name, "")) for name in ("source", "type", "target"))
    event.add("uid", f"{hashlib.sha256(identity.encode()).hexdigest()[:32]}@w3id.org")
    event.add("dtstamp", stamp)
    event.add("summary", _clean(edge.get("source_label", edge["source"])))
    event.add("dtstart", datetime.date.fromisoformat(start))
    last = datetime.date.fromisoformat(max(end or start, start))
    if last < datetime.date.max:
        event.add("dtend", last + _DAY)  # RFC 5545 §3.6.1: the first day after
    stated = " to ".join(edge[name] for name in ("start", "end") if name in edge)
    lines = [
        f"Date as stated: {stated}",
        *(f"{name}: {edge[name]}" for name in ("status", "source_titles", "sources") if name in edge),
    ]
    if edge.get("inferred"):
        lines.append("inferred by the editors")
    event.add("description", _clean("\n".join(lines)))
    if "place" in edge:
        event.add("location", _clean(edge["place"]))
    event.add("url", edge["target"])
    event.add("transp", "TRANSPARENT")
    return event


def _clean(text: str) -> str:
    return _CONTROLS.sub("�", text)

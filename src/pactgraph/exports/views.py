"""The named views: queries and rules from ``queries/views``, without code of their own."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pactgraph.errors import InputError
from pactgraph.resources import shipped

RULES_FILE = "views.toml"
VERBS = ("label", "types", "names", "join", "count", "earliest", "latest", "given")


@dataclass(frozen=True, slots=True)
class Rule:
    """How several values of a variable become one cell, such as ``earliest start``."""

    name: str
    verb: str
    variable: str


@dataclass(frozen=True, slots=True)
class View:
    """One section of the rule table, its queries read."""

    name: str
    title: str
    description: str
    directed: bool
    edges: tuple[str, ...]
    nodes: tuple[str, ...]
    key: tuple[str, ...]
    columns: tuple[Rule, ...]
    node_columns: tuple[Rule, ...]
    unit: str | None = None
    isolated: str | None = None
    calendar: bool = False
    quads: str | None = None
    labels: str = field(default="", repr=False)
    sources: str = field(default="", repr=False)


def read_views(folder: Path | None = None) -> dict[str, View]:
    """Return the views of a folder (the shipped one), in the order of its rule table.

    Raises ``InputError`` for a rule table that does not parse or names a rule or file that is not there.
    """
    folder = folder or shipped("queries") / "views"
    try:
        table = tomllib.loads((folder / RULES_FILE).read_text(encoding="utf-8"))
        node_rules = _rules(table.pop("node-columns"))
        return {name: _view(name, section, node_rules, folder) for name, section in table.items()}
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"The rule table {RULES_FILE} is not complete: {error}; correct it") from None


def view_by_name(name: str, views: dict[str, View]) -> View:
    """Return the view of this name; raises ``InputError`` (``unknown-view``), which lists the known ones."""
    if name not in views:
        raise InputError(f"There is no view {name!r}; the views are {', '.join(views)}", code="unknown-view")
    return views[name]


def query_text(view: View) -> str:
    """Return the queries of the edges of a view, as they stand in its files."""
    return "\n".join(view.edges)


def _view(name: str, section: dict[str, Any], node_rules: tuple[Rule, ...], folder: Path) -> View:
    def text(file: str) -> str:
        return (folder / file).read_text(encoding="utf-8")

    return View(
        name=name,
        title=section["title"],
        description=section["description"],
        directed=section["directed"],
        edges=tuple(text(file) for file in section["edges"]),
        nodes=tuple(text(file) for file in section["nodes"]),
        key=tuple(section["key"]),
        columns=_rules(section.get("columns", {})),
        node_columns=node_rules,
        unit=section.get("unit"),
        isolated=text(section["isolated"]) if "isolated" in section else None,
        calendar=section.get("calendar", False),
        quads=text(section["quads"]) if "quads" in section else None,
        labels=text("labels.rq"),
        sources=text("sources.rq"),
    )


def _rules(table: dict[str, str]) -> tuple[Rule, ...]:
    rules = []
    for name, words in table.items():
        verb, _, variable = words.partition(" ")
        if verb not in VERBS:
            raise InputError(f"The column {name} has the rule {verb!r}; the rules are {', '.join(VERBS)}")
        rules.append(Rule(name, verb, variable or name))
    return tuple(rules)

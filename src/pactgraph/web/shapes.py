"""``/shapes``: the rules (SHACL) as a table for people."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from pactgraph.web.documents import Document, Term, Text
from pactgraph.web.namespaces import SH

_TARGETS = {
    "targetClass": "every {}",
    "targetNode": "{}",
    "targetSubjectsOf": "every subject of {}",
    "targetObjectsOf": "every object of {}",
}
_SUFFIXED = {"zeroOrMorePath": "*", "oneOrMorePath": "+", "zeroOrOnePath": "?"}


@dataclass(frozen=True)
class Rule:
    """One constraint with its message; ``path`` is empty where the node itself is meant."""

    path: str
    severity: str
    messages: list[Text]


@dataclass(frozen=True)
class RuleSet:
    """A node shape: what it is about, and its rules."""

    name: str
    targets: list[str]
    rules: list[Rule]


def read_shapes(document: Document) -> list[RuleSet]:
    """Read the rules of every node shape that has a target and messages."""
    read = [_rule_set(document, shape) for shape in document.of_type(f"{SH}NodeShape")]
    return sorted((each for each in read if each.targets and each.rules), key=lambda each: each.name.lower())


def _rule_set(document: Document, shape: Term) -> RuleSet:
    constraints = [shape]
    for predicate in ("property", "sparql"):
        constraints += document.values(shape, SH + predicate)
    rules = [_rule(document, constraint, shape) for constraint in constraints]
    return RuleSet(
        name=_name(document, shape),
        targets=_targets(document, shape),
        rules=sorted(
            (each for each in rules if each.messages), key=lambda rule: (rule.path, rule.messages[0].value)
        ),
    )


def _targets(document: Document, shape: Term) -> list[str]:
    found = []
    for predicate, wording in _TARGETS.items():
        found += [wording.format(_name(document, each)) for each in document.values(shape, SH + predicate)]
    return sorted(found)


def _rule(document: Document, constraint: Term, shape: Term) -> Rule:
    severity = document.value(constraint, f"{SH}severity") or document.value(shape, f"{SH}severity")
    path = document.value(constraint, f"{SH}path")
    return Rule(
        path=_path(document, path) if path is not None else "",
        severity=severity.value.removeprefix(SH) if isinstance(severity, ox.NamedNode) else "Violation",
        messages=document.texts(constraint, f"{SH}message"),
    )


def _path(document: Document, path: Term, depth: int = 8) -> str:
    """Write a path as a SPARQL property path (SHACL §2.3.1); ``depth`` ends one that runs in a circle."""
    if isinstance(path, ox.NamedNode) or depth == 0:
        return _name(document, path)
    inner = document.value(path, f"{SH}inversePath")
    if inner is not None:
        return f"^{_path(document, inner, depth - 1)}"
    for predicate, suffix in _SUFFIXED.items():
        inner = document.value(path, SH + predicate)
        if inner is not None:
            return f"({_path(document, inner, depth - 1)}){suffix}"
    alternatives = document.value(path, f"{SH}alternativePath")
    joined = " | " if alternatives is not None else " / "
    members = document.members(path if alternatives is None else alternatives)
    return f"({joined.join(_path(document, each, depth - 1) for each in members)})"


def _name(document: Document, term: Term) -> str:
    return document.compact(term.value) if isinstance(term, ox.NamedNode) else "…"

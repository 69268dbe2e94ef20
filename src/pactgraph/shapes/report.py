"""A validation report: for people, for programs, and as SHACL defines it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rdflib import SH, BNode, Graph, Literal
from rdflib.namespace import RDF
from rdflib.term import Node

from pactgraph.shapes.wording import Result

SEVERITIES = ("Violation", "Warning", "Info")
_NUMBERED = {"Violation": "violation", "Warning": "warning", "Info": "hint"}
_EXAMPLES = 3


@dataclass(frozen=True)
class Report:
    """The results of a validation, worded; ``graph`` is the standard ``sh:ValidationReport``.

    ``conforms`` is about letting facts in: warnings and infos do not refuse. ``sh:conforms`` in the graph is
    the recommendation's, where a result of any severity makes it false (SHACL 3.6.1.1).
    """

    results: tuple[Result, ...]
    graph: Graph

    @property
    def conforms(self) -> bool:
        """Say whether there is no violation."""
        return not self.violations

    @property
    def violations(self) -> tuple[Result, ...]:
        """The results that refuse."""
        return tuple(result for result in self.results if result.severity not in {"Warning", "Info"})

    @property
    def counts(self) -> dict[str, int]:
        """The number of results by severity."""
        counted = Counter(result.severity for result in self.results)
        return {severity: counted[severity] for severity in dict.fromkeys([*SEVERITIES, *sorted(counted)])}

    def to_json(self) -> str:
        """Write the report for programs: one object with ``conforms``, ``counts`` and ``results``."""
        results = [_as_json(result) for result in self.results]
        document = {"conforms": self.conforms, "counts": self.counts, "results": results}
        return json.dumps(document, ensure_ascii=False, indent=2)

    def to_turtle(self) -> str:
        """Write the standard report in Turtle."""
        return str(self.graph.serialize(format="turtle"))

    def to_text(self, *, grouped: bool = False) -> str:
        """Write the report for people; ``grouped`` puts warnings and hints of one rule together, with
        examples."""
        refused = [_as_text(result) for result in self.violations]
        others = [result for result in self.results if result not in set(self.violations)]
        rest = _groups(others) if grouped else [_as_text(result) for result in others]
        return "\n\n".join([self.summary(), *dict.fromkeys(refused), *dict.fromkeys(rest)])

    def summary(self) -> str:
        """Return the verdict and the counts in one line."""
        counted = [
            f"{number} {_NUMBERED.get(severity, severity)}{'' if number == 1 else 's'}"
            for severity, number in self.counts.items()
            if number
        ]
        verdict = "Conforms" if self.conforms else "Does not conform"
        return f"{verdict}: {', '.join(counted) or 'nothing to remark'}."


def _as_text(result: Result) -> str:
    lines = [f"{result.severity}: {result.message}"]
    if result.suggestion:
        lines.append(f"  Suggestion: {result.suggestion}")
    lines.append(
        f"  At: {result.focus.n3()}" + (f"   Rule: {result.constraint}" if result.constraint else "")
    )
    return "\n".join(lines)


def _groups(results: Iterable[Result]) -> list[str]:
    """Put results of one rule under its message, with a few of the things it is about."""
    by_rule: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        by_rule.setdefault((result.severity, result.constraint or result.shape), []).append(result)
    return [_group(severity, rule, alike) for (severity, rule), alike in by_rule.items()]


def _group(severity: str, rule: str, alike: list[Result]) -> str:
    if len(alike) == 1:
        return _as_text(alike[0])
    shown = [f"  {result.message}" for result in alike[:_EXAMPLES]]
    more = [f"  … and {len(alike) - _EXAMPLES} more"] if len(alike) > _EXAMPLES else []
    return "\n".join([f"{severity}, {len(alike)} times: {rule}", *shown, *more])


def _as_json(result: Result) -> dict[str, Any]:
    return {
        "severity": result.severity,
        "code": result.code,
        "focus": _term(result.focus, result.focus_label),
        "path": None if result.path is None else _term(result.path, result.path_label),
        "value": None if result.value is None else _term(result.value, result.value_label),
        "shape": result.shape,
        "constraint": result.constraint,
        "component": result.component,
        "message": result.message,
        "message_ko": result.message_ko,
        "suggestion": result.suggestion,
    }


def _term(node: Node, label: str | None) -> dict[str, str]:
    """Write a term as the SPARQL 1.1 Query Results JSON Format does, with its label."""
    kind = "bnode" if isinstance(node, BNode) else "literal" if isinstance(node, Literal) else "uri"
    term = {"type": kind, "value": str(node)}
    if isinstance(node, Literal) and node.language:
        term["xml:lang"] = node.language
    if isinstance(node, Literal) and node.datatype is not None:
        term["datatype"] = str(node.datatype)
    if label is not None and not isinstance(node, Literal):
        term["label"] = label
    return term


def sorted_results(results: Iterable[Result]) -> tuple[Result, ...]:
    """Order results: the severest first, then by what they are about."""

    def rank(result: Result) -> tuple[int, str, str, str]:
        place = SEVERITIES.index(result.severity) if result.severity in SEVERITIES else 0
        return place, result.focus_label, result.path_label or "", result.message

    return tuple(sorted(results, key=rank))


def restricted(graph: Graph, kept: Iterable[Node]) -> Graph:
    """Return a report graph with only these results, what they say, and the ``sh:conforms`` that follows."""
    copy = Graph(bind_namespaces="none", namespace_manager=graph.namespace_manager)
    report = graph.value(None, RDF.type, SH.ValidationReport)
    report = BNode() if report is None else report
    nodes = list(kept)
    copy.add((report, RDF.type, SH.ValidationReport))
    copy.add((report, SH.conforms, Literal(not nodes)))
    for node in nodes:
        copy.add((report, SH.result, node))
    _copy_tree(graph, copy, nodes)
    return copy


def _copy_tree(source: Graph, target: Graph, nodes: list[Node]) -> None:
    """Copy what is said about the nodes and about the blank nodes that they lead to."""
    seen: set[Node] = set()
    todo = list(nodes)
    while todo:
        node = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        for triple in source.triples((node, None, None)):
            target.add(triple)
            if isinstance(triple[2], BNode):
                todo.append(triple[2])

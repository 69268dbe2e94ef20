"""The results of a validation report, read from its graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rdflib import SH, Graph, Literal
from rdflib.term import Node

Key = tuple[Node | None, ...]


@dataclass(frozen=True)
class Finding:
    """One ``sh:result`` of a report, in rdflib terms.

    ``node`` is its node in the report's graph, ``root`` the shape whose targets led to it.
    """

    node: Node
    root: Node
    focus: Node
    path: Node | None
    value: Node | None
    severity: str
    shape: Node
    component: Node
    source: Node | None
    messages: tuple[Literal, ...]

    @property
    def key(self) -> Key:
        """What makes a result the same before and after a change; its message may have changed its words."""
        return self.root, self.focus, self.path, self.value, self.component, self.shape, self.source


def findings(report: Graph, roots: Mapping[Node, Node]) -> list[Finding]:
    """Read the results that ``sh:result`` names; the nested ones under ``sh:detail`` are not results."""
    return [_finding(report, node, roots[node]) for node in report.objects(None, SH.result)]


def introduced(after: Iterable[Finding], before: Iterable[Finding]) -> list[Finding]:
    """Return the results of ``after`` that ``before`` does not have, counting each as often as it stands
    there.

    Of several alike, those whose message stood there before are taken to be the old ones.
    """
    known = Counter(finding.key for finding in before)
    worded = Counter((finding.key, finding.messages) for finding in before)
    new = []
    for finding in after:
        if worded[finding.key, finding.messages]:
            worded[finding.key, finding.messages] -= 1
            known[finding.key] -= 1
        else:
            new.append(finding)
    kept = []
    for finding in new:
        if known[finding.key] > 0:
            known[finding.key] -= 1
        else:
            kept.append(finding)
    return kept


def _finding(report: Graph, node: Node, root: Node) -> Finding:
    def value(name: str) -> Node | None:
        return report.value(node, SH[name])

    messages = (text for text in report.objects(node, SH.resultMessage) if isinstance(text, Literal))
    return Finding(
        node=node,
        root=root,
        focus=_demanded(value("focusNode")),
        path=value("resultPath"),
        value=value("value"),
        severity=str(value("resultSeverity")).rpartition("#")[2],
        shape=_demanded(value("sourceShape")),
        component=_demanded(value("sourceConstraintComponent")),
        source=value("sourceConstraint"),
        messages=tuple(sorted(messages, key=lambda text: (text.language or "", str(text)))),
    )


def _demanded(value: Node | None) -> Node:
    if value is None:
        raise ValueError("a validation result lacks its focus node, shape or component")
    return value

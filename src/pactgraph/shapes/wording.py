"""From a validation result to a sentence for someone who never heard of SHACL.

The shape's own message is the core of the sentence; the name of the thing, what was found and what is allowed
stand around it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rdflib import RDFS, SH, Graph, Literal, URIRef
from rdflib.term import Node

from pactgraph.shapes.catalogue import Constraint, constraints
from pactgraph.shapes.context import Context
from pactgraph.shapes.details import detail
from pactgraph.shapes.findings import Finding
from pactgraph.shapes.naming import curie
from pactgraph.shapes.suggestions import suggestion

_IRI_IN_TEXT = re.compile(r"https?://[^\s\"“”<>{}|\\^`]*[^\s\"“”<>{}|\\^`.,;:!?)\]']")

_VARIABLE = re.compile(r"\{[?$](\w+)\}")


@dataclass(frozen=True)
class Result:
    """One result as it is shown: the terms, and the words for them."""

    code: str
    severity: str
    focus: Node
    focus_label: str
    path: Node | None
    path_label: str | None
    value: Node | None
    value_label: str | None
    shape: str
    constraint: str | None
    component: str
    message: str
    message_ko: str | None
    suggestion: str | None
    node: Node | None = None


Listed = dict[tuple[Node, Node, Node | None], Constraint]
"""The constraints of a shapes graph, by shape, component and source."""


def listed_constraints(shapes: Graph) -> Listed:
    """Return the constraints of a shapes graph for ``Wording``; listing them takes a while, so keep them."""
    found: Listed = {}
    for constraint in constraints(shapes):
        found.setdefault((constraint.shape, constraint.component, constraint.source), constraint)
    return found


class Wording:
    """Words the results of one validated graph."""

    def __init__(self, data: Graph, shapes: Graph, listed: Listed) -> None:
        """Word what was found in ``data`` with ``shapes``, whose constraints are ``listed``."""
        self._context = Context(data, shapes)
        self._constraints = listed

    def result(self, finding: Finding) -> Result:
        """Word one result."""
        context, labels = self._context, self._context.labels
        constraint = self._constraints.get((finding.shape, finding.component, finding.source))
        path = (
            None
            if finding.path is None
            else (context.shape_label(finding) or context.path_label(finding.path))
        )
        return Result(
            code=str(finding.component).rpartition("#")[2].rpartition("/")[2],
            severity=finding.severity,
            focus=finding.focus,
            focus_label=labels.of(finding.focus),
            path=finding.path,
            path_label=path,
            value=finding.value,
            value_label=None if finding.value is None else labels.of(finding.value),
            shape=self._shape_name(finding, constraint),
            constraint=constraint.id if constraint else None,
            component=str(finding.component),
            message=self._sentence(finding, path),
            message_ko=self._korean(finding),
            suggestion=suggestion(context, finding),
            node=finding.node,
        )

    def _shape_name(self, finding: Finding, constraint: Constraint | None) -> str:
        """Return the IRI of the shape, or for an anonymous one the name under which its constraints are
        listed."""
        if isinstance(finding.shape, URIRef):
            return str(finding.shape)
        return constraint.id.rpartition("/")[0] if constraint else "an anonymous shape"

    def _sentence(self, finding: Finding, path: str | None) -> str:
        subject = self._context.labels.quoted(finding.focus) + (f", {path}" if path else "")
        found = detail(self._context, finding)
        core = self._core(finding, "en") if self._has_message(finding) else None
        bracket = f"{found[0].upper()}{found[1:]}." if found else ""
        if core is None:
            return f"{subject}: {bracket or 'This does not conform.'}"
        return f"{subject}: {core}" + (f" ({bracket})" if bracket else "")

    def _has_message(self, finding: Finding) -> bool:
        """Say whether a person wrote the message; pySHACL's own are for those who know SHACL."""
        authors = (finding.shape, finding.source, finding.component)
        return any((node, SH.message, None) in self._context.shapes for node in authors if node is not None)

    def _korean(self, finding: Finding) -> str | None:
        core = self._core(finding, "ko")
        return core and f"“{self._context.labels.of(finding.focus, 'ko')}”: {core}"

    def _core(self, finding: Finding, language: str) -> str | None:
        """Return the message of the shape in a language, with labels where it names IRIs."""
        template = self._query_message(finding, language)
        if template is not None:
            return self._with_labels(template, language)
        own = [text for text in finding.messages if text.language == language]
        plain = [text for text in finding.messages if language == "en" and text.language is None]
        chosen = [*own, *plain, *(finding.messages if language == "en" else ())]
        return self._with_labels(str(chosen[0]), language) if chosen else None

    def _query_message(self, finding: Finding, language: str) -> str | None:
        """Return the message of a SPARQL constraint with its variables filled in.

        pySHACL fills them into every text but drops the language of each. The values are read back from the
        one that fits a template, and filled into the template of the language asked for: ``sh:message``, or
        for Korean also ``rdfs:comment``, since only one message of a SPARQL constraint comes out.
        """
        if finding.source is None:
            return None
        shapes = self._context.shapes
        given = [*shapes.objects(finding.source, SH.message), *shapes.objects(finding.source, RDFS.comment)]
        templates = [text for text in given if isinstance(text, Literal)]
        wanted = [text for text in templates if text.language == language]
        read = (_bindings(template, text) for text in finding.messages for template in templates)
        bindings = next((found for found in read if found is not None), {})
        return _filled(wanted[0], bindings) if wanted else None

    def _with_labels(self, text: str, language: str) -> str:
        def label(match: re.Match[str]) -> str:
            node = URIRef(match.group())
            known = (node, None, None) in self._context.data
            return (
                f"“{self._context.labels.of(node, language)}”"
                if known
                else curie(str(node), self._context.names).strip("<>")
            )

        return _IRI_IN_TEXT.sub(label, text)


def _bindings(template: str, text: str) -> dict[str, str] | None:
    """Return the values that turn a message template into a text, by variable; None where they do not.

    >>> _bindings("{?p} begins on {?d}.", "x begins on 2024.")
    {'p': 'x', 'd': '2024'}
    """
    parts = _VARIABLE.split(template)
    literal, names = parts[::2], parts[1::2]
    match = re.fullmatch("(.+?)".join(re.escape(part) for part in literal), text, re.DOTALL)
    return None if match is None else dict(zip(names, match.groups(), strict=True))


def _filled(template: str, bindings: dict[str, str]) -> str:
    return _VARIABLE.sub(lambda match: bindings.get(match.group(1), match.group()), template)

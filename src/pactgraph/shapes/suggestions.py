"""What could be written instead: a value nearby, dates the right way round, the missing language tag."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from rdflib import RDF, SH, SKOS, XSD, Literal, URIRef
from rdflib.term import Node

from pactgraph.shapes.context import Context, texts
from pactgraph.shapes.findings import Finding
from pactgraph.shapes.labels import is_blank
from pactgraph.shapes.naming import local_name

_NEAR = 0.7  # difflib's ratio; below it, “Korea” and “Europe” begin to look alike
_FEW = 3
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_DATE_TYPES = {XSD.date, XSD.gYearMonth, XSD.gYear, XSD.dateTime}
_FORMS = (
    (XSD.date, re.compile(r"^(\d{4})[-./ ](\d{1,2})[-./ ](\d{1,2})\.?$"), "{0:0>4}-{1:0>2}-{2:0>2}"),
    (XSD.gYearMonth, re.compile(r"^(\d{4})[-./ ](\d{1,2})$"), "{0:0>4}-{1:0>2}"),
    (XSD.gYear, re.compile(r"^(\d{4})$"), "{0}"),
    (XSD.decimal, re.compile(r"^(-?\d{1,3}(?:[ ,']\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?)$"), "{0}"),
    (XSD.integer, re.compile(r"^(-?\d{1,3}(?:[ ,']\d{3})+|-?\d+)$"), "{0}"),
)


def suggestion(context: Context, finding: Finding) -> str | None:
    """Return one thing to try, or None; it names what is written in the file, not only its label."""
    for attempt in (_language_tag, _typed, _swapped, _nearest, _example):
        found = attempt(context, finding)
        if found is not None:
            return found
    return None


def _component(finding: Finding) -> str:
    return str(finding.component).rpartition("#")[2].removesuffix("ConstraintComponent")


def _language_tag(context: Context, finding: Finding) -> str | None:
    """A text stands there without a language, where one is asked for."""
    tags = _wanted_languages(context, finding)
    given = [finding.value] if finding.value is not None else context.values(finding)
    untagged = [
        text for text in texts(list(given)) if text.language is None and text.datatype in {None, XSD.string}
    ]
    if not tags or not untagged or (tags[0] == "ko") != bool(_HANGUL.search(untagged[0])):
        return None
    return f"add the language tag: {untagged[0].n3()}@{tags[0]}"


def _wanted_languages(context: Context, finding: Finding) -> list[str]:
    if RDF.langString in context.datatypes(finding):
        return ["en"]
    qualified = context.parameter(finding, "qualifiedValueShape")
    shapes = [finding.shape] if qualified is None else [qualified]
    heads = [head for shape in shapes for head in context.shapes.objects(shape, SH.languageIn)]
    return [str(tag) for head in heads for tag in context.shapes.items(head)]


def _typed(context: Context, finding: Finding) -> str | None:
    """The text has the form of what is asked for, but not its type or not quite its spelling."""
    if not isinstance(finding.value, Literal):
        return None
    wanted = context.datatypes(finding)
    for datatype, pattern, form in _FORMS:
        match = pattern.match(str(finding.value).strip())
        if datatype in wanted and match:
            text = form.format(*(re.sub(r"[ ,']", "", part) for part in match.groups()))
            literal = Literal(text, datatype=datatype, normalize=False)
            if literal != finding.value and not literal.ill_typed:
                return f'write "{text}"^^xsd:{str(datatype).rpartition("#")[2]}'
    return None


def _swapped(context: Context, finding: Finding) -> str | None:
    """Two dates of the focus node contradict each other: perhaps they only changed places."""
    dates = [
        (path, text)
        for path in _compared_paths(context, finding)
        for text in texts(list(context.data.objects(finding.focus, path)))
        if text.datatype in _DATE_TYPES
    ]
    if len(dates) != 2 or dates[0][0] == dates[1][0]:
        return None
    (first, earlier), (second, later) = dates
    names = context.labels.of(first), context.labels.of(second)
    return f"if the two dates were swapped: {names[0]} {later}, {names[1]} {earlier}"


def _compared_paths(context: Context, finding: Finding) -> list[URIRef]:
    """Return the two properties that a constraint compares: its path and parameter, or those of its query."""
    for name in ("lessThan", "lessThanOrEquals"):
        other = context.parameter(finding, name)
        if (
            isinstance(other, URIRef)
            and isinstance(finding.path, URIRef)
            and _component(finding).startswith("LessThan")
        ):
            return [finding.path, other]
    query = None if finding.source is None else context.shapes.value(finding.source, SH.select)
    if query is None:
        return []
    written = re.findall(r"<([^<>\s]+)>|\b([\w-]+):([\w-]+)", str(query))
    iris = [full or context.names.get(prefix, "") + local for full, prefix, local in written]
    return [URIRef(iri) for iri in dict.fromkeys(iris)]


def _nearest(context: Context, finding: Finding) -> str | None:
    """A value that the shape would accept, or that others use, has nearly the same name."""
    if finding.value is None or finding.value == finding.focus or context.is_described(finding.value):
        return None
    accepted = context.allowed(finding) or (context.used(finding) if _component(finding) == "Pattern" else [])
    by_name = {name.casefold(): node for node in reversed(accepted) for name in _names(context, node)}
    for name in _names(context, finding.value):
        close = get_close_matches(name.casefold(), by_name, n=1, cutoff=_NEAR)
        if close and by_name[close[0]] != finding.value:
            return f"did you mean {_as_written(context, by_name[close[0]])}?"
    return None


def _example(context: Context, finding: Finding) -> str | None:
    """Nothing fits: show some of what would, or what others write there."""
    if _component(finding) not in {"MinCount", "Pattern", "Class", "Node", "In"} or finding.path is None:
        return None
    allowed = context.allowed(finding)
    common = [node for node in context.used(finding) if not is_blank(node)]
    shown = [node for node in common if node in set(allowed)] or allowed[: _FEW + 1] if allowed else common
    literal = [node for node in shown if isinstance(node, Literal)]
    if not shown or is_blank(shown[0]) or (literal and not allowed):
        return None
    return f"for example {', '.join(_as_written(context, node) for node in shown[:_FEW])}"


def _names(context: Context, node: Node) -> list[str]:
    """Return all that a node may be called: its labels, other names, and the last part of its IRI."""
    labels = [
        str(text)
        for name in (SKOS.prefLabel, SKOS.altLabel, SKOS.notation)
        for text in _of(context, node, name)
    ]
    return list(dict.fromkeys([*labels, local_name(node) if isinstance(node, URIRef) else str(node)]))


def _of(context: Context, node: Node, predicate: URIRef) -> Iterable[Node]:
    return [] if isinstance(node, Literal) else context.data.objects(node, predicate)


def _as_written(context: Context, node: Node) -> str:
    """Return a node with its label and as it is written in Turtle."""
    if isinstance(node, Literal):
        return str(node.n3())
    return f"{context.labels.quoted(node)} <{node}>"

"""What was found and what was asked for, per constraint component: the part of a sentence in brackets."""

from __future__ import annotations

from collections.abc import Callable

from rdflib import RDF, SH, XSD, Literal, URIRef
from rdflib.term import Node

from pactgraph.shapes.context import Context, texts
from pactgraph.shapes.findings import Finding

Detail = Callable[[Context, Finding], str]

_DATATYPES = {
    XSD.date: "a day (2024-03-25)",
    XSD.gYearMonth: "a month (2024-03)",
    XSD.gYear: "a year (2024)",
    XSD.dateTime: "a time (2024-03-25T14:00:00Z)",
    XSD.decimal: "a number (12.5)",
    XSD.integer: "a whole number (12)",
    XSD.boolean: "true or false",
    XSD.string: "a text without a language",
    XSD.anyURI: "a web address",
    RDF.langString: "a text with its language (…@en)",
}
_NODE_KINDS = {
    SH.IRI: "an IRI",
    SH.Literal: "a text, number or date",
    SH.BlankNode: "an unnamed node",
    SH.BlankNodeOrIRI: "an IRI",
    SH.IRIOrLiteral: "an IRI, text, number or date",
    SH.BlankNodeOrLiteral: "a text, number or date",
}


def datatype_label(datatype: URIRef) -> str:
    """Name a datatype with an example, so that nobody needs to know XML Schema."""
    return _DATATYPES.get(datatype, f"a literal of type {str(datatype).rpartition('#')[2]}")


def what_it_is(context: Context, value: Node) -> str:
    """Say what kind of thing a value is: “a day”, “a person”, “not described in the graph”."""
    if isinstance(value, Literal):
        if value.language:
            return f"a text in “{value.language}”"
        if value.ill_typed:
            return f"not a valid {str(value.datatype).rpartition('#')[2]}"
        return datatype_label(value.datatype or XSD.string).partition(" (")[0]
    kinds = context.labels.kinds(value)
    return f"of the kind {' and '.join(kinds)}" if kinds else "not described in the graph"


def detail(context: Context, finding: Finding) -> str:
    """Return what was found and what is needed; the empty text where the message says it all."""
    component = str(finding.component).rpartition("#")[2].removesuffix("ConstraintComponent")
    known = _DETAILS.get(component)
    if known is not None:
        return known(context, finding)
    if finding.value is None or finding.value == finding.focus:
        return ""
    return f"{context.labels.quoted(finding.value)} is given"


def _min_count(context: Context, finding: Finding) -> str:
    given = context.values(finding)
    if not given:
        return "nothing is given"
    needed = context.parameter(finding, "minCount")
    return f"{len(given)} given, {needed} needed"


def _max_count(context: Context, finding: Finding) -> str:
    given = context.values(finding)
    most = context.parameter(finding, "maxCount")
    return f"{len(given)} are given: {context.labels.several(given)}; at most {most}"


def _datatype(context: Context, finding: Finding) -> str:
    return _is_but_needed(
        context, finding, _either([datatype_label(kind) for kind in context.datatypes(finding)])
    )


def _class(context: Context, finding: Finding) -> str:
    return _is_but_needed(
        context, finding, _either([context.labels.quoted(kind) for kind in context.classes(finding)])
    )


def _or(context: Context, finding: Finding) -> str:
    if context.datatypes(finding):
        return _datatype(context, finding)
    return _class(context, finding) if context.classes(finding) else ""


def _node_kind(context: Context, finding: Finding) -> str:
    wanted = context.parameter(finding, "nodeKind")
    return _is_but_needed(context, finding, _NODE_KINDS.get(wanted, "") if isinstance(wanted, URIRef) else "")


def _is_but_needed(context: Context, finding: Finding, needed: str) -> str:
    if finding.value is None:
        return ""
    found = f"{context.labels.quoted(finding.value)} is {what_it_is(context, finding.value)}"
    return f"{found}; {needed} is needed" if needed else found


def _in(context: Context, finding: Finding) -> str:
    return _given_but_allowed(context, finding, context.members(finding, "in"))


def _node(context: Context, finding: Finding) -> str:
    if not context.schemes(finding):
        return f"{context.labels.quoted(finding.value)} is given" if finding.value is not None else ""
    return _given_but_allowed(context, finding, context.allowed(finding))


def _given_but_allowed(context: Context, finding: Finding, allowed: list[Node]) -> str:
    given = context.labels.quoted(finding.value) if finding.value is not None else "nothing"
    return f"{given} is given; allowed are {context.labels.several(allowed)}"


def _has_value(context: Context, finding: Finding) -> str:
    return f"{context.labels.several(context.shapes.objects(finding.shape, SH.hasValue))} is missing"


def _compared(words: str, parameter: str) -> Detail:
    def compare(context: Context, finding: Finding) -> str:
        given = f"{context.labels.quoted(finding.value)} is given; " if finding.value is not None else ""
        return f"{given}{words} {context.parameter(finding, parameter)} is needed"

    return compare


def _beside(words: str, parameter: str) -> Detail:
    def compare(context: Context, finding: Finding) -> str:
        other = context.parameter(finding, parameter)
        if not isinstance(other, URIRef) or finding.value is None:
            return ""
        others = context.labels.several(context.data.objects(finding.focus, other))
        return f"{context.labels.quoted(finding.value)} {words} {context.labels.of(other)}, {others}"

    return compare


def _language_in(context: Context, finding: Finding) -> str:
    wanted = _either([f"“{tag}”" for tag in context.members(finding, "languageIn")])
    return _is_but_needed(context, finding, f"a text in {wanted}")


def _unique_lang(context: Context, finding: Finding) -> str:
    given = texts(context.values(finding))
    tags = [text.language for text in given if text.language]
    twice = sorted({tag for tag in tags if tags.count(tag) > 1})
    alike = [_with_language(context, text) for text in given if text.language in twice]
    return f"given are {', '.join(alike)}"


def _qualified(context: Context, finding: Finding) -> str:
    given = context.values(finding)
    if not given:
        return "nothing is given"
    shown = [_with_language(context, node) for node in given]
    return f"given {'is' if len(shown) == 1 else 'are'} {', '.join(shown)}"


def _with_language(context: Context, node: Node) -> str:
    shown = context.labels.quoted(node)
    return f"{shown}@{node.language}" if isinstance(node, Literal) and node.language else shown


def _closed(context: Context, finding: Finding) -> str:
    return f"the property {context.labels.quoted(finding.path)} is not foreseen here" if finding.path else ""


def _nothing(_context: Context, _finding: Finding) -> str:
    return ""


def _either(choices: list[str]) -> str:
    return " or ".join(dict.fromkeys(choices))


_DETAILS: dict[str, Detail] = {
    "MinCount": _min_count,
    "MaxCount": _max_count,
    "Datatype": _datatype,
    "Class": _class,
    "NodeKind": _node_kind,
    "Or": _or,
    "In": _in,
    "Node": _node,
    "HasValue": _has_value,
    "MinInclusive": _compared("at least", "minInclusive"),
    "MinExclusive": _compared("more than", "minExclusive"),
    "MaxInclusive": _compared("at most", "maxInclusive"),
    "MaxExclusive": _compared("less than", "maxExclusive"),
    "MinLength": _compared("a length of at least", "minLength"),
    "MaxLength": _compared("a length of at most", "maxLength"),
    "LessThan": _beside("is not before the", "lessThan"),
    "LessThanOrEquals": _beside("is after the", "lessThanOrEquals"),
    "Equals": _beside("differs from the", "equals"),
    "Disjoint": _beside("is also the", "disjoint"),
    "LanguageIn": _language_in,
    "UniqueLang": _unique_lang,
    "QualifiedMinCount": _qualified,
    "QualifiedMaxCount": _qualified,
    "Closed": _closed,
    "SPARQL": _nothing,
}

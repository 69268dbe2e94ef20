"""What a result is judged and worded against: the data, the shapes, and the values that a shape allows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from rdflib import RDF, RDFS, SH, SKOS, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from pactgraph.shapes.findings import Finding
from pactgraph.shapes.labels import Labels
from pactgraph.shapes.naming import local_name, path_text, prefixes


class Context:
    """The graph that was validated and the shapes it was validated against, with the look-ups that wording
    needs."""

    def __init__(self, data: Graph, shapes: Graph) -> None:
        """Look things up in these two graphs."""
        self.data = data
        self.shapes = shapes
        self.labels = Labels(data)
        self.names = prefixes(shapes)
        self._allowed: dict[Node, list[Node]] = {}
        self._used: dict[Node, Counter[Node]] = {}

    def parameter(self, finding: Finding, name: str) -> Node | None:
        """Return a parameter's value on the shape of a result."""
        return self.shapes.value(finding.shape, SH[name])

    def members(self, finding: Finding, name: str) -> list[Node]:
        """Return the members of a list parameter, such as ``sh:in``."""
        head = self.parameter(finding, name)
        return [] if head is None else list(Collection(self.shapes, head))

    def values(self, finding: Finding) -> list[Node]:
        """Return what the focus node has on the result's path; only for paths of one step, forward or
        back."""
        path = finding.path
        if isinstance(path, URIRef):
            return sorted(self.data.objects(finding.focus, path), key=str)
        back = None if path is None else self.shapes.value(path, SH.inversePath)
        return [] if back is None else sorted(self.data.subjects(back, finding.focus), key=str)

    def path_label(self, path: Node, language: str = "en") -> str:
        """Name a path: the property's label, or the path as SPARQL writes it."""
        if isinstance(path, URIRef):
            label = self.labels.of(path, language)
            return re.sub("(?<=[a-z])(?=[A-Z])", " ", label).lower() if label == local_name(path) else label
        return path_text(self.shapes, path)

    def is_described(self, node: Node) -> bool:
        """Say whether the graph knows what kind of thing a node is."""
        return (node, RDF.type, None) in self.data

    def shape_label(self, finding: Finding) -> str | None:
        """Return the ``sh:name`` of the shape, English if there is one."""
        named = sorted(
            self.shapes.objects(finding.shape, SH.name),
            key=lambda text: getattr(text, "language", "") != "en",
        )
        return str(named[0]) if named else None

    def schemes(self, finding: Finding) -> list[Node]:
        """Return the concept schemes that the values must belong to: ``sh:node [ … skos:inScheme, sh:hasValue
        … ]``."""
        return [
            scheme
            for node in self.shapes.objects(finding.shape, SH.node)
            for inner in self.shapes.objects(node, SH.property)
            if self.shapes.value(inner, SH.path) == SKOS.inScheme
            for scheme in self.shapes.objects(inner, SH.hasValue)
        ]

    def classes(self, finding: Finding) -> list[Node]:
        """Return the classes that the values must belong to, directly or as one of ``sh:or``."""
        choices = [finding.shape, *self.members(finding, "or")]
        return [kind for shape in choices for kind in self.shapes.objects(shape, SH["class"])]

    def datatypes(self, finding: Finding) -> list[URIRef]:
        """Return the datatypes that the values may have, directly or as one of ``sh:or``."""
        choices = [finding.shape, *self.members(finding, "or")]
        kinds = (kind for shape in choices for kind in self.shapes.objects(shape, SH.datatype))
        return [kind for kind in kinds if isinstance(kind, URIRef)]

    def instances(self, kind: Node) -> set[Node]:
        """Return the SHACL instances of a class."""
        kinds = self.data.transitive_subjects(RDFS.subClassOf, kind)
        return {node for each in kinds for node in self.data.subjects(RDF.type, each)}

    def allowed(self, finding: Finding) -> list[Node]:
        """Return the values that the shape would accept, where it says so: a list, a scheme, a class."""
        if finding.shape not in self._allowed:
            listed = self.members(finding, "in") or list(self.shapes.objects(finding.shape, SH.hasValue))
            extensions = (node for nodes in self._extensions(finding) for node in nodes)
            self._allowed[finding.shape] = listed or list(dict.fromkeys(extensions))
        return self._allowed[finding.shape]

    def used(self, finding: Finding) -> list[Node]:
        """Return the values that the graph has elsewhere on the result's path, the most common first."""
        if not isinstance(finding.path, URIRef):
            return []
        if finding.path not in self._used:
            self._used[finding.path] = Counter(self.data.objects(None, finding.path))
        own = set(self.values(finding))
        elsewhere = (
            (value, number) for value, number in self._used[finding.path].items() if value not in own
        )
        return [value for value, _ in sorted(elsewhere, key=lambda pair: (-pair[1], str(pair[0])))]

    def _extensions(self, finding: Finding) -> Iterator[list[Node]]:
        for scheme in self.schemes(finding):
            yield sorted(self.data.subjects(SKOS.inScheme, scheme), key=str)
        for kind in self.classes(finding):
            yield sorted(self.instances(kind), key=str)


def texts(nodes: list[Node]) -> list[Literal]:
    """Return the literals among nodes."""
    return [node for node in nodes if isinstance(node, Literal)]

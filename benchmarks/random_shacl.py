"""Random shapes graphs, data graphs and patches: every SHACL Core component, all paths, nesting, SPARQL
constraints.

Everything follows from one `random.Random`, so that a seed names a case.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from rdflib import RDF, RDFS, SH, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

EX = Namespace("http://example.org/")
Triple = tuple[Node, Node, Node]

PREFIXES = "PREFIX ex: <http://example.org/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
QUERIES = (
    "$this ex:p0 ?x . ?x ex:p1 ?y . $this ex:p2 ?y",
    "$this ex:p0 ?x . ?x ex:p1 ?y . ?z ex:p2 ?y . $this ex:p3 ?z",
    "?y ex:p1 ?x . ?z ex:p2 ?y . $this ex:p0 ?z . $this ex:p3 ?x FILTER NOT EXISTS { ?y ex:p0 $this }",
    "$this ex:p0 ?x . ?x ex:p1 ?y . FILTER(?y = ex:n3)",
    "$this ex:p0 ?x FILTER NOT EXISTS { ?x ex:p1 ?z . ?z a ex:C0 }",
    "$this ex:p2 ?x OPTIONAL { ?x ex:p3 ?y } FILTER(!BOUND(?y))",
    "$this ex:p2 ?x OPTIONAL { ?x ex:p3 ?y OPTIONAL { ?y ex:p0 ?z } } FILTER(!BOUND(?z))",
    "$this ex:p2 ?x OPTIONAL { ?x ex:p3 ?y FILTER EXISTS { ?x ex:p1 ?y } } FILTER(!BOUND(?y))",
    "{ $this ex:p2 ?x OPTIONAL { ?w ex:p3 ?x } } $this ex:p0 ?w",
    "$this ex:p0 ?w . { $this ex:p2 ?x OPTIONAL { ?w ex:p3 ?x } }",
    "$this ex:p0 ?x . { ?y ex:p1 ?z FILTER EXISTS { ?x ex:p2 ?y } }",
    "$this (ex:p0/ex:p1*)|^ex:p2 ?x . ?x a ex:C1",
    "$this (ex:p0|^ex:p1)+ ?x . ?x ex:p2 ?y",
    "$this ^(ex:p0/ex:p1)/ex:p2? ?x . ?x a ex:C1",
    "{ SELECT $this (COUNT(?v) AS ?n) WHERE { $this ex:p0 ?v } GROUP BY $this } FILTER(?n > 1)",
    "{ SELECT $this (COUNT(?v) AS ?n) WHERE { $this ex:p0 ?x . ?x ex:p1 ?v } GROUP BY $this } FILTER(?n > 1)",
    "$this ex:p0 ?x . ex:n1 ex:p2 ?m . FILTER(?x = ?m)",
    "$this ex:p0 ?x . ?u ex:p1 ?w . FILTER(?w = ?x)",
    "{ $this ex:p4 ?x . ?x ex:p0 ?y } UNION { ?y ex:p3 $this . ?y a ex:C2 }",
    "{ $this ex:p4 ?x } UNION { ?x ex:p3 $this } ?x ex:p1 ?y FILTER NOT EXISTS { ?y ex:p2 ?x }",
    "{ $this ex:p4/ex:p0 ?x } UNION { ?x ex:p3 $this } FILTER NOT EXISTS { ?x ex:p2 ?y }",
    "$this ?p ex:n2 . FILTER(?p != ex:p0)",
    "$this ?p ?x . ?p a ex:C1",
    "$this ?p ?x . FILTER NOT EXISTS { ?p a ?kind } FILTER(?p IN (ex:p1, ex:p2))",
    "$this ?p ?x , ?y . FILTER(?p IN (ex:p0, ex:p1)) FILTER(STR(?x) < STR(?y))",
    "$this ex:p0 ?s ; ex:p1 ?o . ?s ?q ?o",
    "$this a/rdfs:subClassOf* ex:C3 . ?o ex:p1 $this . "
    "FILTER EXISTS { ?o ex:p2 ?k . FILTER NOT EXISTS { ?k ex:p3 $this } }",
    "OPTIONAL { $this ex:p0 ?y } ?y ex:p1 ?z . FILTER(?z = ex:n4)",
    "$this ex:p1 ?x . FILTER(?m > 1) "
    "{ SELECT $this ?x (MAX(?v) AS ?m) WHERE { $this ex:p1 ?x . ?x ex:p4 ?v } GROUP BY $this ?x }",
    "$this ex:p1 ?x . BIND(STR(?x) AS ?s) FILTER(CONTAINS(?s, 'n1')) ?x ex:p2 ?y",
    "?other ex:p1 ?value . $this ex:p1 ?value . FILTER(STR($this) < STR(?other))",
    "$this ex:p4 ?d . FILTER(?d < NOW())",
    "$this ex:p4 ?d . FILTER(?d < NOW() && STR(?d) > '2019')",
    "$this ex:p2 ?x . FILTER NOT EXISTS { $this ex:p3 ?y . FILTER(?x = ?y) }",
    "$this !(ex:p0|ex:p1) ex:n3",
    "$this ex:p0 [ ex:p1 [ ex:p2 ?x ] ]",
    "SELECT-WHOLE SELECT $this { $this ex:p0 ?x . ?x ex:p1 ?v } GROUP BY $this ?x HAVING (COUNT(?v) > 1)",
    "SELECT-WHOLE SELECT $this ?value WHERE { $this ex:p0 ?value } ORDER BY ?value LIMIT 1",
    "SELECT-WHOLE SELECT DISTINCT $this ?value (ex:p0 AS ?path) WHERE { $this ex:p0/ex:p1 ?value }",
)
PATH_QUERIES = (
    "$this $PATH ?value . ?value ex:p1 ?y",
    "$this $PATH ?value . FILTER NOT EXISTS { ?value ex:p2 ?y }",
)
_COMPONENTS = (
    "class",
    "class",
    "datatype",
    "nodeKind",
    "in",
    "hasValue",
    "minCount",
    "maxCount",
    "minCount",
    "maxCount",
    "uniqueLang",
    "equals",
    "disjoint",
    "lessThan",
    "lessThanOrEquals",
    "node",
    "node",
    "not",
    "or",
    "and",
    "xone",
    "qualified",
    "qualified",
    "property",
    "property",
    "property",
    "closed",
    "sparql",
    "sparql",
    "pattern",
    "minInclusive",
    "maxInclusive",
    "minExclusive",
    "maxExclusive",
    "minLength",
    "maxLength",
    "languageIn",
)


class World:
    """The nodes, classes, properties and literals that one case draws from."""

    def __init__(self, random: Random) -> None:
        """Draw what there is."""
        self.random = random
        self.iris = [EX[f"n{number}"] for number in range(random.choice((5, 9)))]
        self.classes = [EX[f"C{number}"] for number in range(random.choice((3, 5)))]
        self.properties = [EX[f"p{number}"] for number in range(5)]
        blank = [BNode(f"b{number}") for number in range(2)] if random.random() < 0.2 else []
        self.nodes: list[Node] = [*self.iris, *blank]
        self.literals: list[Node] = [
            *(Literal(number) for number in range(4)),
            Literal("2.5", datatype=XSD.decimal),
            Literal("a"),
            Literal(""),
            Literal("b", lang="en"),
            Literal("c", lang="en"),
            Literal("d", lang="de"),
            Literal("2020-01-01", datatype=XSD.date),
            Literal("2021-01-01", datatype=XSD.date),
            Literal("soon", datatype=XSD.date),
            Literal("2018-01-01T00:00:00Z", datatype=XSD.dateTime),
            Literal("2030-01-01T00:00:00Z", datatype=XSD.dateTime),
        ]

    def triple(self) -> Triple:
        """Return a random triple: a type, a subclass, a link or a value."""
        draw, random = self.random.random(), self.random
        if draw < 0.22:
            return random.choice(self.nodes), RDF.type, random.choice(self.classes)
        if draw < 0.28:
            return random.choice(self.classes), RDFS.subClassOf, random.choice(self.classes)
        if draw < 0.29:
            return random.choice(self.properties), RDF.type, random.choice(self.classes)
        if draw < 0.70:
            return random.choice(self.nodes), random.choice(self.properties), random.choice(self.nodes)
        return random.choice(self.nodes), random.choice(self.properties), random.choice(self.literals)

    def data(self) -> set[Triple]:
        """Return a random data graph."""
        return {self.triple() for _ in range(self.random.randint(12, 60))}

    def patch(self, data: set[Triple]) -> tuple[set[Triple], set[Triple]]:
        """Return what a patch adds and removes; now and then it does what is done already."""
        random = self.random
        known = sorted(data, key=str)
        removed = set(random.sample(known, min(len(known), random.randint(0, 3))))
        added = {self.triple() for _ in range(random.randint(0 if removed else 1, 3))}
        if random.random() < 0.1:
            removed.add(self.triple())
        return added, removed


class ShapesWriter:
    """Writes one random shapes graph."""

    def __init__(self, world: World) -> None:
        """Start with an empty shapes graph."""
        self.world = world
        self.random = world.random
        self.graph = Graph(bind_namespaces="none")
        self.kinds = list(_COMPONENTS)

    def component(self) -> None:
        """Define a component of our own: the values must be linked to something (SHACL 6)."""
        node, parameter, validator = EX.LinkedComponent, BNode(), EX.linkedValidator
        ask = PREFIXES + "ASK { ?value $linkedBy ?other . ?other ex:p1 ?end }"
        self.graph.add((node, RDF.type, SH.ConstraintComponent))
        self.graph.add((node, SH.parameter, parameter))
        self.graph.add((parameter, SH.path, EX.linkedBy))
        self.graph.add((node, SH.validator, validator))
        self.graph.add((validator, RDF.type, SH.SPARQLAskValidator))
        self.graph.add((validator, SH.ask, Literal(ask)))
        self.kinds.extend(["linked"] * 3)

    def write(self) -> Graph:
        """Return a shapes graph with two to four shapes that have targets."""
        if self.random.random() < 0.1:
            self.component()
        for number in range(self.random.randint(2, 4)):
            shape = EX[f"S{number}"]
            is_property = self.random.random() < 0.25
            if is_property:
                self.graph.add((shape, SH.path, self.path()))
            self.graph.add((shape, RDF.type, SH.PropertyShape if is_property else SH.NodeShape))
            self.target(shape)
            for _ in range(self.random.randint(1, 3)):
                self.constrain(shape, is_property, 0)
        return self.graph

    def target(self, shape: Node) -> None:
        """Give a shape one or two targets, a severity now and then, or switch it off."""
        random, world = self.random, self.world
        for _ in range(random.choice((1, 1, 2))):
            kind = random.randrange(7)
            if kind <= 1:
                self.graph.add((shape, SH.targetClass, random.choice(world.classes)))
            elif kind == 2:
                self.graph.add((shape, SH.targetNode, random.choice([*world.iris, *world.literals])))
            elif kind == 3:
                self.graph.add((shape, SH.targetSubjectsOf, random.choice(world.properties)))
            elif kind == 4:
                self.graph.add((shape, SH.targetObjectsOf, random.choice([*world.properties, RDF.type])))
            elif kind == 5:
                self.graph.add((shape, RDF.type, RDFS.Class))
                world.classes.append(shape) if isinstance(shape, URIRef) else None
            else:
                self.graph.add((shape, SH.targetClass, random.choice(world.classes)))
        if random.random() < 0.3:
            self.graph.add((shape, SH.severity, random.choice((SH.Warning, SH.Info, SH.Violation))))
        if random.random() < 0.04:
            self.graph.add((shape, SH.deactivated, Literal(True)))

    def items(self, members: list[Node]) -> BNode:
        """Write a list."""
        head = BNode()
        Collection(self.graph, head, members)
        return head

    def path(self, depth: int = 0) -> Node:
        """Write a path."""
        random = self.random
        draw = random.random()
        if draw < 0.5 or depth >= 3:
            return random.choice([*self.world.properties, *([RDF.type] if random.random() < 0.1 else [])])
        if draw < 0.78 and draw >= 0.63:
            return self.items([self.path(depth + 1), self.path(depth + 1)])
        node = BNode()
        if draw < 0.63:
            inner = self.path(depth + 1) if random.random() < 0.3 else random.choice(self.world.properties)
            self.graph.add((node, SH.inversePath, inner))
        elif draw < 0.87:
            choices = self.items([self.path(depth + 1), self.path(depth + 1)])
            self.graph.add((node, SH.alternativePath, choices))
        else:
            kind = random.choice([SH.zeroOrMorePath, SH.oneOrMorePath, SH.zeroOrOnePath])
            self.graph.add((node, kind, self.path(depth + 1)))
        return node

    def shape(self, depth: int, *, node_only: bool = False) -> Node:
        """Write an anonymous shape."""
        shape = BNode()
        is_property = not node_only and self.random.random() < 0.5
        if is_property:
            self.graph.add((shape, SH.path, self.path()))
        self.graph.add((shape, RDF.type, SH.PropertyShape if is_property else SH.NodeShape))
        for _ in range(self.random.randint(1, 2)):
            self.constrain(shape, is_property, depth)
        if self.random.random() < 0.03:
            self.graph.add((shape, SH.deactivated, Literal(True)))
        if self.random.random() < 0.05:
            self.target(shape)
        return shape

    def property_shape(self, depth: int) -> Node:
        """Write a property shape."""
        shape = BNode()
        self.graph.add((shape, RDF.type, SH.PropertyShape))
        self.graph.add((shape, SH.path, self.path()))
        for _ in range(self.random.randint(1, 2)):
            self.constrain(shape, True, depth)
        return shape

    def constrain(self, shape: Node, is_property: bool, depth: int) -> None:
        """Give a shape one constraint, unless the draw does not fit it."""
        kind = self.random.choice(self.kinds)
        writer: Callable[[Node, bool, int, str], None] = getattr(self, f"_{_WRITERS.get(kind, kind)}")
        writer(shape, is_property, depth, kind)

    def _once(self, shape: Node, name: str, value: Node) -> None:
        if (shape, SH[name], None) not in self.graph:
            self.graph.add((shape, SH[name], value))

    def _class(self, shape: Node, _is_property: bool, _depth: int, kind: str) -> None:
        self.graph.add((shape, SH[kind], self.random.choice(self.world.classes)))

    def _datatype(self, shape: Node, _is_property: bool, _depth: int, _kind: str) -> None:
        self._once(shape, "datatype", self.random.choice([XSD.integer, XSD.string, XSD.date, RDF.langString]))

    def _kind(self, shape: Node, _is_property: bool, _depth: int, _kind: str) -> None:
        kinds = [SH.IRI, SH.BlankNodeOrIRI, SH.Literal, SH.IRIOrLiteral]
        self._once(shape, "nodeKind", self.random.choice(kinds))

    def _in(self, shape: Node, _is_property: bool, _depth: int, _kind: str) -> None:
        known = [*self.world.iris, *self.world.literals]
        self._once(shape, "in", self.items(self.random.sample(known, 10)))

    def _value(self, shape: Node, _is_property: bool, _depth: int, _kind: str) -> None:
        self.graph.add((shape, SH.hasValue, self.random.choice([*self.world.iris, *self.world.literals])))

    def _count(self, shape: Node, is_property: bool, _depth: int, kind: str) -> None:
        if is_property:
            self._once(shape, kind, Literal(self.random.randint(0, 2)))

    def _unique(self, shape: Node, is_property: bool, _depth: int, _kind: str) -> None:
        if is_property:
            self._once(shape, "uniqueLang", Literal(True))

    def _pair(self, shape: Node, is_property: bool, _depth: int, kind: str) -> None:
        if is_property or kind in {"equals", "disjoint"}:
            self.graph.add((shape, SH[kind], self.random.choice(self.world.properties)))

    def _range(self, shape: Node, _is_property: bool, _depth: int, kind: str) -> None:
        self._once(shape, kind, Literal(self.random.randint(0, 2)))

    def _pattern(self, shape: Node, _is_property: bool, _depth: int, _kind: str) -> None:
        self._once(shape, "pattern", Literal("n[0-3]|a"))

    def _languages(self, shape: Node, _is_property: bool, _depth: int, _kind: str) -> None:
        self._once(shape, "languageIn", self.items([Literal("en")]))

    def _node(self, shape: Node, _is_property: bool, depth: int, _kind: str) -> None:
        named = [each for each in self.graph.subjects(RDF.type, SH.NodeShape) if isinstance(each, URIRef)]
        if named and self.random.random() < 0.05:  # perhaps itself, or one that uses it
            self.graph.add((shape, SH.node, self.random.choice(sorted(named))))
        elif depth < 3:
            self.graph.add((shape, SH.node, self.shape(depth + 1, node_only=True)))

    def _not(self, shape: Node, _is_property: bool, depth: int, _kind: str) -> None:
        if depth < 3:
            self.graph.add((shape, SH["not"], self.shape(depth + 1)))

    def _list(self, shape: Node, _is_property: bool, depth: int, kind: str) -> None:
        if depth < 3 and (shape, SH[kind], None) not in self.graph:
            self._once(shape, kind, self.items([self.shape(depth + 1), self.shape(depth + 1)]))

    def _qualified(self, shape: Node, is_property: bool, depth: int, _kind: str) -> None:
        if depth >= 3 or not is_property or (shape, SH.qualifiedValueShape, None) in self.graph:
            return
        self.graph.add((shape, SH.qualifiedValueShape, self.shape(depth + 1)))
        draw = self.random.random()
        if draw < 0.7:
            self.graph.add((shape, SH.qualifiedMinCount, Literal(1)))
        if draw > 0.4:
            self.graph.add((shape, SH.qualifiedMaxCount, Literal(self.random.randint(0, 2))))
        if self.random.random() < 0.5:
            self.graph.add((shape, SH.qualifiedValueShapesDisjoint, Literal(True)))

    def _property(self, shape: Node, _is_property: bool, depth: int, _kind: str) -> None:
        if depth < 3:
            self.graph.add((shape, SH.property, self.property_shape(depth + 1)))

    def _closed(self, shape: Node, is_property: bool, _depth: int, _kind: str) -> None:
        if not is_property:
            self._once(shape, "closed", Literal(True))
            spared = [RDF.type, *self.random.sample(self.world.properties, 2)]
            self._once(shape, "ignoredProperties", self.items(spared))

    def _linked(self, shape: Node, _is_property: bool, _depth: int, _kind: str) -> None:
        if (shape, EX.linkedBy, None) not in self.graph:
            self.graph.add((shape, EX.linkedBy, self.random.choice(self.world.properties)))

    def _sparql(self, shape: Node, is_property: bool, _depth: int, _kind: str) -> None:
        node = BNode()
        query = self.random.choice([*QUERIES, *(PATH_QUERIES * 5 if is_property else ())])
        whole = query.removeprefix("SELECT-WHOLE ")
        text = whole if whole != query else f"SELECT $this WHERE {{ {query} }}"
        self.graph.add((shape, SH.sparql, node))
        self.graph.add((node, SH.select, Literal(PREFIXES + text)))


_WRITERS = {
    "nodeKind": "kind",
    "hasValue": "value",
    "minCount": "count",
    "maxCount": "count",
    "uniqueLang": "unique",
    "equals": "pair",
    "disjoint": "pair",
    "lessThan": "pair",
    "lessThanOrEquals": "pair",
    "or": "list",
    "and": "list",
    "xone": "list",
    "languageIn": "languages",
} | dict.fromkeys(
    ("minInclusive", "maxInclusive", "minExclusive", "maxExclusive", "minLength", "maxLength"), "range"
)

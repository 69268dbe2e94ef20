"""What the OpenAPI description says about parameters in the URL or in a form, and about bodies."""

from __future__ import annotations

from typing import Any

from pactgraph.ingest.formats import INPUT_FORMATS
from pactgraph.ingest.rdf_patch import MEDIA_TYPE
from pactgraph.query.formats import BINDING_FORMATS, GRAPH_FORMATS
from pactgraph.web.problems import PROBLEM_JSON
from pactgraph.web.protocol import FORM, QUERY, UPDATE

_FIELDS: dict[str, dict[str, Any]] = {
    "query": {"type": "string", "description": "a SPARQL 1.1 query"},
    "default-graph-uri": {
        "type": "array",
        "items": {"type": "string", "format": "iri"},
        "description": "named graphs whose merge is the default graph",
    },
    "named-graph-uri": {
        "type": "array",
        "items": {"type": "string", "format": "iri"},
        "description": "named graphs that GRAPH can name",
    },
    "timeout": {
        "type": "number",
        "exclusiveMinimum": 0,
        "description": "seconds, at most the server's own limit",
    },
    "at": {
        "type": "string",
        "description": "the revision (number) or date whose state is asked; the newest without it",
    },
    "format": {
        "type": "string",
        "description": "short name or media type of a result format; goes before Accept",
    },
}
_IRI = {"type": "string", "format": "iri"}
_OF_WRITES: dict[str, dict[str, Any]] = {
    "source": _IRI | {"description": "the source of statements without a graph"},
    "message": {"type": "string", "maxLength": 2000, "description": "why the graph is changed, for the log"},
    "dry_run": {"type": "boolean", "default": False, "description": "judge it, but change nothing"},
    "graph": _IRI | {"description": "the named graph"},
    "default": {"type": "string", "description": "the default graph, instead of a named one; no value"},
    "update": {"type": "string", "description": "a SPARQL 1.1 update"},
    "using-graph-uri": {"type": "array", "items": _IRI, "description": "as USING, for patterns"},
    "using-named-graph-uri": {"type": "array", "items": _IRI, "description": "as USING NAMED"},
    "iri": _IRI | {"description": "only revisions that mention this"},
    "before": {"type": "integer", "minimum": 1, "description": "only revisions before this one"},
    "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50, "description": "how many"},
    "s": _IRI | {"description": "the subject"},
    "p": _IRI | {"description": "the predicate"},
    "q": {"type": "string", "minLength": 1, "maxLength": 200, "description": "a name, or a part of one"},
    "type": {"type": "string", "description": "only of this class: its IRI, or the last part of it"},
    "lang": {"type": "string", "description": "show names in this language, such as ko"},
    "o": {"type": "string", "description": "the object: an IRI, or a literal as N-Triples writes it"},
}
_FOUND = {
    "type": "object",
    "required": ["results"],
    "properties": {
        "results": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["iri", "label", "lang", "type", "score"],
                "properties": {
                    "iri": _IRI,
                    "label": {"type": "string"},
                    "lang": {"type": "string", "description": "empty for a name without a language"},
                    "type": {"type": ["string", "null"], "format": "iri"},
                    "score": {"type": "number", "minimum": 0, "maximum": 1},
                },
            },
        }
    },
}
_PROBLEM = {PROBLEM_JSON: {"schema": {"type": "object"}}}
_RESPONSES = {
    "200": {
        "description": "the result, or without a query the service description",
        "content": {each.media_type: {} for each in (*BINDING_FORMATS, *GRAPH_FORMATS)},
    },
    "400": {"description": "the query does not parse or may not run", "content": _PROBLEM},
    "406": {"description": "no offered format is acceptable", "content": _PROBLEM},
    "503": {"description": "the evaluation was over its time or memory, or died", "content": _PROBLEM},
}
_NOT_MODIFIED = {"304": {"description": "the client's copy is current"}}
_BODY = {"413": {"description": "the body is too large", "content": _PROBLEM}}


def _in_url(fields: dict[str, dict[str, Any]], *required: str) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": schema,
            "description": schema["description"],
        }
        for name, schema in fields.items()
    ]


def _only(*names: str) -> dict[str, dict[str, Any]]:
    return {name: (_FIELDS | _OF_WRITES)[name] for name in names}


SPARQL_GET: dict[str, Any] = {"parameters": _in_url(_FIELDS), "responses": _RESPONSES | _NOT_MODIFIED}
SPARQL_POST: dict[str, Any] = {
    "parameters": _in_url({name: field for name, field in _FIELDS.items() if name != "query"}),
    "requestBody": {
        "required": True,
        "content": {
            FORM: {"schema": {"type": "object", "required": ["query"], "properties": _FIELDS}},
            QUERY: {"schema": {"type": "string"}},
        },
    },
    "responses": _RESPONSES | _BODY,
}

_RECEIPT = {"application/json": {"schema": {"type": "object"}}}
_DONE = {"description": "what became of it; nothing new makes no revision", "content": _RECEIPT}
_CREATED = {
    "description": "let in",
    "content": _RECEIPT,
    "headers": {"Location": {"schema": {"type": "string"}}},
}
_REFUSED = {
    "description": "refused: per violation focus node, path, value, shape, sentence and suggestion",
    "content": _PROBLEM | {"text/turtle": {}},
}
_OF_ALL_WRITES = {
    "400": {"description": "it cannot be read", "content": _PROBLEM},
    "401": {"description": "no token, or an unknown one", "content": _PROBLEM},
    "403": {
        "description": "writes are closed, the role is too low, the graph protected",
        "content": _PROBLEM,
    },
    "409": {"description": "it removes what is not there", "content": _PROBLEM},
    "412": {"description": "the state is not that of If-Match", "content": _PROBLEM},
    "413": {"description": "too many bytes, or over a million statements", "content": _PROBLEM},
    "415": {"description": "the content type or encoding is not read", "content": _PROBLEM},
    "422": _REFUSED,
}
_NOT_THERE = {"404": {"description": "there is none", "content": _PROBLEM}}


def _body(*media_types: str) -> dict[str, Any]:
    return {"required": True, "content": {each: {"schema": {"type": "string"}} for each in media_types}}


_TRIPLES = [each.media_types[0] for each in INPUT_FORMATS if each.name not in {"TriG", "N-Quads"}]
SUBMIT: dict[str, Any] = {
    "parameters": _in_url(_only("source", "message", "dry_run")),
    "requestBody": _body(*(each.media_types[0] for each in INPUT_FORMATS), MEDIA_TYPE),
    "responses": {"200": _DONE, "201": _CREATED} | _OF_ALL_WRITES,
}
REVERT: dict[str, Any] = {
    "parameters": _in_url(_only("message", "dry_run")),
    "responses": {"200": _DONE, "201": _CREATED} | _OF_ALL_WRITES | _NOT_THERE,
}
LOG: dict[str, Any] = {"parameters": _in_url(_only("iri", "before", "limit"))}
SPARQL_UPDATE: dict[str, Any] = {
    "parameters": _in_url(
        _only("using-graph-uri", "using-named-graph-uri", "source", "message", "dry_run", "timeout")
    ),
    "requestBody": {
        "required": True,
        "content": {
            FORM: {"schema": {"type": "object", "required": ["update"], "properties": _only("update")}},
            UPDATE: {"schema": {"type": "string"}},
        },
    },
    "responses": {"200": _DONE} | _OF_ALL_WRITES,
}
GRAPH_GET: dict[str, Any] = {
    "parameters": _in_url(_only("graph", "default", "at", "format")),
    "responses": {
        "200": {
            "description": "the triples of the graph",
            "content": {each.media_type: {} for each in GRAPH_FORMATS[:4]},
        }
    }
    | _NOT_MODIFIED
    | _NOT_THERE,
}
GRAPH_PUT: dict[str, Any] = {
    "parameters": _in_url(_only("graph", "source", "message"), "graph"),
    "requestBody": _body(*_TRIPLES),
    "responses": {"200": _DONE, "201": _CREATED} | _OF_ALL_WRITES,
}
GRAPH_POST = GRAPH_PUT
GRAPH_DELETE: dict[str, Any] = {
    "parameters": _in_url(_only("graph", "message"), "graph"),
    "responses": {"200": _DONE} | _OF_ALL_WRITES | _NOT_THERE,
}
WHY: dict[str, Any] = {
    "parameters": _in_url(_only("s", "p", "o"), "s"),
    "responses": {
        "200": {"description": "the supports of each statement", "content": _RECEIPT | {"text/html": {}}}
    }
    | _NOT_THERE,
}
ENTITY: dict[str, Any] = {
    "parameters": _in_url({"at": _FIELDS["at"]}),
    "responses": {
        "200": {
            "description": "what is stated of the thing; a suffix (.ttl, .jsonld …) goes before Accept",
            "content": {each.media_type: {} for each in GRAPH_FORMATS} | {"text/html": {}},
        }
    }
    | _NOT_THERE
    | _NOT_MODIFIED,
}
SEARCH: dict[str, Any] = {
    "parameters": _in_url(
        _only("q", "type", "lang")
        | {
            "limit": {
                "type": "integer",
                "minimum": 1,
                "maximum": 100,
                "default": 10,
                "description": "how many",
            }
        },
        "q",
    ),
    "responses": {
        "200": {
            "description": "the entities whose names are nearest, nearest first",
            "content": {"application/json": {"schema": _FOUND}},
        },
        "400": {"description": "a parameter is missing or wrong", "content": _PROBLEM},
        "406": {"description": "Accept leaves out JSON", "content": _PROBLEM},
        "503": {"description": "it took too long, or the index cannot be read", "content": _PROBLEM},
    }
    | _NOT_MODIFIED,
}

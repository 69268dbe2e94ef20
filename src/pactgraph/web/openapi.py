"""What the OpenAPI description says about ``/sparql``, whose parameters come from the URL or from a form."""

from __future__ import annotations

from typing import Any

from pactgraph.query.formats import BINDING_FORMATS, GRAPH_FORMATS
from pactgraph.web.problems import PROBLEM_JSON
from pactgraph.web.protocol import FORM, QUERY

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
    "format": {
        "type": "string",
        "description": "short name or media type of a result format; goes before Accept",
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


def _parameters(*left_out: str) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "schema": schema,
            "description": schema["description"],
        }
        for name, schema in _FIELDS.items()
        if name not in left_out
    ]


SPARQL_GET: dict[str, Any] = {"parameters": _parameters(), "responses": _RESPONSES | _NOT_MODIFIED}
SPARQL_POST: dict[str, Any] = {
    "parameters": _parameters("query"),
    "requestBody": {
        "required": True,
        "content": {
            FORM: {"schema": {"type": "object", "required": ["query"], "properties": _FIELDS}},
            QUERY: {"schema": {"type": "string"}},
        },
    },
    "responses": _RESPONSES | _BODY,
}

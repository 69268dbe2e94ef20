"""S13: no SPARQL is put together from strings, but in a few places that say why they may.

What comes from outside reaches a query as a term beside its text (a dataset parameter, a substitution), or not at
all. A new place fails here; it belongs on the list only with the reason why nothing from outside gets in as text.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pactgraph

ROOT = Path(pactgraph.__file__).parent
# What only a text of SPARQL has: a form or a clause, and then a bracket or a variable.
SPARQL = re.compile(
    r"\b(SELECT|ASK|CONSTRUCT|DESCRIBE|WHERE|FILTER|VALUES|OPTIONAL|GRAPH|BIND|UNION|(INSERT|DELETE) DATA)\b"
    r"[^.]*?([{(]|[?$]\w)"
)
ALLOWED = {
    "doctor.py": "constants of the vocabulary and a number",
    "exports/adhoc.py": "terms that came out of a query, written by the engine, which escapes them",
    "exports/ask.py": "constants of the vocabulary",
    "exports/spool.py": "SQL with placeholders for the values",
    "ingest/update_rules.py": "sentences for people",
    "ingest/update_texts.py": "parts of the very update, and terms written by the engine, which escapes them",
    "probe.py": "constants, sent to a server that is examined",
    "shapes/full.py": "the text of the shapes, and terms of the data in the canonical form of N-Triples",
    "shapes/sweep.py": "the text of the shapes",
    "store/union.py": "terms written by the engine, which escapes them",
}


def texts_put_together(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and fixed text of every string that is formatted or joined with another."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.JoinedStr)
            and any(isinstance(each, ast.FormattedValue) for each in node.values)
        ) or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod)):
            yield node.lineno, _fixed(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in {"format", "format_map", "replace", "join"}:
                yield node.lineno, _fixed(node.func.value)
            elif node.func.attr in {"substitute", "safe_substitute"}:
                yield node.lineno, "SELECT {"  # a template: whatever it holds


def _fixed(node: ast.AST) -> str:
    found = (each.value for each in ast.walk(node) if isinstance(each, ast.Constant))
    return " ".join(text for text in found if isinstance(text, str))


def test_no_module_but_the_listed_puts_sparql_together():
    found = {
        str(path.relative_to(ROOT)): (line, text)
        for path in sorted(ROOT.rglob("*.py"))
        for line, text in texts_put_together(ast.parse(path.read_text(encoding="utf-8")))
        if SPARQL.search(text)
    }
    assert {module: found[module] for module in found.keys() - ALLOWED.keys()} == {}
    assert ALLOWED.keys() - found.keys() == set()


def test_the_gate_sees_each_way_of_formatting():
    for expression in (
        "f'SELECT * {{ ?s ?p {x} }}'",
        "'SELECT * { ?s ?p %s }' % x",
        "'ASK { ?s ?p ' + x + '}'",
        "'ASK {{ ?s ?p {} }}'.format(x)",
        "Template(text).substitute(x=x)",
    ):
        assert any(SPARQL.search(text) for _, text in texts_put_together(ast.parse(expression)))
    assert not any(True for _ in texts_put_together(ast.parse("'SELECT * { ?s ?p ?o }'")))

"""What the XML formats share: cells that are safe inside XML, and rows written a column at a time."""

from __future__ import annotations

import re
import string
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pactgraph.exports.scan import CONTROLS, content_of, escaped, holds, without_not_xml
from pactgraph.vocab import BASE

# Line breaks and tabs as references, because a reader turns them into spaces inside an attribute (XML 1.0
# §3.3.3).
_PAIRS = (
    ("&", "&amp;"),
    ("<", "&lt;"),
    (">", "&gt;"),
    ('"', "&quot;"),
    ("\t", "&#9;"),
    ("\n", "&#10;"),
    ("\r", "&#13;"),
)
# U+FFFE and U+FFFF begin with the last of these bytes.
_SUSPECT = CONTROLS + b'&<>"\t\n\r\xef'
# The same characters for one text; lone surrogates too, as a title need not come from a column.
NOT_XML_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def xml_cells(column: pa.Array) -> pa.Array:
    """Return a column as text that can stand in an XML attribute or element; nothing stays nothing."""
    if column.type != pa.string():
        return pc.cast(column, pa.string())
    return escaped(without_not_xml(column)[0], _PAIRS) if holds(column, _SUSPECT) else column


def xml_text(text: str) -> str:
    """Return one text that can stand in an XML attribute or element."""
    return str(xml_cells(pa.array([NOT_XML_TEXT.sub("�", text)], pa.string()))[0].as_py())


def around(before: str, cells: pa.Array, after: str) -> Any:  # noqa: ANN401 — an Arrow array
    """Return each cell between two texts, and nothing where there is no cell."""
    return pc.coalesce(pc.binary_join_element_wise(before, cells, after, ""), "")


_TOKEN_PAIRS = (("_", "_5F_"), (":", "_3A_"), ("/", ":"), ("#", "_23_"), ("%", "_25_"))
_TOKEN = (string.ascii_letters + string.digits + "_.:-").encode()
_NO_TOKEN = re.compile(r"[^\w.:-]", re.ASCII)


def xml_tokens(column: pa.Array) -> pa.Array:
    """Return identifiers as XML name tokens, which GraphML's schema asks for (XML 1.0 §2.3, Nmtoken).

    Equal identifiers give equal tokens in every file, and different ones different tokens: the base is left
    out, ``/`` becomes ``:``, and any other character that a token cannot have its number between underscores.

    >>> xml_tokens(pa.array(["https://w3id.org/eukdp/id/organisation/dgist", "http://example.org/a?b"])).to_pylist()
    ['id:organisation:dgist', 'http_3A_::example.org:a_3F_b']
    """
    if pc.all(pc.starts_with(column, BASE)).as_py():
        column = pc.utf8_slice_codeunits(column, len(BASE))
    else:
        column = pc.replace_substring_regex(column, "^" + re.escape(BASE), "")
    column = escaped(column, _TOKEN_PAIRS)
    if not bytes(content_of(column)).translate(None, _TOKEN) and not pc.any(pc.equal(column, "")).as_py():
        return column
    tokens = [
        _NO_TOKEN.sub(lambda found: f"_{ord(found[0]):X}_", token) or "_" for token in column.to_pylist()
    ]
    return pa.array(tokens, pa.string())

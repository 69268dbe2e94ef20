"""Cells that a spreadsheet takes as they are (CWE-1236, OWASP: CSV Injection).

A text that begins with ``= + - @``, a tab or a line break (also after blanks, also full-width) would be run
as a formula. It gets ``'`` before it. Numbers stay numbers, also where they stand in a column of text.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from pactgraph.exports.scan import without_not_xml

_FORMULA = (
    "^(?:[\\t\\r\\n]|[\\s\\pZ\\x{200B}\\x{2060}\\x{FEFF}]*"
    "[=+\\-@\\x{FF1D}\\x{FF0B}\\x{FF0D}\\x{FF20}\\x{FE62}\\x{FE63}\\x{FE66}\\x{FE6B}\\x{2212}])"
)
_NUMBER = "^-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?$"


def safe_cells(column: pa.Array) -> tuple[pa.Array, int, int]:
    """Return the column, and how many control characters it lost and how many cells got ``'``."""
    if column.type != pa.string():
        return column, 0, 0
    column, controls = without_not_xml(column)
    danger = pc.match_substring_regex(column, _FORMULA)
    if not pc.any(danger).as_py():
        return column, controls, 0
    danger = pc.and_not(danger, pc.match_substring_regex(column, _NUMBER))
    quoted = pc.sum(danger).as_py() or 0
    return pc.if_else(danger, pc.binary_join_element_wise("'", column, ""), column), controls, quoted

"""XLSX through XlsxWriter, row by row: the sheets nodes, edges and about."""

from __future__ import annotations

import datetime
from typing import IO, Any

import xlsxwriter

from pactgraph.errors import InputError
from pactgraph.exports.about import CELLS_CUT, CELLS_QUOTED, CONTROL, About, as_text
from pactgraph.exports.network import Network, Rows
from pactgraph.exports.writers.spreadsheet import safe_cells

MOST_ROWS = 1_048_576
_LONGEST = 32_767
_WIDTHS = {"id": 44, "source": 44, "target": 44, "sources": 30, "source_titles": 40}
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write_xlsx(network: Network, about: About, stream: IO[bytes]) -> None:
    """Write a workbook; raises ``InputError`` when a sheet would have too many rows."""
    most = max(len(network.nodes), len(network.edges)) + 1
    if most > MOST_ROWS:
        raise InputError(
            f"A sheet has at most {MOST_ROWS:,} rows, and this would have {most:,}; export CSV or Parquet"
        )
    replaced = {CONTROL: 0, CELLS_QUOTED: 0, CELLS_CUT: 0}
    book = xlsxwriter.Workbook(stream, _OPTIONS)
    book.set_properties(
        {"title": about.title, "comments": about.citation, "created": datetime.datetime(2000, 1, 1)}
    )
    bold = book.add_format({"bold": True})
    for name, rows in (("nodes", network.nodes), ("edges", network.edges)):
        _write_sheet(book.add_worksheet(name), rows, bold, replaced)
    sheet = book.add_worksheet("about")
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 120)
    note = "Text like a formula has ' before it. Dates have the precision of their source."
    entries = {**as_text(about.entries(**replaced)), "cells": note}
    for row, (name, value) in enumerate(entries.items()):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, value[:_LONGEST])
    book.close()


def _write_sheet(sheet: Any, rows: Rows, bold: Any, replaced: dict[str, int]) -> None:  # noqa: ANN401 — XlsxWriter is not typed
    for place, column in enumerate(rows.columns):
        sheet.set_column(place, place, _WIDTHS.get(column.name, 18))
        sheet.write_string(0, place, column.name, bold)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(rows), max(len(rows.columns) - 1, 0))
    number = 1
    for batch in rows.batches():
        columns = []
        for column in batch.columns:
            safe, controls, quoted = safe_cells(column)
            replaced[CONTROL] += controls
            replaced[CELLS_QUOTED] += quoted
            columns.append(safe.to_pylist())
        for cells in zip(*columns, strict=True):
            for place, value in enumerate(cells):
                _write_cell(sheet, number, place, value, replaced)
            number += 1


def _write_cell(sheet: Any, row: int, place: int, value: object, replaced: dict[str, int]) -> None:  # noqa: ANN401 — as above
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value)
    elif isinstance(value, (int, float)):
        sheet.write_number(row, place, value)
    elif isinstance(value, str) and value:
        if len(value.encode("utf-16-le")) // 2 > _LONGEST:  # Excel counts UTF-16
            value = value.encode("utf-16-le")[: 2 * _LONGEST].decode("utf-16-le", "ignore")
            replaced[CELLS_CUT] += 1
        sheet.write_string(row, place, value)

"""S16 and S17: no exported cell is a formula, and tools of others open every export of nasty text."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from xml.etree import ElementTree

import openpyxl
import pytest

NASTY = [
    "=1+1",
    "+1",
    "@SUM(A1)",
    " =1+1",
    "\uff1d1+1",
    "a\u000bb",
    "\u0001",
    "\u202etxt",
    "]]>&<",
    "a\r\nb",
    "\ud7ff\ufffd",
]
QUERY = "SELECT ?source ?target ?note { VALUES (?source ?target ?note) { %s } }"
ROWS = " ".join(
    f"(<http://example.org/n{number}> <http://example.org/n0> {json.dumps(text)})"
    for number, text in enumerate(NASTY)
)
FORMULAS = ("=", "+", "-", "@", "\uff1d")


@pytest.fixture
def export(client, endpoint):
    def fetch(form):
        fields = {"query": QUERY % ROWS}
        answer = client.post(f"{endpoint.url}/exports/query.{form}", data=fields)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-disposition"].startswith("attachment; filename=")
        return answer.content

    return fetch


def test_no_cell_is_a_formula(export):
    with zipfile.ZipFile(io.BytesIO(export("csv"))) as archive:
        text = archive.read("edges.csv").decode()
    cells = [cell for row in list(csv.reader(io.StringIO(text, newline="")))[1:] for cell in row]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell.lstrip().startswith(FORMULAS)]
    for sheet in openpyxl.load_workbook(io.BytesIO(export("xlsx"))):
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            assert cell.data_type != "f"


@pytest.mark.parametrize("form", ["graphml", "gexf"])
def test_xml_is_well_formed_and_whole(export, form):
    tree = ElementTree.fromstring(export(form))
    kinds = [element.tag.rpartition("}")[2] for element in tree.iter()]
    assert (kinds.count("node"), kinds.count("edge")) == (len(NASTY), len(NASTY))


def test_json_is_whole(export):
    network = json.loads(export("json"))
    edges = network.get("edges") or network.get("links")
    assert (len(network["nodes"]), len(edges)) == (len(NASTY), len(NASTY))

"""The pages of a running server, as a browser shows them: no script, nothing refused, nothing from elsewhere."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html

from .browser import document_of, needs_browser

PAGES = {
    "/": "The EU–Republic of Korea Digital Partnership as a graph",
    "/sparql": "Ask the graph",
    "/ontology": "EU–Korea Digital Partnership ontology",
    "/topics": "Topics",
    "/shapes": "Rules",
    "/exports": "Exports",
    "/changes": "Changes",
    "/changes/1": "Revision 1",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("site") / "data"
    command = [
        sys.executable,
        "-m",
        "pactgraph",
        "serve",
        "--port",
        "0",
        "--workers",
        "1",
        "--data",
        str(data),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        assert running.stdout is not None
        yield running.stdout.readline().strip()
        running.terminate()
        assert running.wait(30) == 0


@needs_browser
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_in_a_browser(server: str, path: str, tmp_path: Path) -> None:
    page = html.fromstring(document_of(server + path, tmp_path))
    assert "".join(page.find(".//h1").itertext()).startswith(PAGES[path])
    assert page.findall(".//script") == []
    assert set(PAGES) - {"/changes/1"} <= set(page.xpath("//nav/a/@href"))
    assert all(address.startswith("/") for address in page.xpath("//link[@rel='stylesheet']/@href"))
    assert page.findtext(".//footer/p") == "Revision 1"


@needs_browser
def test_a_problem_tells_a_person_what_to_do(server: str, tmp_path: Path) -> None:
    told = document_of(f"{server}/sparql?query=SELEC", tmp_path)
    assert "SELEC is not a word of SPARQL" in told

"""The offline page, opened from a file in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import quote

import matplotlib.image
import pyoxigraph as ox
import pytest
from lxml import html

from pactgraph.exports.drawing import COLOURS

from .browser import document_of, needs_browser, picture_of
from .writing import delivered, written

IMEC = "https://w3id.org/eukdp/id/organisation/imec"
LABEL = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
GRAPH = ox.NamedNode("https://w3id.org/eukdp/graph/a")


def saved(store: ox.Store, view: str, path: Path) -> str:
    path.write_bytes(written(delivered(store, view), "html"))
    return path.as_uri()


@pytest.fixture
def canary() -> Iterator[tuple[str, list[str]]]:
    """A server that nobody is to call, and the calls it got."""
    calls: list[str] = []

    class Canary(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Canary)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", calls
    server.shutdown()
    thread.join()
    server.server_close()


@needs_browser
def test_the_page_shows_legend_counts_date_source_and_the_strongest(
    shipped_store: ox.Store, tmp_path: Path
) -> None:
    page = html.fromstring(
        document_of(saved(shipped_store, "collaboration", tmp_path / "out.html"), tmp_path)
    )
    assert page.xpath("//ul[@id='legend']/li/text()") == [
        "European side",
        "Korean side",
        "other or not known",
    ]
    assert page.xpath("//aside//li//text()")[:2] == ["imec", "CEA-Leti"]
    told = page.findtext(".//header/p[2]")
    assert "55 nodes, 302 edges" in told
    assert "newest source of 20" in told
    assert "CC-BY-4.0" in page.findtext(".//footer")


@needs_browser
def test_the_part_after_the_hash_is_the_node_to_begin_with(shipped_store: ox.Store, tmp_path: Path) -> None:
    url = saved(shipped_store, "collaboration", tmp_path / "out.html")
    page = html.fromstring(document_of(f"{url}#{quote(IMEC, safe='')}", tmp_path))
    assert page.findtext(".//aside//h2") == "imec"
    assert page.findtext(".//aside//h3") == "Joined to 30"
    assert "DGIST" in page.xpath("//aside//li/button/text()")


@needs_browser
def test_the_network_is_drawn_in_the_colours_of_the_legend(shipped_store: ox.Store, tmp_path: Path) -> None:
    url = saved(shipped_store, "collaboration", tmp_path / "out.html")
    pixels = (matplotlib.image.imread(picture_of(url, tmp_path))[130:860, :850, :3] * 255).round().astype(int)
    for colour in COLOURS[:2]:
        wanted = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
        assert (pixels == wanted).all(axis=2).sum() > 500


@needs_browser
@pytest.mark.parametrize("view", ["entities", "collaboration"])
def test_hostile_names_stay_text_and_fetch_nothing(
    hostile_store: ox.Store, view: str, tmp_path: Path, canary: tuple[str, list[str]]
) -> None:
    address, calls = canary
    store = ox.Store()
    store.extend(hostile_store)
    attack = f"</script><script src={address}></script><img src={address} onerror=fetch('{address}')>"
    for name in ("o1", "o2"):
        label = ox.Literal(f"{attack} {name}", language="en")
        subject = ox.NamedNode(f"https://w3id.org/eukdp/id/x/{name}")
        store.extend([ox.Quad(subject, LABEL, label, GRAPH), ox.Quad(subject, LABEL, label)])
    page = html.fromstring(document_of(saved(store, view, tmp_path / "out.html"), tmp_path))
    assert len(page.findall(".//script")) == 2
    assert page.findall(".//img") == []
    assert any(attack in text for text in page.xpath("//aside//li/button/text()"))
    assert calls == []


@needs_browser
def test_a_page_without_nodes_says_so(tmp_path: Path) -> None:
    page = html.fromstring(document_of(saved(ox.Store(), "people", tmp_path / "out.html"), tmp_path))
    assert "0 nodes, 0 edges" in page.findtext(".//header/p[2]")

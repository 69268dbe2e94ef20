from __future__ import annotations

import pytest

from pactgraph.errors import UnknownFormat
from pactgraph.query.formats import BINDING_FORMATS, GRAPH_FORMATS
from pactgraph.web.offers import choose, choose_or_page


@pytest.mark.parametrize(
    "format_", [*BINDING_FORMATS, *GRAPH_FORMATS], ids=lambda each: f"{each.kind}-{each.name}"
)
def test_every_way_to_name_a_format_leads_to_it(format_):
    formats = BINDING_FORMATS if format_ in BINDING_FORMATS else GRAPH_FORMATS
    for asked in (
        format_.name,
        format_.name.upper(),
        format_.suffix[1:],
        format_.media_type,
        f" {format_.name} ",
    ):
        offer = choose(formats, "image/png", [asked])
        assert (offer.format, offer.media_type) == (format_, format_.media_type)
    for alias in format_.aliases:
        assert choose(formats, None, [alias]).media_type == alias
        assert choose(formats, alias).media_type == alias


@pytest.mark.parametrize(
    ("asked", "accept", "name"),
    [
        (["json"], "*/*", "jsonld"),
        (["xml"], None, "rdfxml"),
        (["n-triples"], "*/*", "ntriples"),
        (["rdf+xml", "application/rdf+xml"], "*/*", "rdfxml"),
        (["n3"], "application/turtle,text/turtle,text/rdf+n3", "turtle"),
        (["json-ld", "application/ld+json,application/x-json+ld"], "application/ld+json", "jsonld"),
    ],
)
def test_the_names_that_clients_use_for_graphs(asked, accept, name):
    assert choose(GRAPH_FORMATS, accept, asked).format.name == name


@pytest.mark.parametrize(
    ("asked", "accept"), [(["docx"], "*/*"), (["docx"], None), ([], "image/png"), (["n3"], "image/png")]
)
def test_what_is_not_offered_is_refused_with_a_list(asked, accept):
    with pytest.raises(UnknownFormat, match=r"turtle \(text/turtle\), ntriples") as refused:
        choose(GRAPH_FORMATS, accept, asked)
    assert refused.value.status == 406


@pytest.mark.parametrize(
    ("accept", "page_first", "page"),
    [
        ("*/*", False, False),
        ("*/*", True, True),
        (None, False, False),
        ("text/html", False, True),
        ("text/html;q=0.9, text/turtle", True, False),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", False, True),
    ],
)
def test_people_get_the_page_and_machines_the_graph(accept, page_first, page):
    assert (choose_or_page(GRAPH_FORMATS, accept, page_first=page_first) is None) == page

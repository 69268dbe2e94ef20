"""Authors of revisions: whatever a token is called, the graph of the revisions can say it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from pactgraph.provenance import author_iri


@given(st.one_of(st.text(), st.text().map(lambda text: f"http://{text}")).filter(str.isprintable))
def test_every_name_of_a_token_makes_an_iri(name):
    assert NamedNode(author_iri(name))


def test_an_iri_stays_as_it_is():
    assert author_iri("https://orcid.org/0000-0001") == "https://orcid.org/0000-0001"

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pactgraph.web.conditional import entity_tag, is_current, read_headers

TAG = '"r1-csv-0123456789abcdef"'
OPAQUE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters='"'), max_size=20)


@given(
    st.integers(0), st.sampled_from(["text/csv", "application/ld+json", "text/html;charset=utf-8"]), st.text()
)
def test_a_tag_is_strong_and_fits_the_grammar(revision, media_type, content):
    tag = entity_tag(revision, media_type, content)
    assert re.fullmatch(r'"[\x21\x23-\x7e]+"', tag)
    assert is_current(tag, tag)


def test_revision_format_and_content_each_change_the_tag():
    tags = {
        entity_tag(revision, media_type, *content)
        for revision in (1, 2)
        for media_type in ("text/csv", "text/tab-separated-values", "application/xml", "text/xml")
        for content in (("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""))
    }
    assert len(tags) == 32


@given(st.lists(OPAQUE, max_size=5), OPAQUE)
def test_a_list_holds_a_tag_or_not(opaque, wanted):
    header = ", ".join(f'"{each}"' for each in opaque)
    assert is_current(header, f'"{wanted}"') == (wanted in opaque)


@pytest.mark.parametrize(
    "header", [TAG, f"W/{TAG}", "*", " * ", f'"a", {TAG}', f'"a,b",W/{TAG},"c"', f'W/"a" , {TAG} ']
)
def test_the_client_holds_it(header):
    assert is_current(header, TAG)


@pytest.mark.parametrize(
    "header", [None, "", '"a"', 'W/"a"', TAG.strip('"'), TAG[:-1], f'"x{TAG[1:]}', '"*"', "**"]
)
def test_the_client_does_not_hold_it(header):
    assert not is_current(header, TAG)


def test_what_every_read_carries():
    assert read_headers(7, TAG) == {
        "ETag": TAG,
        "Vary": "Accept, Accept-Encoding",
        "Cache-Control": "no-cache",
        "X-Pactgraph-Revision": "7",
    }

"""A form is read as everywhere else, in memory that does not follow what it escapes."""

from __future__ import annotations

import tracemalloc
from urllib.parse import parse_qsl, quote_from_bytes

import pytest
from fastapi import Request
from hypothesis import example, given
from hypothesis import strategies as st

from pactgraph.errors import InputError
from pactgraph.web import protocol
from pactgraph.web.protocol import parameters_of_url, unquoted

_TEXTS = st.text(st.sampled_from("ab=&+%%4C3A9é☃ \n"), max_size=60)


def pairs(encoded: bytes):
    scope = {"type": "http", "query_string": encoded, "headers": []}
    return parameters_of_url(Request(scope)).pairs


@given(_TEXTS)
@example("a=%41%&b=%C3%A9+c")
@example("=&&a&b==&%3D=%26")
def test_reads_what_the_standard_library_reads(text):
    try:
        expected = tuple(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=1000))
    except UnicodeDecodeError:
        with pytest.raises(InputError, match="not UTF-8"):
            pairs(text.encode())
    else:
        assert pairs(text.encode()) == expected


@given(st.text(max_size=200), st.integers(3, 12))
def test_no_escape_is_torn_where_the_pieces_meet(text, size):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(protocol, "_PIECE", size)
        assert unquoted(quote_from_bytes(text.encode(), safe="").encode()) == text


def test_as_many_parameters_as_there_may_be_and_one_more():
    assert len(pairs(b"&".join([b"a=1"] * 1000))) == 1000
    with pytest.raises(InputError, match="over 1000 parameters"):
        pairs(b"&".join([b"a=1"] * 1001))


@pytest.mark.parametrize("part", [b"%41", b"%", b"%4", b"+", b"a%20"])
def test_a_megabyte_takes_a_few_megabytes(part):
    body = b"query=" + part * (1_000_000 // len(part))
    tracemalloc.start()
    try:
        pairs(body)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000

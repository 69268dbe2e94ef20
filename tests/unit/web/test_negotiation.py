from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pactgraph.web.negotiation import MediaRange, parse_accept, preferred

OFFERS = ["application/sparql-results+json", "application/sparql-results+xml", "text/csv", "application/json"]
TYPES = st.sampled_from(["text", "application", "image"])
SUBTYPES = st.sampled_from(["csv", "json", "sparql-results+json", "sparql-results+xml", "png"])
WEIGHTS = st.integers(0, 1000)


def spelled(weight):
    return f";q={weight / 1000:.3f}"


ranges = st.one_of(
    st.tuples(TYPES, SUBTYPES, WEIGHTS),
    st.tuples(TYPES, st.just("*"), WEIGHTS),
    st.tuples(st.just("*"), st.just("*"), WEIGHTS),
)
headers = st.lists(ranges, min_size=1, max_size=6, unique_by=lambda each: each[:2])


def header_of(elements):
    return ", ".join(f"{kind}/{subtype}{spelled(weight)}" for kind, subtype, weight in elements)


def quality(offer, elements):
    """RFC 9110 §12.5.1 spelled out: exact type, then type/*, then */*; nothing else matches."""
    kind, _, subtype = offer.partition("/")
    weights = {(a, b): weight for a, b, weight in elements}
    for key in ((kind, subtype), (kind, "*"), ("*", "*")):
        if key in weights:
            return weights[key]
    return 0


@given(headers)
def test_the_chosen_type_has_the_highest_quality_there_is(elements):
    chosen = preferred(header_of(elements), OFFERS)
    best = max(quality(offer, elements) for offer in OFFERS)
    assert (quality(chosen, elements) if chosen else 0) == best


@given(headers)
def test_none_only_when_nothing_is_acceptable(elements):
    chosen = preferred(header_of(elements), OFFERS)
    assert (chosen is None) == all(quality(offer, elements) == 0 for offer in OFFERS)


@given(headers, st.randoms())
def test_the_order_of_the_header_means_nothing(elements, random):
    shuffled = elements[:]
    random.shuffle(shuffled)
    assert preferred(header_of(elements), OFFERS) == preferred(header_of(shuffled), OFFERS)


@given(headers)
def test_case_and_space_mean_nothing(elements):
    plain = header_of(elements)
    assert preferred(plain, OFFERS) == preferred(
        plain.upper().replace(";", "\t ; ").replace(",", " ,,"), OFFERS
    )


@given(st.text())
def test_no_header_breaks_it(header):
    assert preferred(header, OFFERS) in {None, *OFFERS}


@given(st.text(alphabet='",;\\=q/* a'))
def test_no_quoting_breaks_it(header):
    assert preferred(header, OFFERS) in {None, *OFFERS}


@pytest.mark.parametrize("header", [None, "", " ", ",", "nonsense", "a/b;q=2", "*/png"])
def test_without_a_readable_element_everything_is_acceptable(header):
    assert preferred(header, OFFERS) == OFFERS[0]


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("*/*", "application/sparql-results+json"),
        ("text/*", "text/csv"),
        ("application/*;q=0.2, text/csv;q=0.1", "application/sparql-results+json"),
        ("text/csv, */*", "text/csv"),
        ("text/csv;q=0.9, */*", "application/sparql-results+json"),
        ("application/json;q=0, application/*;q=0.1", "application/sparql-results+json"),
        ("application/sparql-results+json;q=0, */*;q=0.1", "application/sparql-results+xml"),
        ("text/csv;q=0.001", "text/csv"),
        ("text/csv;q=0", None),
        ("image/png, image/*", None),
        ("image/png, nonsense", None),
        ("TEXT/CSV; Q=1.000", "text/csv"),
        ("text/csv;charset=UTF-8", "text/csv"),
        ("text/csv;header=absent", None),
        ('application/json;profile="http://www.w3.org/ns/json-ld#flattened"', "application/json"),
        ("text/csv;q=1;extension=1", "text/csv"),
        ("text/csv;q=1.5, application/json;q=0.1", "application/json"),
        ('image/png;x="a,text/csv", application/json;q=0.1', "application/json"),
    ],
)
def test_examples(header, chosen):
    assert preferred(header, OFFERS) == chosen


def test_parameters_are_the_most_specific():
    offers = ["text/csv", "text/csv;header=present"]
    accept = "text/csv;q=0.2, text/csv;header=present;q=0.7, */*;q=0.9"
    assert preferred(accept, offers) == "text/csv;header=present"
    assert preferred('text/csv;header="present"', offers) == "text/csv;header=present"


def test_ranges_are_read_with_their_parameters():
    assert parse_accept('a/b;x="1\\"2";q=0.25') == [MediaRange("a", "b", frozenset({("x", '1"2')}), 250)]


def test_an_offer_that_is_no_media_type_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="csv"):
        preferred("*/*", ["csv"])


@pytest.mark.parametrize("unit", ['"', '"\\', ",", ";", "a/b;x=", 'a/b;x="\\"', "a/b;q=1,", " ", "\\"])
def test_hostile_headers_are_read_in_linear_time(unit):
    header = unit * (200_000 // len(unit))  # quadratic time would not end within the life of the test run
    assert preferred(header, OFFERS) in {None, *OFFERS}

"""Eight clients commit what contradicts each other at the same time: one wins, and the shapes hold.

The real ``pactgraph serve`` with the shipped facts and shapes, over HTTP.
"""

from __future__ import annotations

import shutil
import threading
from contextlib import closing
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from pactgraph.app import open_for_writing
from pactgraph.cli import main
from pactgraph.doctor import FAULT, examine

HOSTS = [
    "european-union",
    "republic-of-korea",
    "canada",
    "japan",
    "singapore",
    "switzerland",
    "netherlands",
    "belgium",
]
PEOPLE = [
    *("abdul-rahim", "adrie-mackus", "ahn-duk-geun", "an-su-jin"),
    *("anabela-veloso", "andrea-redaelli", "athanasios-dimoulas", "bae-kyung-hoon"),
]
ROUNDS = 3
BASE = "https://w3id.org/eukdp/"
PREFIXES = f"""
@prefix code: <{BASE}code/> . @prefix event: <{BASE}id/event/> . @prefix pact: <{BASE}ontology#> .
@prefix org: <http://www.w3.org/ns/org#> . @prefix organisation: <{BASE}id/organisation/> .
@prefix polity: <{BASE}id/polity/> . @prefix post: <{BASE}id/post/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix person: <{BASE}id/person/> . @prefix tenure: <{BASE}id/tenure/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory, server):
    """A server, and its data directory."""
    data = tmp_path_factory.mktemp("order") / "data"
    open_for_writing(data).close()
    token = CliRunner().invoke(main, ["token", "create", "ann", "--data", str(data)]).stdout.splitlines()[-1]
    one = server.Server(data)
    one.token = token
    yield one
    one.stop()
    assert [finding for finding in examine(data) if finding.level == FAULT] == []
    shutil.rmtree(data)


def race(running, server, texts):
    """Submit the texts at the same time; return the answers in their order."""
    barrier, answers = threading.Barrier(len(texts)), [None] * len(texts)

    def one(place, text):
        with closing(running.connect()) as line:
            line.connect()
            barrier.wait(60)
            answers[place] = server.submit(line, running.token, PREFIXES + text)

    clients = [threading.Thread(target=one, args=each) for each in enumerate(texts)]
    for client in clients:
        client.start()
    for client in clients:
        client.join(120)
        assert not client.is_alive()
    return answers


def ask(running, query):
    rows = running.get(f"/sparql?query={quote(query)}")["results"]["bindings"]
    return [value["value"] for row in rows for value in row.values()]


def brought(running, server, text):
    with closing(running.connect()) as line:
        status, told = server.submit(line, running.token, PREFIXES + text)
    assert status == 201, told


def check(answers, words):
    """One is let in; the others are refused in words."""
    won = [told for status, told in answers if status == 201]
    lost = [told for status, told in answers if status == 422]
    assert (len(won), len(lost)) == (1, len(answers) - 1)
    for told in lost:
        messages = [each["message"] for each in told["violations"]]
        assert any(words in each for each in messages), messages
    return won[0]


@pytest.mark.parametrize("number", range(ROUNDS))
def test_an_event_has_one_host(running, server, number):
    event = f"event:race-{number}"
    brought(
        running,
        server,
        f"""{event} a pact:ResearchForum ; skos:prefLabel "Race {number}"@en , "경주 {number}"@ko ;
        pact:eventStatus code:event-status\\/planned ; pact:plannedStartDate "2026-12-01"^^xsd:date .""",
    )
    answers = race(running, server, [f"{event} pact:hostParty polity:{host} ." for host in HOSTS])
    check(answers, "One side hosts an event")
    there = ask(running, f"SELECT ?h {{ <{BASE}id/event/race-{number}> <{BASE}ontology#hostParty> ?h }}")
    assert len(there) == 1
    assert there[0].rpartition("/")[2] == HOSTS[[status for status, _ in answers].index(201)]


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_head_post_has_one_holder(running, server, number):
    """A rule in SPARQL that joins what two patches bring, each of which conforms by itself."""
    post = f"post:race-{number}"
    brought(
        running,
        server,
        f"""organisation:race-{number} a org:Organization ; skos:prefLabel "Race {number}"@en , "경주 {number}"@ko .
        {post} a pact:Post ; skos:prefLabel "Head of race {number}"@en , "경주 {number} 장"@ko ;
        pact:postIn organisation:race-{number} ; pact:isHeadPostOf organisation:race-{number} .""",
    )
    tenures = [
        f"""tenure:race-{number}-{person} a pact:Tenure ; pact:holder person:{person} ; pact:post {post} ;
        pact:inOrganisation organisation:race-{number} ; pact:positionTitle "Head"@en ;
        pact:startDate "2024-01-01"^^xsd:date ; pact:endDate "2024-12-31"^^xsd:date ."""
        for person in PEOPLE
    ]
    check(race(running, server, tenures), "hold this post at the same time")
    there = ask(running, f"SELECT ?t {{ ?t <{BASE}ontology#post> <{BASE}id/post/race-{number}> }}")
    assert len(there) == 1

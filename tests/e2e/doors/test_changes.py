"""``/changes``: submissions, what becomes of them, and the log of it."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest

PAPER = "https://w3id.org/eukdp/graph/paper"
INTEGER = "<http://www.w3.org/2001/XMLSchema#integer>"
RDF_PATCH = {"Content-Type": "application/rdf-patch"}
ATOM = "{http://www.w3.org/2005/Atom}"


def test_facts_come_in_as_a_revision(submit, ask, anyone):
    answer = submit("e:one e:size 1 .", message="a size")
    assert answer.status_code == 201
    number = answer.json()["revision"]
    assert answer.headers["location"] == f"/changes/{number}"
    assert answer.headers["x-pactgraph-revision"] == str(number)
    assert (answer.json()["added"], answer.json()["removed"], answer.json()["warnings"]) == (1, 0, [])
    assert ask("SELECT ?n { <http://example.org/one> <http://example.org/size> ?n }") == ["1"]
    told = anyone.get(f"/changes/{number}").json()
    assert (told["author"], told["message"], told["added"]) == ("ann", "a size", 1)
    assert told["parent"] == anyone.get(f"/changes/{number - 1}").json()["hash"]


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/n-triples", '<http://example.org/a> <http://example.org/nt> "1" .'),
        ("application/trig", f"<{PAPER}> {{ <http://example.org/a> <http://example.org/trig> 1 }}"),
        ("application/n-quads", f'<http://example.org/a> <http://example.org/nq> "1" <{PAPER}> .'),
        ("application/ld+json", '{"@id": "http://example.org/a", "http://example.org/json": 1}'),
        (
            "application/rdf+xml",
            '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://example.org/">'
            '<r:Description r:about="http://example.org/a"><e:xml>1</e:xml></r:Description></r:RDF>',
        ),
    ],
)
def test_every_input_format_is_read(writer, media_type, body):
    source = {} if "<https" in body else {"source": "https://w3id.org/eukdp/source/paper"}
    answer = writer.post(
        "/changes", params=source, content=body.encode(), headers={"Content-Type": media_type}
    )
    assert (answer.status_code, answer.json()["added"]) == (201, 1)


def test_what_is_there_already_is_no_revision(submit):
    submit("e:twice e:size 1 .")
    answer = submit("e:twice e:size 01 .")
    assert (answer.status_code, answer.json()["revision"]) == (200, None)
    assert "location" not in answer.headers
    assert "already" in answer.json()["detail"]


def test_a_dry_run_changes_nothing(submit, service):
    before = service.revision
    answer = submit("e:dry e:size 1 .", dry_run="true")
    assert (answer.status_code, answer.json()["dry_run"], answer.json()["added"]) == (200, True, 1)
    assert service.revision == before
    assert submit("e:dry e:size 1 .", dry_run="maybe").status_code == 400


def test_a_refused_submission_changes_nothing_and_says_why(submit, service):
    before = service.revision
    answer = submit("e:forum e:host e:union ; e:size 4 .")
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["code"] == "does-not-conform"
    assert answer.json()["violations"][0]["message"] == "“http://example.org/forum” has two hosts."
    assert service.revision == before
    turtle = submit("e:forum e:host e:union .", headers={"Accept": "text/turtle"})
    assert (turtle.status_code, turtle.headers["content-type"]) == (422, "text/turtle; charset=utf-8")
    assert "ValidationReport" in turtle.text


def test_a_warning_lets_in_and_is_kept(submit, anyone):
    answer = submit('e:quiet e:name "nameless" .')
    assert (answer.status_code, answer.json()["warnings"]) == (201, ["It has no name."])
    told = anyone.get(answer.headers["location"]).json()
    assert told["warnings"] == ["It has no name."]


def test_facts_without_a_source_are_refused_for_that(submit):
    answer = submit("e:loose e:size 1 .", source=None)
    assert answer.status_code == 422
    assert [each["code"] for each in answer.json()["violations"]] == ["no-source"]
    assert "source" in answer.json()["violations"][0]["message"]
    wrong = submit("e:loose e:size 1 .", source="http://example.org/elsewhere")
    assert wrong.status_code == 400


def test_blank_nodes_get_names(submit, ask):
    for _ in range(2):
        assert submit("e:holder e:part [ e:size 1 ] .").status_code == 201
    parts = ask("SELECT ?part { <http://example.org/holder> <http://example.org/part> ?part }")
    assert len(set(parts)) == 2
    assert all(part.startswith("https://w3id.org/eukdp/.well-known/genid/") for part in parts)


def test_syntax_faults_have_their_place(submit):
    answer = submit("e:a e:b e:c .\ne:a e:b .")
    assert (answer.status_code, answer.json()["code"], answer.json()["line"]) == (400, "syntax", 9)


def test_an_rdf_patch_adds_and_removes(submit, writer, ask):
    submit("e:patched e:size 1 .")
    old = f'<http://example.org/patched> <http://example.org/size> "1"^^{INTEGER} <{PAPER}> .'
    patch = f"TX .\nD {old}\nA {old.replace('1', '2', 1)}\nTC .\n"
    answer = writer.post("/changes", content=patch.encode(), headers=RDF_PATCH)
    assert (answer.status_code, answer.json()["added"], answer.json()["removed"]) == (201, 1, 1)
    assert ask("SELECT ?n { <http://example.org/patched> <http://example.org/size> ?n }") == ["2"]
    again = writer.post("/changes", content=patch.encode(), headers=RDF_PATCH)
    assert (again.status_code, again.json()["code"]) == (409, "not-there")
    assert "patched" in again.json()["detail"]


def test_a_removal_may_name_the_source_instead_of_the_graph(submit, writer):
    submit("e:removed e:size 1 .")
    patch = f'D <http://example.org/removed> <http://example.org/size> "1"^^{INTEGER} .'.encode()
    answer = writer.post(
        "/changes", params={"source": "https://w3id.org/eukdp/source/paper"}, content=patch, headers=RDF_PATCH
    )
    assert (answer.status_code, answer.json()["added"], answer.json()["removed"]) == (201, 0, 1)
    assert writer.post("/changes", content=patch, headers=RDF_PATCH).status_code == 422


def test_a_patch_that_follows_another_state_is_stale(submit, writer, anyone):
    number = submit("e:stale e:size 1 .").json()["revision"]
    patch = anyone.get(f"/changes/{number}/patch")
    assert patch.headers["content-type"] == "application/rdf-patch"
    answer = writer.post("/changes", content=patch.content, headers=RDF_PATCH)
    assert (answer.status_code, answer.json()["code"]) == (412, "stale")
    fresh = patch.text.replace(
        anyone.get(f"/changes/{number}").json()["parent"], anyone.get(f"/changes/{number}").json()["hash"]
    )
    assert writer.post("/changes", content=fresh.encode(), headers=RDF_PATCH).status_code == 200


def test_if_match_guards_against_lost_updates(submit, anyone):
    tag = anyone.get("/graphs", params={"graph": PAPER}).headers["etag"]
    assert submit("e:matched e:size 1 .", headers={"If-Match": tag}).status_code == 201
    late = submit("e:matched e:size 2 .", headers={"If-Match": tag})
    assert (late.status_code, late.json()["code"]) == (412, "stale")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"X <urn:a> <urn:b> <urn:c> .", "line 2"),
        (b'PA "e" <http://example.org/> .', "prefixes"),
        (b"TA .", "aborted"),
        (b"A <urn:a> <urn:b> .", "line 2"),
        (b"D _:b <urn:b> <urn:c> <urn:g> .", "blank node"),
    ],
)
def test_what_is_no_patch_is_refused_with_its_line(writer, line, words):
    answer = writer.post("/changes", content=b"TX .\n" + line + b"\nTC .", headers=RDF_PATCH)
    assert answer.status_code == 400
    assert words in answer.json()["detail"]


def test_a_revision_can_be_taken_back(submit, writer, ask):
    location = submit("e:wrong e:size 1 .").headers["location"]
    answer = writer.post(f"{location}/revert", params={"message": "wrong"})
    assert (answer.status_code, answer.json()["removed"]) == (201, 1)
    assert ask("SELECT ?n { <http://example.org/wrong> ?p ?n }") == []
    assert writer.post(f"{location}/revert").status_code == 409
    for number in ("9999", "9" * 5000, "x", "²"):
        answer = writer.post(f"/changes/{number}/revert")
        assert (answer.status_code, answer.json()["code"]) == (404, "no-revision")


def test_what_is_shipped_is_not_written(writer, service):
    ontology = "https://w3id.org/eukdp/ontology"
    kind = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/2002/07/owl#Ontology>"
    held = f"D <{ontology}> {kind} <{ontology}> ."
    before = service.revision
    for answer in (
        writer.post("/changes", content=held.encode(), headers=RDF_PATCH),
        writer.post("/changes/1/revert"),
        writer.delete("/graphs", params={"graph": ontology}),
        writer.post("/sparql/update", data={"update": f"CLEAR GRAPH <{ontology}>"}),
        writer.put(
            "/graphs",
            params={"graph": "https://w3id.org/eukdp/graph/revisions"},
            content=b"",
            headers={"Content-Type": "text/turtle"},
        ),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "protected-graph")
    assert service.revision == before


def test_the_log_is_paged_newest_first(submit, anyone):
    for number in range(3):
        submit(f"e:paged e:size {number} .", message=f"page {number}")
    first = anyone.get("/changes", params={"limit": 2})
    assert first.headers["content-type"] == "application/json"
    told = first.json()
    assert [each["message"] for each in told["revisions"]] == ["page 2", "page 1"]
    assert first.headers["link"] == f'<{told["next"]}>; rel="next"'
    assert anyone.get(told["next"]).json()["revisions"][0]["message"] == "page 0"
    story = anyone.get("/changes.json", params={"iri": "http://example.org/paged"}).json()
    assert [each["message"] for each in story["revisions"]] == ["page 2", "page 1", "page 0"]
    assert story["next"] is None
    for bad in ("0", "-1", "x", "²", "9" * 5000):
        assert anyone.get("/changes", params={"before": bad}).status_code == 400


def test_the_log_for_people_shows_texts_as_texts(submit, anyone):
    submit("e:marked e:size 1 .", message="<script>alert(1)</script>")
    page = anyone.get("/changes", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "&lt;script&gt;" in page.text
    assert "<script" not in page.text
    number = anyone.get("/changes").json()["revisions"][0]["revision"]
    one = anyone.get(f"/changes/{number}", headers={"Accept": "text/html"})
    assert "&lt;script&gt;" in one.text
    assert "http://example.org/marked" in one.text


def test_the_feed_is_atom(submit, anyone):
    submit("e:fed e:size 1 .", message="a <b> & 한글")
    for answer in (
        anyone.get("/changes.atom"),
        anyone.get("/changes", headers={"Accept": "application/atom+xml"}),
    ):
        assert answer.headers["content-type"] == "application/atom+xml"
        feed = ET.fromstring(answer.content)
        entry = feed.find(f"{ATOM}entry")
        assert entry.find(f"{ATOM}title").text.endswith(": a <b> & 한글")
        assert entry.find(f"{ATOM}author/{ATOM}name").text == "ann"
        assert entry.find(f"{ATOM}id").text.startswith("https://w3id.org/eukdp/revision/")
        assert anyone.get(entry.find(f"{ATOM}link").get("href")).status_code == 200
    assert anyone.get("/changes.xml").status_code == 404
    assert anyone.get("/changes", headers={"Accept": "image/png"}).status_code == 406


def test_a_revision_and_its_patch_are_cached_by_what_they_are(anyone):
    for path in ("/changes/1/patch", "/changes/1", "/changes"):
        first = anyone.get(path)
        assert first.status_code == 200
        again = anyone.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_a_patch_is_what_the_revision_did(anyone):
    lines = anyone.get("/changes/1/patch").text.splitlines()
    added = [line[2:] for line in lines if line.startswith("A ")]
    quads = list(ox.parse("\n".join(added), format=ox.RdfFormat.N_QUADS))
    assert len(quads) == anyone.get("/changes/1").json()["added"] > 10

"""``/search`` over HTTP: entities by name, as of the newest revision."""

from __future__ import annotations

import shutil
from contextlib import closing

import httpx2
import pytest

from pactgraph.app import open_service
from pactgraph.config import Limits
from pactgraph.search import FILE

LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"


@pytest.fixture(scope="module")
def named(service, token, url):
    """The graph with two named organisations, let in over HTTP."""
    facts = f"""@prefix e: <http://example.org/> .
        e:samsung a e:Organisation ; {LABEL} "Samsung Electronics"@en , "삼성전자"@ko .
        e:kaist a e:Organisation ; {LABEL} "KAIST" ."""
    with httpx2.Client(base_url=url, timeout=30, headers={"Authorization": f"Bearer {token}"}) as client:
        answer = client.post(
            "/changes",
            params={"source": "https://w3id.org/eukdp/source/paper"},
            content=facts.encode(),
            headers={"Content-Type": "text/turtle"},
        )
    assert answer.status_code == 201, answer.text
    return answer.json()["revision"]


def test_what_was_let_in_is_found_at_once(anyone, named, service):
    answer = anyone.get("/search", params={"q": "Samseong"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Pactgraph-Revision"] == str(service.revision)
    first = answer.json()["results"][0]
    assert first == {
        "iri": "http://example.org/samsung",
        "label": "삼성전자",
        "lang": "ko",
        "type": "http://example.org/Organisation",
        "score": first["score"],
    }
    assert 0.5 < first["score"] <= 1
    assert anyone.get("/search", params={"q": "xyzzy"}).json() == {"results": []}


def test_an_answer_can_be_kept_until_the_next_revision(anyone, named, submit):
    answer = anyone.get("/search", params={"q": "KAIST"})
    assert "Accept" in answer.headers["Vary"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    again = {"If-None-Match": answer.headers["ETag"]}
    assert anyone.get("/search", params={"q": "KAIST"}, headers=again).status_code == 304
    assert submit(f'e:kais {LABEL} "KAISTA" .').status_code == 201
    after = anyone.get("/search", params={"q": "KAIST"}, headers=again)
    assert after.status_code == 200
    assert [each["label"] for each in after.json()["results"][:2]] == ["KAIST", "KAISTA"]
    assert anyone.head("/search", params={"q": "KAIST"}).headers["ETag"] == after.headers["ETag"]


def test_class_language_and_limit_narrow_it_down(anyone, named):
    def labels(**asked):
        answer = anyone.get("/search", params=asked)
        assert answer.status_code == 200, answer.text
        return [each["label"] for each in answer.json()["results"]]

    assert labels(q="Samsung", type="http://example.org/Organisation") == ["Samsung Electronics"]
    assert labels(q="Samsung", type="pact:Event") == []
    assert labels(q="Samsung", lang="ko") == ["삼성전자"]
    assert len(labels(q="a", limit="1")) <= 1


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "missing-name"),
        ({"q": " "}, "missing-name"),
        ({"q": "x" * 10_000}, "bad-name"),
        ({"q": ["a", "b"]}, "duplicate-parameter"),
        ({"q": "a", "limit": "0"}, "bad-request"),
        ({"q": "a", "limit": "101"}, "bad-request"),
        ({"q": "a", "limit": "-1"}, "bad-request"),
        ({"q": "a", "limit": "１"}, "bad-request"),
        ({"q": "a", "lang": "k o"}, "bad-language"),
        ({"q": "a", "type": "Nothing"}, "unknown-type"),
        ({"q": "a", "type": "not an iri"}, "bad-request"),
    ],
)
def test_a_wrong_question_is_told_so(anyone, named, asked, code):
    answer = anyone.get("/search", params=asked)
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["code"] == code


@pytest.mark.parametrize(
    "text", ["%00", "%22%20OR%20*", "NEAR(a%20b)", "plain:x", "%ED%A0%80", "%F0%9F%92%A9", "..."]
)
def test_a_hostile_question_is_an_answer_or_a_refusal(anyone, named, text):
    assert anyone.get(f"/search?q={text}").status_code in {200, 400}
    assert anyone.get("/search", params={"q": "KAIST"}).json()["results"]


def test_only_json_is_offered_and_only_for_reading(anyone, named):
    assert anyone.get("/search?q=a", headers={"Accept": "text/turtle"}).status_code == 406
    assert anyone.post("/search?q=a").status_code == 405
    described = anyone.get("/openapi.json").json()["paths"]["/search"]["get"]
    assert {each["name"] for each in described["parameters"]} == {"q", "type", "lang", "limit"}


@pytest.mark.parametrize("state", ["as it was left", "missing", "damaged"])
def test_a_directory_that_is_only_read_is_searched_as_well(tmp_path, service, named, serve, state):
    """Whatever became of the index file, which a reader does not touch."""
    copy = tmp_path / "data"
    with closing(open_copy(service, copy)) as opened, serve(opened) as url:
        found = httpx2.get(f"{url}/search", params={"q": "KAIST"}).json()["results"]
        assert found[0]["iri"] == "http://example.org/kaist"
    if state == "missing":
        (copy / FILE).unlink()
    elif state == "damaged":
        (copy / FILE).write_bytes(b"nonsense")
    before = {path: path.read_bytes() for path in sorted(copy.glob("search*"))}
    with open_again(copy) as opened, serve(opened) as url:
        answer = httpx2.get(f"{url}/search", params={"q": "KAIST"})
        assert answer.json()["results"][0]["iri"] == "http://example.org/kaist"
        assert answer.headers["X-Pactgraph-Revision"] == str(opened.revision)
    assert {path: path.read_bytes() for path in sorted(copy.glob("search*"))} == before


def open_copy(service, copy):
    """Open a copy of the journal for writing, which builds everything else."""
    copy.mkdir()
    with service.journal() as journal:
        journal.backup(copy / "journal.sqlite")
    shutil.copy(service.dataset.path / "format", copy / "format")
    return open_service(copy, Limits(timeout=10, memory_mb=300, workers=1))


def open_again(copy):
    return open_service(copy, Limits(timeout=10, memory_mb=300, workers=1), read_only=True)

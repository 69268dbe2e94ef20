"""Every query of ``queries/`` gives its expected answer, and the answers hold what the questions ask for.

After a change of facts or queries write the expected answers anew, and read the difference:

    PACTGRAPH_WRITE_EXPECTED=1 python -m pytest tests/facts/test_queries.py
"""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from pactgraph.resources import shipped_files

BASE = "https://w3id.org/eukdp/"
QUERIES = {path.stem: path for path in shipped_files("queries", ".rq")}
HERE = Path(__file__).resolve().parent
EXPECTED = HERE / "expected"
# The questions of the analysts that the facts answer in full or in part, and two that they do not.
QUESTIONS = {
    *("Q01", "Q02", "Q03", "Q05", "Q06", "Q07", "Q10", "Q11", "Q12", "Q15"),
    *("Q16", "Q17", "Q19", "Q20", "Q21", "Q23", "Q24", "Q25", "Q26", "Q27"),
    *("Q29", "Q30", "Q31", "Q32", "Q33", "Q35", "Q37", "Q38", "Q39", "Q40"),
}


def head(text):
    """Return the lines ``# name: value`` at the head of a query."""
    lines = []
    for line in text.splitlines():
        found = re.fullmatch(r"# (\w+): (.+)", line)
        if not found:
            break
        lines.append(found.groups())
    return dict(lines)


def tsv(store, name):
    """Run a query and return its result as TSV."""
    result = store.query(QUERIES[name].read_text())
    return result.serialize(format=ox.QueryResultsFormat.TSV).decode()


def of_question(question):
    """Return the name of the query of a question."""
    (name,) = (name for name, path in QUERIES.items() if head(path.read_text()).get("question") == question)
    return name


def answers():
    """Read which fragments the answer to a question must hold, by row of the dossier."""
    with (HERE / "answers.tsv").open(newline="") as lines:
        table = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(line["question"], line["row"], line["result has a row with"]) for line in table]


@pytest.mark.parametrize("name", QUERIES)
def test_query_gives_its_expected_answer(dataset, name):
    found, path = tsv(dataset, name), EXPECTED / f"{name}.tsv"
    if os.environ.get("PACTGRAPH_WRITE_EXPECTED"):
        path.write_text(found)
    assert path.is_file(), f"{name} has no expected answer; see the head of this file"
    names, *lines = found.splitlines()
    expected_names, *expected = path.read_text().splitlines()
    assert names == expected_names
    assert sorted(lines) == sorted(expected)
    assert lines, "an expected answer must show something"


@pytest.mark.parametrize("name", QUERIES)
def test_query_says_what_it_is(name):
    text = QUERIES[name].read_text()
    said = head(text)
    assert said.get("title")
    assert said.get("description")
    if re.match(r"q\d\d-", name):
        assert said.get("question") == name[:3].upper()
    assert "ORDER BY" in text, "without an order the same question gives a different table each time"


def test_every_expected_answer_belongs_to_a_query():
    assert {path.stem for path in EXPECTED.glob("*.tsv")} == set(QUERIES)


def test_every_question_has_its_query():
    asked = [head(path.read_text()).get("question") for path in QUERIES.values()]
    assert {question for question in asked if question} == QUESTIONS
    assert {question for question, _, _ in answers()} == QUESTIONS


@pytest.fixture(scope="session")
def lines(dataset):
    """Return the lines of the answer to each question."""
    return {question: tsv(dataset, of_question(question)).splitlines()[1:] for question in QUESTIONS}


@pytest.mark.parametrize(("question", "row", "fragments"), answers())
def test_answer_holds_what_the_row_says(lines, question, row, fragments):
    wanted = fragments.split("|")
    assert any(all(part in line for part in wanted) for line in lines[question]), row


def test_weak_sources_only_finds_the_statements_of_the_weak_rows(dataset, rows):
    found = {
        (solution["subject"], solution["property"], solution["object"])
        for solution in dataset.query(QUERIES["weak-sources-only"].read_text())
    }
    for row in ("A37", "A61", "A77", "P28", "P29", "P30", "J52", "J71", "J72"):
        statements = {
            (triple.subject, triple.predicate, triple.object)
            for triple in rows[row].statements
            if triple.predicate.value != "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
        }
        assert statements <= found, row


@pytest.fixture
def changed(dataset):
    """Return a function that copies the dataset and adds Turtle to its default graph."""

    def add(turtle):
        store = ox.Store()
        store.bulk_extend(dataset)
        prefixes = {"pact": BASE + "ontology#", "skos": "http://www.w3.org/2004/02/skos/core#"}
        declared = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in prefixes.items())
        store.load(f"@base <{BASE}id/> .\n{declared}{turtle}".encode(), format=ox.RdfFormat.TURTLE)
        return store

    return add


def test_a_new_council_meeting_is_listed_with_the_others(changed):
    store = changed(
        """<event/council-4> pact:inSeries <series/digital-partnership-council> ; pact:editionNumber 4 ;
            skos:prefLabel "4th council"@en ; pact:eventStatus <../code/event-status/planned> ;
            pact:plannedStartDate "2027-03"^^<http://www.w3.org/2001/XMLSchema#gYearMonth> ."""
    )
    assert '4\t"4th council"\t"2027-03"' in tsv(store, "q11-council-meetings")


def test_a_part_of_a_funding_is_not_added_to_its_whole(dataset, changed):
    store = changed(
        """<funding/part> a pact:Funding ; pact:side <../code/side/european> ;
            pact:partOfFunding <funding/chip-projects-european> ; pact:hasAmount <amount/part> .
        <amount/part> pact:amountValue 1000000.0 ; pact:currency <../code/currency/EUR> ;
            pact:amountStage <../code/amount-stage/planned> ."""
    )
    name = "money-per-side-and-currency"
    assert tsv(store, name) == tsv(dataset, name)


def test_a_sum_in_another_currency_is_kept_apart(changed):
    store = changed(
        """<funding/whole> a pact:Funding ; pact:side <../code/side/european> ;
            pact:hasAmount <amount/whole> .
        <amount/whole> pact:amountValue 5.0 ; pact:currency <../code/currency/KRW> ;
            pact:amountStage <../code/amount-stage/planned> ."""
    )
    lines = tsv(store, "money-per-side-and-currency").splitlines()
    assert [line for line in lines if line.startswith('"European side"\t"planned"\t"KRW"\t"5"')]
    assert [line for line in lines if line.startswith('"European side"\t"planned"\t"EUR"\t"9000000"')]


def test_a_coarser_date_does_not_hide_a_finer_one(changed):
    store = changed(
        """<agreement/digital-partnership> pact:signedOn
            "2022-11"^^<http://www.w3.org/2001/XMLSchema#gYearMonth> ."""
    )
    for name in ("q01-signing-of-the-partnership", "q02-areas-of-cooperation", "timeline"):
        result = tsv(store, name)
        assert '"2022-11-28"' in result
        assert '"2022-11"' not in result

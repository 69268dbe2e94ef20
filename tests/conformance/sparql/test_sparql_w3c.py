"""The W3C's SPARQL test suites over HTTP: each case passes or is listed with its reason, strict both ways."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .manifest import Case, read_cases
from .runner import Runner, dataset_of
from .server import served

HERE = Path(__file__).parent
FOLDER = Path(os.environ.get("PACTGRAPH_W3C_TESTS", "w3c-tests-not-set")) / "sparql"
WHERE = "set PACTGRAPH_W3C_TESTS to a copy of https://github.com/w3c/rdf-tests"


def not_passing() -> dict[str, str]:
    """The cases that do not pass, with the reason: one a line, name, tab, reason."""
    lines = (HERE / "not_passing.tsv").read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines if line and not line.startswith("#"))


def in_order() -> list[Case]:
    """Return the cases, those with the same dataset together: it is filled once for all of them."""
    cases = read_cases(FOLDER) if FOLDER.is_dir() else []
    asked = [case for case in cases if case.kind in {"QueryEvaluationTest", "CSVResultFormatTest"}]
    others = [case for case in cases if case not in asked]
    return sorted(asked, key=lambda case: (repr(dataset_of(case)), case.name)) + others


CASES = {case.name: case for case in in_order()}
LISTED = not_passing()


@pytest.fixture(scope="module")
def runner(tmp_path_factory):
    with served(tmp_path_factory.mktemp("w3c") / "data") as server:
        yield Runner(server)


@pytest.mark.skipif(not CASES, reason=WHERE)
@pytest.mark.parametrize("name", CASES)
def test_case(runner, name):
    fault = runner.run(CASES[name])
    if name in LISTED:
        assert fault is not None, f"{name} passes: take it off not_passing.tsv ({LISTED[name]})"
    else:
        assert fault is None, f"{name}: {fault}"


@pytest.mark.skipif(not CASES, reason=WHERE)
def test_only_cases_that_exist_are_listed():
    assert set(LISTED) - set(CASES) == set()


@pytest.mark.skipif(not CASES, reason=WHERE)
def test_the_page_on_conformance_has_the_figures():
    page = (HERE.parents[2] / "docs" / "reference" / "conformance.md").read_text(encoding="utf-8")
    figures = [len(CASES), len(CASES) - len(LISTED), len(LISTED)]
    assert "| **all** | " + " | ".join(f"**{figure:,}**" for figure in figures) + " |" in page

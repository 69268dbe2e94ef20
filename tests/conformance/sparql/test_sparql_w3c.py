"""The W3C's SPARQL test suites over HTTP: each case passes or is listed with its reason, strict both ways."""

from __future__ import annotations

import os
from pathlib import Path

import httpx2
import pytest

from .manifest import QUERY_KINDS, Case, read_cases
from .profile import Profile, served
from .runner import Runner

HERE = Path(__file__).parent
FOLDER = Path(os.environ.get("PACTGRAPH_W3C_TESTS", "w3c-tests-not-set")) / "sparql"
WHERE = "set PACTGRAPH_W3C_TESTS to a copy of https://github.com/w3c/rdf-tests"


def not_passing() -> dict[str, str]:
    """The cases that do not pass, with the reason: one a line, name, tab, reason."""
    lines = (HERE / "not_passing.tsv").read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines if line and not line.startswith("#"))


def is_due(case: Case) -> bool:
    """Whether the door that the case goes through is there: updates come with theirs."""
    return case.kind in QUERY_KINDS and not case.name.startswith("sparql11/protocol/update_")


CASES = {case.name: case for case in read_cases(FOLDER) if is_due(case)} if FOLDER.is_dir() else {}
LISTED = not_passing()


@pytest.fixture(scope="module")
def runner(tmp_path_factory):
    profile = Profile(tmp_path_factory.mktemp("w3c"))
    with served(profile) as url, httpx2.Client(timeout=60) as client:
        yield Runner(profile, url, client)


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

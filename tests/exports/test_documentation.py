"""The worked examples and the tutorial run as they stand."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("export-the-network", "find-brokers", "find-binding-topics", "follow-the-money")


@pytest.mark.parametrize("page", PAGES)
def test_every_python_block_of_a_how_to_runs_and_prints_what_the_page_says(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (DOCS / "how-to" / f"{page}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```(?:\n\nIt prints[^\n]*\n\n```text\n(.*?)```)?", text, re.DOTALL)
    assert blocks
    assert text.count("```text\n") == sum(1 for _, told in blocks if told)
    for block, told in blocks:
        exec(compile(block, page, "exec"), {"__name__": "example"})
        printed = iter(capsys.readouterr().out.splitlines())
        assert [line for line in told.splitlines() if line not in printed] == []  # in this order


def test_the_tutorial_ends_in_a_drawing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tutorial = DOCS / "tutorial" / "analyst.py"
    assert tutorial.read_text(encoding="utf-8").count("# %% ") == 10
    names = runpy.run_path(str(tutorial))
    assert {"imec", "CEA-Leti"} <= set(names["brokers"])
    assert names["days"]
    assert len(names["money"]) > 5
    assert (tmp_path / "collaboration.png").stat().st_size > 10_000


def test_the_commands_of_the_how_to_are_commands() -> None:
    from click.testing import CliRunner

    from pactgraph.cli import main

    listed = CliRunner().invoke(main, ["export", "--help"]).output
    text = (DOCS / "how-to" / "export-the-network.md").read_text(encoding="utf-8")
    options = set(re.findall(r"(--[a-z]+)", text))
    assert options
    assert [option for option in options if option not in listed] == []

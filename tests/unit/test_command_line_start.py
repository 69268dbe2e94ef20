"""What a command imports: people feel every tenth of a second of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from pactgraph.cli import main

HEAVY = {"pyarrow", "matplotlib", "networkx", "scipy", "pandas", "pyshacl", "owlrl", "fastapi", "uvicorn"}
PROGRAM = """
import sys
from pactgraph.cli import main
try:
    main(sys.argv[1:])
except SystemExit as done:
    assert done.code == 0, done.code
print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def imported(*arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stderr.splitlines()[-1].split())


def test_help_imports_none_of_the_commands() -> None:
    assert imported("--help") & (HEAVY | {"rdflib", "rich", "pyoxigraph"}) == set()


@pytest.mark.parametrize("arguments", [["query", "ASK {}"], ["query", "--help"], ["log", "--help"]])
def test_a_query_imports_nothing_of_the_exports_and_the_server(arguments: list[str], tmp_path: Path) -> None:
    assert imported(*arguments, "--data", str(tmp_path / "none")) & HEAVY == set()


def test_every_command_has_its_line_and_opens_with_the_same_verb() -> None:
    context = click.Context(main)
    listed = context.get_help().split("Commands:")[1]
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        assert command.name == name
        (line,) = [line for line in listed.splitlines() if line.split()[:1] == [name]]
        assert line.endswith(".")
        assert "..." not in line
        assert line.split()[1] == command.get_short_help_str().split()[0]

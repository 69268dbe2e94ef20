"""The page on the command line mentions every command and every option."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from pactgraph.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "command-line.md"


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(commands(main))


def section(name: str) -> str:
    """Return the part of the page whose heading names a command."""
    parts = PAGE.read_text(encoding="utf-8").split("\n### ")[1:]
    found = [part for part in parts if f"{name}`" in (line := part.partition("\n")[0]) or f"{name} " in line]
    assert len(found) == 1, f"{name} has {len(found)} sections"
    return found[0]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_mentioned(name: str) -> None:
    text = section(name)
    options = [each for each in COMMANDS[name].params if isinstance(each, click.Option)]
    missing = [
        each.opts for each in options if not any(f"`{opt}" in text or f"/`{opt}" in text for opt in each.opts)
    ]
    assert missing == []


def test_no_option_is_invented() -> None:
    known = {opt for command in COMMANDS.values() for each in command.params for opt in each.opts} | {
        "--help"
    }
    words = PAGE.read_text(encoding="utf-8").replace("`", " ").replace("/", " ").split()
    assert {word for word in words if word.startswith("--")} - known == set()

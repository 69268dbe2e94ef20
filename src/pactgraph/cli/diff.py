"""``pactgraph diff``: what changed from one revision to another."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click
from pyoxigraph import Quad

from pactgraph.app import reading_journal
from pactgraph.cli.naming import open_names
from pactgraph.cli.options import data_option
from pactgraph.cli.patch_lines import patch_lines
from pactgraph.config import check_variables
from pactgraph.history import difference, patch_body, revision_at


@click.command()
@click.argument("first", metavar="REV")
@click.argument("last", metavar="REV")
@click.option(
    "--format", "form", type=click.Choice(["text", "patch", "json"]), default="text", show_default=True
)
@data_option
def diff(*, first: str, last: str, form: str, data: Path) -> None:
    """Show what changed from one revision to another, without detours; each a number or a date.

    The exit code is 1 when nothing did.
    """
    check_variables(os.environ)
    with reading_journal(data) as journal:
        ends = revision_at(journal, first), revision_at(journal, last)
        added, removed = difference(journal, *ends)
    click.echo(f"From revision {ends[0]} to {ends[1]}: {len(added)} added, {len(removed)} removed", err=True)
    if form == "json":
        lines = list(patch_body(added, removed))
        click.echo(json.dumps({"from": ends[0], "to": ends[1], "patch": lines}, ensure_ascii=False, indent=1))
    else:
        _print(added, removed, form, data)
    if not added and not removed:
        sys.stdout.flush()
        raise click.exceptions.Exit(1)


def _print(added: set[Quad], removed: set[Quad], form: str, data: Path) -> None:
    if form == "patch":
        lines = list(patch_body(added, removed))
    else:
        with open_names(data) as names:
            lines = list(patch_lines(added, removed, names))[1:]
    for line in lines:
        click.echo(line)

"""``pactgraph token``: who may write over HTTP."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pactgraph.cli.options import data_option
from pactgraph.cli.table import WIDEST, one_line
from pactgraph.config import check_variables
from pactgraph.store.directory import ensure_directory
from pactgraph.tokens import ROLES, Tokens


@click.group()
def token() -> None:
    """Make, list and revoke the tokens with which HTTP clients write.

    A running server sees the change at its next request.
    """


@token.command()
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(ROLES),
    default="writer",
    show_default=True,
    help="What it may do; each role includes those before it.",
)
@data_option
def create(*, name: str, role: str, data: Path) -> None:
    """Make a token and print it, this once. NAME will be the author of its revisions."""
    check_variables(os.environ)
    ensure_directory(data)
    plain = Tokens(data).create(name, role, datetime.now(UTC))
    click.echo(f"The token of {one_line(name)} ({role}); keep it, it is not shown again:", err=True)
    click.echo(plain)


@token.command("list")
@data_option
def list_tokens(*, data: Path) -> None:
    """List names, roles and dates; the exit code is 1 when there is no token."""
    check_variables(os.environ)
    known = Tokens(data).known()
    if not known:
        click.echo("There is no token; make one with 'pactgraph token create NAME'.", err=True)
        raise click.exceptions.Exit(1)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("name", "role", "created"):
        table.add_column(name, overflow="fold")
    for each in known:
        table.add_row(Text(one_line(each.name)), each.role, each.created)
    width = None if sys.stdout.isatty() else WIDEST
    Console(highlight=False, width=width).print(table)


@token.command()
@click.argument("name")
@data_option
def revoke(*, name: str, data: Path) -> None:
    """Take a token out; it is refused from the next request on."""
    check_variables(os.environ)
    Tokens(data).revoke(name)
    click.echo(f"The token of {one_line(name)} is revoked.", err=True)

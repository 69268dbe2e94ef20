"""``pactgraph backup`` and ``pactgraph restore``: copy a data directory, also one in use."""

from __future__ import annotations

import os
from pathlib import Path

import click

from pactgraph.app import reading_journal, writing
from pactgraph.backup import back_up
from pactgraph.backup import restore as put_back
from pactgraph.cli.options import data_option, require_data
from pactgraph.config import check_variables


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@data_option
def backup(*, folder: Path, data: Path) -> None:
    """Copy the data directory to DIR, also while a server holds it; prints the newest revision in the copy.

    The copy has the journal, from which everything else follows, and the hashed tokens.
    """
    with reading_journal(require_data(data)) as journal:
        newest = back_up(journal, data, folder)
    click.echo(f"Copied to {folder}, up to {newest.hash}.", err=True)
    click.echo(newest.number)


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@data_option
def restore(*, folder: Path, data: Path) -> None:
    """Put the backup in DIR into the data directory, which must be new or empty; prints the newest revision.

    The chain of the journal is verified, and the store is built from it.
    """
    check_variables(os.environ)
    click.echo(put_back(folder, data, _fill))


def _fill(data: Path) -> None:
    with writing(data):
        pass  # opening it builds the store

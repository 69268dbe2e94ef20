"""The options that several commands share, so that they mean the same everywhere."""

from __future__ import annotations

import os
from pathlib import Path

import click

from pactgraph.config import DEFAULT_DATA, Limits, check_variables
from pactgraph.store.directory import is_data_directory

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    envvar="PACTGRAPH_DATA",
    default=DEFAULT_DATA,
    show_default=True,
    help="The data directory.",
)
endpoint_option = click.option(
    "--endpoint", metavar="URL", help="Ask the server at this SPARQL endpoint instead."
)
timeout_option = click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=Limits().timeout,
    show_default=True,
    metavar="S",
    help="The most seconds that the query may take.",
)


def existing_data(data: Path) -> Path | None:
    """Return the data directory to read, or nothing when there is none and the shipped graph is read.

    Says so on standard error when a directory was named. Raises ``InputError`` for misspelt settings.
    """
    check_variables(os.environ)
    if is_data_directory(data):
        return data
    if data != DEFAULT_DATA:
        click.echo(f"There is no data directory at {data}; reading the shipped graph.", err=True)
    return None

"""The options that several commands share, so that they mean the same everywhere."""

from __future__ import annotations

import os
from pathlib import Path

import click

from pactgraph.app import known_author
from pactgraph.config import DEFAULT_DATA, Limits, check_variables
from pactgraph.errors import InputError
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
at_option = click.option(
    "--at",
    "when",
    metavar="REV|DATE",
    help="The graph as it was at a revision, or at the end of a day (UTC).",
)
message_option = click.option(
    "-m", "--message", required=True, metavar="MESSAGE", help="Why, in one sentence."
)
author_option = click.option(
    "--author",
    envvar="PACTGRAPH_AUTHOR",
    metavar="NAME",
    help="Who: a name or an IRI.  [default: your login name]",
)
source_option = click.option(
    "--source", metavar="IRI", help="The source of statements that stand outside any graph."
)
input_format_option = click.option(
    "--input-format", metavar="NAME", help="Turtle, TriG, …; needed for - (standard input)."
)


def read_message(message: str) -> str:
    """Return the message of a revision; raises ``InputError`` when it says nothing or is no text."""
    return _read_text(message, "The message is empty or no text; say in a sentence why, with -m.")


def read_author(author: str | None) -> str:
    """Return the author of a revision: the name given, else the login name; raises ``InputError``."""
    return _read_text(known_author(author), "The author is empty or no text; name one with --author.")


def _read_text(text: str, advice: str) -> str:
    try:
        text.encode()  # an argument in another encoding is no text
    except UnicodeEncodeError:
        raise InputError(advice) from None
    if not text.strip():
        raise InputError(advice)
    return text.strip()


def require_data(data: Path) -> Path:
    """Return a data directory that is there; raises ``InputError`` when there is none."""
    check_variables(os.environ)
    if not is_data_directory(data):
        raise InputError(
            f"There is no data directory at {data}; name one with --data DIR, "
            f"or make it with 'pactgraph serve --data {data}'."
        )
    return data


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

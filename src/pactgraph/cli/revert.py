"""``pactgraph revert``: take a revision back, as a revision of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from pactgraph.app import writing
from pactgraph.cli.add import tell_warnings
from pactgraph.cli.against import against
from pactgraph.cli.options import (
    author_option,
    data_option,
    message_option,
    read_author,
    read_message,
    require_data,
)
from pactgraph.config import check_variables
from pactgraph.ledger import Refused
from pactgraph.shapes.patches import PatchJudge
from pactgraph.shapes.report import Report


@click.command()
@click.argument("revision", metavar="REV", type=click.IntRange(min=1))
@message_option
@author_option
@data_option
@click.pass_context
def revert(context: click.Context, *, revision: int, message: str, author: str | None, data: Path) -> None:
    """Take back what revision REV did, as a new revision that passes the same shapes; prints its number.

    The exit code is 1, with the report, when the graph would not conform without it.
    """
    check_variables(os.environ)
    who, why = read_author(author), read_message(message)
    try:
        with writing(require_data(data), judge=PatchJudge(against(context).shapes)) as ledger:
            receipt = ledger.revert(revision, author=who, message=why)
    except Refused as refusal:
        if isinstance(refusal.report, Report):
            click.echo(refusal.report.to_text())
        sys.stdout.flush()
        context.exit(1)
    tell_warnings(receipt)
    click.echo(receipt.revision)

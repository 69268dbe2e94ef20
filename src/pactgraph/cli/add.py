"""``pactgraph add``: let facts in, as one revision."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from pactgraph.app import writing
from pactgraph.cli.against import against
from pactgraph.cli.options import (
    author_option,
    data_option,
    endpoint_option,
    input_format_option,
    message_option,
    read_author,
    read_message,
    source_option,
)
from pactgraph.config import check_variables
from pactgraph.ingest.patches import read_patch
from pactgraph.ledger import Patch, Receipt, Refused
from pactgraph.remote import RefusedThere, Server
from pactgraph.shapes.patches import PatchJudge
from pactgraph.shapes.report import Report


@click.command()
@click.argument("files", nargs=-1, metavar="FILE…")
@message_option
@click.option(
    "--remove", "removals", multiple=True, metavar="FILE", help="Statements to take out; may be repeated."
)
@source_option
@input_format_option
@author_option
@endpoint_option
@data_option
@click.pass_context
def add(
    context: click.Context,
    *,
    files: tuple[str, ...],
    message: str,
    removals: tuple[str, ...],
    source: str | None,
    input_format: str | None,
    author: str | None,
    endpoint: str | None,
    data: Path,
) -> None:
    """Let the facts in FILE… into the graph, as one revision with all of it, or nothing.

    Prints the number of the revision. The exit code is 1, with the report, when the facts do not conform.
    Makes the data directory when there is none, from the shipped ontology and facts. With --endpoint the
    facts go to a server; the token is read from the environment variable PACTGRAPH_TOKEN.
    """
    check_variables(os.environ)
    if not files and not removals:
        raise click.UsageError("Give the files of facts to add, or to --remove.")
    why = read_message(message)
    try:
        patch = read_patch(files, removals, source=source, input_format=input_format)
        if endpoint is not None:
            number = _send(patch, endpoint, why)
        else:
            number = _commit(context, patch, data, read_author(author), why)
    except Refused as refusal:
        _end(context, refusal.report)
    except RefusedThere as refusal:
        click.echo(problem_text(refusal.problem))
        context.exit(1)
    if number is None:
        click.echo("All of it is in the graph already; there is no new revision.", err=True)
    else:
        click.echo(number)


def _commit(context: click.Context, patch: Patch, data: Path, author: str, message: str) -> int | None:
    judge = PatchJudge(against(context).shapes)
    with writing(data, judge=judge) as ledger:
        receipt = ledger.commit(patch, author=author, message=message)
    tell_warnings(receipt)
    return receipt.revision


def _send(patch: Patch, endpoint: str, message: str) -> int | None:
    accepted = Server(endpoint, os.environ.get("PACTGRAPH_TOKEN")).submit(patch, message=message)
    remarks = problem_text(accepted.answer.get("report") or {})
    if remarks:
        click.echo(remarks, err=True)
    return accepted.revision


def tell_warnings(receipt: Receipt) -> None:
    """Say on standard error what the report on a patch that was let in remarks."""
    if isinstance(receipt.report, Report) and receipt.report.results:
        click.echo(receipt.report.to_text(grouped=True), err=True)


def _end(context: click.Context, report: object) -> None:
    """Print the report on a patch that is refused, as ``check`` does, and end."""
    if isinstance(report, Report):
        click.echo(report.to_text())
    sys.stdout.flush()
    context.exit(1)


def problem_text(problem: Mapping[str, Any]) -> str:
    """Return what a server's report says, for people."""
    lines = [str(problem["detail"])] if problem.get("detail") else []
    for result in problem.get("results") or problem.get("violations") or ():
        lines.append(f"{result.get('severity', 'Violation')}: {result.get('message')}")
        if result.get("suggestion"):
            lines.append(f"  Suggestion: {result['suggestion']}")
    return "\n".join(lines)

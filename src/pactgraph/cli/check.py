"""``pactgraph check``: would these facts be let in?"""

from __future__ import annotations

from pathlib import Path

import click

from pactgraph.cli.against import against
from pactgraph.cli.options import data_option, input_format_option
from pactgraph.cli.printing import FORMATS, printed
from pactgraph.ingest.checking import check_files


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option(
    "--format", "output", type=click.Choice(FORMATS), default="text", help="How the report is written."
)
@click.option("--source", metavar="IRI", help="The source of statements that stand outside any graph.")
@input_format_option
@data_option
@click.option("--endpoint", metavar="URL", help="Check against the graph behind this SPARQL endpoint.")
@click.pass_context
def check(
    context: click.Context,
    *,
    files: tuple[str, ...],
    output: str,
    source: str | None,
    input_format: str | None,
    data: Path,
    endpoint: str | None,
) -> None:
    """Say whether the facts in FILE… would be let in; nothing is written.

    Without a data directory it reads the shipped graph.

    The exit code is 0 when they conform, 1 when they do not, 2 when they cannot be read.
    """
    given = against(context)
    with given.base(data, endpoint) as base:
        report = check_files(base, files, source, input_format=input_format, shapes=given.shapes())
    click.echo(printed(report, output))
    context.exit(0 if report.conforms else 1)

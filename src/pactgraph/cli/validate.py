"""``pactgraph validate``: does the whole graph conform?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from pyoxigraph import Store

from pactgraph.cli.against import against
from pactgraph.cli.options import data_option
from pactgraph.cli.printing import FORMATS, printed
from pactgraph.cli.waiting import waiting
from pactgraph.shapes.crossing import store_of
from pactgraph.shapes.full import FullValidator


@click.command()
@click.option(
    "--format", "output", type=click.Choice(FORMATS), default="text", help="How the report is written."
)
@data_option
@click.option("--endpoint", metavar="URL", help="Validate the graph behind this SPARQL endpoint.")
@click.pass_context
def validate(context: click.Context, *, output: str, data: Path, endpoint: str | None) -> None:
    """Validate the whole graph against the shapes.

    Without a data directory it reads the shipped graph.

    The exit code is 0 when there is no violation, 1 when there is one; warnings do not count.
    """
    given = against(context)
    with waiting("Validating") as progress, given.base(data, endpoint) as base:
        store = base if isinstance(base, Store) else store_of(base)
        report = FullValidator(given.shapes()).validate(store, datetime.now(UTC), progress)
    click.echo(printed(report, output, grouped=True))
    context.exit(0 if report.conforms else 1)

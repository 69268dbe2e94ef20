"""``pactgraph doctor``: is a running endpoint what it should be?"""

from __future__ import annotations

import sys

import click

from pactgraph.probe import examine


@click.command()
@click.option("--url", required=True, metavar="URL", help="The server, as http://127.0.0.1:8000.")
def doctor(url: str) -> None:
    """Check a running server: the protocol to the letter, and a safe part of the list of attacks.

    One line per check on stdout; exit code 1 when one does not hold. Nothing is changed, no query runs long.
    """
    findings = list(examine(url.rstrip("/")))
    for finding in findings:
        click.echo(
            f"{'ok  ' if finding.holds else 'FAIL'} {finding.name}{finding.detail and ': ' + finding.detail}"
        )
    failed = sum(not finding.holds for finding in findings)
    click.echo(f"{len(findings) - failed} of {len(findings)} checks hold", err=True)
    sys.exit(1 if failed else 0)

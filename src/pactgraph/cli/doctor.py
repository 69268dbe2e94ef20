"""``pactgraph doctor``: check journal and store against each other, or a running server."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import click

from pactgraph import probe
from pactgraph.cli.options import data_option, require_data
from pactgraph.config import check_variables
from pactgraph.doctor import FAULT, WARNING, examine

_SIGNS = {FAULT: "FAULT", WARNING: "note"}


@click.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--url", metavar="URL", help="Check this running server instead, as http://127.0.0.1:8000.")
@data_option
def doctor(*, form: str, url: str | None, data: Path) -> None:
    """Check the journal's chain, the store against a replay of it, and the union; nothing is changed.

    Needs a data directory that no server holds; check the backup of one that is. The exit code is 1 when
    there is a fault; what the next start mends by itself is none. With --url: the protocol to the letter, and
    a safe part of the list of attacks, against a running server.
    """
    check_variables(os.environ)
    if url is not None:
        _examine_server(url.rstrip("/"))
        return

    def say(check: str) -> None:
        if sys.stderr.isatty():
            click.echo(f"Checking {check} …", err=True)

    found = examine(require_data(data), say)
    is_sound = all(finding.level != FAULT for finding in found)
    if form == "json":
        checks = [asdict(finding) for finding in found]
        click.echo(json.dumps({"sound": is_sound, "checks": checks}, ensure_ascii=False, indent=1))
    else:
        for finding in found:
            click.echo(f"{_SIGNS.get(finding.level, 'ok'):6} {finding.check}: {finding.message}")
    if not is_sound:
        sys.stdout.flush()
        raise click.exceptions.Exit(1)


def _examine_server(url: str) -> None:
    findings = list(probe.examine(url))
    for finding in findings:
        sign = "ok  " if finding.holds else "FAIL"
        click.echo(f"{sign} {finding.name}{finding.detail and ': ' + finding.detail}")
    failed = sum(not finding.holds for finding in findings)
    click.echo(f"{len(findings) - failed} of {len(findings)} checks hold", err=True)
    if failed:
        sys.stdout.flush()
        raise click.exceptions.Exit(1)

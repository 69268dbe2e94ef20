"""``pactgraph load``: bring a large graph in."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from pactgraph.app import writing
from pactgraph.cli.add import tell_warnings
from pactgraph.cli.against import against
from pactgraph.cli.options import (
    author_option,
    data_option,
    input_format_option,
    message_option,
    read_author,
    read_message,
    source_option,
)
from pactgraph.config import check_variables
from pactgraph.ingest.loading import load_quads
from pactgraph.ingest.patches import named
from pactgraph.ingest.streaming import stream_quads
from pactgraph.ledger import Refused
from pactgraph.shapes.bulk import WholeJudge
from pactgraph.shapes.patches import PatchJudge
from pactgraph.shapes.report import Report


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@message_option
@source_option
@input_format_option
@author_option
@data_option
@click.pass_context
def load(
    context: click.Context,
    *,
    files: tuple[str, ...],
    message: str,
    source: str | None,
    input_format: str | None,
    author: str | None,
    data: Path,
) -> None:
    """Bring a large graph in from FILE…, in batches, as one revision with all of it, or nothing.

    The files are read as a stream and the whole graph is validated once, after all of them. Prints the number
    of the revision. The exit code is 1, with the report, when the facts do not conform.
    """
    check_variables(os.environ)
    who, why = read_author(author), read_message(message)
    given = against(context)
    began = time.monotonic()
    try:
        with writing(data, judge=PatchJudge(given.shapes)) as ledger, _bars(files) as bars:
            streams = (named(stream_quads(file, format=input_format, progress=bars.read)) for file in files)
            receipt = load_quads(
                ledger,
                chain.from_iterable(streams),
                WholeJudge(given.shapes, bars.judged),
                source=source,
                author=who,
                message=why,
                counted=bars.counted,
            )
    except Refused as refusal:
        if isinstance(refusal.report, Report):
            click.echo(refusal.report.to_text(grouped=True))
        sys.stdout.flush()
        context.exit(1)
    tell_warnings(receipt)
    _tell(receipt.added, time.monotonic() - began)
    if receipt.revision is not None:
        click.echo(receipt.revision)


def _tell(added: int, seconds: float) -> None:
    if added == 0:
        click.echo("All of it is in the graph already; there is no new revision.", err=True)
    else:
        click.echo(f"{added:,} statements in {seconds:.1f} s ({added / seconds:,.0f}/s).", err=True)


class _Bars:
    """How far the load is: bytes read, statements and their rate, then shapes judged."""

    def __init__(self, screen: Progress, sizes: list[int], clock: Callable[[], float]) -> None:
        self._screen = screen
        self._sizes = sizes
        self._clock = clock
        self._began = clock()
        self._done, self._last = 0, 0
        self._reading = screen.add_task("Reading", total=sum(sizes) or None)
        self._judging: TaskID | None = None

    def read(self, position: int) -> None:
        """Take the position in the current file; it falls where the next one begins."""
        if position < self._last:
            self._done += self._last
        self._last = position
        self._screen.update(self._reading, completed=self._done + position)

    def counted(self, number: int) -> None:
        """Take the number of statements read."""
        rate = number / max(self._clock() - self._began, 0.001)
        self._screen.update(self._reading, description=f"{number:,} statements, {rate:,.0f}/s")

    def judged(self, done: int, total: int) -> None:
        """Take the number of shapes judged."""
        if self._judging is None:
            self._screen.update(self._reading, completed=sum(self._sizes))
            self._judging = self._screen.add_task("Validating", total=total)
        self._screen.update(self._judging, completed=done)


@contextmanager
def _bars(files: tuple[str, ...], clock: Callable[[], float] = time.monotonic) -> Iterator[_Bars]:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    sizes = [Path(file).stat().st_size for file in files if Path(file).is_file()]
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as screen:
        yield _Bars(screen, sizes, clock)

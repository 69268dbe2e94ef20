"""The command line: one file per command, each registered here."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from pactgraph import __version__
from pactgraph.cli.check import check
from pactgraph.cli.doctor import doctor
from pactgraph.cli.export import export
from pactgraph.cli.query import query
from pactgraph.cli.serve import serve
from pactgraph.cli.validate import validate
from pactgraph.errors import PactgraphError


class _Doors(click.Group):
    """A group whose commands end in a sentence and an exit code, never in a stack trace."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 — click's signature
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()  # so that a closed pipe shows here
            return result
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read has read enough
            ctx.exit(0)
        except PactgraphError as error:
            click.echo(f"Error: {error.message}", err=True)
            ctx.exit(error.exit_code)
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except Exception as error:
            click.echo(
                f"Error: pactgraph failed ({type(error).__name__}: {error}); please report it", err=True
            )
            ctx.exit(3)


@click.group(cls=_Doors, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pactgraph")
def main() -> None:
    """The knowledge graph of the EU–Republic of Korea Digital Partnership."""


for command in (serve, query, export, check, validate, doctor):
    main.add_command(command)

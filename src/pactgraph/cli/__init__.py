"""The command line: one file per command, each listed here and imported when it is called."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import click

from pactgraph import __version__
from pactgraph.errors import PactgraphError

# What each command does in a line of --help, so that listing them imports none.
_LINES = {
    "add": "Let facts in as one revision with all of them, or nothing.",
    "analyse": "Measure a view: brokers, degrees, communities, change.",
    "backup": "Copy the data directory, also while a server holds it.",
    "check": "Say whether facts would be let in; nothing is written.",
    "diff": "Show what changed from one revision to another.",
    "doctor": "Check journal, store and index against each other.",
    "export": "Write a view or a query as a file for analysts' tools.",
    "load": "Bring a large graph in, as one revision.",
    "log": "List the revisions, or those that mention an IRI.",
    "query": "Ask the graph a SPARQL query.",
    "restore": "Put a backup back.",
    "revert": "Take back what a revision did, as a new one.",
    "serve": "Run the server.",
    "show": "Show a revision: who, when, why, and each statement.",
    "token": "Make, list and revoke tokens of HTTP clients that write.",
    "validate": "Validate the whole graph against the shapes.",
    "why": "Say which sources and revisions are behind statements.",
}
_FILES = {"restore": "backup"}  # where a command lives in the file of another


class _Doors(click.Group):
    """A group whose commands end in a sentence and an exit code, never in a stack trace."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_LINES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _LINES:
            return None
        found: click.Command = getattr(
            import_module(f"pactgraph.cli.{_FILES.get(cmd_name, cmd_name)}"), cmd_name
        )
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_LINES.items()))

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

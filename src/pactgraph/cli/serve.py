"""``pactgraph serve``: run the server."""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from pathlib import Path

import click

from pactgraph.app import open_plain_service, open_service
from pactgraph.cli.options import data_option
from pactgraph.config import (
    SERVED_QUADS,
    SERVED_RESERVE,
    Limits,
    allowed_services,
    check_variables,
    trusted_proxies,
)
from pactgraph.heap import share_heap, start_over


@click.command()
@click.option(
    "--host", default="127.0.0.1", envvar="PACTGRAPH_HOST", show_default=True, help="Where to listen."
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    envvar="PACTGRAPH_PORT",
    show_default=True,
    help="0 picks a free port.",
)
@click.option("--read-only", is_flag=True, envvar="PACTGRAPH_READ_ONLY", help="Refuse writes.")
@click.option(
    "--query-timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=Limits().timeout,
    envvar="PACTGRAPH_QUERY_TIMEOUT",
    show_default=True,
    metavar="S",
    help="The most seconds that one query may take.",
)
@click.option(
    "--query-memory",
    type=click.IntRange(min=16),
    default=Limits().memory_mb,
    envvar="PACTGRAPH_QUERY_MEMORY",
    show_default=True,
    metavar="MB",
    help="The most memory that one query may take.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=Limits().workers,
    envvar="PACTGRAPH_WORKERS",
    show_default=True,
    metavar="N",
    help="How many queries run at the same time.",
)
@click.option(
    "--allow-service",
    multiple=True,
    envvar="PACTGRAPH_ALLOW_SERVICE",
    metavar="URL",
    help="An endpoint that SERVICE may name; without any, SERVICE is refused.",
)
@click.option(
    "--cache",
    type=click.IntRange(min=0),
    default=Limits().cache_mb,
    envvar="PACTGRAPH_CACHE",
    show_default=True,
    metavar="MB",
    help="The most memory that answers kept for reuse may take; 0 keeps none.",
)
@click.option(
    "--client-queries",
    type=click.IntRange(min=1),
    default=Limits().client_queries,
    envvar="PACTGRAPH_CLIENT_QUERIES",
    show_default=True,
    metavar="N",
    help="How many queries of one client may be under way.",
)
@click.option(
    "--slow",
    type=click.FloatRange(min=0),
    default=Limits().slow,
    envvar="PACTGRAPH_SLOW",
    show_default=True,
    metavar="S",
    help="Log the text of queries that take longer.",
)
@click.option(
    "--trust-proxy",
    multiple=True,
    envvar="PACTGRAPH_TRUST_PROXY",
    metavar="ADDRESS",
    help="A proxy, or a network of them, whose X-Forwarded-For tells who asks; without any, it is not read.",
)
@click.option(
    "--profile",
    type=click.Choice(["facts", "conformance"]),
    default="facts",
    envvar="PACTGRAPH_PROFILE",
    show_default=True,
    help="conformance serves an empty dataset without the rules on sources, for the W3C's test suites.",
)
@click.option(
    "--hot-quads",
    type=click.IntRange(min=0),
    default=SERVED_QUADS,
    envvar="PACTGRAPH_HOT_QUADS",
    show_default=True,
    metavar="N",
    help="Keep a graph of up to N quads in memory, 500 MB a million; 0 reads from disk.",
)
@data_option
def serve(
    *,
    host: str,
    port: int,
    read_only: bool,
    query_timeout: float,
    query_memory: int,
    workers: int,
    allow_service: tuple[str, ...],
    cache: int,
    client_queries: int,
    slow: float,
    trust_proxy: tuple[str, ...],
    profile: str,
    hot_quads: int,
    data: Path,
) -> None:
    """Run the server.

    Makes the data directory on first use, from the shipped ontology and facts. Prints one line with the URL
    when it is ready; SIGTERM and Ctrl-C end it.
    """
    if is_own_process():
        start_over()
    share_heap()  # before the store starts its threads
    check_variables(os.environ)
    signal.signal(signal.SIGTERM, _end)  # also while the first revision is being made; the server has its own
    # Imported by name and only here: the web framework takes half a second that no other command has to wait
    # for.
    run = import_module("pactgraph.web.server").run
    limits = Limits(
        timeout=query_timeout,
        memory_mb=query_memory,
        workers=workers,
        reserve=SERVED_RESERVE,
        services=allowed_services(allow_service),
        cache_mb=cache,
        client_queries=client_queries,
        slow=slow,
        hot_quads=hot_quads,
        proxies=trusted_proxies(trust_proxy),
    )
    plain = profile == "conformance"
    opened = open_plain_service(data, limits) if plain else open_service(data, limits, read_only=read_only)
    with opened as service:
        run(service, host=host, port=port, on_ready=click.echo)


def is_own_process() -> bool:
    """Say whether this process is the command, and not a program that calls it, as tests do."""
    program = Path(sys.argv[0])
    return program.stem == "pactgraph" or program.parent.name == "pactgraph"


def _end(*_: object) -> None:
    sys.exit(0)

"""The history, the search and the doors for writes, put on the application together."""

from __future__ import annotations

from fastapi import FastAPI

from pactgraph.web.authorization import Doorkeeper
from pactgraph.web.graphs import GraphStore
from pactgraph.web.pages import Page
from pactgraph.web.reasons import Reasons
from pactgraph.web.refusals import add_refusals
from pactgraph.web.revisions import Revisions
from pactgraph.web.search import Search
from pactgraph.web.service import Service
from pactgraph.web.submissions import Submissions
from pactgraph.web.updates import UpdateEndpoint


def add_doors(app: FastAPI, service: Service, render: Page) -> None:
    """Put ``/changes``, ``/sparql/update``, ``/graphs``, ``/why`` and ``/search`` on the application."""
    doorkeeper = Doorkeeper(service)
    Revisions(service, render).add_to(app)
    Submissions(service).add_to(app, doorkeeper)
    UpdateEndpoint(service).add_to(app, doorkeeper)
    GraphStore(service).add_to(app, doorkeeper)
    Reasons(service, render).add_to(app)
    Search(service).add_to(app)
    add_refusals(app)

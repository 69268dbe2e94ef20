"""What all doors for writes share: one commit through the ledger, and what is answered to it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from pyoxigraph import NamedNode

from pactgraph import vocab
from pactgraph.admission import protected
from pactgraph.errors import InputError
from pactgraph.judges import Verdict
from pactgraph.ledger import Ledger, Patch, Receipt
from pactgraph.store import EmbeddedDataset
from pactgraph.web import urls
from pactgraph.web.authorization import author_of
from pactgraph.web.problems import Unservable
from pactgraph.web.protocol import Parameters, body_within
from pactgraph.web.service import Service

MEBIBYTE = 1024 * 1024
SUBMISSION_LIMIT = 256 * MEBIBYTE
MOST_STATEMENTS = 1_000_000
LONGEST_MESSAGE = 2000
_TAG = re.compile(r'"r([0-9]{1,18})-[^"]*"')
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


async def submission_of(request: Request) -> bytes:
    """Read the body of a submission, or turn it down before it is all here; see ``body_within``."""
    advice = "send it in parts, or bring it in on the server with 'pactgraph load'"
    return await body_within(request, SUBMISSION_LIMIT, advice)


@dataclass(frozen=True)
class Writer:
    """Commits patches to the ledger of one service."""

    service: Service

    def commit(
        self,
        request: Request,
        make: Callable[[EmbeddedDataset, Ledger], Patch],
        message: str,
        *,
        dry_run: bool = False,
        apart: bool = False,
    ) -> Receipt:
        """Commit the patch that ``make`` reads off the current state, as one revision.

        ``apart`` lets other writers go on while ``make`` works; see ``Ledger.transform``.
        With ``If-Match`` only when the state is still that of the entity tag (RFC 9110 §13.1.1). Raises
        ``Refused`` with the report, ``Unservable`` (412 ``stale``) and ``InputError``.
        """
        ledger = self.service.ledger
        if ledger is None:
            raise TypeError("the doorkeeper lets nobody in when there is no ledger")

        def checked(dataset: EmbeddedDataset) -> Patch:
            _check_current(request, dataset.revision)
            return make(dataset, ledger)

        return ledger.transform(
            checked, author=author_of(request), message=message, dry_run=dry_run, apart=apart
        )


def check_writable(graph: NamedNode) -> None:
    """Refuse, before anything is read, what the ledger would refuse; raises ``InputError``."""
    if graph in vocab.PROTECTED_GRAPHS:
        raise protected(graph)


def message_of(parameters: Parameters, default: str) -> str:
    """Return why the graph is changed; raises ``InputError`` for a message that no log can show."""
    message = (parameters.one("message") or default).strip()
    if len(message) > LONGEST_MESSAGE:
        raise InputError(f"the message is over {LONGEST_MESSAGE} characters; shorten it", code="bad-message")
    if any(not sign.isprintable() and sign not in "\n\t" for sign in message):
        raise InputError("the message holds control characters; leave them out", code="bad-message")
    return message


def flag_of(parameters: Parameters, name: str) -> bool:
    """Return a yes or no; raises ``InputError`` for anything else."""
    value = (parameters.one(name) or "false").strip().lower()
    if value not in _TRUTHS:
        raise InputError(f"{name} is {value!r}; it is true or false", code="bad-request")
    return _TRUTHS[value]


def results_of(report: Verdict | None) -> list[dict[str, Any]]:
    """Return the results of a report, as its JSON has them."""
    document = json.loads(report.to_json()) if report is not None else {}
    return list(document.get("results", ())) if isinstance(document, dict) else []


def receipt_answer(
    receipt: Receipt,
    *,
    status: int = 200,
    location: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return what became of a patch; ``status`` and ``location`` are for one that made a revision."""
    body = {
        "revision": receipt.revision,
        "added": receipt.added,
        "removed": receipt.removed,
        "dry_run": receipt.dry_run,
        "detail": _told(receipt),
        "warnings": [result.get("message") for result in results_of(receipt.report)],
        "report": None if receipt.report is None else json.loads(receipt.report.to_json()),
    }
    sent = dict(headers or {})
    if receipt.revision is not None:
        body["url"] = urls.change(receipt.revision)
        sent |= {
            "Location": location or urls.change(receipt.revision),
            "X-Pactgraph-Revision": str(receipt.revision),
        }
    content = json.dumps(body, ensure_ascii=False).encode()
    return Response(
        content, 200 if receipt.revision is None else status, headers=sent, media_type="application/json"
    )


def _told(receipt: Receipt) -> str:
    if receipt.added == receipt.removed == 0:
        return "The graph says all of this already; there is no new revision."
    counted = f"{receipt.added:,} statements added, {receipt.removed:,} removed"
    if receipt.dry_run:
        return f"It would be let in: {counted}. Nothing was changed."
    return f"Revision {receipt.revision}: {counted}."


def _check_current(request: Request, revision: int) -> None:
    wanted = request.headers.get("if-match")
    if wanted is None or wanted.strip() == "*":
        return
    if str(revision) not in _TAG.findall(wanted):
        text = f"the graph is at revision {revision}, not at that of If-Match; read it again, redo the change"
        raise Unservable(text, code="stale", status=412)

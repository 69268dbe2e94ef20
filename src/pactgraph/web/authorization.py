"""Who may write: a Bearer token (RFC 6750) whose name becomes the author; never another site's page."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from pactgraph.errors import DataDirectoryError
from pactgraph.tokens import Token
from pactgraph.web.problems import Unservable
from pactgraph.web.service import Service

_BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="a token with the role writer or admin, made with: pactgraph token create NAME --role writer",
)
_CHALLENGE = 'Bearer realm="pactgraph"'


class Doorkeeper:
    """Lets writers in. It is asked before anything of the body is read."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def admit(
        self,
        request: Request,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
    ) -> None:
        """Note who writes, for ``author_of``; raises ``Unservable`` with 401 or 403 for who may not."""
        if self._service.ledger is None:
            text = "this server only reads; write to one that runs without --read-only"
            raise Unservable(text, code="read-only", status=403)
        _refuse_other_sites(request)
        request.state.author = self._writer(credentials.credentials if credentials else None).name

    def _writer(self, secret: str | None) -> Token:
        try:
            tokens = self._service.tokens
            found = None if secret is None else tokens.find(secret)
            if found is None and not tokens.known():
                text = (
                    "no token is configured, so nothing is written over HTTP; "
                    "make one on the server with: pactgraph token create NAME --role writer"
                )
                raise Unservable(text, code="writes-closed", status=403)
        except DataDirectoryError as fault:  # its message names a path on the server
            text = "the tokens of this server cannot be read; its operator should look at tokens.json"
            raise Unservable(text, code=fault.code, status=503) from None
        if found is None:
            raise _unauthorized(secret)
        if not found.may("writer"):
            text = f"the role of this token is {found.role}; ask for one with the role writer"
            challenge = f'{_CHALLENGE}, error="insufficient_scope", scope="writer"'
            raise Unservable(text, code="role-too-low", status=403, headers={"WWW-Authenticate": challenge})
        return found


def author_of(request: Request) -> str:
    """Return the name of the token that this request was let in with."""
    return str(request.state.author)


def _unauthorized(secret: str | None) -> Unservable:
    if secret is None:
        text, challenge = "writing needs a token; send Authorization: Bearer TOKEN", _CHALLENGE
        return Unservable(text, code="no-token", status=401, headers={"WWW-Authenticate": challenge})
    text = "this token is unknown or revoked; ask the operator of this server for another"
    challenge = f'{_CHALLENGE}, error="invalid_token"'
    return Unservable(text, code="unknown-token", status=401, headers={"WWW-Authenticate": challenge})


def _refuse_other_sites(request: Request) -> None:
    """Refuse what a page of another site sends: browsers say so themselves (Fetch §3.2, Fetch Metadata)."""
    origin = request.headers.get("origin")
    is_foreign = (
        origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower()
    )
    if is_foreign or request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        text = "a page of another site may not write here; send the request from a program or from this site"
        raise Unservable(text, code="cross-origin", status=403)

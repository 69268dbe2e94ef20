"""Every error that pactgraph raises on purpose, as one tree.

    PactgraphError
    ├── InputError          the caller asked wrongly, or the input cannot be read        exit 2, HTTP 400
    │   ├── SyntaxFault     a document or query that does not parse, with line, column   exit 2, HTTP 400
    │   ├── UnknownFormat   a format that is not offered; lists the known ones           exit 2, HTTP 406
    │   ├── QueryRefused    a query that may not run (SERVICE, an update, too complex)   exit 2, HTTP 400
    │   └── Unsourced       facts without a source                                       exit 2, HTTP 400
    ├── QueryFailed         the evaluation was stopped or died                           exit 3, HTTP 503
    └── DataDirectoryError  the data directory is locked, corrupt or of another format   exit 3, HTTP 503

Each error is one sentence that names the thing at fault and the next step, plus a stable ``code``. Messages
are shown to clients as they are, so they never hold a stack trace, and a path only where the caller gave it.
"""

from __future__ import annotations


class PactgraphError(Exception):
    """Base of the tree: a sentence for the caller and a stable code for programs."""

    code = "internal"
    exit_code = 3
    status = 500

    def __init__(self, message: str, *, code: str | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code
        if status is not None:
            self.status = status


class InputError(PactgraphError):
    """The caller asked wrongly, or gave input that cannot be read; nothing was changed."""

    code = "bad-request"
    exit_code = 2
    status = 400


class SyntaxFault(InputError):
    """A document or query that does not parse; ``line`` and ``column`` count from 1 and may be unknown."""

    code = "syntax"

    def __init__(
        self, message: str, *, line: int | None = None, column: int | None = None, code: str | None = None
    ) -> None:
        super().__init__(message, code=code)
        self.line = line
        self.column = column


class UnknownFormat(InputError):
    """A format that is not offered; the message lists the known ones."""

    code = "unknown-format"


class QueryRefused(InputError):
    """A query that may not run here, whatever the data."""

    code = "query-refused"


class Unsourced(InputError):
    """Facts that no described source states."""

    code = "no-source"


class QueryFailed(PactgraphError):
    """An evaluation that was stopped (time, memory) or that died; the server goes on."""

    code = "query-crashed"
    exit_code = 3
    status = 503


class DataDirectoryError(PactgraphError):
    """The data directory is locked, corrupt or written by another version; nothing was changed."""

    code = "data-directory"
    exit_code = 3
    status = 503

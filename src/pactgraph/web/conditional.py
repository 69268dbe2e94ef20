"""Validators and conditional requests: RFC 9110 §8.8.3 and §13.1.2."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

_ENTITY_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def entity_tag(revision: int, media_type: str, *content: str | bytes) -> str:
    """Return a strong entity tag for one representation: revision, format, and what was asked or is sent.

    >>> entity_tag(1, "text/csv", "ASK {}")
    '"r1-csv-56eabf0b86b9d25d"'
    """
    digest = hashlib.sha256(media_type.encode())
    for part in content:
        encoded = part.encode() if isinstance(part, str) else part
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return f'"r{revision}-{_subtype(media_type)}-{digest.hexdigest()[:16]}"'


@lru_cache(maxsize=100)
def _subtype(media_type: str) -> str:
    return re.sub(r"[^0-9a-z]+", "-", media_type.partition("/")[2].partition(";")[0])


def is_current(if_none_match: str | None, tag: str) -> bool:
    """Say whether the client already holds the representation ``tag`` (weak comparison, lists and ``*``).

    >>> is_current('"a", W/"b"', '"b"'), is_current("*", '"b"'), is_current(None, '"b"')
    (True, True, False)
    """
    if if_none_match is None:
        return False
    if if_none_match.strip(" \t") == "*":
        return True
    return tag in _ENTITY_TAG.findall(if_none_match)


def read_headers(revision: int, tag: str) -> dict[str, str]:
    """Return the headers that every read answer carries, a 304 included.

    ``no-cache`` lets caches keep the answer but makes them ask every time whether it is still current.
    """
    return {
        "ETag": tag,
        "Vary": "Accept, Accept-Encoding",
        "Cache-Control": "no-cache",
        "X-Pactgraph-Revision": str(revision),
    }

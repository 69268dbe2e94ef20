"""``multipart/form-data`` (RFC 7578) with documents in it, as the Graph Store Protocol takes them (§5.5)."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP

from pactgraph.errors import InputError

MULTIPART = "multipart/form-data"
_MOST_PARTS = 100
_LARGEST = 16 * 1024 * 1024


def parts_of(body: bytes, content_type: str) -> Iterator[tuple[str, bytes]]:
    """Yield the media type and the content of each part; parts are never decoded, unpacked or nested.

    Raises ``InputError`` for a body that is not of this form, is larger than forms may be, or of many parts.
    """
    if len(body) > _LARGEST:
        text = f"a form of documents may have {_LARGEST // 1024:,} KiB; send the documents one by one"
        raise InputError(text, code="too-large", status=413)
    head = b"Content-Type: " + content_type.encode("ascii", "replace").replace(b"\n", b" ") + b"\n\n"
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    parts: list[Message] = message.get_payload() if message.is_multipart() else []  # type: ignore[assignment]  # a list, as it is multipart
    if not parts or message.defects or len(parts) > _MOST_PARTS:
        text = f"the form is broken, or not of 1 to {_MOST_PARTS} parts; send the document as the body itself"
        raise InputError(text, code="bad-form")
    for part in parts:
        if part.is_multipart() or part.get("Content-Transfer-Encoding") is not None:
            text = "a part of the form is encoded or has parts of its own; send documents as they are"
            raise InputError(text, code="bad-form")
        content = part.get_payload(decode=True)
        yield (
            part.get_content_type() if "Content-Type" in part else "",
            content if isinstance(content, bytes) else b"",
        )

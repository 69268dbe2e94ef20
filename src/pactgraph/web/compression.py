"""gzip (RFC 9110 §8.4.1.3) of answers, where the client takes it and it is worth its time."""

from __future__ import annotations

import gzip
import re
import zlib

_LEVEL = 4
_GZIP_FRAME = 31  # zlib's number for a 32 KiB window in gzip's own frame
_SMALLEST = 1024
_CODING = re.compile(r"^(?:x-)?gzip$|^\*$", re.IGNORECASE)
_WEIGHT = re.compile(r"^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$", re.IGNORECASE)


def takes_gzip(accept_encoding: str | None) -> bool:
    """Say whether ``Accept-Encoding`` (RFC 9110 §12.5.3) names gzip with a weight above zero.

    >>> takes_gzip("br, gzip;q=0.5"), takes_gzip("gzip;q=0, *"), takes_gzip(None)
    (True, False, False)
    """
    weights: dict[str, float] = {}
    for element in (accept_encoding or "").split(","):
        coding, *parameters = (part.strip() for part in element.split(";"))
        if _CODING.match(coding):
            weights[coding.lower().removeprefix("x-")] = _weight(parameters)
    return weights.get("gzip", weights.get("*", 0)) > 0


def _weight(parameters: list[str]) -> float:
    found = [match for each in parameters if (match := _WEIGHT.match(each.replace(" ", "")))]
    return float(found[0][1]) if found else 1.0


def is_worth_it(size: int) -> bool:
    """Say whether a body of this size gets shorter by more than the frame costs."""
    return size >= _SMALLEST


def compress(body: bytes) -> bytes:
    """Compress a whole body; the same body gives the same bytes."""
    return gzip.compress(body, _LEVEL, mtime=0)


class Compressor:
    """Compresses a stream piece by piece; every piece can be read as soon as it is there."""

    def __init__(self) -> None:
        self._zlib = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_FRAME)

    def compress(self, piece: bytes) -> bytes:
        """Return what can be sent now."""
        return self._zlib.compress(piece) + self._zlib.flush(zlib.Z_SYNC_FLUSH)

    def finish(self) -> bytes:
        """Return the end of the stream; an answer that is cut midway must not have it."""
        return self._zlib.flush(zlib.Z_FINISH)

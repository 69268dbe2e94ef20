"""Dates of the precision that their source gave: which is finest, and what days they span."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable

_DATE = re.compile(r"(-?\d{4,})(?:-(\d\d))?(?:-(\d\d))?(T\S+)?(?:Z|[+-]\d\d:\d\d)?")


def finest(dates: Iterable[str]) -> list[str]:
    """Return the dates in order, without those that another one says more precisely.

    >>> finest(["2022", "2022-11-28", "2023-01"])
    ['2022-11-28', '2023-01']
    """
    ordered = sorted(set(dates))
    return [
        date for date in ordered if not any(other != date and other.startswith(date) for other in ordered)
    ]


def first_day(date: str) -> str | None:
    """Return the first day of a date, as formats want it that know whole days only.

    >>> first_day("2024-03"), first_day("2024"), first_day("soon")
    ('2024-03-01', '2024-01-01', None)
    """
    parts = _parts(date)
    return None if parts is None else f"{parts[0]}-{parts[1] or '01'}-{parts[2] or '01'}"


def last_day(date: str) -> str | None:
    """Return the last day of a date.

    >>> last_day("2024-02"), last_day("2024"), last_day("2024-03-25")
    ('2024-02-29', '2024-12-31', '2024-03-25')
    """
    parts = _parts(date)
    if parts is None:
        return None
    year, month, day = parts[0], parts[1] or "12", parts[2]
    last = day or f"{monthrange(int(year), int(month))[1]:02}"
    return f"{year}-{month}-{last}"


def _parts(date: str) -> tuple[str, str | None, str | None] | None:
    match = _DATE.fullmatch(date.strip())
    if match is None or match[1].startswith("-") or len(match[1]) != 4 or match[1] == "0000":
        return None
    month, day = match[2], match[3]
    if month is not None and not 1 <= int(month) <= 12:
        return None
    if day is not None and not 1 <= int(day) <= monthrange(int(match[1]), int(month or 1))[1]:
        return None
    return match[1], month, day

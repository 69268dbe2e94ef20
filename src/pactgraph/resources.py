"""Where the shipped folders lie: inside the wheel, or beside ``src`` in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped(folder: str) -> Path:
    """Return the shipped folder ``ontology``, ``shapes``, ``facts`` or ``queries``.

    An installed wheel carries them under ``pactgraph/_shipped``; an editable install reads them from the
    checkout, because hatchling's ``force-include`` does not reach it.

    >>> shipped("ontology").joinpath("pact.ttl").is_file()
    True
    """
    for root in (_PACKAGE / "_shipped", _PACKAGE.parent.parent):
        path = root / folder
        if path.is_dir():
            return path
    raise FileNotFoundError(f"the installation is incomplete: no {folder} folder; install pactgraph again")


def shipped_files(folder: str, suffix: str) -> list[Path]:
    """Return the files of a shipped folder with this suffix, in a fixed (alphabetical) order."""
    return sorted(shipped(folder).glob(f"*{suffix}"))


def packaged(path: str) -> str:
    """Return the text of a file that lies beside the code, such as a page's script."""
    return (_PACKAGE / path).read_text(encoding="utf-8")

"""A reproducible bundle: the data of views with all that another analyst needs to make it again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pactgraph.errors import InputError
from pactgraph.exports.about import CREDIT, LICENCE, LICENCE_URL
from pactgraph.exports.delivery import Delivery
from pactgraph.exports.formats import format_by_name
from pactgraph.exports.output import open_file
from pactgraph.exports.views import View

FORMATS = ("nodes-csv", "edges-csv", "nodes-parquet", "parquet", "graphml", "gexf")
_NAMES = {
    "nodes-csv": "nodes.csv",
    "edges-csv": "edges.csv",
    "nodes-parquet": "nodes.parquet",
    "parquet": "edges.parquet",
}
_FIELDS = {"text": "string", "date": "string", "integer": "integer", "double": "number", "boolean": "boolean"}


def write_bundle(
    folder: Path, deliveries: Mapping[str, tuple[View, Delivery]], version: str, command: str
) -> list[Path]:
    """Write the bundle into a folder, made when it is not there; return the files.

    ``command`` is what makes the same bundle again, for the README. Raises ``InputError`` when the folder
    holds something that no bundle writes, and leaves it untouched.
    """
    _check_folder(folder)
    files = [
        file
        for name, (view, delivery) in deliveries.items()
        for file in _write_view(folder, name, view, delivery)
    ]
    files.append(_write(folder / "datapackage.json", _package(folder, files, deliveries)))
    files.append(_write(folder / "README.md", _readme(deliveries, version, command)))
    files.append(
        _write(
            folder / "LICENSE.txt", f"{LICENCE}\n{LICENCE_URL}\n\nGive credit: {CREDIT}, with the revision.\n"
        )
    )
    sums = "".join(f"{_sum(file)}  {file.relative_to(folder).as_posix()}\n" for file in sorted(files))
    return [*files, _write(folder / "SHA256SUMS", sums)]


def _check_folder(folder: Path) -> None:
    if folder.is_file():
        raise InputError(f"{folder} is a file; name a folder for the bundle")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "datapackage.json").is_file():
        raise InputError(f"{folder} holds files that are no bundle; name another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder} cannot be made: {error.strerror}; choose another place") from None


def _write_view(folder: Path, name: str, view: View, delivery: Delivery) -> list[Path]:
    place = folder / name
    place.mkdir(exist_ok=True)
    written = []
    for format_name in FORMATS:
        form = format_by_name(format_name, view)
        path = place / _NAMES.get(format_name, f"{name}{form.suffix}")
        with open_file(path) as stream:
            delivery.write(form, stream)
        written.append(path)
    for number, text in enumerate(view.edges, 1):
        written.append(_write(place / f"edges-{number}.rq", text))
    for number, text in enumerate(view.nodes, 1):
        written.append(_write(place / f"nodes-{number}.rq", text))
    return written


def _write(path: Path, text: str) -> Path:
    with open_file(path) as stream:
        stream.write(text.encode())
    return path


def _sum(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _package(folder: Path, files: Sequence[Path], deliveries: Mapping[str, tuple[View, Delivery]]) -> str:
    """Return the descriptor (https://specs.frictionlessdata.io/data-package/)."""
    revision = next(iter(deliveries.values()))[1].about.revision
    package = {
        "name": "pactgraph-" + "-".join(deliveries),
        "title": f"{CREDIT}, revision {revision}",
        "version": str(revision),
        "licenses": [{"name": LICENCE, "path": LICENCE_URL}],
        "contributors": [{"title": "the pactgraph authors", "role": "author"}],
        "resources": [_resource(folder, file, deliveries) for file in sorted(files)],
        "views": {name: delivery.about.entries() for name, (_, delivery) in deliveries.items()},
    }
    return json.dumps(package, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _resource(folder: Path, file: Path, deliveries: Mapping[str, tuple[View, Delivery]]) -> dict[str, Any]:
    path = file.relative_to(folder)
    resource: dict[str, Any] = {
        "name": path.as_posix().lower().replace("/", "-").replace(".", "-"),
        "path": path.as_posix(),
        "bytes": file.stat().st_size,
        "hash": f"sha256:{_sum(file)}",
    }
    if file.suffix in {".csv", ".parquet"}:
        network = deliveries[path.parts[0]][1].network
        rows = network.nodes if file.stem == "nodes" else network.edges
        fields = [{"name": column.name, "type": _FIELDS[column.kind]} for column in rows.columns]
        resource |= {"rows": len(rows), "schema": {"fields": fields}}
    if file.suffix == ".csv":
        resource |= {"profile": "tabular-data-resource", "encoding": "utf-8"}
    return resource


def _readme(deliveries: Mapping[str, tuple[View, Delivery]], version: str, command: str) -> str:
    lines = [f"# {CREDIT}", ""]
    for name, (view, delivery) in deliveries.items():
        about = delivery.about
        lines += [
            f"## {view.title}",
            "",
            view.description,
            "",
            f"- revision {about.revision}, {about.nodes} nodes, {about.edges} edges",
            f"- content {about.checksum}",
            f"- the queries: `{name}/edges-1.rq` and the others; `pactgraph export {name} OUT` asks them",
            f"- cite as: {about.citation}",
            "",
        ]
    lines += [
        "Every edge says which sources state it (`sources`: IRIs, a space between) and if it was inferred.",
        "Text in CSV that a spreadsheet would run has an apostrophe before it; in Parquet it is as it is.",
        "`sha256sum -c SHA256SUMS` checks the files; `datapackage.json` describes them (Data Package).",
        "",
        f"Made with pactgraph {version}. On a graph with these checksums, this makes the same bytes:",
        "",
        f"    {command}",
        "",
    ]
    return "\n".join(lines)

"""What may be opened as a data directory, and that a refusal changes nothing on disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pactgraph.app import open_dataset
from pactgraph.errors import DataDirectoryError, PactgraphError
from pactgraph.store import EmbeddedDataset

Opener = Callable[[], EmbeddedDataset]


@pytest.fixture
def opener(data: Path, ontology: Path, facts: Path) -> Opener:
    return lambda: open_dataset(data, ontology=ontology, facts=facts)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(opener: Opener) -> DataDirectoryError:
    with pytest.raises(DataDirectoryError) as caught:
        opener()
    return caught.value


def settled(data: Path) -> dict[str, bytes]:
    """What is in the directory once the engine of its holder has tidied up behind its start."""
    before = contents(data)
    while True:
        time.sleep(0.3)
        now = contents(data)
        if now == before:
            return now
        before = now


def test_the_first_opening_makes_and_seeds_and_the_second_finds(data: Path, opener: Opener) -> None:
    with opener() as dataset:
        first = set(dataset.quads())
        assert dataset.revision == 1
    assert (data / "format").read_text() == "1\n"
    with opener() as dataset:
        assert set(dataset.quads()) == first


def test_a_held_directory_names_the_endpoint_option(data: Path, opener: Opener) -> None:
    with opener():
        before = settled(data)
        error = refused(opener)
        assert error.code == "data-locked"
        assert "--endpoint URL" in error.message
        assert contents(data) == before
    opener().close()  # free again


def test_readers_share_a_directory_and_a_writer_waits_for_them(
    data: Path, opener: Opener, ontology: Path, facts: Path
) -> None:
    opener().close()
    before = contents(data)
    with (
        open_dataset(data, read_only=True, ontology=ontology, facts=facts) as one,
        open_dataset(data, read_only=True, ontology=ontology, facts=facts) as two,
    ):
        assert set(one.quads()) == set(two.quads())
        assert refused(opener).code == "data-locked"
        with pytest.raises(ValueError, match="reading only"):
            one.apply([], [], revision=2, description=[])
    assert contents(data) == before


def test_another_directory_is_left_alone(data: Path, opener: Opener) -> None:
    data.mkdir()
    (data / "thesis.txt").write_text("mine")
    assert refused(opener).code == "data-foreign"
    assert contents(data) == {"thesis.txt": b"mine"}


def test_a_file_is_no_directory(data: Path, opener: Opener) -> None:
    data.write_text("mine")
    assert refused(opener).code == "data-foreign"
    assert data.read_text() == "mine"


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, ontology: Path, facts: Path) -> None:
    (tmp_path / "file").write_text("")
    error = refused(lambda: open_dataset(tmp_path / "file" / "data", ontology=ontology, facts=facts))
    assert error.code == "data-unwritable"
    assert "--data DIR" in error.message


def test_a_directory_without_write_permission_is_told(ontology: Path, facts: Path) -> None:
    closed = Path("/proc/1/task")  # nobody may make anything there, not even root
    error = refused(lambda: open_dataset(closed / "data", ontology=ontology, facts=facts))
    assert error.code == "data-unwritable"


@pytest.mark.parametrize(
    ("text", "code"),
    [("2\n", "data-newer"), ("one\n", "data-corrupt"), ("", "data-corrupt"), ("0", "data-corrupt")],
)
def test_an_unknown_layout_is_refused(data: Path, opener: Opener, text: str, code: str) -> None:
    opener().close()
    (data / "format").write_text(text)
    before = contents(data)
    assert refused(opener).code == code
    assert contents(data) == before


def damage_current(store: Path) -> None:
    (store / "CURRENT").write_text("garbage")


def damage_manifest(store: Path) -> None:
    next(store.glob("MANIFEST-*")).write_bytes(b"garbage" * 20)


def damage_tables(store: Path) -> None:
    for table in store.glob("*.sst"):  # all: one of them may be a leftover that the store does not need
        os.truncate(table, 100)


def lose_everything(store: Path) -> None:
    for path in store.iterdir():
        path.unlink()


@pytest.mark.parametrize("damage", [damage_current, damage_manifest, damage_tables, lose_everything])
def test_a_damaged_store_is_refused_untouched(
    data: Path, opener: Opener, damage: Callable[[Path], None]
) -> None:
    opener().close()
    damage(data / "store")
    before = contents(data)
    assert refused(opener).code == "data-corrupt"
    assert contents(data) == before


def test_a_lock_left_alone_is_a_new_directory(data: Path, opener: Opener) -> None:
    data.mkdir()
    (data / "lock").write_bytes(b"")
    (data / "format.new").write_bytes(b"")  # killed while it was written
    with opener() as dataset:
        assert dataset.revision == 1


KILLED = """
import os, signal, sys
from pathlib import Path
from pactgraph.store import EmbeddedDataset
from pyoxigraph import Literal, NamedNode, Quad

def quads():
    for number in range(5000):
        yield Quad(NamedNode("http://e.org/s"), NamedNode("http://e.org/p"), Literal(number), NamedNode("http://e.org/g"))
    os.kill(os.getpid(), signal.SIGKILL)

EmbeddedDataset.open(Path(sys.argv[1]), first=quads)
"""


def test_a_kill_while_seeding_is_repaired_by_the_next_start(data: Path, opener: Opener) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run([sys.executable, "-c", KILLED, str(data)], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (data / "store.new").is_dir()
    assert not (data / "store").exists()
    with opener() as dataset:
        assert dataset.revision == 1
        assert not any("e.org" in str(quad) for quad in dataset.quads())
    assert not (data / "store.new").exists()


def test_facts_that_do_not_conform_do_not_get_in(
    data: Path, ontology: Path, facts: Path, opener: Opener
) -> None:
    def validate(_: object) -> None:
        raise PactgraphError("they do not conform")

    with pytest.raises(PactgraphError, match="do not conform"):
        open_dataset(data, validate=validate, ontology=ontology, facts=facts)
    assert not (data / "store").exists()
    opener().close()  # and the directory is not spoilt

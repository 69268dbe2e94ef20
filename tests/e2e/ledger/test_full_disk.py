"""A full disk refuses commits clearly; nothing is lost, and work goes on once there is space again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from pyoxigraph import Literal, Quad

from pactgraph.errors import DataDirectoryError
from pactgraph.ledger import Patch

HERE = Path(__file__).parent
IN_A_SMALL_FILE_SYSTEM = 'mount -t tmpfs -o size="$1" tmpfs "$2" && shift 2 && exec "$@"'


@pytest.fixture(scope="session")
def small_disk():
    """A command that runs another one with a small file system of its own at a folder."""
    for options in (["--mount"], ["--mount", "--map-root-user"]):
        command = ["unshare", *options, "sh", "-c", IN_A_SMALL_FILE_SYSTEM, "sh"]
        if subprocess.run([*command, "1m", "/mnt", "true"], capture_output=True, check=False).returncode == 0:
            return command
    pytest.skip("neither root nor user namespaces: no file system can be mounted here")


@pytest.mark.parametrize(
    ("care", "codes"), [("careful", {"disk-full"}), ("careless", {"disk-full", "store-behind"})]
)
def test_nothing_is_lost_when_the_disk_is_full(tmp_path, small_disk, care, codes):
    told = filled(small_disk, "96m", tmp_path / "disk", "full_disk.py", care)
    assert len(told["codes"]) == 3
    assert set(told["codes"]) <= codes
    assert told["kept"] > 1000
    assert (told["lost"], told["faults"]) == (0, [])
    assert told["after"] > 2


def test_a_server_whose_disk_is_full_refuses_writes_serves_reads_and_goes_on(tmp_path, small_disk):
    told = filled(small_disk, "160m", tmp_path / "disk", "full_disk_served.py")
    assert told["codes"] == [[503, "disk-full"]] * 3
    assert told["kept"] > 5
    assert told["reads"] > 0
    assert (told["after"], told["lost"], told["faults"]) == (201, False, [])


def filled(small_disk, size, place, program, *arguments):
    """Run a program with a small file system at ``place``; return what it tells."""
    place.mkdir()
    command = [*small_disk, size, str(place), sys.executable, str(HERE / program), str(place), *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, str(HERE)])}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert isinstance(told, dict)
    return told


def test_a_journal_that_cannot_grow_refuses_and_goes_on(tmp_path, driver):
    """The same for the journal alone, on any machine: SQLite is told how many pages there are."""
    with closing(driver.opened(tmp_path / "data")) as ledger:
        pages = ledger.journal._db.execute("PRAGMA page_count").fetchone()[0]
        ledger.journal._db.execute(f"PRAGMA max_page_count={pages + 2}")
        text = "".join(map(chr, range(0x4E00, 0x9000)))
        large = tuple(
            Quad(driver.named("x"), driver.PREDICATE, Literal(text[part:]), driver.GRAPH) for part in range(9)
        )
        before = set(ledger.dataset.quads())
        with pytest.raises(DataDirectoryError, match=r"disk is full.*Nothing was changed") as refusal:
            ledger.commit(Patch(large), author="ann", message="too large")
        assert refusal.value.code == "disk-full"
        assert set(ledger.dataset.quads()) == before
        assert ledger.journal.head == ledger.dataset.revision == 1
        ledger.journal._db.execute("PRAGMA max_page_count=1000000")
        assert ledger.commit(Patch(large), author="ann", message="space again").revision == 2
    with closing(driver.opened(tmp_path / "data")) as ledger:
        assert set(large) <= set(ledger.dataset.quads())

"""Pages that hold nothing go back to the system."""

import platform
import subprocess
import sys

import pytest

PROGRAM = """
from pactgraph.heap import give_back, resident, share_heap
share_heap()
blocks = [bytearray(8000) for _ in range(10_000)]  # 80 MB, each from the heap
last = bytearray(8000)
full = resident()
blocks.clear()
kept = resident()
give_back()
print(full - kept, full - resident())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has malloc_trim")
def test_what_the_end_of_the_heap_holds_back_is_given_back(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", ":".join(path for path in sys.path if path))
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    kept_back, given_back = map(int, done.stdout.split())
    assert kept_back < 40_000_000 < given_back


STARTED = """
import os, sys
print(os.getpid(), os.environ.get("PYTHONMALLOC"), *sys.argv[1:])
from pactgraph.heap import start_over
start_over()
print("done")
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only there")
@pytest.mark.parametrize(("before", "values"), [(None, ["None", "malloc"]), ("pymalloc", ["pymalloc"])])
def test_the_program_starts_over_once_as_the_same_process(monkeypatch, before, values):
    monkeypatch.setenv("PYTHONPATH", ":".join(path for path in sys.path if path))
    monkeypatch.delenv("PYTHONMALLOC", raising=False)
    if before is not None:
        monkeypatch.setenv("PYTHONMALLOC", before)
    command = [sys.executable, "-P", "-c", STARTED, "an argument"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    *starts, end = done.stdout.splitlines()
    assert end == "done"
    pids, told = zip(*((each.split(" ", 2)[0], each.split(" ", 2)[1:]) for each in starts), strict=True)
    assert len(set(pids)) == 1
    assert told == tuple([value, "an argument"] for value in values)

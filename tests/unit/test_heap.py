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

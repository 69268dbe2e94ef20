"""All attacks at once, for a moment: the figures are in the threat model."""

import json
import os
import subprocess
import sys
from pathlib import Path


def test_a_short_siege_harms_nobody():
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    script = Path(__file__).with_name("siege.py")
    done = subprocess.run(
        [sys.executable, str(script), "4", "8"], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["attacks"] > 8
    assert figures["holds"] == dict.fromkeys(figures["holds"], True)
    assert "small write" in figures["answers"], "facts are let in meanwhile"

"""A browser without a window, in a profile of its own, with no way to any network but loopback."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--enable-logging=stderr",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
needs_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="install chromium (Debian: chromium) to open pages as people do"
)


def _run(profile: Path, *arguments: str) -> str:
    """Run to the end; whatever the page writes to the console, such as a refused script, is an error."""
    command = [str(CHROMIUM), *OPTIONS, f"--user-data-dir={profile}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert re.findall(r".*CONSOLE.*", done.stderr) == []
    return done.stdout


def document_of(url: str, folder: Path) -> str:
    """Return the document as it is when its scripts have run."""
    return _run(folder / "profile", "--dump-dom", url)


def picture_of(url: str, folder: Path, size: tuple[int, int] = (1200, 900)) -> Path:
    """Return a PNG of what a person sees first."""
    picture = folder / "page.png"
    _run(folder / "profile", f"--window-size={size[0]},{size[1]}", f"--screenshot={picture}", url)
    return picture

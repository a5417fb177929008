"""What this machine has: Python, its packages, OpenCV, and whether a sandbox can be had."""

import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

from dlbook.doctor.check import Check, of
from dlbook.exercises.proof import Finding
from dlbook.grading import sandbox

MACHINE, SANDBOX = "This machine", "The sandbox"
PYTHON = ">=3.11"
INSTALL = "Install it with: python -m pip install"
INSTEAD = {"opencv-python": "opencv-python-headless"}  # the same, without windows
OPTIONAL = {
    "distributed": "for `dlbook grade --cluster`: python -m pip install 'dlbook[cluster]'",
    "torch": "for tests that ask a second opinion: python -m pip install torch==2.13.0",
    "nbgrader": "for tests that ask a second opinion: python -m pip install nbgrader==0.9.6",
    "playwright": "for `make pdf` and some tests: python -m pip install playwright",
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def machine() -> Iterator[Check]:
    """Look at Python and at what is installed."""
    asked = _requirements()
    version = platform.python_version()
    needed = SpecifierSet(PYTHON)
    fits = needed.contains(version, prereleases=True)
    yield of(MACHINE, "Python", f"{version}, in {sys.prefix}", [] if fits else [Finding(
        f"This is Python {version}, and {needed} is asked for.",
        "Install a newer one, then for example: make book PYTHON=python3.12.",
    )])  # fmt: skip
    if asked is None:
        says = "dlbook runs from its folder and isn't installed, so its packages aren't known"
        yield Check(MACHINE, "packages", says, "note")
    else:
        faults = [fault for one in asked if (fault := _fault(one)) is not None]
        yield of(MACHINE, "packages", f"{len(asked)} are asked for", faults)
    yield _opencv()
    for name, what in OPTIONAL.items():
        found = _version(name)
        says = f"{found}" if found else f"not there, needed only {what}"
        yield Check(MACHINE, name, says, "good" if found else "note")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    needs = "not there, needed only for `make pdf` and some tests: sudo apt install chromium"
    yield Check(MACHINE, "Chromium", found or needs, "good" if found else "note")


def walls() -> Check:
    """Say whether a sandbox can be built here, or what to do; nothing is run in it yet."""
    try:
        sandbox.require()
    except sandbox.NoSandboxError as error:
        says = "none can be had here, and `dlbook grade` needs one; the rest of dlbook doesn't"
        return Check(SANDBOX, "walls", says, "note", [Finding(_shortened(error), "")])
    return Check(SANDBOX, "walls", "bubblewrap is there, and may build one")


def _shortened(error: Exception) -> str:
    return str(error).split(" Or say --unsafe-no-sandbox")[0]


def _requirements() -> list[Requirement] | None:
    """Return what dlbook asks for here, without its extras; None where it isn't installed."""
    try:
        lines = metadata.requires("dlbook") or []
    except metadata.PackageNotFoundError:
        return None
    found = []
    for line in lines:
        try:
            one = Requirement(line)
        except InvalidRequirement:
            continue
        if one.marker is None or one.marker.evaluate({"extra": ""}):
            found.append(one)
    return found


def _fault(asked: Requirement) -> Finding | None:
    version = _version(asked.name) or _version(INSTEAD.get(asked.name, asked.name))
    if version is None:
        return Finding(f"The package {asked.name} isn't there.", f"{INSTALL} '{asked}'.")
    if not asked.specifier.contains(version, prereleases=True):
        return Finding(
            f"The package {asked.name} is {version}, and {asked.specifier} is asked for.",
            f"{INSTALL} '{asked}'.",
        )
    return None


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _opencv() -> Check:
    """Load OpenCV in a process of its own: a broken one may end Python."""
    done = subprocess.run(
        [sys.executable, "-m", "dlbook.opencv"], capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return Check(MACHINE, "OpenCV", done.stdout.strip())
    told = done.stderr.strip().splitlines() or [f"it ended Python (status {done.returncode})"]
    wrong, _, advice = told[-1].partition(". ")
    return of(MACHINE, "OpenCV", "it doesn't load", [Finding(f"{wrong.rstrip('.')}.", advice)])

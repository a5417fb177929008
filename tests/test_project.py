"""The top level: one place for dependencies, a lock made from it, clear words about OpenCV."""

import re
import tomllib
from pathlib import Path

import pytest

from dlbook.opencv import missing_library_advice

ROOT = Path(__file__).parents[1]


def pins(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)", text, flags=re.MULTILINE))


def test_the_lock_holds_everything_that_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    names = {re.match(r"[A-Za-z0-9_.-]+", requirement)[0].lower() for requirement in wanted}
    assert names <= {name.lower() for name in pins("requirements.txt")}


def test_every_pinned_package_has_its_hashes():
    for name in ("requirements.txt", "requirements-headless.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
        assert len(entries) >= 1
        assert all("--hash=sha256:" in entry for entry in entries)


def test_both_kinds_of_opencv_are_the_same_version():
    assert (
        pins("requirements.txt")["opencv-python"]
        == pins("requirements-headless.txt")["opencv-python-headless"]
    )


@pytest.mark.parametrize(
    ("reason", "package"),
    [
        ("libGL.so.1: cannot open shared object file: No such file or directory", "libgl1"),
        ("libgthread-2.0.so.0: cannot open shared object file", "libglib2.0-0"),
        ("libxcb.so.1: cannot open shared object file", "libxcb1"),
        ("No module named 'cv2'", "opencv-python"),
    ],
)
def test_a_missing_library_is_answered_with_the_package_to_install(reason, package):
    advice = missing_library_advice(reason)
    assert package in advice
    assert "apt install" in advice


def test_the_top_level_is_as_designed():
    for name in (
        "book", "exercises", "solutions", "dlbook", "tests", "_config.yml", "_toc.yml",
        "requirements.txt", "pyproject.toml", "README.md", "CHANGELOG.md", "CONTRIBUTING.md",
        "LICENSE",
    ):  # fmt: skip
        assert (ROOT / name).exists(), name

"""The command line says what it does and answers wrong use with what to do."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from dlbook import __version__

ROOT = Path(__file__).parents[1]


def dlbook(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "dlbook.cli", *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_help_names_every_command():
    done = dlbook("--help")
    assert done.returncode == 0
    assert {"build", "lab", "pdf", "links"} <= set(
        re.findall(r"^  (\w+) ", done.stdout, flags=re.MULTILINE)
    )
    assert __version__ in dlbook("--version").stdout


@pytest.mark.parametrize("wrong", [["bake"], ["build", "--fast"], ["lab", "here"]])
def test_wrong_usage_ends_with_status_2(wrong):
    done = dlbook(*wrong)
    assert done.returncode == 2
    assert "Usage:" in done.stderr


@pytest.mark.parametrize("command", ["build", "lab", "pdf", "links"])
def test_a_folder_without_a_book_is_answered_in_words(command, tmp_path):
    done = dlbook(command, folder=tmp_path)
    assert done.returncode == 2
    assert "There is no book in" in done.stderr
    assert "cloned" in done.stderr


def test_a_page_that_raises_makes_the_build_fail_with_status_1(tmp_path):
    shutil.copy(ROOT / "_config.yml", tmp_path)
    (tmp_path / "book").mkdir()
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/intro\n", encoding="utf-8")
    head = "---\nkernelspec: {name: python3, display_name: Python 3}\n---\n# A page\n\n"
    cell = "```{code-cell} python\n1 / 0\n```\n"
    (tmp_path / "book/intro.md").write_text(head + cell, encoding="utf-8")
    done = dlbook("build", folder=tmp_path)
    assert done.returncode == 1
    assert "was not built" in done.stderr
    assert "intro.md" in done.stderr


def ask(address: str, method: str = "GET", tries: int = 60) -> str:
    """Ask the server of this test, which may need a moment before it listens."""
    request = urllib.request.Request(address, method=method)
    for attempt in range(tries):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.read().decode()
        except urllib.error.URLError:
            if attempt == tries - 1:
                raise
            time.sleep(0.5)
    return ""


@pytest.mark.skipif(os.name == "nt", reason="ends the server's process group as POSIX does")
def test_lab_shows_the_exercises_folder():
    command = [sys.executable, "-m", "dlbook.cli", "lab", "--no-browser"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    ) as server:  # fmt: skip
        try:
            shown = (re.search(r"(http://127\.0\.0\.1:\d+/)lab\?token=(\w+)", line)
                     for line in server.stdout)  # fmt: skip
            address, token = next(found for found in shown if found).groups()
            assert "README.md" in ask(f"{address}api/contents?token={token}")
        finally:
            os.killpg(server.pid, signal.SIGKILL)

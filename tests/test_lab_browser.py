"""A student in JupyterLab: `dlbook lab` in a real browser, a wrong answer typed, then a right one.

Needs Chromium: on Debian or Ubuntu `sudo apt install chromium`.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="ends the server's processes as POSIX does")


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium, driven by Playwright; missing, it is a visible skip."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        advice = "Chromium is not installed: sudo apt install chromium"
        if os.environ.get("DLBOOK_REQUIRE_ORACLES"):
            pytest.fail(advice)
        pytest.skip(advice)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only with a browser

    flags = [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
        "--disable-background-networking", "--disable-component-update",
    ]  # fmt: skip
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=flags)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[tuple[str, str]]:
    """JupyterLab as ``dlbook lab`` starts it, on a copy of the exercises; address and token."""
    folder = tmp_path_factory.mktemp("lab")
    for name in ("_toc.yml", "_config.yml"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "exercises", folder / "exercises")
    settings = folder / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    # Every cell is in the page, not only those in view: the test looks for them by their text.
    text = json.dumps({"windowingMode": "none"})
    (settings / "tracker.jupyterlab-settings").write_text(text, encoding="utf-8")
    environment = {
        **os.environ,
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "DLBOOK_PROGRESS": str(folder / "progress.json"),
    }
    command = [sys.executable, "-m", "dlbook.cli", "lab", "--no-browser"]
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True,
    ) as server:  # fmt: skip
        try:
            found = (
                re.search(r"(http://127\.0\.0\.1:\d+/)lab\?token=(\w+)", line)
                for line in server.stdout
            )
            yield next(match for match in found if match).groups()
        finally:
            os.killpg(server.pid, signal.SIGKILL)


class Notebook:
    """An open notebook, and what a student does in it."""

    def __init__(self, page) -> None:
        self.page = page

    def cell(self, text: str):
        return self.page.locator(".jp-Notebook .jp-CodeCell").filter(has_text=text).first

    def run(self, text: str, code: str | None = None) -> None:
        """Click into a cell, write `code` into it if there is any, and run it."""
        cell = self.cell(text)
        prompt = cell.locator(".jp-InputPrompt").first
        before = prompt.inner_text()
        for _ in range(3):
            cell.locator(".cm-content").first.click()
            if code is not None:
                self.page.keyboard.press("ControlOrMeta+A")
                self.page.keyboard.insert_text(code)
            self.page.keyboard.press("Shift+Enter")
            for _ in range(50):
                if prompt.inner_text() not in (before, "[*]:"):
                    return
                self.page.wait_for_timeout(100)
            for dialog in self.page.locator("dialog.jp-Dialog").all_inner_texts():
                print("a dialog was in the way:", dialog)
            self.page.keyboard.press("Escape")
        raise AssertionError(f"The cell {text!r} did not run.")

    def wait_for(self, text: str, words: str) -> str:
        output = self.cell(text).locator(".jp-OutputArea")
        output.filter(has_text=words).wait_for(timeout=60_000)
        return output.inner_text()


@pytest.fixture
def notebook(browser, lab):
    address, token = lab
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.goto(f"{address}lab/tree/neuron.ipynb?token={token}", timeout=60_000)
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=60_000)
    with contextlib.suppress(Exception):  # a question about news, on the first start only
        page.get_by_role("button", name="No", exact=True).click(timeout=2_000)
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=60_000)
    yield Notebook(page)
    page.close()


def test_a_student_reads_why_an_answer_is_wrong_and_then_that_it_is_right(notebook, tmp_path):
    picture = Path(os.environ.get("DLBOOK_SCREENSHOTS", tmp_path))
    notebook.run("import numpy as np")
    notebook.run('check("neuron-relu")')
    text = notebook.wait_for('check("neuron-relu")', "Not attempted yet")
    assert "run that cell first" in text

    notebook.run("def relu(z):", "def relu(z):\n    return np.where(z > 0, 1.0, 0.0)")
    notebook.run('check("neuron-relu")')
    text = notebook.wait_for('check("neuron-relu")', "The slope in place of the value")
    assert "Traceback" not in text
    assert "neuron-relu: incorrect." in text
    assert "Read again: chapter 2" in text
    message = notebook.cell('check("neuron-relu")').locator(".jp-OutputArea")
    message.scroll_into_view_if_needed()
    notebook.page.screenshot(path=picture / "lab-wrong.png")

    notebook.run("def relu(z):", "def relu(z):\n    return np.maximum(z, 0)")
    notebook.run('check("neuron-relu")')
    text = notebook.wait_for('check("neuron-relu")', "Correct: neuron-relu, 1 point.")
    assert text.strip() == "✓ Correct: neuron-relu, 1 point."
    message.scroll_into_view_if_needed()
    notebook.page.screenshot(path=picture / "lab-right.png")

    notebook.run("progress()")
    text = notebook.wait_for("progress()", "How far you are")
    assert re.search(r"neuron-relu\s+1\s+✓ correct\s+✓ correct", text)
    notebook.cell("progress()").locator(".jp-OutputArea").scroll_into_view_if_needed()
    notebook.page.screenshot(path=picture / "lab-progress.png")

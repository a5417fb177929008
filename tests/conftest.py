"""What several tests share."""

import contextlib
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple
from urllib.parse import urlsplit

import numpy as np
import pytest

from dlbook import building
from dlbook.exercises import course
from dlbook.explore.modules import BROWSER

ROOT = Path(__file__).parents[1]

os.environ["DLBOOK_PROGRESS"] = "off"  # what is checked in tests is nobody's progress


@pytest.fixture(autouse=True)
def _the_books_own_course() -> Iterator[None]:
    """Leave no other course behind: commands that are run in a test's own process choose one."""
    yield
    if course._asked not in ([], [None]):
        course.use(None)
    course._asked.clear()
    os.environ.pop(course.SETTING, None)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(2026)


@pytest.fixture(scope="session")
def torch() -> ModuleType:
    """PyTorch, the second opinion; DLBOOK_REQUIRE_ORACLES=1 makes its absence a failure."""
    try:
        import torch  # noqa: PLC0415
    except ImportError:
        if os.environ.get("DLBOOK_REQUIRE_ORACLES"):
            pytest.fail("PyTorch must be here for this run: pip install torch==2.13.0")
        pytest.skip("PyTorch is not installed: pip install torch==2.13.0 to ask it as well")
    torch.set_num_threads(1)
    return torch


@pytest.fixture(scope="session")
def html() -> Path:
    """Build the book (only what has changed since the last time), warnings as errors.

    Where tests run in several processes, one builds and the others wait for it.
    """
    (ROOT / "_build").mkdir(exist_ok=True)
    with open(ROOT / "_build" / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return building.build(ROOT, quiet=True).parent


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
def modules_in(browser) -> Iterator[Callable]:
    """Load modules of the figures to play with as they are; get a function that runs JavaScript.

    ``modules_in(m="mathematics")`` gives ``run(code, given)``, in which the code knows the
    module as ``m``; what it returns comes back as plain data, arrays as lists.
    """
    page = browser.new_page()

    def answer(route) -> None:
        path = BROWSER / urlsplit(route.request.url).path.lstrip("/")
        if path.is_file():
            route.fulfill(path=path, content_type="text/javascript")
        else:
            route.fulfill(body="<!DOCTYPE html><title>empty</title>", content_type="text/html")

    page.route("http://modules.invalid/**", answer)
    page.goto("http://modules.invalid/")

    def load(**names: str) -> Callable[[str, object], object]:
        script = """async ([names, code, given]) => {
          const loaded = await Promise.all(Object.values(names).map((n) => import(`/${n}.js`)));
          const plain = (key, value) => ArrayBuffer.isView(value) ? [...value] : value;
          const run = new Function(...Object.keys(names), "given", code);
          return JSON.parse(JSON.stringify(run(...loaded, given), plain));
        }"""
        return lambda code, given=None: page.evaluate(script, [names, code, given])

    yield load
    page.close()


class Lab(NamedTuple):
    """A running JupyterLab: where it is, and the folder that it shows."""

    address: str
    token: str
    folder: Path


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[Lab]:
    """JupyterLab as ``dlbook lab`` starts it, on a copy of the exercises."""
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
            address, token = next(match for match in found if match).groups()
            yield Lab(address, token, folder / "exercises")
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
def open_notebook(browser, lab) -> Iterator[Callable[[str], Notebook]]:
    """Open a notebook of the lab's folder; its pages are closed when the test is over."""
    with contextlib.ExitStack() as opened:

        def open_one(name: str) -> Notebook:
            page = browser.new_page(viewport={"width": 1200, "height": 900})
            opened.callback(page.close)
            # Nothing that was open before: what one test leaves behind is not the next one's.
            page.goto(f"{lab.address}lab/tree/{name}?token={lab.token}&reset", timeout=60_000)
            page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=60_000)
            with contextlib.suppress(Exception):  # a question about news, on the first start only
                page.get_by_role("button", name="No", exact=True).click(timeout=2_000)
            idle = page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")
            idle.wait_for(timeout=60_000)
            return Notebook(page)

        yield open_one

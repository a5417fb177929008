"""From knob to picture: how long the figures to play with take, in a real browser.

``python benchmarks/figures.py`` opens each figure's page from disk, turns its knobs, lets the
Playground train, and puts a table into `README.md`. Needs Chromium, and a machine at rest.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import record
from playwright.sync_api import Browser, sync_playwright

from dlbook import explore

sys.path.insert(0, str(record.HERE.parent / "tests"))
from explore_examples import EXAMPLES, open_figure

TURNS = 200  # of knobs, for each figure
UPDATES, LONGEST = 300, 50  # wanted: updates a second; milliseconds of the longest task
REDRAW = 16  # wanted: milliseconds from knob to picture
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]

# The work of the event and of the frame after it, with the layout that it asks for.
TURN = """async ([selector, turns]) => {
  const knobs = [...document.querySelectorAll(selector)];
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const real = window.requestAnimationFrame.bind(window);
  let spent = 0;
  window.requestAnimationFrame = (work) => real((now) => {
    const start = performance.now();
    work(now);
    document.querySelector(".explore").getBoundingClientRect();
    spent += performance.now() - start;
  });
  const times = [];
  for (let i = 0; i < turns; i += 1) {
    const knob = knobs[i % knobs.length];
    const up = (i / knobs.length) % 2 < 1;
    spent = 0;
    const start = performance.now();
    knob[up ? "stepUp" : "stepDown"]();
    knob.dispatchEvent(new Event("input", { bubbles: true }));
    spent += performance.now() - start;
    await frame();
    await frame();
    times.push(spent);
  }
  return times;
}"""

RATE = """async (seconds) => {
  const count = () => document.querySelectorAll(".explore-numbers b")[1].textContent;
  const updates = () => Number(count().replaceAll(",", ""));
  const [start, before] = [performance.now(), updates()];
  await new Promise((done) => setTimeout(done, 1000 * seconds));
  return (updates() - before) / ((performance.now() - start) / 1000);
}"""


def redraws(browser: Browser, folder: Path) -> dict[str, list[float]]:
    """Return the milliseconds of each turn of a knob, for each figure that has sliders."""
    times = {}
    for example in EXAMPLES:
        page = example.make().save(folder / f"{example.name}.html")
        with open_figure(browser, page) as figure:
            sliders = ".explore input[type=range]"
            times[example.name] = figure.page.evaluate(TURN, [sliders, TURNS])
    return times


def training(browser: Browser, folder: Path, pace: str, seconds: float) -> dict:
    """Return the Playground's updates a second (2-16-16-3, batches of 32) and its longest task."""
    figure = explore.Playground("spiral", [16, 16], batch_size=32, held_out=0.2, pace=pace)
    with open_figure(browser, figure.save(folder / f"{pace}.html")) as opened:
        opened.page.get_by_role("button", name="Run").click()
        opened.page.wait_for_timeout(500)
        categories = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"]
        browser.start_tracing(page=opened.page, categories=[*categories, "__metadata"])
        rate = opened.page.evaluate(RATE, seconds)
        tasks = tasks_of(browser.stop_tracing())
    return {"pace": pace, "updates_a_second": rate, "longest_ms": max(tasks)}


def tasks_of(trace: bytes) -> list[float]:
    """Return how long the page's own thread worked on each task, in milliseconds.

    Working time, not time that went by: a busy machine takes the browser off the processor.
    """
    events = json.loads(trace)["traceEvents"]
    threads = {
        (e["pid"], e["tid"])
        for e in events
        if e["name"] == "thread_name" and e["args"]["name"] == "CrRendererMain"
    }
    return [
        e["tdur"] / 1000
        for e in events
        if e["name"].endswith("RunTask") and "tdur" in e and (e["pid"], e["tid"]) in threads
    ]


def tables(found: dict) -> str:
    """Return the two tables as Markdown."""
    drawn = record.table(
        ("figure", "ms from knob to picture, median", "the slowest of a hundred", "wanted"),
        [
            (name, f"{statistics.median(times):.1f}", f"{sorted(times)[-len(times) // 100]:.1f}",
             f"{REDRAW}")
            for name, times in found["redraws"].items()
        ],
    )  # fmt: skip
    trained = record.table(
        ("Playground's speed", "updates a second", "wanted", "longest task, ms", "wanted"),
        [
            (one["pace"], f"{one['updates_a_second']:.0f}", f"{UPDATES}",
             f"{one['longest_ms']:.0f}", f"{LONGEST}")
            for one in found["training"]
        ],
    )  # fmt: skip
    where = f"{found['browser']}; {found['cores']} cores of {found['processor']}."
    return "\n\n".join([drawn, trained, where])


def main() -> None:
    """Measure, print, and put the tables into the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5.0, help="for each speed (5)")
    seconds = parser.parse_args().seconds
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("Chromium is not installed: sudo apt install chromium")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        found = {
            "browser": f"Chromium {browser.version}",
            "redraws": redraws(browser, Path(folder)),
            "training": [
                training(browser, Path(folder), pace, seconds) for pace in ("steady", "fast")
            ],
            **record.machine(),
        }
        browser.close()
    text = tables(found)
    print(text)
    record.put("figures", text)


if __name__ == "__main__":
    main()

"""The whole book as one PDF file: Chromium prints the page that the build has made for paper."""

import os
import re
import shutil
import unicodedata
from pathlib import Path

ADVICE = """\
The book can't be printed: {reason}. Install a browser:

    sudo apt install chromium                  # Debian and Ubuntu
    {python} -m playwright install chromium    # anywhere else: fetches one

Or open {page} in any browser, and print it there."""


class NoBrowserError(Exception):
    """There is no Chromium that could print."""


def print_pdf(page: Path, target: Path) -> Path:
    """Print a built page into a PDF file, with page numbers, an outline, and tags for readers.

    Parameters
    ----------
    page : Path
        An HTML file. Nothing else than files of this machine is loaded.
    target : Path
        The PDF file to write.

    Raises
    ------
    NoBrowserError
        If there is no Chromium, or no Playwright, which drives it. Says what to install.
    """
    try:
        from playwright import sync_api  # noqa: PLC0415 - only who prints needs it
    except ImportError:
        raise NoBrowserError(_advice("the package playwright isn't there", page)) from None
    flags = ["--disable-gpu", "--disable-background-networking", "--no-first-run"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags.append("--no-sandbox")  # Chromium doesn't start without it for root, in a container
    with sync_api.sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=_chromium(), args=flags)
        except sync_api.Error:
            raise NoBrowserError(_advice("there is no Chromium", page)) from None
        sheet = browser.new_page(offline=True)
        sheet.goto(page.as_uri())
        sheet.evaluate("document.fonts.ready")
        sheet.pdf(path=target, prefer_css_page_size=True, outline=True, tagged=True)
        browser.close()
    return target


def file_name(folder: Path) -> str:
    """Return what the PDF file of a book is called: its title in lower-case words."""
    import yaml  # noqa: PLC0415

    try:
        settings = yaml.safe_load((folder / "_config.yml").read_text(encoding="utf-8"))
        title = unicodedata.normalize("NFKC", str(settings["title"]))
    except (OSError, ValueError, yaml.YAMLError, LookupError, TypeError):
        title = ""
    words = re.findall(r"[^\W_]+", title.lower())
    return f"{'-'.join(words) or 'book'}.pdf"


def _chromium() -> str | None:
    """Return the system's Chromium; None where Playwright's own must do."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next(filter(None, map(shutil.which, names)), None)


def _advice(reason: str, page: Path) -> str:
    return ADVICE.format(reason=reason, python=Path(".venv/bin/python"), page=page.as_uri())

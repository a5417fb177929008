"""Feedback pages in one zip, under the names by which Canvas and Moodle know whose they are.

Those names are in the download of the submissions and nowhere else, so it is asked for again.
"""

import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dlbook.grading import batch, intake
from dlbook.grading.gradebook import Gradebook
from dlbook.grading.lms.people import require_known
from dlbook.grading.lms.table import LmsError, require_free, write_new
from dlbook.grading.report import file_names
from dlbook.grading.tables import shown

UNSAFE = re.compile(r"[\x00-\x1f\x7f\\:*?\"<>|\ud800-\udfff]")  # not in every system's file names
HOW = {
    "canvas": "In Canvas: the Gradebook, the menu of the assignment's column, "
    "Re-Upload Submissions.",
    "moodle": "In Moodle: the assignment's submissions, Actions, Upload multiple feedback files "
    "in a zip.",
}


@dataclass
class Packed:
    """What was packed, in words and as data."""

    path: Path
    layout: str
    pages: dict[str, Path] = field(default_factory=dict)  # by their names in the zip
    missing: list[str] = field(default_factory=list)  # handed in, but have no page
    lost: list[str] = field(default_factory=list)  # have a page, but aren't in the submissions

    def text(self) -> str:
        """Return it as a person reads it."""
        count = len(self.pages)
        lines = [f"{count} feedback {'page is' if count == 1 else 'pages are'} packed."]
        for head, names in (
            ("In the submissions, but without a page:", self.missing),
            ("With a page, but NOT in the submissions:", self.lost),
        ):
            if names:
                lines += ["", f"{head} {len(names)}.", *(f"  {shown(name)}" for name in names)]
        return "\n".join([*lines, "", f"Packed: {shown(str(self.path))}", HOW[self.layout]])


def free_name(submissions: Path, out: Path | None) -> Path:
    """Return where the zip goes: beside the submissions, which are kept."""
    given = submissions if submissions.name else submissions.absolute()
    path = out or given.with_name(f"{given.name.removesuffix('.zip')} feedback.zip")
    require_free(path)
    return path


def pack(
    submissions: Path, folder: Path, book: Gradebook, path: Path, notebooks: Sequence[str] = ()
) -> Packed:
    """Pack the pages in ``folder/feedback`` for the platform that the submissions came from.

    Parameters
    ----------
    submissions : Path
        The download from Canvas or Moodle that was graded.
    folder : Path
        What `dlbook grade --out` has written.
    book : Gradebook
    path : Path
        The zip.
    notebooks : sequence of str, optional
        Only these exercises.

    Raises
    ------
    LmsError, intake.IntakeError
        If there is nothing to pack. Then nothing is written.
    """
    found, _ = intake.find(submissions)
    layouts = {one.layout for one in found}
    if len(layouts) != 1 or not layouts <= HOW.keys():
        raise LmsError(
            f"{submissions} is no download from Canvas or Moodle alone, so no names are known "
            f"under which feedback comes back. The pages are in {folder / 'feedback'}."
        )
    (layout,) = layouts
    pages = _pages(book, folder, notebooks)
    done = Packed(path, layout)
    handed_in = _handed_in(found, book)
    for (student, notebook), handle in handed_in.items():
        page = pages.get((student, notebook))
        if page is not None:
            done.pages[f"{_safe(handle)}{page.name}"] = page
        elif not notebooks or notebook in notebooks:
            done.missing.append(f"{student}: {notebook}")
    done.lost = [f"{s}: {n}" for s, n in pages if (s, n) not in handed_in]
    if not done.pages:
        raise LmsError(
            f"Nobody in {submissions} has a feedback page in {folder / 'feedback'}. Is it the "
            "download that was graded?"
        )
    write_new(path, _zipped(done.pages))
    return done


def _pages(book: Gradebook, folder: Path, notebooks: Sequence[str]) -> dict[tuple, Path]:
    """Return the pages that there are, by student and exercise."""
    graded = dict.fromkeys(
        (row["student"], row["notebook"]) for row in book.marks(("student", "notebook"))
    )
    require_known(notebooks, list(dict.fromkeys(notebook for _, notebook in graded)))
    names = file_names(sorted({student for student, _ in graded}))
    paths = {
        (student, notebook): folder / "feedback" / names[student]
        / f"{file_names([notebook])[notebook]}.html"
        for student, notebook in graded
        if not notebooks or notebook in notebooks
    }  # fmt: skip
    return {place: path for place, path in paths.items() if path.is_file()}


def _handed_in(found: Sequence[intake.Submitted], book: Gradebook) -> dict[tuple, str]:
    """Return the platform's part of the names, by the gradebook's students and exercises."""
    known = defaultdict(set)
    for work in book.students():
        known[work["layout"], work["student_id"]].add(work["student"])
    handles = {}
    for name, own in batch.by_student(found).items():
        whose = known[own[0].layout, own[0].student_id]
        student = next(iter(whose)) if len(whose) == 1 else name
        by_place = {one.where: one.handle for one in own}
        for notebook, (file, _) in batch.newest(batch.task_of(own).files).items():
            handles[student, notebook] = by_place[file.where]
    return handles


def _safe(handle: str) -> str:
    """Return the platform's part of a name without what could lead elsewhere on any system."""
    *folder, name = handle.split("/")
    parts = [UNSAFE.sub("-", part).strip(" ").lstrip(".~") for part in (*folder, name)]
    return "/".join(parts).lstrip("/")


def _zipped(pages: dict[str, Path]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, page in pages.items():
            archive.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), page.read_bytes(),
                             zipfile.ZIP_DEFLATED)  # fmt: skip
    return data.getvalue()

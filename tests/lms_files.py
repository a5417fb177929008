"""What the tests of the learning platforms share: gradebooks, and files in the platforms' forms."""

import csv
import io
import tempfile
from functools import cache
from pathlib import Path

from dlbook.grading.gradebook import Gradebook, Work
from dlbook.grading.marks import Graded, Result


def gradebook(
    folder: Path, points: dict[str, object], layout: str = "folders", notebook: str = "neuron",
    most: int = 10,
) -> Path:  # fmt: skip
    """Record marks; ``{"Jane Doe": 7}``, or with the platform's number ``{("doejane", "12"): 7}``.

    A mark of None is work that could not be graded. Each question is out of one point.
    """
    folder.mkdir(exist_ok=True)
    path = folder / "gradebook.sqlite"
    if not path.exists():
        path.write_bytes(_recorded(tuple(points.items()), layout, notebook, most))
    else:
        _record(path, tuple(points.items()), layout, notebook, most)
    return folder


@cache
def _recorded(points: tuple, layout: str, notebook: str, most: int) -> bytes:
    """Return a gradebook's bytes: to make one takes long on a slow disk, and a copy doesn't."""
    with tempfile.TemporaryDirectory() as folder:
        _record(Path(folder, "g.sqlite"), points, layout, notebook, most)
        return Path(folder, "g.sqlite").read_bytes()


def _record(path: Path, points: tuple, layout: str, notebook: str, most: int) -> None:
    with Gradebook(path) as book:
        run = book.begin()
        for who, own in points:
            name, number = who if isinstance(who, tuple) else (who, "")
            results = [result(f"{notebook}-q{i}", own, i) for i in range(most)]
            work = Work(name, number, layout, f"{name} {notebook}", False, None)
            book.record(run, work, [Graded(notebook, results, [])])
        book.finish(run)


def result(question: str, own: int | None, place: int) -> Result:
    right = own is not None and place < own
    outcome = "not graded" if own is None else "correct" if right else "incorrect"
    return Result(question, int(right), 1, outcome, "", f"{question} is {outcome}.", "In words.")


def written(rows: list[list[str]], separator: str = ",", line: str = "\r\n", **more) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=line, **more).writerows(rows)
    return text.getvalue()


def parsed(data: bytes, encoding: str = "utf-8-sig", separator: str = ",") -> list[list[str]]:
    text = io.StringIO(data.decode(encoding), newline="")
    return list(csv.reader(text, delimiter=separator))


CANVAS_HEAD = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
CANVAS_TOTALS = ["Homework Current Score", "Current Score", "Unposted Current Score", "Final Grade"]


def canvas(
    students: list[tuple[str, str, str]],
    titles: tuple[str, ...] = ("Neuron (4711)", 'Essay, "the long one" (v2) (4712)'),
    most: tuple[str, ...] = ("10.00", "5.00"),
    grades: dict[str, list[str]] | None = None,
    manual: bool = True,
) -> list[list[str]]:
    """Return the rows of an export of Canvas's gradebook for students (name, ID, login)."""
    blank = [""] * len(CANVAS_HEAD)
    rows = [[*CANVAS_HEAD, *titles, *CANVAS_TOTALS]]
    if manual:
        manually = ["Manual Posting"] + [""] * (len(titles) - 1)
        rows.append([*blank, *manually, *[""] * len(CANVAS_TOTALS)])
    read_only = ["(read only)"] * len(CANVAS_TOTALS)
    rows.append(["    Points Possible", *blank[1:], *most, *read_only])
    for name, number, login in students:
        own = (grades or {}).get(number, [""] * len(titles))
        rows.append(
            [name, number, f"sis{number}", login, "A and B", *own, "81.50", "70.00", "70.00", "B"]
        )
    return rows


HEADINGS = {
    "en": ["Identifier", "Full name", "ID number", "Email address", "Status", "Grade",
           "Maximum grade", "Grade can be changed", "Last modified (submission)", "Online text",
           "Last modified (grade)", "Feedback comments"],
    "de": ["ID", "Vollständiger Name", "ID-Nummer", "E-Mail-Adresse", "Status", "Bewertung",
           "Bestwertung", "Bewertung kann geändert werden", "Zuletzt geändert (Abgabe)",
           "Texteingabe online", "Zuletzt geändert (Bewertung)", "Feedback als Kommentar"],
    "fr": ["Identifiant", "Nom complet", "Numéro d’identification", "Adresse de courriel",
           "Statut", "Note", "Note maximale", "La note peut être modifiée",
           "Dernière modification (travail remis)", "Texte en ligne",
           "Dernière modification (note)", "Feedback par commentaires"],
    "xx": ["Α", "Β", "Γ", "Δ", "Ε", "Ζ", "Η", "Θ", "Ι", "Κ", "Λ", "Μ"],
}  # fmt: skip
PARTICIPANTS = {"en": "Participant ", "de": "Teilnehmer/in", "fr": "Participant", "xx": "Μέλος "}
GRADE = 5


def moodle(
    students: list[tuple[str, str]], language: str = "en", most: str = "10.00",
    grades: dict[str, str] | None = None, leave: tuple[int, ...] = (),
) -> list[list[str]]:  # fmt: skip
    """Return the rows of a grading worksheet for students (name, participant's number)."""
    rows = [HEADINGS[language]]
    for name, number in students:
        rows.append([
            f"{PARTICIPANTS[language]}{number}", name, f"s{number}00", f"{number}@uni.example",
            "Submitted for grading", (grades or {}).get(number, ""), most, "Yes",
            "Monday, 2 March 2026, 2:07 PM", 'My text,\nwith "quotes";\r\nand lines', "-", "",
        ])  # fmt: skip
    return [[cell for i, cell in enumerate(row) if i not in leave] for row in rows]

"""All thirty questions, by id."""

import difflib
from importlib import import_module

from dlbook.exercises.question import Question

NOTEBOOKS = ("layers", "neuron", "updates", "training", "images")

_TUTOR = "from dlbook.exercises import check, hint, progress"
_SETUP = f"import numpy as np\n\n{_TUTOR}"
SETUPS = {  # each notebook's first code cell; a test holds it to the notebook's own
    **dict.fromkeys(("layers", "neuron", "updates", "training"), _SETUP),
    "images": (
        "import tempfile\nfrom pathlib import Path\n\nimport cv2\nimport numpy as np\n\n"
        f"{_TUTOR}\nfrom dlbook.images import draw_digits"
    ),
}


def questions(notebook: str | None = None) -> dict[str, Question]:
    """Return the questions by id, of one notebook or of all, in the order of the book."""
    names = NOTEBOOKS if notebook is None else (notebook,)
    modules = [import_module(f"dlbook.exercises.{name}") for name in names]
    return {question.id: question for module in modules for question in module.QUESTIONS}


def question(name: str) -> Question:
    """Return the question with this id.

    Raises
    ------
    LookupError
        If there is none; the message names the most similar.
    """
    notebook = str(name).split("-")[0]
    known = questions(notebook if notebook in NOTEBOOKS else None)
    if name in known:
        return known[name]
    near = difflib.get_close_matches(str(name), list(questions()), n=3, cutoff=0.3)
    advice = f" Did you mean {' or '.join(repr(n) for n in near)}?" if near else ""
    raise LookupError(
        f"There is no question {name!r}.{advice} The id stands in the line above each question."
    )

"""What a kernel under grading gets of this package: the probe, and no answers.

A folder with a `dlbook` of its own: the modules that draw pictures, the probe, a tutor that says
nothing. The chapters are put away, since they hold what the questions ask for.
"""

import shutil
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
TAKEN = (
    "arguments.py", "opencv.py", "drawing.py", "exercises/plain.py", "exercises/probe.py",
    "grading/inside.py", "grading/forkserver.py",
)  # fmt: skip
AWAY = (
    "layers", "neuron", "losses", "updates", "inplace", "training", "worked", "figures", "idx",
    "building", "cli",
)  # fmt: skip
WRITTEN = {
    "__init__.py": '"""The part of dlbook that is there while answers are graded."""\n',
    "images.py": (
        '"""The drawn pictures. What the questions ask for is put away."""\n\n'
        "from dlbook.drawing import draw_digits, draw_shapes  # noqa: F401\n"
    ),
    "exercises/__init__.py": (
        '"""In place of the tutor: nobody is asked here, the grader has the last word."""\n\n\n'
        "def check(*_, **__):\n    pass\n\n\nhint = progress = check\n"
    ),
    "grading/__init__.py": "",
}


def write(folder: Path) -> None:
    """Write the package `dlbook` of a kernel under grading into a folder."""
    package = folder / "dlbook"
    for name, text in WRITTEN.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text, encoding="utf-8")
    for name in TAKEN:
        shutil.copyfile(PACKAGE / name, package / name)
    for name in AWAY:
        reason = (
            f"dlbook.{name} is put away while answers are graded: "
            "the question asks you to write it yourself."
        )
        (package / f"{name}.py").write_text(f"raise ModuleNotFoundError({reason!r})\n", "utf-8")

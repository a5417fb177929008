"""The lines with which the book's reference grades a class from Python."""

import csv
import re
import shutil
import sys
from pathlib import Path

from dlbook.exercises import key

sys.path.insert(0, str(Path(__file__).parent))
from grading import ROOT, needs_a_sandbox


def test_the_lines_of_the_reference_grade_a_class(tmp_path, monkeypatch, capsys):
    text = (ROOT / "book" / "reference" / "grading.md").read_text(encoding="utf-8")
    code = re.search(r"^```python\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)[1]
    needs_a_sandbox()
    handed_in = tmp_path / "sample-class" / "ada" / "neuron.ipynb"
    handed_in.parent.mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / "neuron.ipynb", handed_in)
    monkeypatch.chdir(tmp_path)

    exec(compile(code, "book/reference/grading.md", "exec"), {})

    assert capsys.readouterr().out.startswith("1 student graded.")
    with (tmp_path / "marks" / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["question"] for row in rows] == list(key.questions("neuron"))
    assert {row["outcome"] for row in rows} == {"correct"}

"""A student in JupyterLab: `dlbook lab` in a real browser, a wrong answer typed, then a right one.

Needs Chromium: on Debian or Ubuntu `sudo apt install chromium`.
"""

import os
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="ends the server's processes as POSIX does")


@pytest.fixture
def notebook(open_notebook):
    return open_notebook("neuron.ipynb")


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

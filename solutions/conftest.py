"""For ``pytest --nbval solutions``: a stored output that is missing is a failure, not a pass.

nbval compares a cell with what is stored for it; where nothing was ever stored, anything would do.
"""

import os

import pytest

os.environ["DLBOOK_PROGRESS"] = "off"  # running the solutions is nobody's progress


def pytest_collection_modifyitems(items):
    """Refuse a solution in which a cell was never run, or a check has no stored answer."""
    unfit = []
    for item in items:
        cell = getattr(item, "cell", None)  # nbval's items have one
        if cell is None:
            continue
        if cell.execution_count is None:
            unfit.append(f"{item.nodeid}: the cell was never run, so it has no reference")
        elif "check(" in cell.source and "✓ Correct" not in str(cell.outputs):
            unfit.append(f"{item.nodeid}: the check has no stored “✓ Correct”")
    if unfit:
        raise pytest.UsageError(
            "Run the solution from top to bottom in JupyterLab and save it:\n" + "\n".join(unfit)
        )

"""What all figures to play with share: alive in JupyterLab and in a page, still on paper."""

import json
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from dlbook.arguments import new_file
from dlbook.explore.modules import BROWSER, style
from dlbook.figures import DescribedFigure

# A page with nothing but one figure: what the book's builder makes, in one file.
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body {{ margin: 0 auto; max-width: 46rem; padding: 8px; }} svg {{ max-width: 100%; }}</style>
</head>
<body>
<main>
<div class="live-figure">
<div class="live-figure-still">{still}</div>
<script type="application/vnd.jupyter.widget-view+json">{view}</script>
</div>
</main>
<script type="application/vnd.jupyter.widget-state+json">{state}</script>
<script>{host}</script>
</body>
</html>
"""


class Figure(anywidget.AnyWidget):
    """A figure that a reader can play with.

    A subclass names its module for the browser, ``_esm = joined("neuron")``, keeps what can be
    changed in synced traits of plain JSON, and draws itself for paper in `still`. As the last
    expression of a cell it is alive in JupyterLab, where its traits follow the reader's hand
    and the other way round. The book's page shows the still figure until the live one starts:
    on paper and without scripts it stays.

    Parameters
    ----------
    task : str, optional
        Something to find out; it stands above the figure.
    **traits
        Starting values of the other traits.
    """

    _css = style()
    task = traitlets.Unicode("").tag(sync=True)

    def still(self) -> DescribedFigure:
        """Draw the figure as it is now, for paper and for pages without scripts."""
        raise NotImplementedError(f"{type(self).__name__} can't draw itself for paper yet.")

    def save(self, path: str | Path, overwrite: bool = False) -> Path:
        """Write a page with this figure alone, alive without a kernel; return its path.

        Nothing is fetched: one file, which opens from a disk or in a learning platform.

        Raises
        ------
        FileExistsError
            If there is a file already and `overwrite` is False.
        FileNotFoundError
            If the folder doesn't exist.
        """
        path = new_file(path, overwrite)
        state = {"figure": {"state": self.get_state()}}
        page = _PAGE.format(
            title=f"{type(self).__name__}: a figure to play with",
            still=self.still().to_svg(),
            view=_script_text({"model_id": "figure"}),
            state=_script_text({"state": state}),
            host=(BROWSER / "host.js").read_text(encoding="utf-8"),
        )
        path.write_text(page, encoding="utf-8")
        return path

    def __repr__(self) -> str:
        """Name the figure only: an address would differ from run to run."""
        return f"{type(self).__name__}()"

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict, dict]:
        # JupyterLab prefers the live one; the book's page takes both (live_figures.py).
        data, metadata = super()._repr_mimebundle_(**options)
        return {**data, "image/svg+xml": self.still().to_svg()}, metadata


def _script_text(value: object) -> str:
    """Return JSON that can stand in a ``<script>``: nothing in it ends the element."""
    return json.dumps(value).replace("<", "\\u003c")

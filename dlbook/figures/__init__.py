"""Pictures for the book, from plain arrays: each says in words what is to be seen in it.

Every function returns a `DescribedFigure`; its text alternative holds the numbers that it shows.
"""

from dlbook.figures.curves import activation_curves, loss_curves, loss_surface, loss_valley
from dlbook.figures.described import DescribedFigure
from dlbook.figures.diagrams import (
    computation_graph,
    network_diagram,
    neuron_diagram,
    shape_product,
)
from dlbook.figures.results import (
    confusion_matrix,
    decision_regions,
    picture_grid,
    pixel_values,
    probability_bars,
)

__all__ = [
    "DescribedFigure",
    "activation_curves",
    "computation_graph",
    "confusion_matrix",
    "decision_regions",
    "loss_curves",
    "loss_surface",
    "loss_valley",
    "network_diagram",
    "neuron_diagram",
    "picture_grid",
    "pixel_values",
    "probability_bars",
    "shape_product",
]

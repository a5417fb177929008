"""Figures to play with: one class each, a small module for the browser beside it.

They are ipywidgets: `observe`, `jslink` and layouts work. No chapter needs them.
"""

from dlbook.explore.descent import Descent
from dlbook.explore.digits import Digits
from dlbook.explore.figure import Figure
from dlbook.explore.layers import Layers
from dlbook.explore.neuron import Neuron
from dlbook.explore.playground import Playground
from dlbook.explore.resize import Resize
from dlbook.explore.softmax import Softmax

__all__ = ["Descent", "Digits", "Figure", "Layers", "Neuron", "Playground", "Resize", "Softmax"]

"""The code behind the book: one small module for each chapter, read beside it.

Chapters: `neuron`, `layers`, `updates`, `training`, `images`; pictures: `figures`.
"""

__version__ = "0.1.0"

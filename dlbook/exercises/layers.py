"""The answer key of layers (being written)."""

QUESTIONS = ()

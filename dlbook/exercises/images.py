"""The answer key of images (being written)."""

QUESTIONS = ()

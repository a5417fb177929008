"""The answer key of training (being written)."""

QUESTIONS = ()

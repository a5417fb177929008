"""The answer key of updates (being written)."""

QUESTIONS = ()

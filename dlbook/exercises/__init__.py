"""The answer key: thirty questions, their references, and the mistakes that they know by name.

In a notebook: ``from dlbook.exercises import check, hint, progress``.
"""

__all__ = ["check", "hint", "progress"]


def __getattr__(name: str):
    if name in __all__:
        from dlbook.exercises import tutor  # noqa: PLC0415 - a kernel under grading has no tutor

        return getattr(tutor, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

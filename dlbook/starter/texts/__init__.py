"""The texts of a beginning, as files with gaps: ``<<name>>``."""

import re
from importlib.resources import files


def filled(file: str, **gaps: str) -> str:
    """Return a text of this folder with its gaps filled."""
    text = files(__package__).joinpath(file).read_text(encoding="utf-8")
    return re.sub("<<([a-z]+)>>", lambda gap: gaps[gap[1]], text)

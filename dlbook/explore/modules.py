"""What a figure sends to the browser: its modules joined into one, and the styles of all figures.

A bundler isn't needed. The modules in ``browser/`` import each other by name and declare no
name twice, so they can stand one after another in one file.
"""

import functools
import re
from pathlib import Path

BROWSER = Path(__file__).parent / "browser"
_IMPORT = re.compile(r'^import\s+\{[^}]*\}\s+from\s+"\./(\w+)\.js";\n', re.MULTILINE)
_FUNCTION = re.compile(r"^function (\w+)\(.*?^\}\n", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"^[ \t]*(?://.*\n|/\*\*?(?:.|\n)*?\*/\n)", re.MULTILINE)


@functools.cache
def joined(name: str) -> str:
    """Return the module ``browser/<name>.js`` and all that it imports, as one ES module.

    Each imported module comes once, before the ones that need it. Comments on lines of their
    own stay behind, and functions that nobody calls: a page carries what is returned here.

    Parameters
    ----------
    name : str
        Of the figure: ``"neuron"``.

    Returns
    -------
    str
        For `Figure._esm`.
    """
    order: list[str] = []
    _put_after_its_imports(name, order)
    *shared, own = [_IMPORT.sub("", _source(module)) for module in order]
    shared = [re.sub(r"^export ", "", source, flags=re.MULTILINE) for source in shared]
    own = re.sub(r"^export (?!default)", "", own, flags=re.MULTILINE)
    text = _without_unused_functions(_COMMENT.sub("", "\n".join([*shared, own])))
    return re.sub(r"\n{2,}", "\n", text).strip() + "\n"


@functools.cache
def style() -> str:
    """Return ``browser/figure.css``, for `Figure._css`."""
    return (BROWSER / "figure.css").read_text(encoding="utf-8")


def _source(name: str) -> str:
    return (BROWSER / f"{name}.js").read_text(encoding="utf-8")


def _put_after_its_imports(name: str, order: list[str]) -> None:
    if name in order:
        return
    for needed in _IMPORT.findall(_source(name)):
        _put_after_its_imports(needed, order)
    order.append(name)


def _without_unused_functions(text: str) -> str:
    """Leave out top-level functions whose name stands nowhere but where they are declared."""
    for match in _FUNCTION.finditer(text):
        if len(re.findall(rf"\b{match[1]}\b", text)) == 1:  # a name in a sentence keeps it, too
            return _without_unused_functions(text.replace(match[0], ""))
    return text

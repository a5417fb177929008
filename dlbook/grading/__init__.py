"""The machine that grades a class: strangers' notebooks in, marks that can be trusted out."""

import sys

# jsonschema, with which nbformat reads notebooks, would compile a grammar of web addresses: more
# than a second of each process, for a check that no notebook needs. Without it, it leaves it out.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

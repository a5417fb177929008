"""The machine that grades a class: strangers' notebooks in, marks that can be trusted out."""

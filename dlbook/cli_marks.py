"""The command line after grading: ``dlbook marks ...``, thin over plain functions."""

import click


@click.group()
def marks() -> None:
    """Take the marks of `dlbook grade` further: back into an LMS, for example."""

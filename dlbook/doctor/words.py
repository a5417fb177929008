"""What `dlbook doctor` prints: a line for each check as soon as it is known, or JSON at the end."""

import json
from collections.abc import Callable
from pathlib import Path

import click
from tqdm import tqdm

from dlbook.doctor import check

PATIENCE_SECONDS = 1.5  # after which it says what it is doing


def tell(examine: Callable, folder: Path | None, quick: bool, as_json: bool) -> int:
    """Print what an examination finds; return the exit status."""
    found: list[check.Check] = []
    group = ""
    with tqdm(
        bar_format="{desc} ({elapsed})", disable=None, leave=False, delay=PATIENCE_SECONDS
    ) as bar:
        for one in examine(folder, quick, lambda what: _watch(bar, what)):
            found.append(one)
            if as_json:
                continue
            with tqdm.external_write_mode():
                if one.group != group:
                    group = one.group
                    click.echo(f"\n{group}" if len(found) > 1 else group)
                click.echo(check.as_text(one))
    if as_json:
        click.echo(json.dumps(check.as_data(found), indent=1))
    else:
        click.echo(f"\n{check.summary(found)}")
    return 1 if check.to_mend(found) else 0


def _watch(bar: tqdm, what: str) -> None:
    bar.set_description_str(check.printable(what), refresh=False)
    bar.update()

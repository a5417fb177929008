"""What has been answered on this machine: a small file that only remembers, and is never graded."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

SETTING = "DLBOOK_PROGRESS"  # a file's path, or "off"


def place() -> Path | None:
    """Return the file, in the user's own data folder unless `SETTING` says otherwise."""
    setting = os.environ.get(SETTING, "")
    if setting.lower() == "off":
        return None
    if setting:
        return Path(setting)
    from platformdirs import user_data_path  # noqa: PLC0415 - only where a file is used

    return user_data_path("dlbook", appauthor=False) / "progress.json"


def read() -> dict[str, dict]:
    """Return what is remembered, by question; nothing where the file is missing or damaged."""
    path = place()
    try:
        contents = json.loads(path.read_text(encoding="utf-8")) if path else {}
    except (OSError, ValueError):
        return {}
    remembered = contents.get("questions", {}) if isinstance(contents, dict) else {}
    return {name: entry for name, entry in remembered.items() if isinstance(entry, dict)}


def remember(name: str, outcome: str, points: int) -> None:
    """Write down the best outcome of a question. Where that can't be done, nothing happens."""
    path = place()
    if path is None:
        return
    questions = read()
    before = questions.get(name, {})
    if before.get("outcome") == "correct" or before.get("points", -1) > points:
        return
    when = datetime.now(UTC).isoformat(timespec="seconds")
    questions[name] = {"outcome": outcome, "points": points, "when": when}
    text = json.dumps({"version": 1, "questions": questions}, indent=1)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _keep_damaged(path)
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except OSError:
        return


def _keep_damaged(path: Path) -> None:
    """Move a file that can't be read out of the way: it may hold something dear."""
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    except ValueError:
        path.replace(path.with_name(f"{path.name}.damaged"))

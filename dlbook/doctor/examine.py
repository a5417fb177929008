"""Asks for everything, two things at a time, and gives the checks in the order of the book."""

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

from dlbook.doctor import check, child, machine, places
from dlbook.doctor.check import Check, of
from dlbook.doctor.places import Places
from dlbook.exercises import course, proof
from dlbook.exercises.proof import Finding

AT_A_TIME = 2
SILENT_SECONDS = 300.0  # without a word from a child, after which it is given up
TOGETHER = "All together"


def examine(
    folder: Path | None, quick: bool = False, watch: Callable[[str], object] = str
) -> Iterator[Check]:
    """Look at this machine and at a course; nothing is written.

    Parameters
    ----------
    folder : Path or None
        The course's; None where none was found.
    quick : bool, optional
        Leave out what runs notebooks and kernels, and prove the answer key on one set of inputs.
    watch : function, optional
        Is told what is begun.
    """
    pool = ThreadPoolExecutor(AT_A_TIME)
    with tempfile.TemporaryDirectory(prefix="dlbook-", ignore_cleanup_errors=True) as scratch:
        try:
            yield from _examine(folder, quick, watch, pool, Path(scratch))
        except BaseException:  # Ctrl-C: nobody waits for children then
            child.stop()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def _examine(folder, quick, watch, pool, scratch) -> Iterator[Check]:
    yield from machine.machine()
    walls = machine.walls()
    yield walls
    walled = walls.state == "good" and not quick
    if walled:
        outcome = child.run("run", scratch, SILENT_SECONDS, watch, course="", what="kernels")
        yield from _checks(outcome, machine.SANDBOX, (check.COLD, check.WARM))
    elif quick:
        yield Check(machine.SANDBOX, "kernels", "--quick starts none", "left out")
    if folder is None:
        yield of(places.GROUP, "folder", "none", [Finding(
            f"There is no course in {str(Path.cwd())!r}: no _toc.yml and no answer_key there or "
            "above.",
            "Go to the folder into which you cloned the book, or say: dlbook --course FOLDER "
            "doctor.",
        )])  # fmt: skip
        return
    there = places.look(folder)
    yield from places.checks(there)
    fault = _course_fault(there)
    if fault is not None and not any(there.findings.values()):
        yield of(places.GROUP, "course", "it can't be used", [fault])
    asked = [
        pool.submit(_notebook, there, name, quick, walled, watch, scratch, fault is None)
        for name in there.notebooks
    ]
    named: dict[str, list] = {}
    unusable: list[Finding] = []
    for name, one in zip(there.notebooks, asked, strict=True):
        checks, facts = one.result()
        named[name] = [SimpleNamespace(**names) for names in facts.get("asked", ())]
        if fault is None and facts.get("unusable") and not any(one.findings for one in checks):
            wrong = " ".join(facts["unusable"].split())
            unusable.append(Finding(wrong, "Mend it.", name))
        yield from checks
    found = proof.findings_among(named)
    told = {finding.notebook for finding in found}
    found += [finding for finding in unusable if finding.notebook not in told]
    yield of(TOGETHER, "names", "every question has its own id and its own function", found)


def _notebook(
    there: Places, name: str, quick: bool, walled: bool, watch, scratch: Path, usable: bool
) -> tuple[list[Check], dict]:
    """Look at one notebook, then run it; return its checks, and what else is known of it."""

    def say(what: str) -> None:
        watch(f"{name}: {what}")

    events = _look(there, name, quick, say, scratch)
    facts = {fact: value for event in events for fact, value in event.items()}
    found = _found(events, check.KEY)
    counts = {
        "question": len(facts.get("asked", ())),
        "point": facts.get("points", 0),
        "mistake": facts.get("mistakes", 0),
    }
    says = ", ".join(f"{count} {word}{'s'[count == 1 :]}" for word, count in counts.items())
    checks = [of(name, check.KEY, f"{says} prove themselves", found)]
    files = (check.SOLUTION, check.EXERCISE, check.STUBS)
    if not any(event.get("check") == check.STUBS for event in events):
        why = f"looked at when {'the answer key' if usable else 'the course'} is mended"
        return [*checks, *(Check(name, one, why, "left out") for one in files)], facts
    checks += _of_events(events, name, files)
    runs = (check.OUTPUTS, check.WHOLE, check.GRADED)
    sound = all(one.state == "good" for one in checks)
    if quick or not sound:
        why = "--quick runs no notebook" if quick else "run when all above is mended"
        return [*checks, Check(name, "runs", why, "left out")], facts
    outcome = child.run(
        "run", scratch, SILENT_SECONDS, say, course=str(there.folder), what="notebook",
        folder=str(there.folder), name=name, walled=walled,
    )  # fmt: skip
    return [*checks, *_checks(outcome, name, runs)], facts


def _look(there: Places, name: str, quick: bool, say, scratch: Path) -> list[dict]:
    """Let a child look at one notebook; where a question ends or holds it, another goes on."""
    events: list[dict] = []
    skip: list[str] = []
    while True:
        outcome = child.run(
            "look", scratch, SILENT_SECONDS, say, course=str(there.folder),
            folder=str(there.folder), notebook=name, own=name in there.own,
            seeds=[0] if quick else [0, 1], skip=skip, told=there.missing,
        )  # fmt: skip
        events += [event for event in outcome.events if event not in events]
        if not outcome.ended:
            return events
        kind, _, question = outcome.at.partition("question ")
        where = question if not kind else ""
        wrong = f"It {outcome.ended}." if where else f"Its program {outcome.ended}, {outcome.at}."
        fault = Finding(
            wrong, "Look for a loop that never ends, and for exit(), in its functions.", name, where
        )
        events.append({"check": check.KEY, "finding": vars(fault)})
        if not where or where in skip:
            return events
        skip = [*(e["proved"] for e in events if "proved" in e), *skip, where]


def _found(events: list[dict], name: str) -> list[Finding]:
    """Return what is to be mended of one check, each thing once."""
    found = [Finding(**e["finding"]) for e in events if e.get("check") == name and "finding" in e]
    return list(dict.fromkeys(found))


def _of_events(events: list[dict], group: str, names) -> Iterator[Check]:
    """Return the checks that were reported, in order."""
    for name in names:
        said = [event for event in events if event.get("check") == name and "says" in event]
        found = _found(events, name)
        if found:
            yield of(group, name, "", found)
        elif said:
            yield Check(group, name, said[-1]["says"], said[-1]["state"])


def _checks(outcome: child.Outcome, group: str, names) -> Iterator[Check]:
    """Return the checks of a child that runs something; one more where it didn't end well."""
    yield from _of_events(outcome.events, group, names)
    if outcome.ended:
        yield of(group, outcome.at, "it came to no end", [Finding(
            f"The program that was {outcome.at} {outcome.ended}.",
            "Try the same in JupyterLab, cell by cell.",
        )])  # fmt: skip


def _course_fault(there: Places) -> Finding | None:
    """Say why the course can't be used as a whole."""
    try:
        course.read(there.folder)
    except course.CourseError as error:
        return Finding(str(error), "Mend it.")
    return None


def course_folder(asked: Path | None, start: Path) -> Path | None:
    """Return the folder to look at: the one asked for, an answer key's, or a book's, if any."""
    found = course.chosen(asked, start)
    if found is not None and (asked is not None or (found / course.ANSWER_KEY).is_dir()):
        return found.absolute()
    return next((f for f in (start, *start.parents) if (f / "_toc.yml").is_file()), None)

"""The tables of `README.md`, made from what was measured: wanted and reached, side by side."""

from statistics import median

import record
from graders import GRADERS

MB = 1e6
WARM_SECONDS, WARM_BYTES = 0.060, 40e6  # what one kernel may take
GROWTH, GROWTH_BYTES = 1.15, 100e6  # from the smallest class to the largest


def made(records: list[dict]) -> dict[str, str]:
    """Return the text of each table, by its name; each shows the last run that has it."""
    makers = {
        "grading": _comparison, "growth": _growth, "shares": _shares, "floor": _floor,
        "kernel": _kernel,
    }  # fmt: skip
    return {name: text for name, make in makers.items() if (text := make(records))}


def _last(records: list[dict], *kinds: str, **values) -> list[dict]:
    """Return the records of some kinds of the last run that has any."""
    found = [r for r in records if r["kind"] in kinds and values.items() <= r.items()]
    run = max((r["run"] for r in found), default=0)
    return [r for r in found if r["run"] == run]


def _where(records: list[dict], run: int) -> str:
    place = next(r for r in records if r["kind"] == "run" and r["run"] == run)
    packages = ", ".join(f"{name} {number}" for name, number in place["packages"].items())
    return (
        f"Run {run}: {place['cores']} cores of {place['processor']}, "
        f"Python {place['python']}, {packages}."
    )


# --- The comparison ----------------------------------------------------------------------------


def _comparison(records: list[dict]) -> str:
    found = [r for r in records if r["kind"] in ("compare", "failed")]
    classes = sorted({(r["exercise"], r["size"]) for r in found})
    return "\n\n".join(_class(found, *one, records) for one in classes)


def _class(compared: list[dict], exercise: str, size: int, records: list[dict]) -> str:
    found = _last(compared, "compare", "failed", exercise=exercise, size=size)
    run = found[0]["run"]
    names = [name for name in GRADERS if any(r["grader"] == name for r in found)]
    measured = {name: _medians([r for r in found if r["grader"] == name]) for name in names}
    rows = [_row(name, measured[name], measured.get("ours"), size) for name in names]
    head = (
        "grader", "rounds", "processor s per submission", "ratio", "wanted",
        "wall s per submission", "ratio", "wanted", "peak memory, MB", "right answers found",
    )  # fmt: skip
    rounds = max((m["rounds"] for m in measured.values() if m), default=0)
    text = f"**A class of {size}** (`{exercise}`, medians of {rounds}). {_where(records, run)}"
    failed = [
        f"- {GRADERS[r['grader']].title}, round {r['round']}, failed and is left out: "
        f"{' '.join(r['reason'].split())[:200]}"
        for r in found if r["kind"] == "failed"
    ]  # fmt: skip
    return "\n\n".join([text, record.table(head, rows), *(["\n".join(failed)] if failed else [])])


def _medians(found: list[dict]) -> dict | None:
    good = [r for r in found if r["kind"] == "compare"]
    if not good:
        return None
    names = ("processor_seconds", "wall_seconds", "peak_bytes", "right")
    return {"rounds": len(good), **{name: median(r[name] for r in good) for name in names}}


def _row(name: str, costs: dict | None, ours: dict | None, size: int) -> list[str]:
    grader = GRADERS[name]
    if costs is None:
        return [grader.title, *["failed"] * 9]
    times = {
        what: f"{costs[what] / ours[what]:.1f} x" if ours else "?"
        for what in ("processor_seconds", "wall_seconds")
    }
    aims = [f"{a:g} x" if a and size >= 200 else "" for a in (grader.wanted, grader.wanted_wall)]
    return [
        grader.title, costs["rounds"],
        f"{costs['processor_seconds'] / size:.3f}", times["processor_seconds"], aims[0],
        f"{costs['wall_seconds'] / size:.3f}", times["wall_seconds"], aims[1],
        f"{costs['peak_bytes'] / MB:.0f}", f"{costs['right']:.0f}",
    ]  # fmt: skip


# --- This project alone ------------------------------------------------------------------------


def _growth(records: list[dict]) -> str:
    found = sorted(_last(records, "growth"), key=lambda r: r["size"])
    if not found:
        return ""
    first = found[0]
    each = [r["processor_seconds"] / r["size"] for r in found]
    rows = []
    for r, before, seconds in zip(found, [None, *found], each, strict=False):
        further = "" if before is None else f"{_further(before, r):.3f}"
        rows.append([
            r["size"], f"{seconds:.3f}", f"{seconds / each[0]:.2f} x", further,
            f"{r['wall_seconds'] / r['size']:.3f}",
            f"{r['own_bytes'] / MB:.0f}", f"{(r['own_bytes'] - first['own_bytes']) / MB:+.0f}",
            f"{r['other_bytes'] / MB:.0f}", f"{r['peak_bytes'] / MB:.0f}",
        ])  # fmt: skip
    head = (
        "class", "processor s per submission", "of the smallest class's",
        "for each more than in the class above", "wall s per submission", "coordinator, MB",
        "more than in the smallest, MB", "largest other process, MB", "all, MB (PSS)",
    )  # fmt: skip
    most = max(r["own_bytes"] for r in found) - first["own_bytes"]
    told = (
        f"Wanted: no submission takes more than {GROWTH:g} x of what it takes in the smallest "
        f"class; reached: {max(each) / each[0]:.2f} x. Wanted: at most {GROWTH_BYTES / MB:.0f} MB "
        f"more in the coordinating process; reached: {most / MB:.0f} MB. "
        f"{first['workers']} workers."
    )
    return "\n\n".join([record.table(head, rows), told, _where(records, first["run"])])


def _further(smaller: dict, larger: dict) -> float:
    seconds = larger["processor_seconds"] - smaller["processor_seconds"]
    return seconds / (larger["size"] - smaller["size"])


def _shares(records: list[dict]) -> str:
    found = _last(records, "shares")
    if not found:
        return ""
    last = found[-1]
    size, own, others = last["size"], last["own"], last["others"]
    whole = sum(own.values()) + sum(others.values())
    order = sorted(own, key=lambda step: -(own[step] + others[step]))
    rows = [
        [step, f"{1000 * own[step] / size:.1f}", f"{1000 * others[step] / size:.1f}",
         f"{100 * (own[step] + others[step]) / whole:.0f} %"]
        for step in order
    ]  # fmt: skip
    rows.append(["all", *(f"{1000 * sum(part.values()) / size:.1f}" for part in (own, others)), ""])
    head = ("step", "the grader, ms", "the kernel and the sandbox, ms", "share")
    told = f"Processor milliseconds for each of {size} submissions, one worker."
    if last["missing"]:
        told += f" Not there to be watched: {', '.join(f'`{m}`' for m in last['missing'])}."
    return "\n\n".join([record.table(head, rows), told, _where(records, last["run"])])


def _floor(records: list[dict]) -> str:
    found = _last(records, "floor")
    if not found:
        return ""
    last = found[-1]
    size = last["size"]
    floor, ours = last["floor"]["processor_seconds"], last["ours"]["processor_seconds"]
    rows = [
        ["the cells and the probe in a warm process", f"{1000 * floor / size:.1f}", ""],
        ["`dlbook grade`", f"{1000 * ours / size:.1f}", f"{ours / floor:.1f} x"],
    ]
    head = ("", "processor ms per submission", "of the floor")
    told = f"A class of {size}."
    return "\n\n".join([record.table(head, rows), told, _where(records, last["run"])])


def _kernel(records: list[dict]) -> str:
    found = _last(records, "kernel")
    if not found:
        return ""
    rows = []
    for r in sorted(found, key=lambda r: r["name"], reverse=True):
        warm = r["name"] == "warm"
        rows.append([
            r["name"], f"{1000 * r['processor_seconds']:.0f}",
            f"{1000 * WARM_SECONDS:.0f}" if warm else "", f"{1000 * r['wall_seconds']:.0f}",
            f"{1000 * r['end_seconds']:.0f}", f"{r['pss_bytes'] / MB:.0f}",
            f"{r['private_bytes'] / MB:.0f}", f"{r['growth_bytes'] / MB:.0f}",
            f"{WARM_BYTES / MB:.0f}" if warm else "",
        ])  # fmt: skip
    head = (
        "kernel", "processor ms until ready", "wanted", "wall ms until ready",
        "processor ms to end it", "PSS, MB", "shared with nobody, MB", "all grows by, MB", "wanted",
    )  # fmt: skip
    return "\n\n".join([record.table(head, rows), _where(records, found[0]["run"])])

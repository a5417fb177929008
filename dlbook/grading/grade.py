"""One student's notebook, from the bytes that were handed in to a mark for every question.

Answers that are `harmless` are run one after the other in a sandboxed kernel, which isn't used
again. Every other answer has a fork of its own in another one, and so has a harmless one that
wasn't done at once. Where it fails it gets its second chances: with all that the student wrote
around it, and with the earlier answers that it uses put right. Nothing that a second chance
shows can make a wrong answer right: the verdict is taken outside, on inputs that nobody knew.
"""

import functools
import json
import time
from dataclasses import replace
from pathlib import Path

from dlbook.exercises import course, key
from dlbook.exercises.answers import works_with
from dlbook.exercises.question import Question
from dlbook.exercises.verdict import Judge, Verdict
from dlbook.exercises.words import headline_of, message_of
from dlbook.grading import forms, harmless, inside, nbval_plugin, notebooks
from dlbook.grading.kernels import Kernel, KernelDiedError
from dlbook.grading.marks import Graded, Result, Settings, Written
from dlbook.grading.observed import Observed
from dlbook.grading.oracle import Oracle

PATIENCE_SECONDS = 8.0  # an answer that took longer is run with all around it only if it failed
PREPARING_SECONDS = 2.0  # of processor time, on top of the question's own
TOGETHER_SECONDS = 2.0  # for each answer that is run together with others; then it has its own turn
NOTHING_SHOWN = {"given": "", "yours": "", "right": "", "printed": "", "line": ""}


def grade(contents: bytes, file: str, settings: Settings) -> Graded:
    """Grade one notebook. Whatever it holds, this returns.

    Parameters
    ----------
    contents : bytes
        Of the file that was handed in.
    file : str
        Its name, for messages, and where nothing else tells which exercise it is.
    settings : Settings
    """
    started = time.monotonic()
    try:
        work = notebooks.read(contents, file)
    except notebooks.UnreadableError as error:
        return not_graded(file, str(error))
    with _Room(work, settings) as room:
        room.look_at_harmless_ones()
        verdicts: dict[str, Verdict] = {}
        results, whole = [], True
        for answer in work.answers.values():
            question = key.question(answer.question)
            if time.monotonic() - started > settings.limits.notebook_seconds:
                results.append(_without(question, "The time for the whole notebook was used up."))
                continue
            try:
                verdict = room.verdict(question, answer, verdicts)
            except Exception as error:  # ours or the system's: one answer, never the batch
                reason = f"{type(error).__name__}: {str(error)[:200]}"
                results.append(_without(question, f"It could not be run ({reason})."))
                room.end()
                whole = False
                continue
            verdicts[question.id] = verdict
            results.append(result_of(verdict))
    notes = [*work.notes, *(note for a in work.answers.values() for note in a.notes)]
    seconds = time.monotonic() - started
    return Graded(work.notebook, results, notes, seconds, whole, answers=_answers(work, results))


def not_graded(file: str, reason: str) -> Graded:
    """Return the record of a file that could not be read: a row for each question, if known."""
    notebook = notebooks.exercise_named(file)
    asked = key.questions(notebook).values() if notebook else ()
    results = [_without(question, reason) for question in asked]
    if not results:
        shown = " ".join(reason.split())
        results = [Result("", 0, 0, "not graded", "", shown, reason, "Not graded.", finding=reason)]
    return Graded(notebook or Path(file).name, results, [reason])


def _answers(work: notebooks.Work, results: list[Result]) -> list[Written]:
    """Return what was written by whoever attempted a question, as far as it can be read."""
    attempted = {r.question for r in results if r.outcome not in ("not attempted", "not graded")}
    sources = [
        (answer.question, [chunk.source for chunk in answer.chunks])
        for answer in work.answers.values() if answer.question in attempted
    ]  # fmt: skip
    found = [forms.written(question, pieces) for question, pieces in sources]
    return [written for written in found if written is not None]


class _Room:
    """A kernel in which answers are looked at; a new one where it has died."""

    def __init__(self, work: notebooks.Work, settings: Settings) -> None:
        self.work, self.settings = work, settings
        self.kernel: Kernel | None = None
        self.used = False  # an answer has run in the kernel itself
        asked = key.questions(work.notebook).values()
        self.withheld = sorted({name for question in asked for name in question.withheld})
        self.settled: dict[str, Verdict] = {}

    def look_at_harmless_ones(self) -> None:
        """Judge answers that can't disturb each other in one run; keep what is beyond doubt."""
        together = [
            (judge_of(answer.question, self.settings.seed), answer.chunks)
            for answer in self.work.answers.values()
            if answer.found and key.question(answer.question).cpu_seconds is None
            and harmless.are_harmless(answer.chunks)
        ]  # fmt: skip
        if not together:
            return
        seconds = TOGETHER_SECONDS * len(together)
        try:
            kernel, self.used = self._ready(), True
            cell = self._run(kernel, together, TOGETHER_SECONDS, seconds, seconds, here=True)
        except Exception:  # whatever it was: each has its turn, and says what is to be said
            return
        for (judge, _), verdict, seen in zip(together, cell.verdicts, cell.seen, strict=True):
            if verdict is not None and _is_settled(verdict, seen):
                self.settled[judge.question.id] = _explained(verdict, seen)

    def verdict(self, question: Question, answer, verdicts: dict[str, Verdict]) -> Verdict:
        """Judge one answer, with its second chances."""
        if not answer.found and not answer.whole:
            return _not_there(question)
        judge = judge_of(question.id, self.settings.seed)
        started = time.monotonic()
        verdict = self.settled.get(question.id)
        if verdict is None:
            verdict = self._judged(judge, answer.chunks) if answer.found else _not_there(question)
        quick = time.monotonic() - started < PATIENCE_SECONDS or verdict.outcome == "error"
        if verdict.outcome not in ("correct", "timed out") and quick and _has_more(answer):
            again = self._judged(judge, answer.whole)
            if _rank(again) > _rank(verdict):
                verdict = again
        if verdict.outcome in ("correct", "not attempted"):
            return verdict
        wrong = [
            q for q in key.questions(question.notebook).values()
            if q.name in answer.uses and q.id in verdicts and verdicts[q.id].outcome != "correct"
        ]  # fmt: skip
        return self._with_earlier_put_right(judge, answer, wrong, verdict) if wrong else verdict

    def _with_earlier_put_right(self, judge, answer, wrong, verdict: Verdict) -> Verdict:
        """Judge once more. Only the outcome is used: what is seen there holds right results."""
        names = [question.name for question in wrong]
        with Oracle([question.id for question in wrong]) as oracle:
            again = self._judged_here(judge, answer.chunks, wrong, oracle)
            again = again or self._judged(judge, answer.chunks, wrong, oracle)
        again = replace(again, **NOTHING_SHOWN, finding=verdict.finding)
        if again.outcome == "correct":
            return replace(again, finding="", note=works_with(names, judge.question.name))
        if again.mistake is not None and verdict.mistake is None:
            return replace(again, note=f"(Seen with a right {' and '.join(names)}.)")
        return verdict

    def _judged_here(self, judge: Judge, chunks, stand_ins, oracle) -> Verdict | None:
        """Judge a harmless answer in the kernel that the harmless ones left; None if in doubt."""
        here = self.kernel is not None and self.used and judge.question.cpu_seconds is None
        if not (here and harmless.are_harmless(chunks)):
            return None
        kernel, seconds = self.kernel, TOGETHER_SECONDS
        kernel.oracle = oracle
        try:
            cell = self._run(kernel, [(judge, chunks)], seconds, seconds, seconds, stand_ins, True)
        except Exception:  # whatever it was: it has its turn, and says what is to be said
            self.end()
            return None
        finally:
            kernel.oracle = None
        verdict, seen = cell.verdicts[0], cell.seen[0]
        settled = verdict is not None and _is_settled(verdict, seen)
        return _explained(verdict, seen) if settled else None

    def _judged(self, judge: Judge, chunks, stand_ins=(), oracle=None) -> Verdict:
        """Judge an answer; once more in a fresh kernel if this one dies under it."""
        died = None
        for _ in range(2):
            kernel = self._ready()
            kernel.oracle = oracle
            try:
                return self._probed(kernel, judge, chunks, stand_ins)
            except KernelDiedError as error:
                died = error
                self.end()
            finally:
                kernel.oracle = None
        return Verdict(
            judge.question, "error", 0, difference="raised",
            finding=f"The program that runs your {judge.question.name} could not go on: {died}. "
            "An answer may not end or change what it didn't start.",
        )  # fmt: skip

    def _probed(self, kernel: Kernel, judge: Judge, chunks, stand_ins) -> Verdict:
        question = judge.question
        seconds = min(
            question.timeout_seconds, self.settings.question_seconds or question.timeout_seconds
        )
        cpu = min(seconds, (question.cpu_seconds or seconds) * len(judge.cases))
        # By the clock on the wall twice as long: machines are shared.
        cell = self._run(kernel, [(judge, chunks)], 2 * seconds, cpu, 2 * seconds, stand_ins)
        if cell.verdicts[0] is not None:
            return _explained(cell.verdicts[0], cell.seen[0])
        return _never_there(question, cell.seen[0])

    def _run(
        self, kernel, answers, seconds, cpu, wall, stand_ins=(), here=False
    ) -> nbval_plugin.ProbeCell:
        """Run answers, each for some seconds, all for some of the processor and of the wall.

        `answers` holds pairs of a judge and the chunks to run.
        """
        setup = key.setup(answers[0][0].question.notebook)
        token = nbval_plugin.new_token()
        request = {
            "token": token,
            "answers": [
                {
                    "chunks": [[setup, "setup"], *([c.source, c.place] for c in chunks)],
                    "function": judge.question.name,
                    "arguments": judge.question.arguments,
                    "cases": judge.plain_cases,
                    "seconds": seconds,
                }
                for judge, chunks in answers
            ],
            "here": here,
            "cpu_seconds": cpu + PREPARING_SECONDS,
            "wall_seconds": wall + 5.0,
            "stand_ins": {q.name: len(q.arguments) for q in stand_ins},
            "limits": self.settings.limits.as_data(),
        }
        kernel.request = json.dumps(request)
        patience = request["wall_seconds"] * (1 if here else 2) + (0 if here else 30.0)
        judges = [judge for judge, _ in answers]
        return nbval_plugin.run(kernel, judges, inside.CELL, token, patience)

    def _ready(self) -> Kernel:
        if self.used:
            self.end()
        if self.kernel is None:
            settings = self.settings
            hidden = [Path(path) for path in settings.hidden]
            self.kernel = Kernel(
                settings.limits, settings.sandboxed, self.withheld, hidden, settings.warm
            )
        return self.kernel

    def end(self) -> None:
        if self.kernel is not None:
            self.kernel.stop()
            self.kernel = None
        self.used = False

    def __enter__(self) -> "_Room":
        return self

    def __exit__(self, *_) -> None:
        self.end()


@course.forget_when_another_is_used
@functools.lru_cache(maxsize=60)
def judge_of(question: str, seed: int) -> Judge:
    """Return the judge of a question: its inputs and the reference's results, made once."""
    return Judge(key.question(question), seed)


def result_of(verdict: Verdict) -> Result:
    """Return a verdict as a record. What the right answer returns for hidden inputs is left out."""
    verdict = replace(verdict, right="")
    question = verdict.question
    message = message_of(verdict)
    line = message.headline[2:] if verdict.outcome == "correct" else headline_of(verdict)
    read = (verdict.mistake and verdict.mistake.read) or question.read
    wrong = verdict.outcome != "correct"
    return Result(
        question=question.id,
        points=verdict.points,
        max_points=question.points,
        outcome=verdict.outcome,
        mistake=verdict.mistake.id if verdict.mistake else "",
        message=" ".join(line.split()),
        feedback=str(message),
        headline=message.headline,
        title=verdict.mistake.title if verdict.mistake else "",
        says=verdict.mistake.says if verdict.mistake else "",
        finding=verdict.finding,
        given=verdict.given,
        yours=verdict.yours,
        line=verdict.line,
        printed=verdict.printed,
        note=verdict.note,
        read=str(read) if wrong else "",
        hint=question.hints[0] if wrong and question.hints else "",
    )


def _without(question: Question, reason: str) -> Result:
    return Result(
        question.id, 0, question.points, "not graded", "", " ".join(reason.split()), reason,
        headline=f"Not graded: {question.id}.", finding=reason,
    )  # fmt: skip


def _is_settled(verdict: Verdict, seen: Observed) -> bool:
    """Say whether nothing that an answer could do by itself would change its verdict."""
    memory = any("MemoryError" in str(case) for case in (seen.observations or {}).get("cases", ()))
    return verdict.outcome != "timed out" and seen.complete and not seen.errors and not memory


def _has_more(answer: notebooks.Answer) -> bool:
    """Say whether all code of the notebook might make more of an answer than its own part."""
    return bool(answer.whole) and not harmless.adds_nothing(answer.whole, answer.chunks)


def _rank(verdict: Verdict) -> tuple:
    """Sort verdicts on one answer by how far it got; what took all the time got nowhere."""
    got = {"not attempted": 0, "timed out": 0, "error": 1}
    return verdict.points, got.get(verdict.outcome, 2), verdict.mistake is not None


def _not_there(question: Question) -> Verdict:
    return Verdict(
        question, "not attempted", 0, finding=f"There is no function {question.name} in it."
    )


def _explained(verdict: Verdict, seen: Observed) -> Verdict:
    """Say what the sandbox knows better: what stopped the cells, and that the time was up."""
    if verdict.outcome == "timed out":
        name = verdict.question.name
        finding = f"Your {name} had not finished when its time was up. Does a loop never end?"
        return replace(verdict, finding=finding)
    if verdict.outcome != "error" or not seen.errors or verdict.note:
        return verdict
    return replace(verdict, note=_told(seen.errors[-1]))


def _never_there(question: Question, seen: Observed) -> Verdict:
    """Say why there was no function to judge."""
    if seen.ended == "time" or any(e.get("type") == "TooSlowError" for e in seen.errors):
        finding = f"The cell with your {question.name} had not finished when its time was up."
        return Verdict(question, "timed out", 0, difference="too slow", finding=finding)
    if seen.ended:
        why = {
            "memory": "needed more memory than it may",
            "processes": "started more processes and threads than it may",
        }.get(seen.ended, "ended Python")
        finding = f"The cell with your {question.name} {why}."
        return Verdict(question, "error", 0, difference="raised", finding=finding)
    if seen.errors:
        error = seen.errors[-1]
        return Verdict(
            question, "error", 0, difference="raised", finding=_told(error),
            line=error.get("line", ""),
        )  # fmt: skip
    if seen.other:
        finding = f"{question.name} isn't a function: it is something else ({seen.other})."
        return Verdict(question, "not attempted", 0, finding=finding)
    return _not_there(question)


def _told(error: dict) -> str:
    place = error.get("place", "A cell")
    text = f"{place[:1].upper()}{place[1:]} stopped with {error.get('type', 'an error')}"
    message = error.get("message", "")
    return f"{text}: {message}" if message else f"{text}."

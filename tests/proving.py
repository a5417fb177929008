"""What the answer key's own tests ask of a named mistake, and what they say where it isn't so."""

from dlbook.exercises.question import Mistake
from dlbook.exercises.verdict import Judge


def doubt(judge: Judge, mistake: Mistake) -> str:
    """Say why a mistake doesn't prove itself on a judge's inputs; nothing where it does."""
    question, inputs = judge.question, len(judge.cases)
    for way in mistake.ways:
        verdict = judge.verdict(judge.observe(way))
        if verdict.outcome == "correct":
            return (
                f"{question.id} can't tell {mistake.id!r} from a right answer: it does the same "
                f"on all {inputs} inputs. Add a case on which they differ, or leave it out."
            )
        if verdict.mistake is None:
            return f"{question.id} rejects {mistake.id!r}, but without a name: {verdict.finding}"
        if verdict.mistake.id != mistake.id:
            return (
                f"{question.id} takes {mistake.id!r} for {verdict.mistake.id!r}: they do the same "
                f"on all {inputs} inputs. Add a case on which they differ, or make it a way of "
                f"{verdict.mistake.id!r}."
            )
        if verdict.outcome not in ("incorrect", "error", "timed out"):
            return f"{question.id} calls {mistake.id!r} {verdict.outcome}"
        if verdict.points >= question.points or not verdict.finding:
            return f"{question.id} gives {mistake.id!r} all points, or no reason"
    return "" if mistake.ways else f"{question.id}: {mistake.id!r} has no way to be made"

"""The class at a glance: what its instructor asks after grading, counted from the gradebook.

Each function answers one question, in the order in which they are asked. What they return is plain
data for a page, in which nobody is called by another name than the page may show. Rows are
counted in the gradebook, so that a class of thousands needs little memory here.
"""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from dlbook.exercises import key
from dlbook.grading import lookalikes, tables
from dlbook.grading.gradebook import Gradebook, Run
from dlbook.grading.names import MANY, Names
from dlbook.grading.totals import Total, totals

MOST_ROWS = 500  # of a table
MOST_GROUPS = 40  # of answers that look alike
MOST_TEXT = 2500  # characters of each
OFTEN = 3  # answers in which a pair of students looks alike
BIN = 10  # percent
REASONS = (
    "handed in something else", "the answer key has changed", "graded again",
    "the question is new", "the question is no longer asked",
)  # fmt: skip
HELP = ("nothing attempted", "nothing runs", "nothing could be graded", "not handed in")


class Glance:
    """A class, asked one question after the other.

    Parameters
    ----------
    book : Gradebook
    run : Run
        The one that has just ended.
    anonymous : bool
        Nobody is to be known again: no names, and no text that could hold one.
    """

    def __init__(self, book: Gradebook, run: Run, anonymous: bool = False) -> None:
        self.book, self.run = book, run
        self.names = Names(book, anonymous)
        self.anonymous = anonymous
        self.totals = totals(book)
        self.own: dict[str, list[Total]] = defaultdict(list)
        for total in self.totals:
            self.own[total.student].append(total)
        self.counts = self._counts()
        asked = {total.notebook for total in self.totals if total.max_points}
        self.exercises = in_order(asked)
        self.graded = {
            name
            for (name,) in book.select("SELECT DISTINCT notebook FROM result WHERE question != ''")
        }
        self.most = {
            name: max(t.max_points for t in self.totals if t.notebook == name)
            for name in self.exercises
        }
        lost = {place for place, own in self.counts.items() if set(own) == {"not graded"}}
        self.marked = {  # of whom something could be graded
            student for student, own in self.own.items()
            if any((student, t.notebook) not in lost for t in own)
        }  # fmt: skip

    def _counts(self) -> dict[tuple[str, str], Counter]:
        """Return how often each outcome was had, by student and exercise."""
        found: dict[tuple[str, str], Counter] = defaultdict(Counter)
        for student, notebook, outcome, count in self.book.select(
            "SELECT student, notebook, outcome, COUNT(*) FROM result GROUP BY 1, 2, 3"
        ):
            found[student, notebook][outcome] = count
        return found

    def points(self, student: str) -> float:
        """Return a student's final points, all exercises together."""
        return sum(total.final for total in self.own[student])

    def percent(self, student: str) -> float:
        """Return them as percents of what all exercises of the class give."""
        most = sum(self.most.values())
        return 100 * self.points(student) / most if most else 0.0

    # --- How did the class do? ------------------------------------------------------------------

    def headline(self) -> dict:
        """Return how many there are, and what is in their middle."""
        marks = [self.percent(student) for student in self.marked]
        points = [self.points(student) for student in self.marked]
        lost = tables.lost(self.book)
        return {
            "students": len(self.names),
            "marked": len(marks),
            "mean": statistics.fmean(marks) if marks else None,
            "median": statistics.median(marks) if marks else None,
            "mean_points": statistics.fmean(points) if points else None,
            "median_points": statistics.median(points) if points else None,
            "most": sum(self.most.values()),
            "lost": len({who for who, _, _ in lost}),
        }

    def distribution(self) -> list[dict]:
        """Return how many have how many percent, in steps of ten; all points are in the last."""
        marks = [self.percent(student) for student in self.marked]
        places = Counter(min(int(max(mark, 0) + 1e-9), 99) // BIN for mark in marks)
        return [
            {"from": BIN * at, "to": BIN * at + BIN, "count": places[at]}
            for at in range(100 // BIN)
        ]

    def by_exercise(self) -> list[dict]:
        """Return each exercise's marks and the time that its answers took."""
        seconds: dict[str, list[tuple[float, str]]] = defaultdict(list)
        for student, notebook, used in self.book.select("SELECT * FROM time_used"):
            seconds[notebook].append((used, student))
        found = []
        for name in self.exercises:
            own = [
                t.final for t in self.totals
                if t.notebook == name and set(self.counts[t.student, name]) != {"not graded"}
            ]  # fmt: skip
            used = seconds.get(name, [])
            longest, who = max(used, default=(None, ""))
            found.append({
                "name": name,
                "handed_in": sum(t.notebook == name for t in self.totals),
                "most": self.most[name],
                "mean": statistics.fmean(own) if own else None,
                "median": statistics.median(own) if own else None,
                "seconds": statistics.median(s for s, _ in used) if used else None,
                "longest": longest,
                "who": self.names[who] if who else "",
            })  # fmt: skip
        return found

    def questions(self) -> list[dict]:
        """Return how many had each outcome, question by question."""
        found: dict[str, Counter] = defaultdict(Counter)
        for question, outcome, count in self.book.select(
            "SELECT question, outcome, COUNT(*) FROM result WHERE question != '' GROUP BY 1, 2"
        ):
            found[question][outcome] = count
        order = _order()
        return [
            {"id": question, "counts": found[question], "all": sum(found[question].values())}
            for question in sorted(found, key=lambda q: (order.get(q, len(order)), q))
        ]

    # --- What did it not understand? ------------------------------------------------------------

    def mistakes(self) -> list[dict]:
        """Return the class's mistakes, the most frequent first, and who made them."""
        made: dict[tuple[str, str], set[str]] = defaultdict(set)
        for question, mistake, student in self.book.select(
            "SELECT question, mistake, student FROM result WHERE mistake != ''"
        ):
            made[question, mistake].add(student)
        order = _order()
        return [
            {
                "question": question, "mistake": mistake, "count": len(who),
                "who": self.names.listed(who), **self._about(question, mistake),
            }
            for (question, mistake), who in sorted(
                made.items(), key=lambda it: (-len(it[1]), order.get(it[0][0], 0), it[0])
            )
        ]  # fmt: skip

    def _about(self, question: str, mistake: str) -> dict:
        found = self.book.select(
            "SELECT json_extract(details, '$.title'), json_extract(details, '$.says'), "
            "json_extract(details, '$.read') FROM result WHERE question = ? AND mistake = ? "
            "LIMIT 1", question, mistake,
        )  # fmt: skip
        title, says, read = next(found)
        return {"title": title or mistake, "says": says or "", "read": read or ""}

    def sections(self) -> list[dict]:
        """Return the places of the book to go over again, and how many lost points over each."""
        found: dict[str, set[str]] = defaultdict(set)
        for student, read in self.book.select(
            "SELECT student, json_extract(details, '$.read') FROM result "
            "WHERE outcome IN ('incorrect', 'error', 'timed out')"
        ):
            if read:
                found[read].add(student)
        ordered = sorted(found.items(), key=lambda it: (-len(it[1]), it[0]))
        return [{"section": section, "count": len(who)} for section, who in ordered[:5]]

    # --- Who needs help? ------------------------------------------------------------------------

    def help(self) -> list[dict]:
        """Return who got nowhere in an exercise, and how; whoever got nowhere most often first."""
        found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        known = {student for student, _ in self.counts}
        for (student, notebook), own in self.counts.items():
            if what := _got_nowhere(own):
                found[student][what].append(self._exercise(notebook))
        for student in self.names.order:
            if student not in known:
                found[student]["nothing could be graded"].append("")
            for name in self.exercises:
                if student in known and (student, name) not in self.counts:
                    found[student]["not handed in"].append(name)
        found = {student: what for student, what in found.items() if what}
        rows = [
            {"student": self.names[student], "what": {h: what[h] for h in HELP if what.get(h)},
             "count": sum(map(len, what.values())), "place": self.names.place(student)}
            for student, what in found.items()
        ]  # fmt: skip
        return sorted(rows, key=lambda row: (-row["count"], row["place"]))

    def lowest(self) -> list[dict]:
        """Return the lowest marks of those who got somewhere, a tenth of the class at most."""
        tried = {s for (s, _), own in self.counts.items() if not _got_nowhere(own)}
        marks = sorted((self.percent(s), self.names.place(s), s) for s in tried)
        middle = statistics.median(mark for mark, *_ in marks) if marks else 0
        few = marks[: min(10, max(1, len(marks) // 10))]
        return [
            {"student": self.names[student], "percent": mark, "points": self.points(student)}
            for mark, _, student in few
            if mark < middle
        ]

    def _exercise(self, notebook: str) -> str:
        """Return what an exercise is called; a file that is none may be called like a student."""
        return "another file" if self.anonymous and notebook not in self.graded else notebook

    # --- What was repaired, and what could not be graded? ---------------------------------------

    def lost(self) -> list[dict]:
        """Return what could not be graded; why is left out where nobody is to be known."""
        rows = []
        for who, what, reason in tables.lost(self.book):
            place = self.names.order.get(who, len(self.names))
            if self.anonymous:
                name = self.names.labels.get(who, "A file that is nobody’s")
                rows.append((place, name, self._exercise(what), ""))
            else:
                rows.append((place, who, what, reason))
        found = [
            {"who": who, "what": what, "reason": reason}
            for _, who, what, reason in sorted(dict.fromkeys(rows))
        ]
        return found

    def notes(self) -> list[dict]:
        """Return what was repaired and noticed, by student."""
        found: dict[str, list[dict]] = defaultdict(list)
        for student, notebook, note in self.book.select(
            "SELECT student, notebook, note FROM note ORDER BY student, notebook, position"
        ):
            shown = self._exercise(notebook), "" if self.anonymous else note
            found[student].append(shown)
        return [
            {
                "student": self.names[student], "count": len(found[student]),
                "notes": found[student][:MANY],
            }
            for student in sorted(found, key=self.names.place)
        ]  # fmt: skip

    def everybody(self) -> list[dict]:
        """Return each student's marks, and the time that the answers took."""
        seconds: Counter = Counter()
        for student, used in self.book.select("SELECT student, seconds FROM time_used"):
            seconds[student] += used
        rows = []
        for student in sorted(self.names.order, key=self.names.place)[:MOST_ROWS]:
            own = {t.notebook: t for t in self.own.get(student, ())}
            rows.append({
                "student": self.names[student],
                "finals": [own[n].final if n in own else None for n in self.exercises],
                "taken": sum(t.penalty for t in own.values()),
                "sum": sum(t.final for t in own.values()),
                "percent": self.percent(student) if student in self.own else None,
                "seconds": seconds.get(student),
            })  # fmt: skip
        return rows

    # --- Since last time ------------------------------------------------------------------------

    def moved(self) -> dict:
        """Return whose marks the last run that moved any has moved, and why."""
        runs = dict(self.book.select("SELECT id, started FROM run"))
        last = next(self.book.select("SELECT MAX(run) FROM moved"))[0]
        rows = [] if last is None else list(
            self.book.select(
                "SELECT student, notebook, question, before, after, why FROM moved "
                "WHERE run = ? ORDER BY rowid", last,
            )
        )  # fmt: skip
        by_why: dict[str, dict[str, list]] = defaultdict(lambda: defaultdict(list))
        change: Counter = Counter()
        for student, notebook, question, before, after, why in rows:
            if student not in self.names.labels:
                continue
            told = why if why in REASONS or not self.anonymous else "another reason"
            by_why[told][student].append((question or self._exercise(notebook), before, after))
            change[student] += after - before
        return {
            "runs": len(runs),
            "now": _day(runs.get(self.run.id, "")),
            "when": _day(runs.get(last, "")),
            "is_now": last == self.run.id,
            "students": len(change),
            "groups": [
                {"why": why, "students": self._moved_students(own, change), "count": len(own)}
                for why, own in by_why.items()
            ],
        }

    def _moved_students(self, own: dict[str, list], change: Counter) -> list[dict]:
        return [
            {
                "student": self.names[student],
                "after": (after := sum(t.points for t in self.own.get(student, ()))),
                "before": after - change[student],
                "change": sum(now - before for _, before, now in rows),
                "questions": rows[:MANY],
            }
            for student, rows in sorted(own.items(), key=lambda it: self.names.place(it[0]))
        ][:MOST_ROWS]  # fmt: skip

    def last_words(self) -> list[dict]:
        """Return the points that a teacher has set, with those of the machine."""
        rows = [
            {
                "student": self.names[word["student"]], "question": word["question"],
                "before": word["machine_points"], "after": word["points"],
                "who": "" if self.anonymous else word["set_by"], "when": _day(word["made"]),
                "place": self.names.place(word["student"]),
            }
            for word in self.book.last_words() if word["student"] in self.names.labels
        ]  # fmt: skip
        return sorted(rows, key=lambda row: row["place"])

    # --- What looks alike? ----------------------------------------------------------------------

    def alike(self) -> dict:
        """Return answers that look alike, with two texts each; no texts where all are numbers."""
        found = lookalikes.alike(self.book)
        shown = [one for one in found if not one.why_not]
        left: dict[tuple[str, str], dict] = {}
        for one in found:
            if one.why_not:
                place = left.setdefault(
                    (one.question, one.why_not), {"students": 0, "reference": 0}
                )
                place["students"] += one.count
                place["reference"] += one.count if one.is_reference else 0
        return {
            "groups": [self._group(one) for one in shown[:MOST_GROUPS]],
            "more": max(0, len(shown) - MOST_GROUPS),
            "pairs": self._pairs(shown),
            "left": [
                {"question": question, "why": why, **counts}
                for (question, why), counts in left.items()
            ],
            "known": any(True for _ in self.book.select("SELECT 1 FROM answer LIMIT 1")),
        }

    def _group(self, one: lookalikes.Alike) -> dict:
        people, texts, outcomes, mistakes = [], [], Counter(), []
        for student, outcome, mistake, text in lookalikes.members(self.book, one):
            people.append(student)
            outcomes[outcome] += 1
            mistakes += [mistake] if mistake else []
            if len(texts) < 2 or (len(texts) == 2 and texts[0][1] == texts[1][1] != text):
                texts = [*texts[:1], (student, text)]  # two that differ to the eye, if there are
        if self.anonymous:
            texts = []
        title = self._about(one.question, mistakes[0])["title"] if len(set(mistakes)) == 1 else ""
        return {
            "question": one.question, "count": one.count, "size": one.size,
            "is_reference": one.is_reference, "who": self.names.listed(people),
            "outcomes": outcomes, "title": title,
            "texts": [
                {"student": self.names[student], "text": text[:MOST_TEXT],
                 "is_cut": len(text) > MOST_TEXT}
                for student, text in texts
            ],
            "same_letters": len(texts) == 2 and texts[0][1] == texts[1][1],
        }  # fmt: skip

    def _pairs(self, shown: Sequence[lookalikes.Alike]) -> list[dict]:
        """Return pairs of students whose answers look alike several times."""
        together: Counter = Counter()
        for one in shown:
            if 1 < one.count <= 10:
                people = [student for student, *_ in lookalikes.members(self.book, one)]
                together.update((a, b) for at, a in enumerate(people) for b in people[at + 1 :])
        often = [(pair, count) for pair, count in together.most_common(20) if count >= OFTEN]
        return [
            {"names": self.names.listed(pair)["names"], "count": count} for pair, count in often
        ]


def _got_nowhere(own: Counter) -> str:
    """Return in which way an exercise came to nothing; empty where something can be judged."""
    got = {outcome for outcome, count in own.items() if count}
    if got == {"not graded"}:
        return "nothing could be graded"
    if got <= {"not attempted", "not graded"}:
        return "nothing attempted"
    if got <= {"not attempted", "not graded", "error", "timed out"}:
        return "nothing runs"
    return ""


def _day(when: str) -> str:
    """Return a time as a person reads it; the gradebook's are UTC."""
    return f"{when[:10]} {when[11:16]} UTC" if when else ""


def in_order(exercises: Iterable[str]) -> list[str]:
    """Return exercises in the course's order, those of another course after them."""
    place = {name: at for at, name in enumerate(key.notebooks())}
    return sorted(exercises, key=lambda name: (place.get(name, len(place)), name))


def _order() -> dict[str, int]:
    """Return each question's place in the course."""
    return {question: at for at, question in enumerate(key.questions())}

"""Proving an answer key: the references are right, the mistakes are told apart by their names.

Plain functions that return what is wrong as `Finding`, for `dlbook doctor` and for the tests of
a course. Read in this order: one question, several, the answers that a test lists.
"""

import dis
import importlib.util
import json
import keyword
import re
import types
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from inspect import Parameter, signature
from pathlib import Path

from dlbook.exercises import course, key, probe
from dlbook.exercises.question import Case, Mistake, Question, Section
from dlbook.exercises.verdict import Judge, Verdict

SEEDS = (0, 1, 2)  # 0 is the notebook's own; the others stand for freshly drawn inputs
CASES_SECONDS = 20.0  # in which the inputs of a question must be made
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HERE = Path(__file__).parent
_ORDINARY = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True)
class Finding:
    """One fault: what is wrong, what to do, and where.

    Parameters
    ----------
    wrong, advice : str
        Whole sentences.
    notebook, question, mistake : str, optional
        Names, as far as the fault belongs to one.
    """

    wrong: str
    advice: str
    notebook: str = ""
    question: str = ""
    mistake: str = ""

    def __str__(self) -> str:
        mistake = f"mistake {self.mistake}" if self.mistake else ""
        where = ", ".join(filter(None, (self.question or self.notebook, mistake)))
        return f"{where}: {self.wrong} {self.advice}" if where else f"{self.wrong} {self.advice}"


# --- One question ------------------------------------------------------------------------------


def findings_of(
    question: Question, seeds: Sequence[int] = SEEDS, book: Path | None = None, once: bool = False
) -> list[Finding]:
    """Return what is wrong with a question; nothing where it proves itself.

    Parameters
    ----------
    question : Question
    seeds : sequence of int, optional
        Of the inputs on which it must hold.
    book : Path, optional
        The folder of the book's pages, which the sections to read again must be in.
    once : bool, optional
        Run each mistake once on each set of inputs, and not twice: it takes half the time, and
        a mistake that is another one each time goes unnoticed.

    Examples
    --------
    >>> from dlbook.exercises import key
    >>> findings_of(key.question("neuron-relu"), seeds=[0])
    []
    """
    try:
        found = [*_form(question), *_mistakes_form(question)]
        if book is not None:
            found += lost_sections([question], book)
        if not _is_provable(question):
            return found
        return found + _proof(question, seeds, once)
    except Exception as error:  # whatever a broken question makes its readers do
        wrong = f"It can't be proved: {_told(error)}."
        return [Finding(wrong, "See what of it isn't as the others are.", **_at(question))]


def _at(question: Question, mistake: object = "") -> dict[str, str]:
    """Return where a finding is."""
    name = str(question.id)
    known = mistake.id if isinstance(mistake, Mistake) else mistake
    return {"notebook": name.split("-", maxsplit=1)[0], "question": name, "mistake": str(known)}


def _form(question: Question) -> Iterator[Finding]:
    """Look at what can be seen without running anything."""
    at = _at(question)
    name = question.id
    if not isinstance(name, str) or not NAME.fullmatch(name):
        yield Finding(
            f"The id {name!r} isn't made of lower-case words with hyphens.",
            "Write it as in 'neuron-relu'.", **at,
        )  # fmt: skip
    points = question.points
    if type(points) is not int or points < 1:
        given = "It has no points" if points in (None, 0, "") else f"Its points are {points!r}"
        yield Finding(f"{given}.", "Give a whole number from 1: points=2.", **at)
    yield from _signature(question)
    if not isinstance(question.hints, list | tuple) or not all(map(_is_text, question.hints)):
        given = "one text" if isinstance(question.hints, str) else f"{question.hints!r:.60}"
        yield Finding(
            f"Its hints must be several texts. Given: {given}.",
            "Write them as hints=('...', '...'), with a comma after each.", **at,
        )  # fmt: skip
    elif not question.hints:
        yield Finding("It has no hints.", "Write two or three, each one step further on.", **at)
    if not callable(question.cases):
        yield Finding(
            "Its cases aren't a function.",
            "Give a function of rng that returns a list of Case.", **at,
        )  # fmt: skip
    if not isinstance(question.read, Section):
        yield Finding(
            "It names no section to read again.",
            'Write read=Section("page", "A heading of that page").', **at,
        )  # fmt: skip
    seconds = question.timeout_seconds
    if not isinstance(seconds, int | float) or not seconds > 0:
        yield Finding(
            f"Its timeout_seconds are {seconds!r}.", "Give a number above 0, such as 10.0.", **at
        )


def _signature(question: Question) -> Iterator[Finding]:
    at, text, reference = _at(question), question.signature, question.reference
    called = re.match(r"[^\W\d]\w*(?=\()", text) if isinstance(text, str) else None
    if called is not None and keyword.iskeyword(called[0]):
        yield Finding(
            f"No function can be called {called[0]!r}: Python keeps that word for itself.",
            "Choose another name in the signature.", **at,
        )  # fmt: skip
        return
    names = _arguments(question)
    if called is None or names is None:
        yield Finding(
            f"{text!r} isn't the signature of a function.",
            "Write its name and its arguments, such as 'relu(z)'.", **at,
        )  # fmt: skip
        return
    if not callable(reference):
        yield Finding("Its reference isn't a function.", "Give the function itself.", **at)
        return
    try:
        own = list(signature(reference).parameters.values())
    except (TypeError, ValueError):  # a function that was written in C has none
        return
    own_names = [argument.name for argument in own]
    if any(argument.kind not in _ORDINARY for argument in own) or own_names != names:
        yield Finding(
            f"The signature is {text!r}, and its reference takes ({', '.join(own_names)}).",
            "Give both the same arguments in the same order, without * and **.", **at,
        )  # fmt: skip


def _arguments(question: Question) -> list[str] | None:
    """Return the names that the signature gives the arguments; None where it is no signature."""
    try:
        return question.arguments
    except (SyntaxError, ValueError, AttributeError, TypeError, IndexError):
        return None


def _mistakes_form(question: Question) -> Iterator[Finding]:
    if not isinstance(question.mistakes, list | tuple):
        yield Finding(
            "Its mistakes must be several, in brackets.",
            "Write mistakes=(mistake(...), mistake(...)), with a comma after each.",
            **_at(question),
        )
        return
    for number, one in enumerate(question.mistakes, start=1):
        if not isinstance(one, Mistake):
            yield Finding(
                f"Mistake {number} is {_kind(one)} and no mistake(...).",
                "Write it with mistake(id, title, sentence, ways...).", **_at(question),
            )  # fmt: skip
            continue
        at = _at(question, one)
        if not isinstance(one.id, str) or not NAME.fullmatch(one.id):
            yield Finding(
                f"The id {one.id!r} isn't made of lower-case words with hyphens.",
                "Write it as in 'bias-left-out'.", **at,
            )  # fmt: skip
        if not _is_text(one.title):
            yield Finding("It has no title.", "Give it a few words: 'The bias is left out'.", **at)
        if not _is_text(one.says):
            yield Finding(
                "It has no sentence for the student.",
                "Say what the code does, and what it should do, without giving the line away.",
                **at,
            )
        if not _ways(one):
            yield Finding(
                "It has no way to make it.",
                "Put a wrong function after its sentence; a lambda will do.", **at,
            )  # fmt: skip
        for at_way, way in enumerate(one.ways if isinstance(one.ways, list | tuple) else (), 1):
            if not callable(way):
                yield Finding(f"Its way {at_way} is no function.", "Give a wrong function.", **at)
    ids = Counter(one.id for one in question.mistakes if isinstance(one, Mistake))
    for name in [name for name, count in ids.items() if count > 1]:
        yield Finding(
            f"{ids[name]} mistakes have the id {name!r}.", "Give each its own.",
            **_at(question, name),
        )  # fmt: skip


def _ways(one: Mistake) -> list[Callable]:
    ways = one.ways if isinstance(one.ways, list | tuple) else ()
    return [way for way in ways if callable(way)]


def lost_sections(
    questions: Sequence[Question], book: Path, told: Collection[str] = ()
) -> list[Finding]:
    """Return which sections to read again aren't in the book; each place is told once.

    Parameters
    ----------
    questions : sequence of Question
    book : Path
        The folder of the pages.
    told : collection of str, optional
        Pages that are known to be missing.
    """
    places: dict[Section, dict[str, str]] = {}
    for question in questions:
        if isinstance(question.read, Section):
            places.setdefault(question.read, _at(question))
        for one in question.mistakes if isinstance(question.mistakes, list | tuple) else ():
            if isinstance(one, Mistake) and isinstance(one.read, Section):
                places.setdefault(one.read, _at(question, one))
    found = []
    for place, at in places.items():
        if place.page in told:
            continue
        there = headings(book, place.page)
        if there is None:
            found.append(Finding(
                f"The section to read again is on a page that the book hasn't: {place.page!r}.",
                f"Write book/{place.page}.md, or name another page.", **at,
            ))  # fmt: skip
        elif place.heading not in there:
            found.append(Finding(
                f"The page {place.page!r} has no heading {place.heading!r} to read again.",
                "Write it as it stands there, word for word.", **at,
            ))  # fmt: skip
    return found


def headings(book: Path, page: str) -> set[str] | None:
    """Return the headings within a page of the book; None where there is no such page."""
    try:
        text = (book / f"{page}.md").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
    code_left_out = re.sub(r"^(```+|~~~+).*?^\1", "", text, flags=re.DOTALL | re.MULTILINE)
    return {h.strip() for h in re.findall(r"^#{2,3} (.+)$", code_left_out, re.MULTILINE)}


def _is_provable(question: Question) -> bool:
    return (
        callable(question.reference)
        and callable(question.cases)
        and not any(_signature(question))
        and isinstance(question.timeout_seconds, int | float)
        and question.timeout_seconds > 0
    )


# --- What a question does when it runs -----------------------------------------------------------


def _proof(question: Question, seeds: Sequence[int], once: bool) -> list[Finding]:
    """Prove the reference, then its mistakes; what is broken isn't looked at any further."""
    points = question.points if type(question.points) is int and question.points > 0 else 1
    mistakes = _sane(question)
    question = replace(question, mistakes=(), points=points)
    for seed in seeds:
        wrong = _cases_fault(question, seed)
        if wrong is not None:
            return [wrong]
    wrong = _seed_fault(question, seeds)
    if wrong is not None:
        return [wrong]
    judges = {seed: Judge(question, seed) for seed in seeds}
    for judge in judges.values():
        wrong = _reference_fault(judge)
        if wrong is not None:
            return [wrong]
    return _mistakes_faults(question, mistakes, judges, once)


def _sane(question: Question) -> list[Mistake]:
    """Return the mistakes that can be made, with the ways in which they can."""
    listed = question.mistakes if isinstance(question.mistakes, list | tuple) else ()
    return [
        replace(one, ways=tuple(_ways(one)))
        for one in listed if isinstance(one, Mistake) and _ways(one)
    ]  # fmt: skip


def _cases_fault(question: Question, seed: int) -> Finding | None:
    """Make the inputs, and return what is wrong with them."""
    at, advice = _at(question), "Return a list of Case(...) from its cases function."
    try:
        with probe.time_limit(CASES_SECONDS), probe.quiet():
            judge = Judge(question, seed)
            again = Judge(question, seed)
    except probe.TooSlowError:
        wrong = f"Its cases were not made within {CASES_SECONDS:g} seconds."
        return Finding(wrong, "Does a loop in its cases function never end?", **at)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        wrong = f"Its cases function stops with {_told(error, question.cases)}."
        return Finding(wrong, advice, **at)
    cases = judge.cases
    if not isinstance(cases, list | tuple) or not cases:
        return Finding(f"Its cases function returns {_kind(cases)} without a Case.", advice, **at)
    odd = next((case for case in cases if not isinstance(case, Case)), None)
    if odd is not None:
        return Finding(f"Its cases function returns {_kind(odd)} among its cases.", advice, **at)
    fewest, most = _how_many(question)
    for number, case in enumerate(cases, start=1):
        if not isinstance(case.args, list | tuple) or not fewest <= len(case.args) <= most:
            count = len(case.args) if isinstance(case.args, list | tuple) else _kind(case.args)
            return Finding(
                f"Case {number} has {count} arguments, and {question.signature} takes {most}.",
                "Write Case((first, second)), and Case((only,)) where there is one.", **at,
            )  # fmt: skip
        odd = _not_plain(case.plain())
        if odd:
            return Finding(
                f"Case {number} holds {odd}, which can't be written down as plain data.",
                "Give numbers, text, arrays and lists of them, Rng, Given or File.", **at,
            )  # fmt: skip
    if judge.plain_cases != again.plain_cases:
        return Finding(
            "Its cases function gives other inputs when it is called with the same seed again.",
            "Draw all that is random in it from its argument rng.", **at,
        )  # fmt: skip
    return None


def _how_many(question: Question) -> tuple[int, int]:
    """Return how few and how many arguments a call may have."""
    most = len(question.arguments)
    try:
        own = signature(question.reference).parameters.values()
    except (TypeError, ValueError):
        return most, most
    return most - sum(argument.default is not Parameter.empty for argument in own), most


def _not_plain(case: dict) -> str:
    """Return what of a case no JSON can hold, or "" where all of it can be held."""
    waiting = [*case["args"], *(case["then"] or ())]
    while waiting:
        data = waiting.pop()
        if data["kind"] == "other":
            return f"something of the type {data['type']}"
        if data["kind"] == "given" and data["name"] not in probe.FUNCTIONS:
            return f"the function {data['name']!r}, which `probe.FUNCTIONS` doesn't know"
        waiting += [*data.get("items", ()), *data.get("numbers", ())]
    return "" if json.loads(json.dumps(case, allow_nan=False)) == case else "something"


def _seed_fault(question: Question, seeds: Sequence[int]) -> Finding | None:
    """Say where freshly drawn inputs would be the known ones."""
    if not question.arguments:
        return None
    tried = list(dict.fromkeys((*seeds, max(seeds, default=0) + 1)))[:2]
    one, other = (Judge(question, seed).plain_cases for seed in tried)
    if one != other:
        return None
    return Finding(
        "Its cases are the same for every seed, so the inputs of a grading would be known.",
        "Draw some of the numbers from the argument rng of its cases function.", **_at(question),
    )  # fmt: skip


def _reference_fault(judge: Judge) -> Finding | None:
    """Run the reference twice, and return what is wrong with it."""
    question = judge.question
    at, on = _at(question), _on(judge)
    calls: list[bool] = []
    if probe.is_stub(question.reference):
        return Finding("Its reference has no body.", "Write a right answer.", **at)
    first = judge.observe(_watched(question.reference, calls), patience=2)
    outcomes = [case["outcome"] for case in first["cases"]]
    if "too slow" in outcomes:
        seconds = 2 * question.timeout_seconds
        number = outcomes.index("too slow") + 1
        return Finding(
            f"Its reference had not finished case {number} after {seconds:g} seconds{on}.",
            "Does a loop in it never end? Or give the question more timeout_seconds.", **at,
        )  # fmt: skip
    for at_case, (seen, case) in enumerate(zip(first["cases"], judge.cases, strict=True)):
        number = at_case + 1
        if seen["outcome"] == "raised" and not (calls[at_case] or case.mentions):
            error = seen["error"]
            message = f": {error['message']}" if error["message"] else ""
            return Finding(
                f"Its reference stops with {error['type']}{message[:200]} in case {number}{on}.",
                "Mend it. Where an answer shall stop with an error, let the reference raise it.",
                **at,
            )
        if seen["changed"]:
            return Finding(
                f"Its reference changes its argument {' and '.join(seen['changed'])}{on}.",
                "Let it make new arrays.", **at,
            )  # fmt: skip
    try:
        # As it comes back from another process: nothing may be lost on the way.
        sent = json.loads(json.dumps(judge.reference_observations, allow_nan=False))
        verdict = judge.verdict(sent)
        again = judge.verdict(first)
    except Exception as error:
        looks = question.look is not None
        wrong = f"Its function look stops with {_told(error, question.look)}{on}."
        return Finding(
            wrong if looks else f"It can't be judged: {_told(error)}{on}.",
            "Let it return one dict for each case, whatever an answer returned.", **at,
        )  # fmt: skip
    if verdict.outcome != "correct":
        return _own_check_fault(verdict, on)
    if again.outcome != "correct":
        return Finding(
            f"Its reference gives another result when it is called again{on}.",
            "Let it draw what is random from an argument rng, and keep nothing between calls.",
            **at,
        )
    known = {name for seen in judge.wanted for name in seen.properties or ()}
    silent = sorted(map(str, known - question.say.keys()))
    if silent:
        return Finding(
            f"There is no sentence for the property {silent[0]!r} of its look.",
            "Write one in say, for students whose answer has it wrong.", **at,
        )  # fmt: skip
    return None


def _own_check_fault(verdict: Verdict, on: str) -> Finding:
    """Say why a reference would not be taken for right itself."""
    found = verdict.finding.replace("Your ", "Its ", 1).split("\n")[0].rstrip(".")
    advice = {
        "nothing": "End it with a line that says return.",
        "form": "Let it return numbers, arrays, or lists of them, or give the question a look.",
        "shares": "Let it return a new array in every case.",
        "warned": "Write it so that NumPy doesn't warn, or leave that word out of watched.",
        "too slow": "Make it quicker, or give the question more cpu_seconds.",
    }.get(verdict.difference, "Mend it.")
    wrong = f"Its reference fails its own check{on}: {found}."
    return Finding(wrong, advice, **_at(verdict.question))


def _watched(reference: Callable, calls: list[bool]) -> Callable:
    """Return the reference, which notes of each call whether it raises an error on purpose."""

    def watched(*arguments):
        calls.append(False)
        try:
            return reference(*arguments)
        except Exception as error:
            calls[-1] = _on_purpose(error, reference)
            raise

    return watched


def _on_purpose(error: BaseException, reference: Callable) -> bool:
    """Say whether an error comes from a line with ``raise`` of the reference's own file, or ours.

    Every other one happened to it: a name that isn't there, shapes that don't fit.
    """
    trace = error.__traceback__
    while trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code
    file = getattr(getattr(reference, "__code__", None), "co_filename", "")
    own = code.co_filename == file or Path(code.co_filename).is_relative_to(_HERE.parent)
    step = next((s for s in dis.get_instructions(code) if s.offset == trace.tb_lasti), None)
    says_raise = step is not None and step.opname == "RAISE_VARARGS"
    return own and says_raise and not isinstance(error, AssertionError)


def _mistakes_faults(
    question, mistakes: list[Mistake], judges: dict[int, Judge], once: bool
) -> list[Finding]:
    """Prove that each way of each mistake is rejected, and is called by its own name."""
    found: list[Finding] = []
    seen: dict[tuple[int, int], dict[int, dict]] = {}  # observations, by way and by seed
    sane: list[Mistake] = []
    for at, one in enumerate(mistakes):
        ways = []
        for number, way in enumerate(one.ways):
            observed = {seed: judge.observe(way) for seed, judge in judges.items()}
            wrong = _way_fault(one, number, observed, judges)
            if wrong is None:
                seen[at, len(ways)] = observed
                ways.append(way)
            else:
                found.append(wrong)
        sane.append(replace(one, ways=tuple(ways)))
    named = {seed: Judge(replace(question, mistakes=tuple(sane)), seed) for seed in judges}
    for seed, judge in named.items():
        for number, observed in enumerate(seen.values() if once else ()):
            judge.learn(number, observed[seed])
        _ = judge.known  # all of it is needed, and one by one it takes longer
    for at, one in enumerate(sane):
        called: dict[str, set[tuple[int, int]]] = defaultdict(set)  # by name: way and seed
        for number in range(len(one.ways)):
            for seed, judge in named.items():
                name = judge.verdict(seen[at, number][seed]).mistake
                called[name.id if name else ""].add((number, seed))
        called.pop(one.id, None)
        found += [_name_fault(question, one, *call, list(judges)) for call in called.items()]
    return found


def _way_fault(
    one: Mistake, number: int, observed: dict[int, dict], judges: dict[int, Judge]
) -> Finding | None:
    """Return why a way is no wrong answer, if it isn't one."""
    question = next(iter(judges.values())).question
    at, way = _at(question, one), _which(one, number)
    if not all(observations["attempted"] for observations in observed.values()):
        return Finding(f"{way} has no body.", "Write a whole wrong answer.", **at)
    for seed, observations in observed.items():
        if any(case["outcome"] == "too slow" for case in observations["cases"]):
            seconds = f"{question.timeout_seconds:g} seconds"
            return Finding(
                f"{way} had not finished after {seconds}{_on(judges[seed])}.",
                "Let it come to an end: whoever is judged would wait for it.", **at,
            )  # fmt: skip
    right = []
    for seed, judge in judges.items():
        try:
            if judge.verdict(observed[seed]).outcome == "correct":
                right.append(seed)
        except Exception as error:
            looked = f"The question's look stops with {_told(error, question.look)}"
            return Finding(
                f"{looked} for it{_on(judge)}.",
                "Let it return one dict for each case, whatever an answer returned.", **at,
            )  # fmt: skip
    if len(right) == len(judges):
        return Finding(
            f"{way} gives the same as the reference on all inputs, so it is no mistake.",
            "Add a case in which the two differ, or mend the way.", **at,
        )  # fmt: skip
    if right:
        return Finding(
            f"{way} is taken for right{_on(judges[right[0]], 'only ')}.",
            "Add a case in which it differs from the reference whatever is drawn.", **at,
        )  # fmt: skip
    return None


def _name_fault(question, one: Mistake, name: str, where: set, seeds: list[int]) -> Finding:
    """Say that ways of a mistake are called by another's name, or by none."""
    at = _at(question, one)
    ways, tried = sorted({number for number, _ in where}), {seed for _, seed in where}
    which = "It" if len(ways) == len(one.ways) else _which(one, ways[0])
    on = "" if tried == set(seeds) else f" on the inputs of seed {min(tried)}"
    if not name:
        return Finding(
            f"{which} is rejected{on}, but not by its name: it doesn't do the same every time.",
            "Let it draw nothing at random but from an argument rng.", **at,
        )  # fmt: skip
    if which == "It" and len(where) == len(ways) * len(seeds):
        return Finding(
            f"It can't be told apart from the mistake {name!r}: both do the same on all inputs.",
            "Add a case in which they differ, or make one mistake of the two.", **at,
        )  # fmt: skip
    return Finding(
        f"{which} is called by another's name{on}: {name!r}.",
        "Move it there, or add a case in which the two differ.", **at,
    )  # fmt: skip


# --- Several questions ---------------------------------------------------------------------------


def findings_among(asked: Mapping[str, Sequence[Question]]) -> list[Finding]:
    """Return where questions get into each other's way: ids and functions that stand twice.

    Parameters
    ----------
    asked : mapping from str to sequence of Question
        The questions of each notebook, by its name.
    """
    found, places = [], defaultdict(list)
    for notebook, questions in asked.items():
        for question in questions:
            places[question.id].append(notebook)
    for name, notebooks in places.items():
        if len(notebooks) == 1:
            if not str(name).startswith(f"{notebooks[0]}-"):
                found.append(Finding(
                    f"The id {name!r} doesn't begin with its notebook.",
                    f"Call it '{notebooks[0]}-...'.", notebooks[0], str(name),
                ))  # fmt: skip
            continue
        where = " and ".join(f"{notebook!r}" for notebook in dict.fromkeys(notebooks))
        found.append(Finding(
            f"{len(notebooks)} questions have the id {name!r}, in {where}.",
            "Give each its own.", notebooks[-1], str(name),
        ))  # fmt: skip
    for notebook, questions in asked.items():
        first: dict[str, Question] = {}
        for question in questions:
            name = question.name if isinstance(question.signature, str) else ""
            other = first.setdefault(name, question)
            if name and other.id != question.id:
                found.append(Finding(
                    f"Its function has the name of another in this notebook: {name!r}, as in "
                    f"{other.id!r}.",
                    "Choose another: in a notebook, the later one would take its place.",
                    notebook, str(question.id),
                ))  # fmt: skip
    return found


def load(file: Path, notebook: str) -> tuple[list[Question], list[Finding]]:
    """Import an answer key's module from a file; return its questions, and what is wrong.

    Parameters
    ----------
    file : Path
    notebook : str
        The notebook that it belongs to.
    """
    name = f"_dlbook_answer_key_{notebook}"
    try:
        spec = importlib.util.spec_from_file_location(name, file)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # exit(), too: others want to be looked at
        return [], [import_fault(error, str(file), notebook)]
    return questions_in(module, notebook)


def questions_in(module: types.ModuleType, notebook: str) -> tuple[list[Question], list[Finding]]:
    """Return the questions of an answer key's module, and what is wrong with its QUESTIONS."""
    given = getattr(module, "QUESTIONS", None)
    file = str(getattr(module, "__file__", None) or module.__name__)
    advice = "End the module with QUESTIONS = (Question(...), Question(...))."
    if given is None:
        return [], [Finding(f"{_short(file)} has no QUESTIONS.", advice, notebook)]
    place = f"{_short(file)}{_line_of_questions(file)}"
    if not isinstance(given, list | tuple):
        wrong = f"{place}: QUESTIONS must be a list of Question. Given: {_kind(given)}."
        return [], [Finding(wrong, f"{advice[:-1]}, with a comma after each.", notebook)]
    if not given:
        return [], [Finding(f"{place}: QUESTIONS is empty.", advice, notebook)]
    right = [one for one in given if isinstance(one, Question)]
    if len(right) == len(given):
        return right, []
    number = next(at for at, one in enumerate(given) if not isinstance(one, Question))
    wrong = f"{place}: QUESTIONS[{number}] is {_kind(given[number])} and no Question."
    return right, [Finding(wrong, "Write it as Question(id=..., points=..., ...).", notebook)]


def import_fault(error: BaseException, file: str, notebook: str) -> Finding:
    """Say why an answer key's module could not be imported, with its line."""
    if isinstance(error, SyntaxError) and error.filename == file:
        line, told = error.lineno or 0, f"Python can't read it: {error.msg}"
    elif isinstance(error, SystemExit):
        line, told = line_of(error, file), f"It ends Python ({_told(error)}) when it is imported"
    else:
        line, told = line_of(error, file), f"It stops with {_told(error)}"
    place = f"{_short(file)}, line {line}" if line else _short(file)
    return Finding(f"{place}: {told}.", "Mend that line; then look again.", notebook)


# --- Before anything is built on it --------------------------------------------------------------


def require(notebooks: Iterable[str], mistakes: bool = False) -> None:
    """Do nothing where a course's own answer key is right on the notebooks' own inputs.

    Parameters
    ----------
    notebooks : iterable of str
        Those that are built in are proved by this book's tests, and not here.
    mistakes : bool, optional
        Prove the mistakes, too, which takes longer.

    Raises
    ------
    CourseError
        If it isn't; every fault is in the message.
    """
    used = course.current()
    for notebook in notebooks:
        if notebook not in used.own:
            continue
        asked = key.questions(notebook).values()
        found = [finding for question in asked for finding in _broken(question, mistakes)]
        if found:
            lines = "".join(f"\n- {finding}" for finding in found)
            raise course.CourseError(f"{used.place(notebook)} can't be used:{lines}")


def _broken(question: Question, mistakes: bool) -> list[Finding]:
    """Return what would make every mark wrong: inputs or a reference that fail; and mistakes."""
    bare = replace(question, mistakes=())
    fault = _cases_fault(bare, 0) or _reference_fault(Judge(bare, 0))
    if fault is not None:
        return [fault]
    return _mistakes_faults(bare, _sane(question), {0: Judge(bare, 0)}, True) if mistakes else []


# --- The answers that a test lists ---------------------------------------------------------------


def prove_answers(
    question: Question,
    right: Sequence[Callable] = (),
    wrong: Sequence[Callable] = (),
    seeds: Sequence[int] = SEEDS,
) -> list[Finding]:
    """Return which right answers are rejected, and which wrong ones are taken for right.

    Parameters
    ----------
    question : Question
        One that proves itself: see `findings_of`.
    right, wrong : sequence of function
        Different ways to be right, and wrong answers that have no name.
    seeds : sequence of int, optional

    Examples
    --------
    >>> from dlbook.exercises import key
    >>> relu = key.question("neuron-relu")
    >>> prove_answers(relu, right=[lambda z: z * (z > 0)], wrong=[lambda z: z + 1], seeds=[0])
    []
    """
    found = []
    judges = [Judge(question, seed) for seed in seeds]
    for number, function in enumerate(right, start=1):
        for judge in judges:
            verdict = judge.verdict(judge.observe(function))
            if verdict.outcome != "correct":
                why = verdict.finding or f"it is taken for {verdict.outcome}"
                found.append(Finding(
                    f"Right answer {number} is rejected{_on(judge)}: {why.rstrip('.')}.",
                    "Mend it, or the question, which is too strict.", **_at(question),
                ))  # fmt: skip
                break
    for number, function in enumerate(wrong, start=1):
        for judge in judges:
            if judge.verdict(judge.observe(function)).outcome == "correct":
                found.append(Finding(
                    f"Wrong answer {number} is taken for right{_on(judge)}.",
                    "Add a case in which it differs from the reference.", **_at(question),
                ))  # fmt: skip
                break
    return found


# --- In words ------------------------------------------------------------------------------------


def _on(judge: Judge, only: str = "") -> str:
    """Say on which inputs, where it isn't on the notebook's own."""
    return f" {only}on the inputs of seed {judge.seed}" if judge.seed or only else ""


def _which(one: Mistake, number: int) -> str:
    return "It" if len(one.ways) == 1 else f"Its way {number + 1} of {len(one.ways)}"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _kind(value: object) -> str:
    if value is None:
        return "None"
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in 'aeio' else 'a'} {name}"


def _told(error: BaseException, function: object = None) -> str:
    """Return an error in a line, with the line of the function's file where it began."""
    try:
        message = " ".join(str(error).split())[:200]
    except Exception:  # an error whose own text fails
        message = ""
    told = f"{type(error).__name__}: {message}" if message else type(error).__name__
    file = getattr(getattr(function, "__code__", None), "co_filename", "")
    line = line_of(error, file) if file else 0
    return f"{told} ({_short(file)}, line {line})" if line else told


def line_of(error: BaseException, file: str) -> int:
    """Return the last line of a file on an error's way; 0 where there is none."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _short(file: str) -> str:
    """Return a file's name with its folder."""
    return "/".join(Path(file).parts[-2:])


def _line_of_questions(file: str) -> str:
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return ""
    at = [number for number, line in enumerate(lines, 1) if line.startswith("QUESTIONS")]
    return f", line {at[-1]}" if at else ""

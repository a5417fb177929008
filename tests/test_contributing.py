"""CONTRIBUTING.md, followed to the letter: its code is taken from its text and run."""

import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dlbook import cli
from dlbook.exercises import key, neuron, proof
from dlbook.exercises.question import Case, Mistake, Question, mistake
from dlbook.exercises.verdict import Judge

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
SEEDS = (0, 1, 20261124)


def blocks(language: str) -> list[str]:
    """Return what stands between fences, those within a list without its indent."""
    found = re.findall(r"^( *)```(\w*)\n(.*?)^\1```$", TEXT, re.DOTALL | re.MULTILINE)
    return [
        re.sub(rf"^{indent}", "", code, flags=re.MULTILINE)
        for indent, name, code in found if name == language
    ]  # fmt: skip


def code_with(words: str) -> str:
    (code,) = [code for code in blocks("python") if words in code]
    return code


def value_of(words: str) -> object:
    return eval(code_with(words).strip().rstrip(","), {"np": np, "mistake": mistake, "Case": Case})


@pytest.fixture(scope="module")
def seen() -> Mistake:
    """The mistake that the text adds."""
    return value_of('"shape-lost"')


@pytest.fixture(scope="module")
def before(seen) -> Question:
    """The question as it was before somebody saw the mistake."""
    question = key.question("neuron-relu")
    others = tuple(m for m in question.mistakes if m.id != seen.id)
    assert len(others) == len(question.mistakes) - 1
    return replace(question, mistakes=others)


def with_mistake(question: Question, added: Mistake) -> Question:
    return replace(question, mistakes=(*question.mistakes, added))


def findings(question: Question, added: Mistake) -> list[str]:
    """Return what the proving test would say of a question with one more mistake."""
    return [str(one) for one in proof.findings_of(with_mistake(question, added), SEEDS)]


# --- A mistake that somebody made ------------------------------------------------------------


def test_what_was_handed_in_was_wrong_without_a_name_and_has_one_now(before, seen):
    names = {"np": np}
    exec(code_with("def relu(z)"), names)
    (quoted,) = re.findall(r'could only say "(.*?)"', " ".join(TEXT.split()))
    for seed in SEEDS:
        judge = Judge(before, seed)
        verdict = judge.verdict(judge.observe(names["relu"]))
        assert (verdict.outcome, verdict.mistake) == ("incorrect", None)
        assert verdict.finding.startswith(quoted)
        judge = Judge(with_mistake(before, seen), seed)
        assert judge.verdict(judge.observe(names["relu"])).mistake.id == seen.id


def test_the_mistake_of_the_text_proves_itself_and_takes_no_other_ones_name(before, seen):
    assert findings(before, seen) == []


def test_the_answer_key_holds_the_mistake_as_the_text_has_it(seen):
    (kept,) = [m for m in key.question("neuron-relu").mistakes if m.id == seen.id]
    assert (kept.title, kept.says, kept.read) == (seen.title, seen.says, seen.read)
    place = Path(neuron.__file__).relative_to(ROOT).as_posix()
    assert f"`neuron-relu` is in\n`{place}`" in TEXT
    line = code_with('"shape-lost"').splitlines()[-2]
    assert line in Path(neuron.__file__).read_text(encoding="utf-8")


def test_a_mistake_that_equals_the_reference_is_refused_with_what_to_do(before):
    same = mistake("nothing-wrong", "All is right", "It isn't wrong.", before.reference)
    (told,) = findings(before, same)
    assert told.startswith("neuron-relu, mistake nothing-wrong: It gives the same as the reference")
    assert told.endswith("Add a case in which the two differ, or mend the way.")


def test_a_mistake_that_another_one_is_already_is_refused_with_its_name(before):
    twice = mistake("no-minus", "No minus", "The minus is gone.", lambda z: np.sqrt(z * z))
    (told,) = findings(before, twice)
    said = re.search(r"If the test says that it (can't be told apart from another mistake),", TEXT)
    assert said[1].replace("another", "the") + " 'absolute-value'" in told


def test_the_question_cant_tell_the_second_mistake_and_can_with_one_more_case(before):
    added = value_of('"cut-off-at-1000"')
    quoted = [" ".join(text.split()) for text in blocks("") if "mistake cut-off-at-1000" in text]
    assert findings(before, added) == quoted
    case = value_of("Case(")
    more = replace(before, cases=lambda rng: [*before.cases(rng), case])
    assert findings(more, added) == []


def test_of_several_inputs_that_go_wrong_the_smallest_is_shown(before):
    case = value_of("Case(")
    small = Case((np.array([-5.0]),))
    question = replace(before, cases=lambda rng: [case, small])
    judge = Judge(question, 0)
    assert judge.verdict(judge.observe(lambda z: z + 1)).given == "z = [-5.]"


# --- A right answer --------------------------------------------------------------------------


def test_the_right_answer_of_the_text_is_right_and_among_those_that_are_tested(before):
    answer = value_of("for v in z.ravel()]")
    for seed in SEEDS:
        judge = Judge(before, seed)
        assert judge.verdict(judge.observe(answer)).outcome == "correct"
    line = code_with("for v in z.ravel()]").strip()
    kept = (ROOT / "tests" / "answers" / "neuron.py").read_text(encoding="utf-8")
    assert line in kept[kept.index("RIGHT = ") : kept.index("WRONG = ")]


# --- Commands, files, times -------------------------------------------------------------------


def commands() -> set[str]:
    lines = [line for text in blocks("") for line in text.splitlines()]
    return {line.partition("#")[0].strip() for line in lines if "-m pytest" in line}


def test_the_commands_of_the_text_run_the_tests_that_it_says():
    start = ".venv/bin/python -m pytest tests/"
    of_one_question = f"{start}test_exercises_key.py -k neuron-relu"
    of_its_mistakes = f'{start}test_exercises_key.py -k "proves and neuron-relu"'
    of_right_answers = f'{start}test_exercises_key.py -k "right_answer and neuron-relu"'
    one_file = f"{start}test_neuron.py"
    assert (ROOT / "tests" / "test_neuron.py").is_file()
    assert commands() == {of_one_question, of_its_mistakes, of_right_answers, one_file}
    options = [*shlex.split(of_one_question)[1:], "--collect-only", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, *options], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = re.findall(r"^tests/.*::(\w+)\[(.*)\]$", done.stdout, re.MULTILINE)
    # -k takes a test whose name holds all of the words.
    proving = [(test, name) for test, name in found if "proves" in test]
    assert {name for _, name in proving} == {"neuron-relu", "neuron-relu-slope"}
    said = blocks("")[blocks("").index(f"{of_its_mistakes}\n") + 1]
    assert said == f"{len(proving)} passed\n"
    assert sum("right_answer" in test and "neuron-relu" in name for test, name in found) >= 5


def test_every_file_that_the_text_names_is_there():
    named = set(
        re.findall(r"`((?:dlbook[./]|book|tests|solutions|\.ci/|[A-Z_]+\.)[\w./]*)`?", TEXT)
    )
    assert {"dlbook/grading/sandbox.py", "tests/test_house.py", ".ci/run", "book/how.md"} <= named
    for name in named:
        is_module = re.fullmatch(r"dlbook(\.\w+)+", name)
        pattern = name.replace(".", "/") if is_module else name.replace("...", "*")
        assert list(ROOT.glob(pattern.rstrip("/"))), name
    assert "CONTRIBUTING.md" in README


def test_times_and_versions_are_those_of_the_readme_and_the_project():
    for time in ("about three minutes the first time", "about half an hour"):
        assert time in TEXT
        assert time in README
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for package in re.findall(r"[a-z]+==[\d.]+", TEXT):
        assert f'"{package}"' in project


def test_every_question_is_as_the_text_says_of_neuron_relu():
    for question in key.questions().values():
        assert question.id.startswith(f"{question.notebook}-")
    assert re.search(r"^lint:|ruff check \. && \$\(BIN\)/ruff format --check \.", (
        ROOT / "Makefile"
    ).read_text(encoding="utf-8"), re.MULTILINE)  # fmt: skip


def test_every_command_of_dlbook_that_the_text_names_is_one_that_there_is():
    named = re.findall(r"\.venv/bin/dlbook (\w+)", TEXT)
    assert {"doctor", "release"} <= set(named) <= set(cli.main.commands)


def test_the_tools_that_the_text_names_are_those_that_ci_brings():
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for tool in ("chromium", "bubblewrap", "torch==", "nbgrader==", "DLBOOK_REQUIRE_ORACLES=1"):
        assert tool in ci
        assert tool in TEXT

"""An answer key that is broken in one way gets one finding: where, what, and what to do."""

import itertools
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dlbook.exercises import proof
from dlbook.exercises.plain import Given
from dlbook.exercises.question import Case, Question, Section, mistake

BOOK = Path(__file__).parents[1] / "book"
READ = Section("neuron", "Four activations and their slopes")


def leaky_relu(z):
    return np.where(z > 0, z, 0.1 * z)


def cases(rng):
    return [Case((np.array([-2.0, 0.0, 3.0]),)), Case((rng.normal(0, 2, 5),))]


def only_positive(z):
    if z < 0:
        raise ValueError("z must be positive")
    return z


def plain_relu(z):
    return np.maximum(z, 0.0)


RELU = mistake("plain-relu", "Plain ReLU", "Yours gives 0 below 0. Let some through.", plain_relu)
ABSOLUTE = mistake("turned-round", "Turned round", "Yours turns the sign round.", abs)
LEAKY = Question(
    id="leaky-relu", points=2, signature="leaky_relu(z)", reference=leaky_relu, cases=cases,
    read=READ, hints=("Above 0 it does nothing.", "Below 0 it makes smaller."),
    mistakes=(RELU, ABSOLUTE),
)  # fmt: skip
READS_FILES = Question(
    id="leaky-read", points=1, signature="positive(z)",
    reference=only_positive, cases=lambda rng: [
        Case((2.0,)), Case((-1.0,)), Case((float(rng.normal()),))
    ], read=READ, hints=("Look at the sign.",),
)  # fmt: skip


def findings(**changes) -> list[proof.Finding]:
    return proof.findings_of(replace(LEAKY, **changes), seeds=(0, 1), book=BOOK)


def the_one(found: list[proof.Finding]) -> str:
    assert len(found) == 1, [str(one) for one in found]
    assert found[0].advice.endswith((".", "?"))
    assert found[0].question in ("leaky-relu", "leaky-read")
    return str(found[0])


def test_a_sound_question_has_no_findings():
    assert findings() == []


def test_an_error_that_the_reference_raises_on_purpose_is_no_fault():
    assert proof.findings_of(READS_FILES, seeds=(0, 1)) == []


# --- What can be seen without running anything ---------------------------------------------------


@pytest.mark.parametrize("points", [0, -1, 1.5, None, True, "2"])
def test_points_are_whole_numbers_from_1(points):
    text = the_one(findings(points=points))
    assert "points" in text
    assert "points=2" in text


@pytest.mark.parametrize("name", ["Leaky-ReLU", "leaky_relu-x", "leaky--relu", "leaky-relu ", ""])
def test_an_id_is_lower_case_words_with_hyphens(name):
    found = findings(id=name)
    assert len(found) == 1
    assert "lower-case words with hyphens" in found[0].wrong
    assert repr(name) in found[0].wrong


@pytest.mark.parametrize("text", ["leaky relu(z)", "leaky_relu", "leaky_relu(z", "(z)", "", None])
def test_a_signature_is_one(text):
    assert "isn't the signature of a function" in the_one(findings(signature=text))


def test_a_function_may_not_have_a_name_that_python_keeps():
    assert "No function can be called 'lambda'" in the_one(findings(signature="lambda(z)"))


@pytest.mark.parametrize("text", ["leaky_relu(x)", "leaky_relu(z, slope)", "leaky_relu()"])
def test_signature_and_reference_take_the_same_arguments(text):
    text = the_one(findings(signature=text))
    assert "its reference takes (z)" in text


def with_stars(*z):
    return leaky_relu(*z)


def test_a_reference_with_stars_is_refused():
    assert "without * and **" in the_one(findings(reference=with_stars))


@pytest.mark.parametrize("hints", [(), []])
def test_a_question_has_hints(hints):
    assert "no hints" in the_one(findings(hints=hints))


@pytest.mark.parametrize("hints", ["Above 0 it does nothing.", ("",), None, (1, 2)])
def test_hints_are_several_texts(hints):
    assert "several texts" in the_one(findings(hints=hints))


def test_the_section_to_read_again_is_there():
    assert "no section" in the_one(findings(read=None))


def test_the_section_to_read_again_is_on_a_page_of_the_book():
    text = the_one(findings(read=Section("neurons", "Learning needs a slope")))
    assert "'neurons'" in text
    assert "book/neurons.md" in text


def test_the_section_to_read_again_is_a_heading_of_its_page():
    text = the_one(findings(read=Section("neuron", "Learning needs a slop")))
    assert "no heading 'Learning needs a slop'" in text


def test_a_mistakes_own_section_is_looked_up_too():
    lost = replace(RELU, read=Section("neuron", "Nowhere"))
    text = the_one(findings(mistakes=(lost, ABSOLUTE)))
    assert "mistake plain-relu" in text
    assert "'Nowhere'" in text


def test_without_a_book_no_section_is_looked_up():
    lost = replace(LEAKY, read=Section("nowhere", "Nothing"))
    assert proof.findings_of(lost, seeds=(0,)) == []


def test_code_in_a_page_is_no_heading(tmp_path):
    page = "# A page\n\n## One\n\n```python\n## two\n```\n\n````md\n```\n## three\n```\n````\n"
    (tmp_path / "page.md").write_text(page, encoding="utf-8")
    assert proof.headings(tmp_path, "page") == {"One"}
    assert proof.headings(tmp_path, "pages") is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": "Plain ReLU"}, "lower-case words with hyphens"),
        ({"title": ""}, "no title"),
        ({"says": " "}, "no sentence for the student"),
        ({"ways": ()}, "no way to make it"),
        ({"ways": (plain_relu, "z")}, "way 2 is no function"),
    ],
)
def test_a_mistake_has_an_id_a_title_a_sentence_and_a_way(changes, words):
    text = the_one(findings(mistakes=(replace(RELU, **changes), ABSOLUTE)))
    assert words in text
    assert f"mistake {changes.get('id', 'plain-relu')}" in text


def test_two_mistakes_with_one_id_are_one_finding():
    text = the_one(findings(mistakes=(RELU, replace(ABSOLUTE, id="plain-relu"))))
    assert "2 mistakes have the id 'plain-relu'" in text


@pytest.mark.parametrize("mistakes", [RELU, None])
def test_mistakes_are_several(mistakes):
    assert "with a comma after each" in the_one(findings(mistakes=mistakes))


def test_what_is_no_mistake_is_called_so():
    assert "Mistake 2 is a function" in the_one(findings(mistakes=(RELU, plain_relu)))


# --- The inputs ----------------------------------------------------------------------------------


def given(*arguments):
    return lambda rng: [Case((rng.normal(0, 1, 3),)), Case(arguments)]


def failing(rng):
    return [Case((unknown,))]  # noqa: F821 - that is the fault


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (failing, "NameError: name 'unknown' is not defined (tests/test_exercises_proof.py, line "),
        (lambda rng: [], "a list without a Case"),
        (lambda rng: None, "stops with TypeError"),
        (lambda rng: [rng.normal(0, 1, 3)], "stops with AttributeError"),
        (lambda: [], "stops with TypeError"),
        (lambda rng: sys.exit(), "stops with SystemExit"),
        (given(1.0, 2.0), "Case 2 has 2 arguments, and leaky_relu(z) takes 1"),
        (given({1, 2}), "Case 2 holds something of the type set"),
        (given(Given("cube", (), "z -> z")), "the function 'cube', which"),
        (
            lambda rng: cases(np.random.default_rng()),
            "gives other inputs when it is called",
        ),
        (lambda rng: cases(np.random.default_rng(3)), "the same for every seed"),
    ],
)
def test_inputs_that_are_no_good_are_one_finding(made, words):
    assert words in the_one(findings(cases=made))


def test_cases_that_are_never_made_are_given_up(monkeypatch):
    monkeypatch.setattr(proof, "CASES_SECONDS", 0.2)

    def endless(rng):
        while True:
            time.sleep(0.01)

    assert "not made within 0.2 seconds" in the_one(findings(cases=endless))


# --- The reference -------------------------------------------------------------------------------


def changes_z(z):
    z[z < 0] *= 0.1
    return z.copy()


def fails(z):
    return nupmy.where(z > 0, z, 0.1 * z)  # noqa: F821 - that is the fault


def fails_below_zero(z):
    return leaky_relu(z) if z.min() > 0 else z[:, 99]


def endless(z):
    while True:
        time.sleep(0.01)


def stub(z): ...


def prints_nothing_back(z):
    leaky_relu(z)
    print("done")


_COUNT = itertools.count()


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        (fails, "stops with NameError: name 'nupmy' is not defined in case 1"),
        (fails_below_zero, "stops with IndexError"),
        (changes_z, "changes its argument z"),
        (stub, "no body"),
        (lambda z: leaky_relu(z) + next(_COUNT), "another result when it is called again"),
        (prints_nothing_back, "returns nothing"),
        (lambda z: {"z": 1}, "returns a dict"),
        (lambda z: z, "is the argument z itself"),
    ],
)
def test_a_broken_reference_is_one_finding_and_its_mistakes_are_not_blamed(reference, words):
    def with_its_argument(z):
        return reference(z)

    function = with_its_argument if reference.__name__ == "<lambda>" else reference
    assert words in the_one(findings(reference=function))


def test_a_reference_that_never_ends_is_given_up():
    text = the_one(findings(reference=endless, timeout_seconds=0.1))
    assert "had not finished case 1 after 0.2 seconds" in text


def test_a_reference_that_ends_python_is_one_finding():
    assert "stops with SystemExit" in the_one(findings(reference=lambda z: sys.exit(3)))


def test_a_fault_on_freshly_drawn_inputs_only_says_on_which():
    def wrong_on_some(z):
        if len(z) == 5 and z[0] != first:
            raise KeyError(z)
        return leaky_relu(z)

    first = proof.Judge(LEAKY, 0).cases[1].args[0][0]
    # A raise of its own is on purpose; what happens to it isn't.
    assert findings(reference=wrong_on_some, mistakes=()) == []

    def fails_on_some(z):
        return leaky_relu(z) if len(z) == 3 or z[0] == first else {}[first]

    assert "on the inputs of seed 1" in the_one(findings(reference=fails_on_some))


def test_a_look_that_fails_or_has_no_sentence_is_one_finding():
    def look(cases, values):
        return [{"positive": True} for _ in cases]

    def broken(cases, values):
        raise ZeroDivisionError

    say = {"positive": "It must be positive."}
    assert findings(look=look, say=say, mistakes=()) == []
    assert "no sentence for the property 'positive'" in the_one(findings(look=look))
    assert "look stops with ZeroDivisionError" in the_one(findings(look=broken))


# --- The mistakes --------------------------------------------------------------------------------


def test_a_mistake_that_equals_the_reference_is_found():
    same = mistake("by-hand", "By hand", "Yours does it by hand.", lambda z: np.maximum(z, 0.1 * z))
    text = the_one(findings(mistakes=(RELU, same)))
    assert "mistake by-hand" in text
    assert "the same as the reference on all inputs" in text


def test_a_mistake_that_is_right_on_some_inputs_is_found():
    positive = replace(LEAKY, cases=lambda rng: [Case((rng.normal(0.5, 1, 1),))], mistakes=(RELU,))
    seeds = [s for s in range(20) if proof.Judge(positive, s).cases[0].args[0][0] > 0]
    other = next(s for s in range(20) if s not in seeds)
    text = the_one(proof.findings_of(positive, seeds=(other, seeds[0])))
    assert "taken for right only on the inputs of seed" in text


def test_two_mistakes_that_cannot_be_told_apart_are_named():
    again = mistake("cut-off", "Cut off", "Yours cuts off.", lambda z: z * (z > 0) + 0.0)
    text = the_one(findings(mistakes=(RELU, ABSOLUTE, again)))
    assert "mistake cut-off" in text
    assert "can't be told apart from the mistake 'plain-relu'" in text


def test_a_way_that_is_called_by_anothers_name_is_named():
    two = replace(ABSOLUTE, ways=(lambda z: -z, lambda z: z * (z > 0) + 0.0, abs))
    text = the_one(findings(mistakes=(RELU, two)))
    assert "mistake turned-round" in text
    assert "way 2 of 3 is called by another's name: 'plain-relu'" in text


def test_a_mistake_that_is_another_one_each_time_has_no_name():
    text = the_one(findings(mistakes=(replace(RELU, ways=(lambda z: z + next(_COUNT),)),)))
    assert "not by its name" in text


def test_running_each_mistake_once_finds_the_same_but_what_is_another_one_each_time():
    changing = replace(RELU, id="each", ways=(lambda z: z + next(_COUNT),))
    again = mistake("cut-off", "Cut off", "Yours cuts off.", lambda z: z * (z > 0) + 0.0)
    question = replace(LEAKY, mistakes=(RELU, changing, ABSOLUTE, again))
    twice, once = (proof.findings_of(question, (0, 1), once=at_once) for at_once in (False, True))
    assert [one.mistake for one in twice] == ["each", "cut-off"]
    assert [str(one) for one in once] == [str(one) for one in twice if one.mistake != "each"]


def test_a_way_without_a_body_or_an_end_is_found():
    assert "has no body" in the_one(findings(mistakes=(replace(RELU, ways=(stub,)),)))
    never = replace(RELU, ways=(plain_relu, endless))
    text = the_one(findings(mistakes=(never,), timeout_seconds=0.2))
    assert "way 2 of 2 had not finished after 0.2 seconds" in text


def test_several_faults_are_told_one_by_one():
    same = mistake("by-hand", "By hand", "Yours does it by hand.", lambda z: np.maximum(z, 0.1 * z))
    found = findings(points=0, hints=(), mistakes=(RELU, same))
    assert [one.mistake for one in found] == ["", "", "by-hand"]


# --- Several questions ---------------------------------------------------------------------------


def test_questions_that_are_apart_are_no_finding():
    assert proof.findings_among({"leaky": [LEAKY, READS_FILES]}) == []


def test_two_questions_with_one_id_are_one_finding():
    (found,) = proof.findings_among({"leaky": [LEAKY, LEAKY]})
    assert "2 questions have the id 'leaky-relu', in 'leaky'" in found.wrong


def test_two_notebooks_with_one_id_are_one_finding():
    (found,) = proof.findings_among({"leaky": [LEAKY], "other": [LEAKY]})
    assert "in 'leaky' and 'other'" in found.wrong


def test_two_questions_with_one_function_are_one_finding():
    (found,) = proof.findings_among({"leaky": [LEAKY, replace(LEAKY, id="leaky-other")]})
    assert found.question == "leaky-other"
    assert "'leaky_relu', as in 'leaky-relu'" in found.wrong


def test_an_id_that_does_not_begin_with_its_notebook_is_one_finding():
    (found,) = proof.findings_among({"activations": [LEAKY]})
    assert "doesn't begin with its notebook" in found.wrong
    assert "'activations-...'" in found.advice


# --- A module ------------------------------------------------------------------------------------


def module_of(text: str, folder: Path):
    path = folder / "leaky.py"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("QUESTION = 1\n", "leaky.py has no QUESTIONS"),
        ("\nQUESTIONS = 1\n", "line 2: QUESTIONS must be a list of Question. Given: an int"),
        ("\n\nQUESTIONS = ()\n", "line 3: QUESTIONS is empty"),
        ("QUESTIONS = (1, 'relu')\n", "line 1: QUESTIONS[0] is an int and no Question"),
        ("import nupmy\nQUESTIONS = ()\n", "line 1: It stops with ModuleNotFoundError"),
        ("x = 1\nx = = 2\n", "line 2: Python can't read it: invalid syntax"),
        ("x = 1\nexit(3)\n", "line 2: It ends Python (SystemExit: 3)"),
        ("def f():\n    return 1 / 0\n\nf()\n", "line 2: It stops with ZeroDivisionError"),
    ],
)
def test_a_module_that_is_no_answer_key_is_one_finding_with_its_line(text, words, tmp_path):
    questions, found = proof.load(module_of(text, tmp_path), "leaky")
    assert questions == []
    assert [one.notebook for one in found] == ["leaky"]
    assert words in str(found[0])


def test_the_questions_beside_something_else_are_still_there(tmp_path):
    text = """\
        from dlbook.exercises import key
        relu = key.question("neuron-relu")
        QUESTIONS = [relu, "relu"]
        """
    questions, found = proof.load(module_of(text, tmp_path), "leaky")
    assert [question.id for question in questions] == ["neuron-relu"]
    assert "line 3: QUESTIONS[1] is a str" in found[0].wrong


# --- The answers that a test lists ---------------------------------------------------------------


def test_right_and_wrong_answers_prove_themselves():
    right = [lambda z: np.maximum(z, 0.1 * z), lambda z: [x if x > 0 else x / 10 for x in z]]
    wrong = [plain_relu, lambda z: z * 0.1, lambda z: 1 / 0]
    assert proof.prove_answers(LEAKY, right, wrong) == []


def test_a_right_answer_that_is_rejected_is_named():
    text = the_one(proof.prove_answers(LEAKY, right=[leaky_relu, plain_relu]))
    assert "Right answer 2 is rejected: The numbers of your result aren't right." in text


def test_a_wrong_answer_that_is_taken_for_right_is_named():
    text = the_one(proof.prove_answers(LEAKY, wrong=[plain_relu, leaky_relu]))
    assert "Wrong answer 2 is taken for right." in text


def test_a_stub_is_no_right_answer():
    assert "not attempted" in the_one(proof.prove_answers(LEAKY, right=[stub]))

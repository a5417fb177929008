"""Answers that are the same but for names, comments and layout have one form; no others have."""

import ast
import itertools
import random

import pytest

from dlbook.exercises import key
from dlbook.exercises.samples import answers
from dlbook.grading import forms

WRITTEN = [
    (question, answer.text)
    for question in key.questions()
    for answer in answers(question)
    if forms.written(question, [answer.text])
]


def form(*sources: str, question: str = "layers-softmax") -> str:
    found = forms.written(question, list(sources))
    return found.form if found else ""


def function(*lines: str) -> str:
    return "def softmax(scores):\n" + "\n".join(f"    {line}" for line in lines)


SOFTMAX = function(
    '"""Return the probabilities."""',
    "largest = scores.max(axis=1, keepdims=True)",
    "rows, columns = scores.shape",
    "powers = np.exp(scores - largest)",
    "total = powers.sum(axis=1)",
    "return powers / total.reshape(rows, 1)",
)


def renamed(text: str) -> str:
    """Return an answer in which every name that it binds is another."""
    tree = ast.parse(text)
    own = tree.body[-1].name
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
    kept = {own} | {word.arg for call in calls for word in call.keywords}
    kept |= {a.asname or a.name for a in ast.walk(tree) if isinstance(a, ast.alias)}
    names = [n for n in ast.walk(tree) if isinstance(n, ast.Name)]
    bound = {n.id for n in names if isinstance(n.ctx, ast.Store)}
    bound |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    bound |= {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    bound -= kept
    for node in ast.walk(tree):
        for name in ("id", "arg", "name"):
            is_call = isinstance(node, ast.keyword | ast.alias)
            if not is_call and getattr(node, name, None) in bound:
                setattr(node, name, f"z_{getattr(node, name)}")
    return ast.unparse(tree)


@pytest.mark.parametrize("question", list(key.questions()))
def test_names_comments_docstrings_and_layout_are_set_aside(question):
    own = [text for q, text in WRITTEN if q == question]
    assert own
    for text in own:
        before = form(text, question=question)
        assert form(ast.unparse(ast.parse(text)), question=question) == before
        assert form(renamed(text), question=question) == before
        commented = "\n".join(f"{line}  # mine" for line in text.split("\n") if "'''" not in line)
        assert form(f"# Mine.\n\n{commented}\n", question=question) == before


def changes_of(text: str):
    """Yield an answer again and again, each time with one operator or number changed."""
    count = len(list(ast.walk(ast.parse(text))))
    swaps = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
             ast.MatMult: ast.Mult, ast.Lt: ast.LtE, ast.Gt: ast.GtE}  # fmt: skip
    for at in range(count):
        tree = ast.parse(text)
        node = list(ast.walk(tree))[at]
        if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in swaps:
            node.op = swaps[type(node.op)]()
        elif isinstance(node, ast.Compare) and type(node.ops[0]) in swaps:
            node.ops[0] = swaps[type(node.ops[0])]()
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
            node.value += 1
        elif isinstance(node, ast.Attribute):
            node.attr += "x"
        else:
            continue
        yield ast.unparse(tree)


def test_another_operator_number_or_function_is_another_form():
    changed = 0
    for question, text in WRITTEN:
        before = form(text, question=question)
        for other in changes_of(text):
            assert form(other, question=question) != before, other
            changed += 1
    assert changed > 1000


def test_answers_that_are_made_to_differ_in_more_than_names_share_no_form():
    found = {}
    for question, text in WRITTEN:
        found.setdefault((question, form(text, question=question)), set()).add(text)
    assert [texts for texts in found.values() if len(texts) > 1] == []


def test_independent_lines_may_stand_in_any_order():
    one = function("a = np.exp(scores)", "b = scores.sum()", "c = len(scores)", "return a, b, c")
    two = function("n = len(scores)", "e = np.exp(scores)", "s = scores.sum()", "return e, s, n")
    assert form(one) == form(two) != ""
    swapped = function(
        "rows, columns = scores.shape", "largest = scores.max(axis=1, keepdims=True)",
        "powers = np.exp(scores - largest)", "t = powers.sum(axis=1)",
        "return powers / t.reshape(rows, 1)")  # fmt: skip
    assert form(swapped) == form(SOFTMAX)


def test_lines_with_effects_or_that_need_each_other_stay_where_they_are():
    pairs = [
        ("x = 1", "y = x"), ("x = 1", "x = 2"), ("y = x", "x = 2"),
        ("x = scores.pop()", "y = scores.pop(0)"), ("x = rng.normal()", "y = rng.normal(3)"),
        ("scores[0] = 1", "y = scores.sum()"), ("scores += 1", "y = scores.sum()"),
        ("x = np.exp(scores, scores)", "y = scores.sum()"),
        ("x = np.add(1, 2, out=scores)", "y = scores.sum()"),
        ("x = scores.max(0, scores)", "y = scores.sum()"), ("x = next(it)", "y = list(it)"),
        ("x = helper(scores)", "y = scores.sum()"), ("x = np.random.rand()", "y = np.exp(2)"),
        ("print(scores)", "y = scores.sum()"), ("x = (y := 3)", "z = y"),
    ]  # fmt: skip
    for first, second in pairs:
        one = function("it = iter(scores)", first, second, "return scores, x, y, z")
        two = function("it = iter(scores)", second, first, "return scores, x, y, z")
        assert form(one) != form(two), (first, second)


def test_what_is_used_up_keeps_its_order_wherever_it_was_made():
    one = function("it = zip(scores, scores)", "for i in range(2):", "    a = list(it)",
                   "    b = tuple(it)", "return a, b")  # fmt: skip
    two = function("it = zip(scores, scores)", "for i in range(2):", "    b = tuple(it)",
                   "    a = list(it)", "return a, b")  # fmt: skip
    assert form(one) != form(two)


def program(lines) -> str:
    return function(*(f"{name} = {value}" for name, value in lines), "return a, b, c, d")


def value_of(lines) -> tuple:
    """Return what straight lines compute, with sums that remember what they were made of."""

    class Sum(tuple):
        def __add__(self, other):
            return Sum(("+", self, other))

        def sum(self):
            return Sum(("sum", self))

    names = {name: Sum((name,)) for name in "abcd"} | {"scores": Sum(("scores",))}
    for name, value in lines:
        names[name] = eval(value, {}, dict(names))
    return tuple(names[name] for name in "abcd")


def test_an_order_changes_the_form_exactly_where_it_may_change_the_result():
    rng = random.Random(3)
    moved = stayed = 0
    for _ in range(60):
        lines = [
            (rng.choice("abcd"), rng.choice(["a + b", "c.sum()", "scores + d", "scores.sum()",
                                             "b + scores", "d.sum() + a"]))
            for _ in range(4)
        ]  # fmt: skip
        before, result = form(program(lines)), value_of(lines)
        for order in itertools.permutations(lines):
            if form(program(order)) == before:
                assert value_of(order) == result, (lines, order)
                moved += list(order) != lines
            stayed += form(program(order)) != before
        for at in range(3):
            swapped = [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]
            (first, reads), (second, also) = lines[at : at + 2]
            if first != second and first not in also and second not in reads:
                assert form(program(swapped)) == before, (lines, swapped)
    assert min(moved, stayed) > 100


def test_what_is_alike_by_itself_is_told_apart_by_its_use():
    one = function("a = 0", "b = 0", "c = a + 1", "d = b + 2", "return a, b, c, d")
    two = function("b = 0", "a = 0", "d = b + 2", "c = a + 1", "return a, b, c, d")
    assert form(one) == form(two)
    assert form(one) != form(one.replace("d = b", "d = a"))


def test_helpers_belong_to_an_answer_and_their_order_and_names_do_not():
    one = "HALF = 0.5\n\ndef g(x):\n    return x * HALF\n\ndef h(x):\n    return g(x) + 1"
    two = "def plus(y):\n    return half(y) + 1\n\nH = 0.5\n\ndef half(y):\n    return y * H"
    assert form(one, function("return h(scores)")) == form(two, function("return plus(scores)"))
    other = one.replace("0.5", "0.25")
    assert form(other, function("return h(scores)")) != form(one, function("return h(scores)"))


def test_other_answers_and_ways_to_import_are_no_part_of_an_answer():
    dense = "def dense(x, weights, bias):\n    return x"
    plain = form(SOFTMAX)
    assert form(dense, SOFTMAX) == form("import numpy as np", SOFTMAX) == plain
    assert form("import numpy", SOFTMAX.replace("np.", "numpy.")) == plain
    assert form("from numpy import exp as e", SOFTMAX.replace("np.exp", "e")) == plain
    inside = SOFTMAX.replace("    rows,", "    import numpy as q\n    rows,")
    assert form(inside.replace("np.", "q.")) == plain
    assert form("from math import exp", SOFTMAX.replace("np.exp", "exp")) != plain


@pytest.mark.parametrize(
    ("one", "other"),
    [("return [x for x in scores]", "return [scores for x in scores]"),
     ("return lambda x: x", "return lambda x: scores"),
     ("return 1", "return 1.0"), ("return 1", "return True"), ("return '1'", "return 1"),
     ("return scores", "return rows"), ("x = 1; return x", "return 1"),
     ("return [y for x in scores for y in x]", "return [x for x in scores for y in x]"),
     ("def h(a, b): return a\n    return h(a=1)", "def h(b, a): return b\n    return h(a=1)"),
     ("global x; x = 1", "x = 1"), ("return scores[1:]", "return scores[:1]"),
     ("return f'{scores}'", "return f'{scores!r}'")],
)  # fmt: skip
def test_these_are_two_forms(one, other):
    assert form(function(one)) != form(function(other))


@pytest.mark.parametrize(
    "text",
    ["def softmax(scores", "", "import numpy", "(" * 5000, "x = " + "-" * 20_000 + "1",
     "x = " + "+".join(["1"] * 9000), "x = [" + "1," * 9000 + "]", "\x00", "x = 1\n" * 9000,
     "def softmax(s):\n" + "".join(f"{' ' * i}if s:\n" for i in range(1, 95)) + " " * 95 + "pass",
     "x = 1" + "0" * 10_000, "x = '\ud800'",
     "".join(f"{' ' * i}def f{i}():\n{' ' * (i + 1)}a = 1\n{' ' * (i + 1)}b = 2\n"
             for i in range(40)) + " " * 41 + "pass"],
)  # fmt: skip
def test_whatever_a_text_holds_it_stops_nobody(text):
    found = forms.written("layers-softmax", [text])
    assert found is None or len(found.form) == 32


def test_the_solution_and_the_answer_key_are_known_again():
    solution = forms._solutions("layers")["layers-softmax"]
    assert len(solution) == 1
    found = forms.written("layers-softmax", solution)
    assert found.is_reference
    assert forms.written("layers-softmax", [renamed(solution[0])]).is_reference
    assert not forms.written("layers-softmax", [SOFTMAX]).is_reference
    for question in key.questions():
        assert forms._references(question)
        own = forms.written(question, [forms._own_source(question)])
        assert own.is_reference

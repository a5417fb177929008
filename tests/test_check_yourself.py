"""Questions in the chapters: true numbers, named mistakes, and how a reader answers them."""

import contextlib
import copy
import re
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from docutils.core import publish_doctree
from myst_parser.parsers.docutils_ import Parser
from sphinx.errors import ExtensionError

from dlbook.exercises import key
from dlbook.layers import dense
from dlbook.losses import cross_entropy
from dlbook.pages import check_yourself
from dlbook.training import has_converged

ROOT = Path(__file__).parents[1]
CHAPTERS = ["layers", "neuron", "updates", "training", "images"]
CATALOGUE = {m.title for question in key.questions().values() for m in question.mistakes}
in_every_chapter = pytest.mark.parametrize("chapter", CHAPTERS)
of_the_book = pytest.mark.book


class Block(NamedTuple):
    """A question as its author wrote it."""

    kind: str
    title: str
    text: str
    choices: list[str]
    reasons: list[str]
    answer: str

    @property
    def titles(self) -> list[str]:
        """What stands in bold at the beginning of each reason."""
        return [re.match(r"\*\*(.+?)\.\*\*", reason)[1] for reason in self.reasons]

    @property
    def right(self) -> str:
        return self.choices[self.titles.index("Right")]


def blocks(chapter: str) -> list[Block]:
    text = (ROOT / "book" / f"{chapter}.md").read_text(encoding="utf-8")
    found = re.findall(
        r":class: \w+ (check-yourself|predict)\n(.*?)\n:::\n(?:\n```\{code-cell.*?\n```\n)?"
        r"\n:::\{admonition\} [\w ]+\n:class: dropdown reasons\n(.*?)\n:::\n",
        text,
        flags=re.DOTALL,
    )
    titles = re.findall(r"(?:Check yourself|Predict, then run): (.+)\n:class:", text)
    assert len(found) == len(titles)
    return [
        Block(kind, title, question, in_list(question), in_list(answer), answer)
        for title, (kind, question, answer) in zip(titles, found, strict=True)
    ]


def in_list(text: str) -> list[str]:
    """Return the items of the numbered list in `text`, each on one line."""
    items = re.findall(r"^\d\. (.+(?:\n   .+)*)", text, flags=re.MULTILINE)
    return [re.sub(r"\s+", " ", item) for item in items]


def block(chapter: str, title: str) -> Block:
    return next(b for b in blocks(chapter) if b.title == title)


# What the chapters ask.


@in_every_chapter
def test_a_chapter_asks_two_or_three_questions_and_lets_the_reader_predict(chapter):
    kinds = [b.kind for b in blocks(chapter)]
    assert 2 <= kinds.count("check-yourself") <= 3
    assert kinds.count("predict") >= 1


@in_every_chapter
def test_a_wrong_choice_is_a_misunderstanding_that_the_exercises_know(chapter):
    for b in blocks(chapter):
        assert len(b.choices) == len(b.reasons) >= 3, b.title
        assert b.titles.count("Right") == 1, b.title
        others = set(b.titles) - {"Right"}
        if b.kind == "predict":
            others -= {"Not quite"}
        assert others <= CATALOGUE, b.title


def test_the_right_choice_isnt_always_in_the_same_place():
    places = [b.titles.index("Right") for name in CHAPTERS for b in blocks(name)]
    assert all(places.count(place) >= len(places) / 6 for place in range(3))


# The numbers: the answer key's own right and wrong answers give what the choices say.

RELU = lambda z: max(z, 0.0)  # noqa: E731 - an argument of the exercise, in one line
EVERYTHING = np.ravel
NUMBERS = [
    ("layers", "how many parameters?", "layers-count-parameters", ([4, 5, 5, 5, 3],), EVERYTHING),
    ("layers", "three equal scores", "layers-softmax", (np.full((1, 3), 2.0),), lambda p: p[0, :1]),
    ("neuron", "another picture", "neuron-neuron",
     (np.array([0.2, 0.8]), np.array([-0.5, 0.2]), 0.1, RELU), EVERYTHING),
    ("neuron", "the first neuron again", "neuron-neuron",
     (np.array([0.2, 0.8]), np.array([0.6, -0.4]), 0.1, RELU), EVERYTHING),
    ("neuron", "the first neuron again", "neuron-relu", (np.array([-0.1]),), EVERYTHING),
    ("neuron", "a slope", "neuron-relu-slope", (np.array([3.0]),), EVERYTHING),
    ("updates", "one step", "updates-descent-step", ([np.array([2.0])], [np.array([-3.0])], 0.1),
     EVERYTHING),
    ("updates", "a learning rate of 1", "updates-minimise",
     (lambda w: 2 * w, np.array([1.0]), 1.0, 2), lambda path: np.ravel(path)[1:]),
    ("updates", "the slopes in the scores", "updates-softmax-gradient",
     (np.array([[0.7, 0.3]]), np.array([0])), EVERYTHING),
    ("updates", "a silent neuron", "neuron-relu-slope", (np.array([-0.3]),),
     lambda slope: 0.2 * slope),
    ("training", "batches", "training-batches", (50, 16, np.random.default_rng(0)),
     lambda batches: [len(batches)]),
    ("images", "into a square box", "images-fit-within", (300, 900, 100, 100), EVERYTHING),
    ("images", "the shape of an input", "images-network-input",
     (np.zeros((480, 640, 3), np.uint8), 16), np.shape),
]  # fmt: skip


def numbers_in(text: str) -> list[float]:
    return [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", text.replace("−", "-"))]


def outcome(way, given, seen):
    """Call an answer with copies of what is given; some wrong ones raise."""
    with contextlib.suppress(Exception):
        return np.asarray(seen(way(*copy.deepcopy(given))), dtype=float)


@pytest.mark.parametrize(("chapter", "title", "name", "given", "seen"), NUMBERS)
def test_a_choice_is_what_the_answer_key_or_its_named_mistake_gives(
    chapter, title, name, given, seen
):
    question, checked = key.question(name), 0
    b = block(chapter, title)
    for choice, verdict in zip(b.choices, b.titles, strict=True):
        ways = [w for m in question.mistakes if m.title == verdict for w in m.ways]
        ways += [question.reference] * (verdict == "Right")
        if ways:
            results = [r for way in ways if (r := outcome(way, given, seen)) is not None]
            said = numbers_in(choice)
            assert any(
                len(r) == len(said) and np.allclose(r, said, rtol=2e-3, atol=1e-9) for r in results
            ), (choice, results)
            checked += 1
    assert checked >= 2


def test_the_loss_has_converged_only_by_the_rule():
    b = block("training", "has it converged?")
    losses, question = numbers_in(b.text)[:5], key.question("training-converged")
    assert has_converged(losses, tolerance=0, patience=2) is True
    assert b.right == "Yes"
    for verdict in set(b.titles) - {"Right"}:
        ways = next(m.ways for m in question.mistakes if m.title == verdict)
        assert any(way(losses, 0, 2) is False for way in ways)


def test_shapes_and_losses_in_the_chapter_on_layers_are_as_it_says():
    z = dense(np.zeros((100, 64)), np.zeros((64, 32)), np.zeros(32))
    assert block("layers", "100 pictures").right == f"`{z.shape}` and `(32,)`"
    losses = [cross_entropy([[1 - p, p]], [1]) for p in (0.9, 0.6)]
    answer = block("layers", "two networks").answer
    assert [f"{loss:.4f}" for loss in losses] == re.findall(r"= (0\.\d+)\$", answer)
    assert block("layers", "two networks").right == "Network A"
    assert losses[0] < losses[1]


def test_every_sum_that_is_written_out_comes_out():
    """Each a + b = c of the blocks, worked out; the last digit may be rounded."""
    sums = 0
    for chapter in [*CHAPTERS, "intro"]:
        for b in blocks(chapter):
            text = b.text + "\n" + " ".join([*b.reasons, b.answer])
            for chain in re.findall(r"[−\d(][−\d.()×/+ ]*(?: = [−\d(][−\d.()×/+ ]*)+", text):
                if not re.search(r"\d\)? [−+×/] ", chain.split(" = ")[0]):
                    continue  # a name and its value, such as a logarithm
                values = [worked_out(side) for side in chain.split(" = ")]
                digits = len(chain.rstrip(" .").rpartition(".")[2]) if "." in chain[-6:] else 0
                assert np.ptp(values) <= 0.5 * 10.0**-digits + 1e-9, (b.title, chain, values)
                sums += 1
    assert sums >= 25


def worked_out(side: str) -> float:
    side = side.strip(" .(") if side.count("(") != side.count(")") else side.strip(" .")
    return eval(side.replace("−", "-").replace("×", "*"), {"__builtins__": {}})


# What an author may write, and what the build says of it.

GOOD = """\
:::{admonition} Check yourself: one sum
:class: important check-yourself
What is 2 + 2?

1. 4
2. 5
:::

:::{admonition} Answer
:class: dropdown reasons
1. **Right.** Two and two more are four.
2. **The bias is left out.** Not that there is a bias here.

And so on.
:::
"""


@pytest.fixture
def made():
    """Read a small page as the book does, and return its document."""

    def make(source: str, all_named: bool = True):
        settings = {"myst_enable_extensions": ["colon_fence"], "report_level": 4}
        document = publish_doctree(source, parser=Parser(), settings_overrides=settings)
        app = SimpleNamespace(
            env=SimpleNamespace(docname="book/trial"),
            config=SimpleNamespace(dlbook_name_every_mistake=all_named),
        )
        check_yourself.answer_in_the_page(app, document)
        return document

    return make


def test_a_question_and_its_answer_become_one_block(made):
    text = made(GOOD).astext()
    assert "<legend>Check yourself: one sum</legend>" in text
    assert "Not quite. This is “The bias is left out”. Not that" in re.sub(r"\s+", " ", text)
    assert text.index("What is 2 + 2?") < text.index("<details") < text.index("And so on.")


def test_contributing_shows_authors_a_question_that_builds(made):
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (example,) = re.findall(
        r"^```\n(:::\{admonition.*?)^```$", text, flags=re.DOTALL | re.MULTILINE
    )
    assert "<legend>Check yourself: one sum</legend>" in made(example).astext()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("The bias is left out", "The bias is left of it", "Did you mean 'The bias is left out'"),
        ("**The bias is left out.** Not", "Not", "begins in bold"),
        (" Not that there is a bias here.", "", "“5” needs a reason"),
        ("**The bias is left out.**", "**Right.**", "Exactly one choice must be right. Here 2 are"),
        ("**Right.**", "**The bias is left out.**", "Exactly one choice must be right. Here 0 are"),
        ("**The bias is left out.**", "**Not quite.**", "“5” needs the title of a mistake"),
        ("1. 4\n2. 5\n", "4 or 5\n", "ends with its choices"),
        ("2. 5\n", "2. 5\n3. 6\n", "3 choices and 2 reasons"),
        ("dropdown reasons", "dropdown", "Its answer must follow"),
        ("check-yourself", "predict", "hide-output must follow"),
    ],
)
def test_the_build_says_what_is_wrong_with_a_question(made, old, new, message):
    assert old in GOOD
    with pytest.raises(ExtensionError, match=re.escape(message)) as caught:
        made(GOOD.replace(old, new, 1))
    assert "book/trial, “Check yourself: one sum”" in str(caught.value)


def test_in_a_course_a_wrong_choice_may_be_a_mistake_without_a_name(made):
    source = GOOD.replace("The bias is left out", "Not quite")
    assert "Not quite. Not that there" in made(source, all_named=False).astext()


def test_the_script_is_small():
    script = (Path(check_yourself.__file__).parent / "static" / "check_yourself.js").read_bytes()
    assert len(script) < 3072


@of_the_book
def test_only_pages_with_questions_load_the_script(html):
    pages = {path.stem: path.read_text(encoding="utf-8") for path in (html / "book").glob("*.html")}
    loading = {name for name, text in pages.items() if "check_yourself.js" in text}
    assert loading == {name for name, text in pages.items() if 'class="question ' in text}
    assert {*CHAPTERS, "intro"} <= loading < set(pages)
    script = BeautifulSoup(pages["neuron"], "html.parser").select_one('[src*="check_yourself.js"]')
    assert script.has_attr("defer")


# How a reader answers.


@pytest.fixture
def open_chapter(browser, html):
    """Open a chapter from the disk; whatever it asks of a network is noted, and refused."""
    opened = []

    def open_one(chapter: str, **options):
        context = browser.new_context(**options)
        opened.append(context)
        page = context.new_page()
        page.asked = []
        context.route(
            re.compile("^(?!file:|blob:|data:)"),
            lambda route: (page.asked.append(route.request.url), route.abort()),
        )
        page.goto((html / "book" / f"{chapter}.html").as_uri())
        return page

    yield open_one
    for context in opened:
        context.close()


def question(page, title: str):
    return page.locator("fieldset.question").filter(
        has=page.locator("legend", has_text=re.compile(f": {re.escape(title)}$"))
    )


@of_the_book
def test_by_keyboard_a_wrong_choice_and_then_the_right_one_get_their_reasons(open_chapter):
    page = open_chapter("neuron")
    box = question(page, "the first neuron again")
    verdict, rest = box.get_by_role("status"), box.locator(".question-reasons")
    box.evaluate("element => { element.tabIndex = -1; element.focus(); }")
    for press in ("Tab", "Space", "Enter"):
        page.keyboard.press(press)
    assert verdict.inner_text().startswith("−0.1: Not quite. This is “Nothing bends”. 0.12 − 0.32")
    assert rest.is_hidden()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Check"
    page.keyboard.press("Space")
    assert verdict.inner_text().startswith("0: Right. The weighted sum is")
    assert "Nothing bends" not in verdict.inner_text()
    assert rest.is_visible()
    rest.locator("summary").click()
    assert rest.get_by_text("This is “The minus sign is dropped”.").is_visible()
    assert page.asked == []


@of_the_book
def test_a_result_is_folded_away_until_the_reader_has_predicted(open_chapter):
    page = open_chapter("layers")
    box = question(page, "larger scores")
    output, verdict = box.locator(".cell_output"), box.get_by_role("status")
    run = box.get_by_role("button", name="Run")
    assert not output.is_visible()
    assert box.locator(".cell_input").is_visible()
    run.click()  # nothing is chosen yet: the browser says so
    assert not output.is_visible()
    box.get_by_label("They move apart").check()
    assert not output.is_visible()
    run.click()
    assert output.is_visible()
    assert output.inner_text().split() == ["[[0.5744", "0.4256]]"] * 2
    assert "Not quite." in verdict.inner_text()
    assert "the division cancels it" in verdict.inner_text()
    box.get_by_label("They stay").check()
    run.click()
    assert "Right. The scores are as far apart" in verdict.inner_text()


@of_the_book
@in_every_chapter
def test_without_scripts_all_answers_and_reasons_can_be_read(open_chapter, chapter):
    page = open_chapter(chapter, java_script_enabled=False)
    assert page.locator("fieldset.question input, fieldset.question button").count() == 0
    for b in blocks(chapter):
        box = question(page, b.title)
        assert box.locator(".question-choices > li").count() == len(b.choices)
        assert box.locator(".question-choices").is_visible()
        box.locator(".question-reasons summary").click()
        lines = box.locator(".question-reasons > ol > li")
        for line, title in zip(lines.all(), b.titles, strict=True):
            assert line.is_visible()
            assert title in line.inner_text().replace("’", "'")
        if b.kind == "predict":
            box.locator(".cell > details > summary").click()
            assert box.locator(".cell_output").is_visible()


@of_the_book
def test_on_paper_the_answers_stand_below_the_questions(open_chapter):
    page = open_chapter("neuron")
    page.emulate_media(media="print")
    for b in blocks("neuron"):
        box = question(page, b.title)
        assert not box.get_by_role("button", name=re.compile("Check|Run")).is_visible()
        assert not box.locator("input").first.is_visible()
        for line in box.locator(".question-reasons > ol > li").all():
            assert line.is_visible()
            assert line.bounding_box()["height"] > 10


@of_the_book
@in_every_chapter
def test_axe_finds_nothing_in_light_and_in_dark_and_nothing_overflows(open_chapter, chapter):
    page = open_chapter(chapter, viewport={"width": 320, "height": 900})
    for box in page.locator("form.question-form").all():
        for radio in box.locator("input").all():  # ends with the last: wrong or right
            radio.check()
            box.locator("button[type=submit], .question > button, .cell > button").first.click()
        for part in box.locator("label, .question > button, .cell > button").all():
            assert part.bounding_box()["height"] >= 44
        overflow = "e => [e, ...e.querySelectorAll('label, .question-verdict')].filter("
        overflow += "part => part.scrollWidth > part.clientWidth + 1).length"
        assert box.locator(".question").evaluate(overflow) == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        found = Axe().run(page, context=".question-form").response["violations"]
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []
    assert page.asked == []

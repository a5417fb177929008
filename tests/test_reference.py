"""The reference: docstrings that say everything, and pages that show every public name."""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest
from bs4 import BeautifulSoup, Tag

from dlbook import explore, figures

ROOT = Path(__file__).parents[1]
CHAPTERS = (
    "neuron", "layers", "losses", "updates", "inplace", "training", "images", "drawing", "idx",
    "worked",
)  # fmt: skip
SHOWING = ("layers", "neuron", "updates", "training", "images")
OF_ARRAYS = re.compile("ArrayLike|FloatArray|IntArray|NDArray|Picture|Parameters")


class Entry(NamedTuple):
    """What a docstring says of a parameter or of a result."""

    names: tuple[str, ...]
    kind: str
    text: str


def sections(docstring: str) -> dict[str, list[str]]:
    """Return the lines of each section of a docstring in numpydoc's format."""
    found = {"": []}
    current = found[""]
    lines = docstring.splitlines()
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if below and set(below) == {"-"} and len(below) == len(line):
            current = found[line] = []
        elif not (line and set(line) == {"-"}):
            current.append(line)
    return found


def entries(lines: list[str]) -> list[Entry]:
    """Return the entries of a section: each begins at the margin, as ``names : kind``."""
    found = []
    for line in filter(None, lines):
        if line.startswith(" "):
            found[-1] = found[-1]._replace(text=f"{found[-1].text} {line.strip()}")
        else:
            names, colon, kind = line.rpartition(" : ")
            found.append(Entry(tuple(names.split(", ")) if colon else (), kind, ""))
    return found


def own(module: ModuleType) -> Iterator[tuple[str, object]]:
    """Yield the public functions and classes that a module itself defines."""
    for name, thing in vars(module).items():
        of_code = inspect.isfunction(thing) or inspect.isclass(thing)
        if of_code and not name.startswith("_") and thing.__module__ == module.__name__:
            yield name, thing


def callables() -> dict[str, Callable]:
    """Return the public functions and classes of the chapters, and of the figures."""
    found = {f"figures.{name}": getattr(figures, name) for name in figures.__all__}
    del found["figures.DescribedFigure"]  # takes what Matplotlib's takes
    for module in CHAPTERS:
        found |= {f"{module}.{n}": t for n, t in own(import_module(f"dlbook.{module}"))}
    return found


def methods() -> dict[str, Callable]:
    """Return the public methods of the chapters' classes, ``__call__`` included."""
    return {
        f"{name}.{method}": getattr(thing, method)
        for name, thing in callables().items()
        if inspect.isclass(thing)
        for method, code in vars(thing).items()
        if (method == "__call__" or not method.startswith("_"))
        and (inspect.isfunction(code) or isinstance(code, classmethod))
    }


def annotations_of(thing: Callable) -> dict[str, str]:
    """Return what each parameter is annotated with, as text; named tuples and data classes too."""
    parameters = inspect.signature(thing).parameters.values()
    return {p.name: str(p.annotation) for p in parameters if p.name != "self"}


CALLABLES, METHODS = callables(), methods()
FUNCTIONS = [name for name, thing in CALLABLES.items() if not inspect.isclass(thing)]


@pytest.mark.parametrize("name", CALLABLES)
def test_every_parameter_is_documented_in_order_with_its_type_and_its_shape(name):
    thing = CALLABLES[name]
    found = sections(inspect.getdoc(thing))
    documented = entries(found.get("Parameters", []))
    annotations = annotations_of(thing)
    if "Attributes" in found and "Parameters" not in found:  # a record that nobody makes by hand
        documented = entries(found["Attributes"])
    assert [n for entry in documented for n in entry.names] == list(annotations)
    for entry in documented:
        assert entry.kind, entry.names
        for parameter in entry.names:
            if OF_ARRAYS.search(source_annotation(thing, parameter)):
                assert says_shape(entry), parameter


def source_annotation(thing: Callable, parameter: str) -> str:
    """Return a parameter's annotation as it stands in the source."""
    function = thing if not inspect.isclass(thing) else thing.__init__
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function)))).body[0]
    except (OSError, TypeError):  # a data class, a named tuple
        return str(inspect.signature(thing).parameters[parameter].annotation)
    every = [*tree.args.args, *tree.args.kwonlyargs]
    return next((ast.unparse(a.annotation) for a in every if a.arg == parameter), "")


def says_shape(entry: Entry) -> bool:
    """Return whether an entry tells the shape of an array, or of arrays in a list or a function."""
    return bool(re.search(r"\bshapes?\b|\(samples,|arrays\b|function", entry.kind + entry.text))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_a_function_returns_and_what_it_raises_is_documented(name):
    thing = CALLABLES[name]
    found = sections(inspect.getdoc(thing))
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(thing)))).body[0]
    returned = ast.unparse(tree.returns)
    results = entries(found.get("Returns", []))
    assert bool(results) == (returned != "None")
    assert all(entry.kind for entry in results)
    if re.search("FloatArray|IntArray|NDArray|Picture$", returned):
        assert any(says_shape(entry) or "arrays" in entry.kind for entry in results)
    caught = {ast.unparse(node.type) for node in handlers(tree) if node.type is not None}
    for raised in (node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise)):
        kind = ast.unparse(getattr(raised, "func", raised)) if raised else ""
        if kind and not any(kind in kinds for kinds in caught):
            assert kind in "\n".join(found.get("Raises", [])), kind


def handlers(tree: ast.AST) -> Iterator[ast.ExceptHandler]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler))


@pytest.mark.parametrize("name", METHODS)
def test_a_method_names_each_of_its_parameters(name):
    text = inspect.getdoc(METHODS[name])
    found = sections(text)
    documented = [n for entry in entries(found.get("Parameters", [])) for n in entry.names]
    parameters = list(annotations_of(METHODS[name]))
    assert documented in ([], parameters)
    assert [p for p in parameters if not documented and f"`{p}`" not in text] == []


def test_a_docstring_that_leaves_something_out_would_be_seen():
    def bad(x, y):
        """Add.

        Parameters
        ----------
        y : array, shape (n,)
            The second.
        x
        """

    found = entries(sections(inspect.getdoc(bad))["Parameters"])
    assert found == [Entry(("y",), "array, shape (n,)", " The second."), Entry((), "x", "")]
    assert says_shape(found[0])
    assert not says_shape(found[1])


# --- The pages ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pages(html) -> dict[str, BeautifulSoup]:
    """Return the articles of the reference, by page."""
    found = {}
    for path in (html / "book" / "reference").glob("*.html"):
        found[path.stem] = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").article
    assert len(found) == 8
    return found


@pytest.fixture(scope="module")
def shown(pages) -> dict[str, Tag]:
    """Return every entry of the reference by its anchor, which is its full name."""
    terms = [term for page in pages.values() for term in page.select("dt.sig[id]")]
    found = {term["id"]: term.find_next_sibling("dd") for term in terms}
    assert len(found) == len(terms)
    return found


def in_order_of_source(module: ModuleType) -> list[str]:
    """Return the public names of a module, constants too, as its source defines them."""
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    defined = {node.name: node.lineno for node in tree.body if hasattr(node, "name")}
    defined |= {
        target.id: node.lineno
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and re.fullmatch("[A-Z][A-Z_]+", target.id)
    }
    return sorted((name for name in defined if not name.startswith("_")), key=defined.get)


@pytest.mark.book
@pytest.mark.parametrize("name", CHAPTERS)
def test_every_public_name_of_a_chapter_has_its_place_in_the_order_of_the_source(shown, name):
    module = f"dlbook.{name}"
    entries_there = [anchor for anchor in shown if re.fullmatch(rf"{module}\.\w+", anchor)]
    assert entries_there == [f"{module}.{n}" for n in in_order_of_source(import_module(module))]


@pytest.mark.book
def test_every_method_and_every_figure_has_its_place(shown):
    wanted = {f"dlbook.{name}" for name in [*METHODS, *CALLABLES]}
    wanted |= {f"dlbook.explore.{name}" for name in explore.__all__}
    wanted |= {f"dlbook.exercises.tutor.{name}" for name in ("check", "hint", "progress")}
    wanted |= {f"dlbook.exercises.question.{n}" for n in ("Question", "Case", "Mistake", "mistake")}
    wanted |= {"dlbook.grading.command.grade", "dlbook.grading.batch.grade_class"}
    assert wanted - set(shown) == set()


@pytest.mark.book
@pytest.mark.parametrize("name", sorted(set(explore.__all__) - {"Figure"}))
def test_a_figure_to_play_with_shows_its_knobs(shown, name):
    signature = shown[f"dlbook.explore.{name}"].find_previous_sibling("dt").get_text()
    found = sections(inspect.getdoc(getattr(explore, name)))
    for knob in (knob for entry in entries(found["Parameters"]) for knob in entry.names):
        assert re.search(rf"\b{knob}\b", signature), knob


@pytest.mark.book
def test_nothing_private_is_shown_and_every_entry_says_something(shown, pages):
    for anchor, entry in shown.items():
        private = [part for part in anchor.split(".") if part.startswith("_")]
        assert private in ([], ["__call__"]), anchor
        assert len(entry.get_text().split()) > 2, anchor
    for page in pages.values():
        text = page.get_text()
        assert not re.search(r"Alias for field|<factory>|:py:|<function |0x[0-9a-f]{6}", text)
        assert not page.select("cite, .problematic, .system-message")
        for words in page.find_all(string=re.compile("`")):
            assert words.find_parent("pre"), words


@pytest.mark.book
@pytest.mark.parametrize("name", CALLABLES)
def test_an_entry_lists_the_parameters_and_their_shapes(shown, name):
    entry = shown[f"dlbook.{name}"]
    found = sections(inspect.getdoc(CALLABLES[name]))
    for title in ("Parameters", "Attributes"):
        if title in found:
            heads = [dt for dt in entry.select("dl.field-list > dt") if title in dt.get_text()]
            lines = heads[0].find_next_sibling("dd").select("p > strong:first-child")
            assert [line.get_text() for line in lines] == [
                ", ".join(one.names) for one in entries(found[title])
            ]
            for line, one in zip(lines, entries(found[title]), strict=True):
                said = plain(line.parent.get_text())
                assert plain(one.kind) in said


def plain(text: str) -> str:
    """Return a text without what a page may set in another way: quotes and spaces."""
    return re.sub(r"[\s`\"“”]", "", text)


@pytest.mark.book
@pytest.mark.parametrize("name", [*CALLABLES, *METHODS])
def test_the_folded_source_is_that_of_the_function_without_its_docstring(shown, name):
    entry, thing = shown[f"dlbook.{name}"], (CALLABLES | METHODS)[name]
    folds = [f for f in entry.select("details.source") if f.find_parent("dd") is entry]
    function = thing if not inspect.isclass(thing) else vars(thing).get("__init__")
    try:
        text = textwrap.dedent(inspect.getsource(inspect.unwrap(function)))
    except (OSError, TypeError):  # a record: Python makes it
        assert folds == []
        return
    tree = ast.parse(text).body[0]
    if ast.get_docstring(tree) is not None:
        tree.body = tree.body[1:]
    (fold,) = folds
    assert ast.unparse(ast.parse(fold.pre.get_text())) == ast.unparse(tree)


@pytest.mark.book
def test_a_word_in_a_docstring_leads_to_the_entry_that_it_names(pages):
    links = 0
    for name, page in pages.items():
        for link in page.select("dl.py dd a.reference.internal[href]"):
            target = link["href"].partition("#")[2]
            if target.startswith("dlbook."):
                links += 1
                assert f".{target}".endswith(f".{link.get_text()}"), (name, target)
    assert links > 50


@pytest.mark.book
def test_an_entry_leads_to_the_section_of_the_chapter_that_shows_it(shown, html):
    seen = 0
    for anchor, entry in shown.items():
        for words in entry.find_all("p", string=None, recursive=False):
            if words.get_text().startswith("In the chapter: "):
                address, _, place = words.a["href"].partition("#")
                path = (html / "book" / "reference" / address).resolve()
                chapter = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
                section = chapter.find(id=place).find_parent("section") or chapter.find(id=place)
                assert f"def {anchor.rpartition('.')[2]}(" in section.get_text(), anchor
                seen += 1
    text = "".join((ROOT / "book" / f"{c}.md").read_text(encoding="utf-8") for c in SHOWING)
    assert seen == len(set(re.findall(r"^:pyobject: ([\w.]+)", text, flags=re.MULTILINE)))


@pytest.mark.book
def test_the_first_page_lists_every_module_with_its_own_first_words(pages, html):
    text = (html / "book" / "reference.html").read_text(encoding="utf-8")
    article = BeautifulSoup(text, "html.parser").article
    listed = {item.a.get_text(): item for item in article.select(".names li")}
    headed = {
        anchor["id"].removeprefix("module-")
        for page in pages.values()
        for anchor in page.select('[id^="module-"]')
    }
    assert set(listed) == headed
    for name, item in listed.items():
        summary = " ".join(import_module(name).__doc__.partition("\n\n")[0].split())
        assert plain(summary.replace("'", "’")) in plain(item.get_text()), name
        assert item.a["href"].endswith(f"#module-{name}")


@pytest.mark.book
@pytest.mark.parametrize("chapter", SHOWING)
def test_a_chapter_leads_to_its_functions(html, chapter):
    text = (html / "book" / f"{chapter}.html").read_text(encoding="utf-8")
    links = [a["href"] for a in BeautifulSoup(text, "html.parser").select("article a[href]")]
    assert any(link.startswith(f"reference/{chapter}.html") for link in links)


@pytest.mark.book
def test_the_search_finds_a_function_by_its_name(browser, html):
    page = browser.new_page(offline=True)
    page.goto((html / "search.html").as_uri() + "?q=numerical_gradient")
    first = page.locator("ul.search li a").first
    first.wait_for()
    page.locator(".search-summary", has_text="finished").wait_for()
    assert first.inner_text() == "dlbook.updates.numerical_gradient"
    first.click()
    page.wait_for_url("**/book/reference/updates.html#dlbook.updates.numerical_gradient")
    assert page.locator("[id='dlbook.updates.numerical_gradient']").is_visible()
    page.close()

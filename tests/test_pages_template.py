"""Templates for a course of one's own, and a table of contents that stays as it is."""

import itertools
from pathlib import Path

import pytest
import yaml

from dlbook.pages.template import add_to_toc, chapter_text, files_of_a_course

ROOT = Path(__file__).parents[1]
NEW = [
    ("book/leaky", "Chapters"),
    ("exercises/leaky", "Exercises"),
    ("solutions/leaky", "Solutions"),
]
HEAD = "format: jb-book\nroot: a\n"
COMMENTED = """\
# My course, in order.
format: jb-book   # as Jupyter Book calls it
root: book/intro
parts:
- caption: "Lessons"  # numbered, because they build on one another

  numbered: true
  chapters:
  - file: book/one
    sections:
    - file: book/more   # belongs to one
      title: More
  # - file: book/two       not ready yet

# The exercises.
- caption: Exercises
  chapters:
  - {file: exercises/one, title: "One: the first"} # short
- caption: To look up
  chapters:
  - file: book/words
# The end.
"""


def lines_kept(old: str, new: str) -> bool:
    """Say whether every line of a text is in another, in the same order."""
    rest = iter(new.splitlines(keepends=True))
    return all(line in rest for line in old.splitlines(keepends=True))


def order(toc: str) -> list[tuple[str, list[str]]]:
    """Return the captions of a table of contents, each with the pages at its top."""
    parts = yaml.safe_load(toc)["parts"]
    return [(part["caption"], [page["file"] for page in part["chapters"]]) for part in parts]


@pytest.mark.parametrize("new", list(itertools.permutations(NEW)))
def test_chapters_come_before_exercises_and_those_before_solutions_whatever_came_first(new):
    toc = files_of_a_course("A course")["_toc.yml"]
    for entry, part in new:
        longer = add_to_toc(toc, entry, part)
        assert lines_kept(toc, longer)
        toc = longer
    assert order(toc) == [(part, [entry]) for entry, part in NEW]
    assert [part.get("numbered") for part in yaml.safe_load(toc)["parts"]] == [True, None, None]


@pytest.mark.parametrize(("entry", "part"), NEW)
def test_a_page_comes_last_among_its_kind_in_the_contents_of_this_book(entry, part):
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    longer = add_to_toc(toc, entry, part)
    added = [line for line in longer.splitlines() if line not in toc.splitlines()]
    assert added == [f"      - file: {entry}"]
    assert lines_kept(toc, longer)
    before, after = order(toc), order(longer)
    kind = entry.split("/")[0]
    (place,) = (i for i in range(len(before)) if before[i] != after[i])
    assert before[place][1][0].startswith(f"{kind}/")
    assert after[place] == (before[place][0], [*before[place][1], entry])


def test_comments_and_layout_stay_as_they_are():
    toc = COMMENTED
    for entry, part in NEW:
        longer = add_to_toc(toc, entry, part)
        assert lines_kept(toc, longer)
        toc = longer
    assert order(toc) == [
        ("Lessons", ["book/one", "book/leaky"]),
        ("Exercises", ["exercises/one", "exercises/leaky"]),
        ("Solutions", ["solutions/leaky"]),
        ("To look up", ["book/words"]),
    ]
    assert "      title: More\n  - file: book/leaky\n  # - file: book/two" in toc


def test_the_caption_decides_where_there_is_such_a_part():
    assert order(add_to_toc(COMMENTED, "book/leaky", "to look up"))[2] == (
        "To look up",
        ["book/words", "book/leaky"],
    )


@pytest.mark.parametrize(
    "text", [COMMENTED.replace("\n", "\r\n"), COMMENTED.rstrip("\n"), "\ufeff" + COMMENTED]
)
def test_line_ends_stay_as_they_are(text):
    longer = add_to_toc(text, "exercises/two", "Exercises")
    assert longer.count("\r\n") == (longer.count("\n") if "\r" in text else 0)
    assert longer.startswith(text[:5])
    assert order(longer)[1] == ("Exercises", ["exercises/one", "exercises/two"])


@pytest.mark.parametrize(
    "title", ["Leaky ReLU", "yes", "a: b", "# 1", '"quoted"', "é 🎓 'x'", "- a", "12", "{x}"]
)
def test_any_title_and_caption_is_kept(title):
    toc = add_to_toc("format: jb-book\nroot: book/intro\n", "exercises/a", title, title=title)
    (part,) = yaml.safe_load(toc)["parts"]
    assert part == {"caption": title, "chapters": [{"file": "exercises/a", "title": title}]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "doesn't have the lines"),
        ("- a\n", "doesn't have the lines"),
        ("format: jb-article\nroot: a\n", "doesn't have the lines"),
        ("format: jb-book\nroot: [a\n", "isn't YAML in line"),
        ("format: jb-book\nroot: a\n---\nb: c\n", "isn't YAML in line"),
        ("format: jb-book\nroot: a\nchapters:\n- file: b\n", "its chapters aren't in parts"),
        (HEAD + "parts:\n", "isn't a list of parts"),
        (HEAD + "parts: []\n", "isn't a list of parts"),
        (
            HEAD + "parts: [{caption: B, chapters: [{file: b}]}]\n",
            "its parts don't stand below one another",
        ),
        (
            f"{HEAD}parts:\n- caption: Exercises\n  chapters: [{{file: exercises/a}}]\n",
            "its part 'Exercises' don't stand below one another",
        ),
        (
            f"{HEAD}parts:\n- caption: A\n  chapters: &all\n  - file: exercises/a\n"
            "- caption: B\n  chapters: *all\n",
            "in an unusual way",
        ),
        (
            HEAD + "parts:\n- caption: Exercises\n  chapters:\n",
            "its part 'Exercises' don't stand below one another",
        ),
        ("{format: jb-book, root: a}\n", "in an unusual way"),
        ("format: jb-book\nroot: a\n...\n", "in an unusual way"),
    ],
)
def test_a_form_that_is_not_understood_is_said_with_what_to_do(text, message):
    with pytest.raises(ValueError, match=r"^_toc\.yml is not changed: ") as caught:
        add_to_toc(text, "exercises/leaky", "Exercises")
    assert message in str(caught.value)
    assert str(caught.value).endswith("\n\n  - file: exercises/leaky")


@pytest.mark.parametrize("entry", ["book/intro", "book/one", "book/more", "exercises/one"])
def test_a_page_that_is_there_is_not_added_again(entry):
    for toc in (COMMENTED, COMMENTED.replace(entry, f"{entry}.md")):
        with pytest.raises(ValueError, match=f"names {entry} already"):
            add_to_toc(toc, entry, "Chapters")


@pytest.mark.parametrize(
    "entry",
    [
        "leaky",
        "notes/leaky",
        "book/../leaky",
        "book/a/b",
        "book/a b",
        "book/é",
        "book/1",
        "book/a.md",
        "book/a\n",
    ],
)
def test_only_a_name_is_added(entry):
    with pytest.raises(ValueError, match="is no page that this can add"):
        add_to_toc(COMMENTED, entry, "Chapters")


@pytest.mark.parametrize("name", ["", "a/b", "../a", "a b", "a.md", "é", "A", "1a", "a\n", "-a"])
def test_a_chapter_is_called_by_a_plain_name(name):
    with pytest.raises(ValueError, match="A chapter can't be called"):
        chapter_text(name, "A title")


@pytest.mark.parametrize("title", ["", "  ", "two\nlines", "a\x00", "a\u2028b"])
def test_a_title_is_one_line(title):
    for make in (files_of_a_course, lambda title: chapter_text("leaky", title)):
        with pytest.raises(ValueError, match="A title is one line of text"):
            make(title)


def test_the_settings_of_a_new_course_hold_its_title_whatever_stands_in_it():
    for title in ("A course", "no", 'a: "b" # c', "<<name>>", "<<quoted title>>", "5"):
        assert yaml.safe_load(files_of_a_course(title)["_config.yml"])["title"] == title


def test_a_chapter_leads_to_its_exercise_when_there_is_one():
    with_it, without = chapter_text("leaky", "T", has_exercise=True), chapter_text("leaky", "T")
    link = "{doc}`Read it here </exercises/leaky>`"
    assert f"\n{link}" in with_it
    assert f"\n% {link}" in without
    section = with_it[with_it.index("## The exercise") :]
    freed = [line.removeprefix("%").removeprefix(" ") for line in without.split("\n")]
    assert "\n".join(freed).endswith(section)


def test_the_code_that_a_new_chapter_shows_is_narrow_enough_for_a_phone():
    _, folded, shown = chapter_text("leaky", "A title").split("```{code-cell} python\n")
    assert ":tags: [hide-input]" in folded
    assert max(len(line) for line in shown.split("```")[0].split("\n")) <= 40

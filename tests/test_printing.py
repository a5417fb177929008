"""What a printed book is called."""

import pytest

from dlbook.printing import file_name


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ("title: Deep Learning Introduction", "deep-learning-introduction.pdf"),
        ("title: 'Größe: ../a_b\\\\c'", "größe-a-b-c.pdf"),
        ("title: '...'", "book.pdf"),
        ("title: [", "book.pdf"),
        ("- a list", "book.pdf"),
        ("", "book.pdf"),
    ],
)
def test_a_pdf_is_called_like_the_book_and_never_lies_elsewhere(settings, name, tmp_path):
    (tmp_path / "_config.yml").write_text(settings, encoding="utf-8")
    assert file_name(tmp_path) == name

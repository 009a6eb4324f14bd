"""The cards of the first page: what they read, and what they refuse."""

from pathlib import Path

import jupytext
import nbformat
import pytest
from bs4 import BeautifulSoup
from minimal_chapter import NAME
from minimal_page import page

from coursebook import anatomy
from coursebook.site import chapter_cards

ROOT = Path(__file__).resolve().parents[3]
OPENING = (
    "# 03 Draw a line\n\nHow steep is it?\n\n## Overview\n\n**You will do** nothing.\n\n"
    "**You need** [points](01_points.ipynb), and about 20 minutes.\nThe data are none.\n"
)


def notebook(folder, text):
    path = folder / f"{NAME}.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)]), path)
    return path


def test_a_card_is_read_from_the_page(tmp_path):
    lesson = jupytext.reads(page(extra="**You need** [lines](17_scaling_out.ipynb).\n"), "md:myst")
    nbformat.write(lesson, tmp_path / "90_spoilt.ipynb")
    found = chapter_cards.facts(tmp_path / "90_spoilt.ipynb")
    assert (found.title, found.question) == ("90 Spoil a page", "What is x?")
    assert (found.reading, found.exercises) == anatomy.minutes(lesson)


def test_a_chapter_says_its_minutes_itself(tmp_path):
    found = chapter_cards.facts(notebook(tmp_path, OPENING))
    assert found == chapter_cards.Facts("03 Draw a line", "How steep is it?", 20, 0, ["01_points"])
    with pytest.raises(ValueError, match=rf"{NAME}.ipynb must begin with a title"):
        chapter_cards.facts(notebook(tmp_path, OPENING.replace("20 minutes", "an hour")))


@pytest.mark.slow
def test_every_page_has_a_card_in_the_order_of_the_contents(book):
    soup = BeautifulSoup((book / "index.html").read_text(encoding="utf-8"), "html.parser")
    cards = soup.select("ul.chapter-cards .chapter-name a, ul.chapter-cards .chapter-lab a")
    linked = [link["href"] for link in cards]
    pages = [path.relative_to(ROOT) for path in anatomy.pages() if path.parent.name == "chapters"]
    assert linked == [f"{path.as_posix()}.html" for path in pages]

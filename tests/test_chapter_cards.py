"""The cards of the first page: what they read, and what they refuse."""

from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from coursebook.site import chapter_cards

ROOT = Path(__file__).resolve().parent.parent
OPENING = (
    "# Draw a line\n\nHow steep is it?\n\n## Overview\n\n**You will do** nothing.\n\n"
    "**You need** [points](01_points.ipynb), and about 20 minutes.\nThe data are none.\n"
)


def notebook(folder, text):
    path = folder / "02_lines.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)]), path)
    return path


def test_a_card_is_read_from_the_chapter(tmp_path):
    found = chapter_cards.first_lines(notebook(tmp_path, OPENING))
    assert found == ("Draw a line", "How steep is it?", 20, ["01_points"])


def test_a_chapter_without_minutes_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"02_lines.ipynb must begin with a title"):
        chapter_cards.first_lines(notebook(tmp_path, OPENING.replace("20 minutes", "an hour")))


@pytest.mark.slow
def test_every_chapter_has_a_card(book):
    soup = BeautifulSoup((book / "index.html").read_text(encoding="utf-8"), "html.parser")
    linked = [item.a["href"] for item in soup.select("ul.chapter-cards > li")]
    chapters = sorted((ROOT / "chapters").glob("*.ipynb"))
    assert linked == [f"chapters/{chapter.stem}.html" for chapter in chapters]

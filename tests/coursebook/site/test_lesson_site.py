"""A lesson in a built book: a quiz that is a form, sections that moved, its number everywhere."""

import shutil

import pytest
from built_pages import ROOT, accessibility_faults, jupyter_book, soup_of
from minimal_page import NAME, page, write
from playwright.sync_api import expect

from coursebook import build

pytestmark = pytest.mark.slow
ADDRESS = f"chapters/{NAME}.html"


@pytest.fixture(scope="module")
def small_book(tmp_path_factory):
    """Return the built book of one lesson, whose section on pears went to the first page."""
    folder = tmp_path_factory.mktemp("lesson")
    for name in ("_config.yml", "references.bib"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "_toc.yml").write_text(
        f"format: jb-book\nroot: index\nchapters:\n- file: chapters/{NAME}\n", encoding="utf-8"
    )
    (folder / "_moved.yml").write_text(
        f"chapters/{NAME}#pears: index#all-fruit\n", encoding="utf-8"
    )
    (folder / "index.md").write_text(
        "# Small\n\nA book.\n\n## All fruit\n\nHere.\n", encoding="utf-8"
    )
    assert build.build(write(folder, page())) == []
    jupyter_book(folder, folder)
    return folder / "_build" / "html"


def test_a_quiz_answers_every_choice(small_book, open_page, serve):
    window = open_page(serve(small_book), ADDRESS)
    form = window.get_by_role("radiogroup", name="Which?")
    button, said = (
        window.get_by_role("button", name="Check the answer"),
        window.get_by_role("status"),
    )
    button.click()
    expect(said).to_have_text("Choose an answer first.")
    form.get_by_label("That.").check()
    expect(said).to_be_empty()
    button.click()
    expect(said).to_contain_text("No, that is another one.")
    expect(said).to_have_attribute("data-right", "false")
    form.get_by_label("That.").press("ArrowUp")
    window.keyboard.press("Enter")
    expect(said).to_contain_text("Right. It is this.")
    expect(said).to_have_attribute("data-right", "true")
    assert not accessibility_faults(window)
    window.reload()
    expect(form.get_by_label("This.")).not_to_be_checked()


def test_a_quiz_is_read_without_javascript(small_book):
    question = soup_of(small_book / ADDRESS).select_one(".quiz-question")
    assert "Which?" in question.text
    assert question.details.summary.text == "Answers"
    assert [item.text.strip()[:4] for item in question.select(".quiz-feedback > li")] == [
        "(a) ",
        "(b) ",
    ]


def test_an_old_section_leads_to_where_it_went(small_book, open_page, serve):
    window = open_page(serve(small_book), f"{ADDRESS}#pears")
    assert window.url.endswith("/index.html#all-fruit")


def test_a_section_that_went_nowhere_fails_the_build(small_book, tmp_path):
    source = small_book.parent.parent
    copy = tmp_path / "book"
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("_build"))
    (copy / "_moved.yml").write_text(f"chapters/{NAME}#pears: index#nuts\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="there is no index#nuts"):
        jupyter_book(copy, copy)


def test_the_number_of_a_lesson_is_in_title_contents_and_search(small_book):
    page_soup = soup_of(small_book / ADDRESS)
    assert page_soup.title.text.startswith("90 Spoil a page")
    assert "90 Spoil a page" in page_soup.select_one(".bd-sidebar-primary").text
    assert (
        "90 Spoil a page"
        in soup_of(small_book / "index.html").select_one(".next-page, .right-next").text
    )
    found = (small_book / "_static/search/sections.js").read_text(encoding="utf-8")
    assert "90 Spoil a page" in found

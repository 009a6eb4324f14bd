"""Canaries: a book with a fault in it must not build, one without must."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from minimal_page import page, write

from coursebook.book import BUILD_BOOK
from coursebook.build import build as build_chapter

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
BOOK = ("_config.yml", "references.bib")


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """Return a book of one page and one chapter, with the settings of the real one."""
    folder = tmp_path_factory.mktemp("book")
    for name in BOOK:
        shutil.copy(ROOT / name, folder / name)
    (folder / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters:\n- file: chapters/90_spoilt\n", encoding="utf-8"
    )
    assert build_chapter(write(folder, page())) == []
    return folder


#: What `make book` runs, and what `make page` runs.
WHOLE = (*BUILD_BOOK, ".")
CHANGED = (sys.executable, ROOT / "scripts" / "build_page.py")


def build(book, intro: str, command=WHOLE) -> tuple[int, str]:
    """Build the book with this first page; return the exit status and what was printed."""
    (book / "index.md").write_text(intro, encoding="utf-8")
    run = subprocess.run(command, cwd=book, capture_output=True, encoding="utf-8", check=False)
    return run.returncode, run.stdout + run.stderr


def docstring(text: str) -> str:
    """Return the source of a page that shows a docstring of the schedules."""
    return f"```{{eval-rst}}\n.. py:module:: lecture_utils.schedules\n\n{text}\n```"


def test_a_book_without_faults_builds(book):
    names = docstring("`step` is an argument there, `keras.Model` is not ours.")
    status, printed = build(book, f"# Hello\n\nSee [it](chapters/90_spoilt.ipynb).\n\n{names}\n")
    assert status == 0, printed


def test_another_document_glues_the_stored_number(book):
    status, printed = build(book, "# Hello\n\n{glue:text}`chapters/90_spoilt.ipynb::x:.3f`\n")
    assert status == 0, printed
    assert "1.500" in (book / "_build" / "html" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "fault",
    [
        "[a dead reference](chapters/91_missing.ipynb)",
        "{glue:text}`chapters/90_spoilt.ipynb::y:.3f`",
        "{cite}`nobody_2026_nothing`",
        docstring("It calls `no_such_function`."),
    ],
)
def test_canary_a_reference_to_nothing(book, fault):
    status, printed = build(book, f"# Hello\n\n{fault}\n")
    assert status != 0, printed


def test_only_changed_pages_are_built_again_and_checked(book):
    assert build(book, "# Hello\n\nFirst.\n")[0] == 0
    status, printed = build(book, "# Hello\n\nSecond.\n", CHANGED)
    assert status == 0, printed
    assert "0 added, 1 changed, 0 removed" in printed
    assert "Second." in (book / "_build" / "html" / "index.html").read_text(encoding="utf-8")
    assert build(book, "# Hello\n\n[gone](chapters/91_missing.ipynb)\n", CHANGED)[0] != 0


def test_a_page_is_built_again_when_a_number_that_it_takes_has_changed(book):
    glued = "# Hello\n\n{glue:text}`chapters/90_spoilt.ipynb::x:.3f`\n"
    assert build(book, glued)[0] == 0
    notebook = book / "chapters" / "90_spoilt.ipynb"
    text = notebook.read_text(encoding="utf-8")
    notebook.write_text(text.replace('"1.5"', '"2.5"'), encoding="utf-8")
    try:
        status, printed = build(book, glued, CHANGED)
    finally:
        notebook.write_text(text, encoding="utf-8")
    assert status == 0, printed
    assert "2.500" in (book / "_build" / "html" / "index.html").read_text(encoding="utf-8")

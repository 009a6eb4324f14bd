"""A book with a page for each explorable, and the engine alone, once for all their tests."""

import json
import shutil

import nbformat
import pytest
from built_pages import ROOT, jupyter_book
from explorable_pages import BROWSER, ENGINE, shown
from playwright.sync_api import expect

from lecture_utils.explorables import NAMES


@pytest.fixture(scope="session")
def engine(browser):
    """Return a function that runs JavaScript in a page with the engine and returns its value."""
    page = browser.new_page()
    for file in ENGINE:
        page.add_script_tag(path=str(BROWSER / file))
    page.evaluate("globalThis.engine = courseExplorables.engine")

    def run(code, *arguments):
        plain = json.loads(json.dumps(arguments, default=lambda array: array.tolist()))
        return page.evaluate(f"(given) => {{ {code} }}", plain)

    yield run
    page.close()


@pytest.fixture(scope="session")
def explorable_source(tmp_path_factory):
    """Return the source of a book with one page for each explorable."""
    source = tmp_path_factory.mktemp("explorables")
    for name in ("_config.yml", "references.bib"):
        shutil.copy(ROOT / name, source / name)
    contents = "".join(f"  - file: {name}\n" for name in NAMES)
    (source / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:\n{contents}")
    (source / "index.md").write_text("# Small\n\nA book for tests.\n")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for name in NAMES:
        bundle = shown(name)._repr_mimebundle_()
        output = nbformat.v4.new_output("execute_result", bundle, execution_count=1)
        cell = nbformat.v4.new_code_cell("explorable", outputs=[output], execution_count=1)
        title = nbformat.v4.new_markdown_cell("# Try it\n\nHow do you find the bottom?")
        notebook = nbformat.v4.new_notebook(cells=[title, cell], metadata={"kernelspec": kernel})
        nbformat.write(notebook, source / f"{name}.ipynb")
    return source


@pytest.fixture(scope="session")
def explorable_book(explorable_source, tmp_path_factory):
    target = tmp_path_factory.mktemp("explorables_built")
    jupyter_book(explorable_source, target)
    return target / "_build" / "html"


@pytest.fixture
def live(explorable_book, open_page):
    """Return a function that opens an explorable and waits until it is live."""

    def start(name, base=None, **options):
        page = open_page(base or explorable_book.as_uri(), f"{name}.html", **options)
        expect(page.locator(".explorable.live")).to_be_visible()
        return page

    return start

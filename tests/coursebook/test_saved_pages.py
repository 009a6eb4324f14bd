"""A page that JupyterLab has saved says what it said, and in the form that it had."""

import shutil

import jupytext
import pytest
from jupyter_server.services.contents.largefilemanager import LargeFileManager
from jupytext.sync_contentsmanager import build_sync_jupytext_contents_manager_class
from minimal_page import page

from coursebook import anatomy, cell_options, rules

PAGES = [path.with_suffix(".md") for path in anatomy.pages()]


def save(folder, name) -> None:
    """Open a page as a notebook and save it, as *Open With → Notebook* does."""
    manager = build_sync_jupytext_contents_manager_class(LargeFileManager)(root_dir=str(folder))
    opened = manager.get(name, type="notebook")
    manager.save({key: opened[key] for key in ("type", "format", "content")}, name)


@pytest.mark.parametrize("source", PAGES, ids=lambda path: path.stem)
def test_saving_and_building_leave_a_page_as_it_was(source, tmp_path):
    shutil.copy(anatomy.ROOT / "pyproject.toml", tmp_path)
    shutil.copy(source, tmp_path / "page.md")
    save(tmp_path, "page.md")
    saved = (tmp_path / "page.md").read_text(encoding="utf-8")
    written = source.read_text(encoding="utf-8")
    assert ("figure:\n    caption:" in saved) == ("figure: {caption" in written)
    assert cell_options.in_one_form(saved) == written


def test_a_header_that_has_lost_the_data_is_refused():
    whole, lost = (
        jupytext.reads(text, fmt="md:myst")
        for text in (page(), page().replace("lecture:\n  requires: []\n", ""))
    )
    wanted = "the header does not say what data the page needs"
    assert not [fault for fault in rules._header(whole) if wanted in fault]
    assert [fault for fault in rules._header(lost) if wanted in fault]

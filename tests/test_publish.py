"""The archives that the published site offers."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from coursebook import publish

ROOT = Path(__file__).resolve().parent.parent


def test_an_archive_holds_its_files_in_one_folder(tmp_path):
    (tmp_path / "pages").mkdir()
    for name in ("index.html", "pages/01.html"):
        (tmp_path / name).write_text(name)
    archive = tmp_path / "site.zip"
    publish.pack(archive, [tmp_path / "index.html", tmp_path / "pages/01.html"], tmp_path)
    with zipfile.ZipFile(archive) as packed:
        assert packed.namelist() == ["site/index.html", "site/pages/01.html"]
        assert packed.read("site/pages/01.html") == b"pages/01.html"


def test_the_notebooks_archive_has_what_they_import():
    assert all((ROOT / name).exists() for name in publish.RUNNABLE)


def test_the_notebooks_are_packed_with_what_they_link():
    packed = set(publish.committed(publish.RUNNABLE))
    linked = {
        (path.parent / link).resolve()
        for path in (ROOT / "chapters").glob("*.ipynb")
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "markdown"
        for link in re.findall(r"\]\((?!https?:)([^)#\s]+)", cell.source)
    }
    assert len(linked) > 17  # more than the chapters themselves
    assert linked <= packed


@pytest.mark.slow
@pytest.mark.parametrize("published", [False, True])
def test_only_the_published_site_links_the_archives(tmp_path, monkeypatch, published):
    if published:
        monkeypatch.setenv("COURSE_ARCHIVES", "1")
    else:
        monkeypatch.delenv("COURSE_ARCHIVES", raising=False)
    for name in ("_config.yml", "references.bib"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    text = (ROOT / "index.md").read_text(encoding="utf-8")
    block = text[text.index("```{only} archives") :].partition("\n```\n")[0] + "\n```\n"
    (tmp_path / "index.md").write_text(f"# Small\n\nA book for tests.\n\n{block}")
    command = [Path(sys.executable).with_name("jupyter-book"), "build", "-W", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    html = (tmp_path / "_build" / "html" / "index.html").read_text(encoding="utf-8")
    links = {tag["href"] for tag in BeautifulSoup(html, "html.parser").find_all("a", href=True)}
    assert links.issuperset({publish.SITE, publish.NOTEBOOKS}) == published

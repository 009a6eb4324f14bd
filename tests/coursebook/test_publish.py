"""The archives that the published site offers."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from coursebook import publish

ROOT = Path(__file__).resolve().parents[2]


def test_an_archive_holds_its_files_in_one_folder(tmp_path):
    (tmp_path / "pages").mkdir()
    for name in ("index.html", "pages/01.html"):
        (tmp_path / name).write_text(name)
    archive = tmp_path / "site.zip"
    publish.pack(archive, {name: tmp_path / name for name in ("index.html", "pages/01.html")})
    with zipfile.ZipFile(archive) as packed:
        assert packed.namelist() == ["site/index.html", "site/pages/01.html"]
        assert packed.read("site/pages/01.html") == b"pages/01.html"


def test_the_notebooks_archive_has_what_they_import():
    assert all((ROOT / name).exists() for name in publish.RUNNABLE)


def test_the_notebooks_are_packed_with_what_they_link():
    packed = {ROOT / name for name in publish.runnable()}
    linked = {
        (path.parent / link).resolve()
        for path in (ROOT / "chapters").glob("*.ipynb")
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "markdown"
        for link in re.findall(r"\]\((?!https?:)([^)#\s]+)", cell.source)
    }
    assert len(linked) > 17  # more than the chapters themselves
    assert linked <= packed


@pytest.mark.parametrize("path", [os.environ["PATH"], ""], ids=["no repository", "no git"])
def test_a_course_without_its_history_is_packed_as_well(tmp_path, monkeypatch, path):
    kept = ["lecture_utils/__init__.py", "lecture_utils/data/sample.npz", "LICENSE"]
    left = ["lecture_utils/__pycache__/x.pyc", "chapters/.ipynb_checkpoints/x.ipynb", "other.txt"]
    for name in kept + left:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.setenv("PATH", path)
    monkeypatch.setattr(publish, "ROOT", tmp_path)
    found = publish.committed(publish.RUNNABLE)
    assert {path.relative_to(tmp_path).as_posix() for path in found} == set(kept)


@pytest.mark.slow
def test_the_readme_of_the_notebooks_begins_with_what_works_there(tmp_path):
    publish.pack(tmp_path / publish.NOTEBOOKS, publish.runnable())
    shutil.unpack_archive(tmp_path / publish.NOTEBOOKS, tmp_path)
    course = tmp_path / Path(publish.NOTEBOOKS).stem
    readme = (course / "README.md").read_text(encoding="utf-8")
    *install, start = re.search(r"```sh\n(.*?)```", readme, re.S)[1].splitlines()
    # Instead of the index: all that is installed here, but for our own package.
    here = [Path(path).glob("*") for path in sys.path if Path(path).name == "site-packages"]
    installed = {path.name: path for folder in reversed(here) for path in folder}
    (tmp_path / "index").mkdir()
    for name, path in installed.items():
        if "lecture_utils" not in name:
            (tmp_path / "index" / name).symlink_to(path)
    offline = {"PYTHONPATH": str(tmp_path / "index"), "PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1"}
    environment = os.environ | offline | {"PIP_NO_BUILD_ISOLATION": "0"}  # that is: none
    for line in install:
        done = subprocess.run(line, shell=True, cwd=course, env=environment, capture_output=True)
        assert done.returncode == 0, done.stdout + done.stderr
    program, option, module, notebook = start.split()
    assert (option, module) == ("-m", "jupyterlab")
    first = next(
        cell.source
        for cell in nbformat.read(course / notebook, as_version=4).cells
        if cell.cell_type == "code"
    )
    told = subprocess.run(
        [course / program, "-c", f"{first}\nprint(runtime.__file__)"],
        cwd=course / "chapters", env=environment, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    assert told.stdout == f"{course / 'lecture_utils' / 'runtime.py'}\n", told.stderr


@pytest.mark.slow
@pytest.mark.parametrize("published", [False, True])
def test_only_the_published_site_links_the_archives(tmp_path, monkeypatch, published):
    if published:
        monkeypatch.setenv("COURSE_ARCHIVES", "1")
    else:
        monkeypatch.delenv("COURSE_ARCHIVES", raising=False)
    monkeypatch.delenv("COURSE_EDITIONS", raising=False)  # this book has none
    # Neither the place of the book nor that of our extensions is a pattern.
    course = tmp_path / "[2026-1] 딥러닝"
    shutil.copytree(ROOT / "coursebook", course / "coursebook")
    monkeypatch.setenv("PYTHONPATH", str(course))
    for name in ("_config.yml", "references.bib"):
        (course / name).symlink_to(ROOT / name)
    (course / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    text = (ROOT / "index.md").read_text(encoding="utf-8")
    block = text[text.index("```{only} archives") :].partition("\n```\n")[0] + "\n```\n"
    (course / "index.md").write_text(f"# Small\n\nA book for tests.\n\n{block}")
    command = [Path(sys.executable).with_name("jupyter-book"), "build", "-W", str(course)]
    run = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert run.returncode == 0, run.stdout + run.stderr
    html = (course / "_build" / "html" / "index.html").read_text(encoding="utf-8")
    links = {tag["href"] for tag in BeautifulSoup(html, "html.parser").find_all("a", href=True)}
    assert links.issuperset({publish.SITE, publish.NOTEBOOKS}) == published

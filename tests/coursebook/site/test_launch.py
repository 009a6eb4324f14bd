"""The ways out of a page, in a built book: Binder, Colab, JupyterHub, repository, issues."""

import os
import re
import shutil
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import pytest
from built_pages import ROOT, jupyter_book, soup_of

from coursebook.site import repository_links

CHAPTER = "chapters/02_learning_rate"


def git(folder, *arguments):
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def built(source, remote, inside="."):
    """Build a book of two pages, in a folder of a repository with a remote; return its links."""
    folder = source / inside
    folder.mkdir(exist_ok=True)
    for name in ("_config.yml", "references.bib"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "_toc.yml").write_text(
        f"format: jb-book\nroot: index\nchapters:\n  - file: {CHAPTER}\n  - file: glossary\n"
    )
    (folder / "glossary.md").write_text("# Glossary\n\nNothing yet.\n")
    (folder / "chapters").mkdir()
    shutil.copy(ROOT / f"{CHAPTER}.ipynb", folder / f"{CHAPTER}.ipynb")
    text = (folder / f"{CHAPTER}.ipynb").read_text(encoding="utf-8")
    text = re.sub(r"\]\((?!https?:)[^)]*\)", "](https://example.org/)", text)  # not in this book
    (folder / f"{CHAPTER}.ipynb").write_text(text, encoding="utf-8")
    (folder / "index.md").write_text(
        f"# Small\n\nA book for tests.\n\n```{{start-buttons}} {CHAPTER}\n```\n\n"
        "## How to start\n\nBegin.\n"
    )
    git(source, "init", "-b", "trunk")
    if remote:
        git(source, "remote", "add", "origin", remote)
    jupyter_book(folder, source / "out")
    html = source / "out" / "_build" / "html"
    links = {}
    for page in ("index", CHAPTER):
        soup = soup_of(html / f"{page}.html")
        tags = soup.select(".article-header-buttons a, .start-buttons a")
        links[page] = [tag["href"] for tag in tags if tag["href"].startswith("http")]
    return links


@pytest.mark.slow
def test_every_launch_button_names_the_notebook_in_the_repository(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_JUPYTERHUB_URL", "https://hub.example.org/")
    links = built(tmp_path, "git@github.com:alice/course.git", "book")
    file = f"book/{CHAPTER}.ipynb"
    assert (tmp_path / file).exists()
    by_host = {urlsplit(link).netloc: link for link in links[CHAPTER]}
    binder = f"https://mybinder.org/v2/gh/alice/course/trunk?urlpath=lab/tree/{file}"
    assert by_host["mybinder.org"] == binder
    # Colab opens the published notebook, which fetches the course.
    colab = by_host["colab.research.google.com"]
    assert colab.endswith(f"/github/alice/course/blob/notebooks/{CHAPTER}.ipynb")
    offered = (tmp_path / "out/_build/html/_sources" / f"{CHAPTER}.ipynb").read_text("utf-8")
    assert "https://github.com/alice/course" in offered and "--branch=trunk" in offered
    hub = urlsplit(by_host["hub.example.org"])
    assert hub.path == "/hub/user-redirect/git-pull"
    assert parse_qs(hub.query) == {
        "repo": ["https://github.com/alice/course"],
        "urlpath": [f"lab/tree/course/{file}"],
        "branch": ["trunk"],
    }
    github = [link for link in links[CHAPTER] if urlsplit(link).netloc == "github.com"]
    assert "https://github.com/alice/course" in github
    assert any("/issues/new" in link for link in github)
    # The first page's way to Binder is the theme's for the same notebook.
    assert binder in links["index"]
    # A link to a page is shown with a picture, by its whole address.
    html = tmp_path / "out/_build/html"
    picture = soup_of(html / f"{CHAPTER}.html").find("meta", property="og:image")["content"]
    site = "https://alice.github.io/course/"
    assert picture.startswith(site) and (html / picture.removeprefix(site)).exists()


@pytest.mark.slow
def test_a_book_on_gitlab_has_binder_and_no_colab(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_JUPYTERHUB_URL", raising=False)
    links = built(tmp_path, "https://gitlab.com/bob/course.git")
    hosts = {urlsplit(link).netloc for link in links[CHAPTER]}
    assert hosts == {"mybinder.org", "gitlab.com"}
    (binder,) = [link for link in links["index"] if "mybinder" in link]
    assert binder in links[CHAPTER]


@pytest.mark.slow
def test_without_a_remote_no_button_leads_away(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_JUPYTERHUB_URL", "https://hub.example.org")
    assert built(tmp_path, None) == {"index": [], CHAPTER: []}


def test_an_alias_of_ssh_is_the_host_that_it_names(tmp_path, monkeypatch):
    ssh = tmp_path / "bin" / "ssh"
    ssh.parent.mkdir()
    ssh.write_text('#!/bin/sh\necho "user git"; echo "hostname gitlab.com"\n')
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", str(ssh.parent), prepend=os.pathsep)
    for remote in ("work:alice/course.git", "git@github.com-work:alice/course"):
        assert repository_links.web_address(remote) == "https://gitlab.com/alice/course"


def test_buttons_follow_the_remote_to_which_the_branch_is_pushed(tmp_path):
    git(tmp_path, "init", "-b", "trunk")
    git(tmp_path, "remote", "add", "school", "https://gitlab.com/school/course")
    named = "https://gitlab.com/{}/course".format
    assert repository_links.button_options(tmp_path)["repository_url"] == named("school")
    git(tmp_path, "remote", "add", "origin", named("alice"))
    assert repository_links.button_options(tmp_path)["repository_url"] == named("alice")
    git(tmp_path, "config", "branch.trunk.remote", "school")
    assert repository_links.button_options(tmp_path)["repository_url"] == named("school")


def test_git_is_read_as_utf_8_whatever_the_code_page(tmp_path):
    (tmp_path / "강의 [2026-1]").mkdir()
    git(tmp_path, "init", "-b", "trunk")
    git(tmp_path, "remote", "add", "origin", "https://github.com/alice/course")
    code = (
        "from pathlib import Path; from coursebook.site.repository_links import button_options\n"
        "options = button_options(next(path for path in Path().iterdir() if path.name != '.git'))\n"
        "print(ascii((options['repository_branch'], options['path_to_docs'])))"
    )
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=os.environ | ascii_only,
        capture_output=True, encoding="utf-8",
    )  # fmt: skip
    assert run.stdout == ascii(("trunk", "강의 [2026-1]")) + "\n", run.stderr

"""Point the Binder, Colab and repository buttons at the git remote of whatever is being built.

Without a remote that a reader could reach there are no buttons.
"""

import re
import subprocess
from pathlib import Path


def git(folder, *arguments):
    """Return what a git command prints, "" if it fails."""
    try:
        run = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True)
    except FileNotFoundError:  # a downloaded archive on a machine without git
        return ""
    return run.stdout.strip() if run.returncode == 0 else ""


def web_address(remote):
    """Return https://host/owner/name for any form of git remote, "" if it has none.

    >>> web_address("git@github.com:alice/course.git")
    'https://github.com/alice/course'
    >>> web_address("https://user:token@gitlab.com/group/course.git")
    'https://gitlab.com/group/course'
    >>> web_address("/srv/git/course"), web_address("http://127.0.0.1:8080/git/owner/name")
    ('', '')
    """
    found = re.fullmatch(
        r"(?:\w+://)?(?:[^@/]+@)?(?P<host>[\w.-]+\.[a-z]+)(?::\d+)?[:/]"
        r"(?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?",
        remote,
    )
    return f"https://{found['host']}/{found['name']}" if found else ""


def button_options(folder):
    """Return the theme's options for the buttons: none if the repository has no web address."""
    url = web_address(git(folder, "remote", "get-url", "origin"))
    if not url:
        return {}
    launch = {"notebook_interface": "jupyterlab", "binderhub_url": "https://mybinder.org"}
    if url.startswith("https://github.com/"):
        launch["colab_url"] = "https://colab.research.google.com"
    top = git(folder, "rev-parse", "--show-toplevel")
    inside = Path(folder).resolve().relative_to(Path(top).resolve()).as_posix()
    return {
        "repository_url": url,
        # A check of a pull request has no branch; its pages are not published.
        "repository_branch": git(folder, "symbolic-ref", "--short", "HEAD") or "main",
        "path_to_docs": "" if inside == "." else inside,
        "launch_buttons": launch,
        "use_repository_button": True,
        "use_issues_button": True,
    }


def add_buttons(app, config):
    """Set the options before the theme reads them."""
    config.html_theme_options.update(button_options(app.srcdir))


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", add_buttons)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

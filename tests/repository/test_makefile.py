"""What `make` does on a machine with Python, git and the tools of POSIX, and nothing else."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: Notes how it is called, makes an "environment" that is a copy of itself, and may fail.
PYTHON = """#!/bin/sh
echo "$*" >> "$LOG"
case "$*" in
  *"$FAIL"*) exit 1 ;;
  "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
esac
"""


@pytest.fixture
def course(tmp_path):
    """Return a checkout with a built site, in a folder with a difficult name."""
    folder = tmp_path / "[2026-1] 딥러닝, it's (mine)"
    (folder / "_build" / "html").mkdir(parents=True)
    (folder / "_build" / "html" / "index.html").touch()
    for name in ("Makefile", "requirements.txt"):
        shutil.copy(ROOT / name, folder)
    python = tmp_path / "python"
    python.write_text(PYTHON)
    python.chmod(0o755)
    return folder


def make(folder, *goals, fail="nothing", **settings):
    """Run make; return the calls of Python that it made and its exit status."""
    log = folder.parent / "log"
    log.write_text("")
    run = subprocess.run(
        ["make", f"PYTHON={folder.parent / 'python'}", *goals], cwd=folder,
        env=os.environ | {"LOG": str(log), "FAIL": fail} | settings,
        capture_output=True, encoding="utf-8",
    )  # fmt: skip
    return log.read_text(encoding="utf-8").splitlines(), run


def test_the_environment_is_made_once_by_the_uv_of_the_lock(course):
    calls, run = make(course, ".venv/.ready")
    (version,) = (line for line in (ROOT / "requirements.txt").open() if line.startswith("uv=="))
    assert run.returncode == 0, run.stderr
    assert calls[-2] == f"-m pip install --quiet --no-compile {version.strip()}"
    assert calls[-1].startswith("-m uv pip install")
    assert make(course, ".venv/.ready")[0] == []


def test_what_uv_cannot_fetch_pip_may(course):
    calls, run = make(course, ".venv/.ready", fail="-m uv")
    assert run.returncode == 0
    assert calls[-1] == "-m pip install --quiet --no-compile --requirement requirements.txt"


def test_a_moved_checkout_is_installed_again_before_anything_is_deleted(course):
    make(course, ".venv/.ready")
    moved = course.rename(course.with_name("elsewhere"))
    calls, run = make(moved, "book", fail="install")
    assert run.returncode != 0
    assert (moved / "_build" / "html" / "index.html").exists()
    calls, run = make(moved, ".venv/.ready")
    assert calls[-1].startswith("-m uv pip install")
    assert make(moved, ".venv/.ready")[0] == []


def test_the_list_of_commands_needs_no_more_than_posix(course, tmp_path):
    (tmp_path / "bin").mkdir()
    for name in ("make", "sh", "sed", "cat"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    _, run = make(course, PATH=str(tmp_path / "bin"))
    assert run.stderr == ""
    lines = run.stdout.splitlines()
    assert "  make book         build the site into _build/html" in lines
    assert len({line.index(line[20:].lstrip()) for line in lines}) == 1

"""Build the site that is published: with archives to take away, and the links to them.

    python scripts/publish.py

Two archives are put beside the pages, with all languages in them: the whole site, to be read
without a network, and the notebooks with the package that they import, to be run; and the book as a
PDF, where the tools for it are installed (`make pdf`). Only this build links them, so that no other
site has links that lead nowhere.
"""

import os
import re
import subprocess
import zipfile
from pathlib import Path

from coursebook import pdf
from coursebook.book import BUILD_BOOK, BUILD_EDITIONS, LANGUAGES, with_editions

ROOT = Path(__file__).resolve().parent.parent
HTML = ROOT / "_build" / "html"

SITE, NOTEBOOKS = "practical-deep-learning-site.zip", "practical-deep-learning-notebooks.zip"
#: What the notebooks need to run, finding package and results beside them, and what they link.
RUNNABLE = ("chapters", "experiments", "lecture_utils", "appendices", "first_network.md",
            "first_network.ipynb", "first_network.answers.yml",
            "_static/network.svg", "tests/repository/test_cluster_jobs.py",
            "tests/repository/test_two_workers.py",
            "CITATION.cff", "LICENSE", "LICENSE-TEXT", "pyproject.toml",
            "requirements.txt")  # fmt: skip
#: How to run them where there is no Makefile; the package's metadata ask for a README, too.
README = Path(__file__).resolve().parent / "templates" / "notebooks.md"


def main() -> int:
    """Build, then pack."""
    printable = not pdf.missing_tools()
    asked = {"COURSE_ARCHIVES": "1", **({"COURSE_PDF": "1"} if printable else {})}
    environment = with_editions({**os.environ, **asked})
    for command in ([*BUILD_BOOK, "."], *BUILD_EDITIONS):
        subprocess.run(command, cwd=ROOT, check=True, env=environment)
    status = pdf.main(["--target", str(HTML / pdf.TARGET.name)])
    pages = sorted(path for path in HTML.rglob("*") if path.is_file())
    pack(HTML / SITE, {path.relative_to(HTML): path for path in pages})
    pack(HTML / NOTEBOOKS, runnable())
    for name in (SITE, NOTEBOOKS):
        print(f"{name}: {(HTML / name).stat().st_size / 1e6:.1f} MB")
    return status


def runnable() -> dict[Path, Path]:
    """Return the files of the notebooks' archive, by their names there."""
    files = {path.relative_to(ROOT): path for path in committed(RUNNABLE)}
    editions = {
        path.relative_to(ROOT): path
        for language in LANGUAGES
        for path in sorted((ROOT / language).rglob("*"))
        if path.is_file()
    }
    return {Path("README.md"): README, **files, **editions}


def committed(names: tuple[str, ...]) -> list[Path]:
    """Return the files that git knows under `names`, files and folders of the repository.

    A course that was downloaded without its history has no others than these, but for what running
    it has left.
    """
    try:
        command = ["git", "ls-files", "-z", *names]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True).stdout.decode("utf-8")
    except FileNotFoundError:  # no git on this machine
        listed = ""
    if listed:
        return [ROOT / name for name in listed.split("\0") if name]
    found = [path for name in names for path in (ROOT / name, *sorted((ROOT / name).rglob("*")))]
    left = re.compile(r"\..*|__pycache__|.*\.egg-info")
    return [
        path
        for path in found
        if path.is_file() and not any(map(left.fullmatch, path.relative_to(ROOT).parts))
    ]


def pack(archive: Path, files: dict[Path, Path]) -> None:
    """Write `files`, given by their names there, into `archive`, in one folder of its name."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for name, file in files.items():
            target.write(file, Path(archive.stem, name))

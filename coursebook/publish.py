"""Build the site that is published: with archives to take away, and the links to them.

    python scripts/publish.py

Two archives are put beside the pages: the whole site, to be read without a network, and the
notebooks with the package that they import, to be run. Only this build links them, so that no
other site has links that lead nowhere.
"""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HTML = ROOT / "_build" / "html"
BOOK = [Path(sys.executable).with_name("jupyter-book"), "build", "--all", "-W", "--keep-going", "."]

SITE, NOTEBOOKS = "practical-deep-learning-site.zip", "practical-deep-learning-notebooks.zip"
#: What the notebooks need to run, finding package and results beside them, and what they link.
RUNNABLE = ("chapters", "experiments", "lecture_utils", "appendices", "first_network.md",
            "_static/network.svg", "tests/test_cluster_jobs.py", "tests/test_two_workers.py",
            "CITATION.cff", "LICENSE", "LICENSE-TEXT", "README.md", "pyproject.toml",
            "requirements.txt")  # fmt: skip


def main() -> int:
    """Build, then pack."""
    subprocess.run(BOOK, cwd=ROOT, check=True, env={**os.environ, "COURSE_ARCHIVES": "1"})
    pages = sorted(path for path in HTML.rglob("*") if path.is_file())
    pack(HTML / SITE, pages, HTML)
    pack(HTML / NOTEBOOKS, committed(RUNNABLE), ROOT)
    for name in (SITE, NOTEBOOKS):
        print(f"{name}: {(HTML / name).stat().st_size / 1e6:.1f} MB")
    return 0


def committed(names: tuple[str, ...]) -> list[Path]:
    """Return the files that git knows under `names`, files and folders of the repository."""
    command = ["git", "ls-files", "-z", *names]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    return [ROOT / name for name in os.fsdecode(listed).split("\0") if name]


def pack(archive: Path, files: list[Path], base: Path) -> None:
    """Write `files` into `archive`, in one folder that has its name."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for file in files:
            target.write(file, Path(archive.stem, file.relative_to(base)))

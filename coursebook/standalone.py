"""Notebooks that stand alone: in Colab, or taken from a page of the site.

    python scripts/standalone.py FOLDER          write them all, for the branch that Colab opens
    python scripts/standalone.py --run [NAME ...]      run them, each in an empty folder

A notebook of the repository finds the package beside it. One that stands alone begins with a cell
that looks for it, and else fetches the course, once. Installing the course would replace the NumPy
and IPython with which Colab's own parts work, so the cell puts a clone on the path and installs
only what is missing. Where the course has no public address, the cell says what is needed.
"""

import argparse
import re
import sys
import tempfile
import tomllib
from importlib import metadata
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from coursebook import anatomy, kernel_environment
from coursebook.site import repository_links
from lecture_utils.language import ENGLISH, VARIABLE

ROOT = anatomy.ROOT
#: The branch of the published notebooks, written when the pages are published.
BRANCH = "notebooks"
FOLDER = "practical-deep-learning"
#: In Colab since it exists, in versions of its own.
PRESENT = {"numpy", "tensorflow", "keras", "ipython"}

FETCH = """\
# This notebook needs the files of its course. If they are not here, this cell
# fetches them, and installs what else is missing.
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

if find_spec("lecture_utils") is None:
    course = Path("{folder}")
    if not course.exists():
        clone = ["git", "clone", "--quiet", "--depth=1", "--branch={branch}"]
        subprocess.run([*clone, "{address}", course], check=True)
    sys.path.insert(0, str(course.resolve()))
    needed = {needed}
    missing = [needed[name] for name in needed if find_spec(name) is None]
    if missing:
        install = [sys.executable, "-m", "pip", "install", "--quiet"]
        subprocess.run([*install, *missing], check=True)
"""
EXPLAIN = """\
# This notebook needs the files of its course beside it.
from importlib.util import find_spec

if find_spec("lecture_utils") is None:
    raise ModuleNotFoundError(
        "this notebook needs the package lecture_utils: unpack the archive of "
        "notebooks and open it there"
    )
"""
#: What the package says to an answer is in the language of the notebook.
SPEAK = """
import os

os.environ["{variable}"] = "{language}"
"""
#: Takes the installed course from the path, whatever way it was put there.
HIDE = """\
import sys

sys.path[:] = [entry for entry in sys.path if entry != {root!r}]
sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in finder.__module__]
"""
LINK = re.compile(r"\]\((?!https?:|#|mailto:)(?P<page>[^)\s#]+)\.ipynb(?P<section>#[^)\s]*)?\)")


def needed_packages() -> dict[str, str]:
    """Return what the course imports and Colab may lack: names of modules, and their packages.

    >>> needed_packages()["sklearn"].partition(">")[0]
    'scikit-learn'
    """
    facts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    modules = {}
    for module, packages in metadata.packages_distributions().items():
        for package in packages:
            modules.setdefault(package.lower().replace("_", "-"), []).append(module)
    needed = {}
    for requirement in facts["project"]["dependencies"]:
        requirement = requirement.partition(";")[0].strip()
        package = re.match(r"[\w-]+", requirement)[0].lower()
        if package.removesuffix("-cpu") in PRESENT:
            continue
        for module in sorted(modules.get(package, [])):
            if not module.startswith("_"):
                needed[module] = requirement
                break
    return needed


def first_cell(address: str, branch: str, language: str = ENGLISH) -> NotebookNode:
    """Return the cell with which a notebook that stands alone begins."""
    said = "" if language == ENGLISH else SPEAK.format(variable=VARIABLE, language=language)
    if not address:
        return nbformat.v4.new_code_cell(EXPLAIN + said, id="standalone")
    lines = [f'        "{module}": "{name}",' for module, name in needed_packages().items()]
    needed = "\n".join(["{", *lines, "    }"])
    source = FETCH.format(folder=FOLDER, branch=branch, address=address, needed=needed)
    return nbformat.v4.new_code_cell(source + said, id="standalone")


def standalone(
    page: Path,
    *,
    address: str,
    branch: str,
    site: str = "",
    language: str = ENGLISH,
    root: Path = ROOT,
) -> NotebookNode:
    """Return the notebook of a page with a first cell that finds or fetches what it needs.

    Parameters
    ----------
    page : Path
        As `anatomy.pages` returns it, without suffix.
    address : str
        Where the repository is cloned from; "" where it has no public address.
    branch : str
        What is cloned.
    site : str
        Address of the published site, to which links between pages then lead; "" leaves them.
    language : str
        That of the notebook's edition.
    root : Path
        Folder of the book.
    """
    notebook = nbformat.read(page.with_suffix(".ipynb"), as_version=4)
    cells = notebook.cells
    at = 1 if cells and cells[0].cell_type == "markdown" else 0
    notebook.cells = [*cells[:at], first_cell(address, branch, language), *cells[at:]]
    if site:
        inside = page.relative_to(root).parent.as_posix()
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = LINK.sub(lambda link: on_site(link, site, inside), cell.source)
    return notebook


def on_site(link: re.Match, site: str, folder: str) -> str:
    """Return a link to a notebook beside this one as one to its page on the site.

    >>> on_site(LINK.search("[x](02_lab.ipynb#the-run)"), "https://a.example/c/", "chapters")
    '](https://a.example/c/chapters/02_lab.html#the-run)'
    >>> on_site(LINK.search("[x](../first_network.ipynb)"), "https://a.example/c/", "chapters")
    '](https://a.example/c/first_network.html)'
    """
    parts = [part for part in folder.split("/") if part not in ("", ".")]
    for part in link["page"].split("/"):
        parts = parts[:-1] if part == ".." else [*parts, part]
    return f"]({site.rstrip('/')}/{'/'.join(parts)}.html{link['section'] or ''})"


def write(folder: Path, **how: str) -> list[Path]:
    """Write every page's notebook into `folder`, under the name that it has in the repository."""
    written = []
    for page in anatomy.pages():
        target = folder / page.relative_to(ROOT).with_suffix(".ipynb")
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(standalone(page, **how), target)
        written.append(target)
    return written


def run(page: Path, **how: str) -> NotebookNode:
    """Execute a page's notebook that stands alone in an empty folder; raise what a cell raises.

    The kernel has the packages of this Python, but not the course, which Colab has not either.
    """
    notebook = standalone(page, **how)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(HIDE.format(root=str(ROOT)), id="hide"))
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            timeout=kernel_environment.HANGS_AFTER_SECONDS,
            startup_timeout=kernel_environment.HANGS_AFTER_SECONDS,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
        )
        with kernel_environment.applied():
            return client.execute()


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", nargs="*", help="a folder to write to, or pages to run")
    parser.add_argument("--run", action="store_true", help="run pages, as in chapters/02_lab")
    options = parser.parse_args(arguments)
    buttons = repository_links.button_options(ROOT)
    branch = buttons.get("repository_branch", "main")
    if options.run:
        known = {page.relative_to(ROOT).as_posix(): page for page in anatomy.pages()}
        for name in options.what or known:
            run(known[name], address=str(ROOT), branch=branch)
            print(f"{name}: ok", flush=True)
        return 0
    if len(options.what) != 1:
        parser.error("name one folder to write to")
    how = {"address": buttons.get("repository_url", ""), "branch": branch}
    how["site"] = repository_links.site_address(buttons)
    for file in write(Path(options.what[0]), **how):
        print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())

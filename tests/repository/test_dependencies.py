"""pyproject.toml names what the code imports, and nothing else; each with its reason."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import jupytext
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
DECLARED = tomllib.loads(PROJECT)["project"]
#: Not imported, with the reason.
RUN_BY_OTHERS = {
    "ai-edge-litert": "Keras and TensorFlow convert and run models of phones with it",
    "jupyterlab": "the program that Binder shows",
    "jupyterlab-myst": "an extension of JupyterLab",
    "notebook": "the server that Binder starts",
    "nbval": "a plugin of pytest",
    "pytest-xdist": "a plugin of pytest",
    "ruff": "a command",
    "codespell": "a command",
    "uv": "a command",
    "sphinxext-opengraph": "an extension of Sphinx, named in _config.yml",
}
#: Imported by name of a distribution that comes with another one, by its own promise.
COMES_WITH = {
    "docutils": "jupyter-book",
    "jupyter-server": "jupyterlab",
    "myst-nb": "jupyter-book",
    "packaging": "pytest",
    "pygments": "jupyter-book",
    "sphinx": "jupyter-book",
}
#: Imported only where somebody has installed them, from a group of their own.
OPTIONAL = {"pypandoc": "pypandoc-binary", "typst": "typst"}
KNOWN = packages_distributions()
#: One import name, two distributions; which is installed depends on the machine.
SAME = {"tensorflow-cpu": "tensorflow"}


def lines(section: str) -> list[str]:
    start = PROJECT.index(f"\n{section} = [")
    return PROJECT[start : PROJECT.index("\n]", start)].splitlines()[2:]


def names(requirements: list[str]) -> set[str]:
    found = {canonicalize_name(Requirement(r).name) for r in requirements}
    return {SAME.get(name, name) for name in found}


def imports(source: str) -> set[str]:
    """Return the top-level modules that a program imports by absolute imports."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module.partition(".")[0])
    return found


def distributions(modules: set[str]) -> set[str]:
    """Return what must be installed for `modules`, but for Python's own and the project's."""
    own = {p.stem for folder in ("scripts", "tests/support", "benchmarks", "experiments")
           for p in (ROOT / folder).glob("*.py")}  # fmt: skip
    found = set()
    own |= {"lecture_utils", "coursebook", *OPTIONAL}
    for module in modules - own - set(sys.stdlib_module_names):
        assert module in KNOWN, f"{module} belongs to nothing that is installed"
        found |= {canonicalize_name(name) for name in KNOWN[module]}
    return {SAME.get(name, name) for name in found}


def programs() -> list[str]:
    """Return the sources of all programs and of all pages."""
    folders = ("lecture_utils", "coursebook", "scripts", "tests", "benchmarks", "experiments")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    sources = [path.read_text(encoding="utf-8") for path in [*files, ROOT / "conftest.py"]]
    for page in (ROOT / "chapters").glob("*.md"):
        cells = jupytext.read(page).cells
        sources.append("\n".join(c.source for c in cells if c.cell_type == "code"))
    return sources


IMPORTED = distributions(set().union(*map(imports, programs())))
EXTRAS = DECLARED["optional-dependencies"]
ALL = names([*DECLARED["dependencies"], *(r for extra in EXTRAS.values() for r in extra)])


def test_what_is_imported_is_declared():
    wanted = {name for name in IMPORTED if COMES_WITH.get(name) not in ALL}
    assert not wanted - ALL, wanted - ALL


def test_what_is_optional_is_in_a_group_with_exact_versions():
    grouped = tomllib.loads(PROJECT)["dependency-groups"]["pdf"]
    assert names(grouped) == set(OPTIONAL.values())
    assert all("==" in requirement for requirement in grouped)


def test_what_is_declared_is_imported_or_has_a_reason():
    unused = ALL - IMPORTED - set(RUN_BY_OTHERS)
    assert not unused, unused


def test_no_reason_outlives_its_need():
    assert set(RUN_BY_OTHERS) <= ALL - (IMPORTED - {"nbval", "ai-edge-litert"})
    assert set(COMES_WITH) <= IMPORTED - ALL


def test_the_package_declares_what_it_imports_itself():
    sources = [p.read_text(encoding="utf-8") for p in (ROOT / "lecture_utils").rglob("*.py")]
    found = distributions(set().union(*map(imports, sources)))
    assert found <= names(DECLARED["dependencies"])


@pytest.mark.parametrize("section", ["dependencies", "book", "test"])
def test_every_dependency_says_why_it_is_there(section):
    mute = []
    for before, line in zip(["", *lines(section)], lines(section), strict=False):
        explained = re.search(r'",\s+# .{10}', line) or before.strip().startswith("#")
        if line.strip().startswith('"') and not explained:
            mute.append(line.strip())
    assert not [line for line in mute if not line.startswith('"tensorflow>=')]


def test_an_undeclared_import_is_found():
    assert distributions(imports("from zipp import Path\nimport os")) == {"zipp"}
    with pytest.raises(AssertionError, match="no_such_module belongs to nothing"):
        distributions({"no_such_module"})

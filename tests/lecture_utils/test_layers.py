"""What each module of the package may build on, and what importing it brings in."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import lecture_utils

PACKAGE = Path(lecture_utils.__file__).parent
#: The modules that build, train or convert models.
TRAINS = {
    "lecture_utils.studies.cifar_ladder",
    "lecture_utils.studies.litert",
    "lecture_utils.studies.small_networks",
    "lecture_utils.sweep",
    "lecture_utils.training",
}
#: The modules that draw, besides the explorables. `runtime` sets the style of figures.
DRAWS = {
    "lecture_utils.figure_style",
    "lecture_utils.figures",
    "lecture_utils.image_grid",
    "lecture_utils.interactive",
    "lecture_utils.runtime",
    "lecture_utils.sliders",
}
TRAINING, DRAWING = {"keras", "tensorflow", "ai_edge_litert"}, {"matplotlib", "altair"}


def modules() -> list[str]:
    """Return the names of all modules of the package but its command line."""
    names = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return [name for name in names if not name.endswith("__main__")]


@cache
def imports(module: str, *, also_later: bool = False) -> frozenset[str]:
    """Return the modules that a module imports, at once or also inside its functions."""
    place = PACKAGE.parent.joinpath(*module.split("."))
    path = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree) if also_later else tree.body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def uses(module: str, libraries: set[str]) -> bool:
    """Return whether a module imports one of the libraries itself."""
    return any(name.partition(".")[0] in libraries for name in imports(module))


def draws(module: str) -> bool:
    """Return whether a module is of the layer that draws."""
    return module in DRAWS or module.startswith("lecture_utils.explorables.")


def test_only_the_modules_named_here_train_or_draw():
    assert {module for module in modules() if uses(module, TRAINING)} == TRAINS
    drawing = {module for module in modules() if uses(module, DRAWING)}
    assert {module for module in drawing if not draws(module)} == set()


@pytest.mark.parametrize("module", modules())
def test_a_module_builds_on_no_layer_above_its_own(module):
    assert not any(name.startswith("coursebook") for name in imports(module, also_later=True))
    if module not in TRAINS:
        assert not imports(module) & TRAINS
        if not draws(module):
            assert not [name for name in imports(module) if draws(name)]


def test_what_does_not_train_imports_no_tensorflow():
    code = f"""
import importlib, sys
for name in {sorted(set(modules()) - TRAINS)}:
    importlib.import_module(name)
    assert not {{"keras", "tensorflow"}} & sys.modules.keys(), name
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_package_itself_imports_nothing():
    assert imports("lecture_utils") == set()

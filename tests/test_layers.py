"""Which modules of the package may import TensorFlow, and which may not."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import lecture_utils

PACKAGE = Path(lecture_utils.__file__).parent
#: The modules that build, train or convert models. `runtime` imports TensorFlow too, but only
#: when `start_keras` is called.
TRAINS = {
    "lecture_utils.studies.litert",
    "lecture_utils.studies.small_networks",
    "lecture_utils.sweep",
    "lecture_utils.training",
}


def modules() -> list[str]:
    """Return the names of all modules of the package but its command line."""
    names = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return [name for name in names if not name.endswith("__main__")]


def imported_by(module: str) -> set[str]:
    """Return the top-level packages that importing `module` brings in."""
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    return set(run.stdout.split())


@pytest.mark.parametrize("module", sorted(set(modules()) - TRAINS))
def test_only_what_trains_imports_tensorflow(module):
    assert not imported_by(module) & {"tensorflow", "keras"}


def test_what_trains_imports_tensorflow():
    loaded = {module: importlib.import_module(module) for module in TRAINS}
    for module, content in loaded.items():
        assert {"tf", "keras"} & set(vars(content)), f"{module} need not be in this list"


def test_the_package_itself_imports_next_to_nothing():
    assert not imported_by("lecture_utils") & {"numpy", "matplotlib", "tensorflow", "keras"}

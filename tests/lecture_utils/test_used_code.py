"""A digest changes with the code that is used, and with nothing else."""

import shutil
from pathlib import Path

import pytest

from lecture_utils.used_code import PACKAGE_FOLDER, code_digest

EXPERIMENT = PACKAGE_FOLDER.parent / "experiments" / "12_cifar100.py"

SCRIPT = '''"""An experiment."""
from lecture_utils.first import Halver, half

UNUSED = 1


def main():
    """Print."""
    print(half(3.0), Halver().twice(2.0))  # a comment


def unused():
    return UNUSED


if __name__ == "__main__":
    main()
'''
MODULE = '''"""A module."""
import functools

import numpy as np

import lecture_utils.second
from lecture_utils.second import OTHER as factor

TABLE = np.array([1, 2])
UNUSED = 3


def half(x):
    """Return half of x."""
    return lecture_utils.second.FACTOR * x * changed(x)


@functools.cache
def changed(x, times=factor):
    return x * times


def unused(x):
    return TABLE * UNUSED


class Base:
    def twice(self, x):
        return 2 * x


class Halver(Base):
    """Halves."""

    name = "halver"


class Unused(Base):
    pass
'''


@pytest.fixture
def project(tmp_path):
    """A script that uses one module, which uses another; a third one and the data are there."""
    package = tmp_path / "lecture_utils"
    package.mkdir()
    (tmp_path / "script.py").write_text(SCRIPT)
    (package / "__init__.py").write_text('"""A package."""\n')
    (package / "first.py").write_text(MODULE)
    (package / "second.py").write_text(
        "from lecture_utils import datasets\n\nFACTOR, SPARE = 0.5, 7\nOTHER = datasets.PIXELS\n"
    )
    (package / "datasets.py").write_text("PIXELS = 784\n")
    (package / "alone.py").write_text("ALONE = 1\n")
    return tmp_path


def digest_of(project):
    return code_digest(project / "script.py", package=project / "lecture_utils")


def edit(project, file, old, new):
    path = project / file
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def add(project, file, text):
    path = project / file
    path.parent.mkdir(exist_ok=True)
    path.write_text((path.read_text() if path.exists() else "") + text)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("script.py", "3.0", "4.0"),
        ("lecture_utils/first.py", "FACTOR * x", "FACTOR + x"),
        ("lecture_utils/first.py", "2 * x", "3 * x"),  # of a base class
        ("lecture_utils/first.py", '"halver"', '"other"'),
        ("lecture_utils/first.py", "@functools.cache\n", ""),
        ("lecture_utils/first.py", "OTHER as factor", "FACTOR as factor"),  # of a default value
        ("lecture_utils/second.py", "0.5", "0.25"),
        ("lecture_utils/second.py", "FACTOR, SPARE", "SPARE, FACTOR"),
        ("lecture_utils/second.py", "datasets.PIXELS", "datasets.OTHERS"),
    ],
)
def test_digest_changes_with_the_code(project, file, old, new):
    before = digest_of(project)
    edit(project, file, old, new)
    assert digest_of(project) != before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("script.py", "# a comment", "# another"),
        ("script.py", "An experiment.", "The experiment."),
        ("script.py", "half(3.0)", "half(\n    3.0,\n)"),
        ("script.py", "UNUSED = 1", "UNUSED = 2"),
        ("lecture_utils/first.py", "Return half of x.", "Halve x."),
        ("lecture_utils/first.py", "UNUSED = 3", "UNUSED = 4"),
        ("lecture_utils/first.py", "TABLE * UNUSED", "TABLE + UNUSED"),
        ("lecture_utils/first.py", "class Unused(Base):\n    pass", "class Unused:\n    x = 1"),
        ("lecture_utils/datasets.py", "784", "28 * 28"),
        ("lecture_utils/alone.py", "1", "2"),
    ],
)
def test_digest_ignores_what_cannot_change_a_result(project, file, old, new):
    before = digest_of(project)
    edit(project, file, old, new)
    assert digest_of(project) == before


def test_digest_ignores_line_endings(project):
    before = digest_of(project)
    for path in project.rglob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert digest_of(project) == before


def test_a_script_that_another_one_imports_counts_whole(project):
    edit(project, "script.py", 'if __name__ == "__main__":\n    main()\n', "")
    before = digest_of(project)
    edit(project, "script.py", "UNUSED = 1", "UNUSED = 2")
    assert digest_of(project) != before


# --- where the code lives ---


def test_a_module_that_is_renamed_changes_nothing(project):
    before = digest_of(project)
    (project / "lecture_utils/rooms").mkdir()
    (project / "lecture_utils/rooms/__init__.py").write_text("")
    for old, new in (("first", "one"), ("second", "rooms.two")):
        (project / f"lecture_utils/{old}.py").rename(
            project / "lecture_utils" / f"{new.replace('.', '/')}.py"
        )
        for path in project.rglob("*.py"):
            path.write_text(path.read_text().replace(f"utils.{old}", f"utils.{new}"))
    assert digest_of(project) == before


def test_a_function_that_moves_or_is_exported_again_changes_nothing(project):
    before = digest_of(project)
    function = MODULE[MODULE.index("@functools.cache") : MODULE.index("def unused")]
    edit(project, "lecture_utils/first.py", function, "from lecture_utils import inner\n\n\n")
    edit(project, "lecture_utils/first.py", "* changed(x)", "* inner.changed(x)")
    add(
        project,
        "lecture_utils/moved.py",
        f"import functools\n\nfrom lecture_utils import second\n\n\n{function}".replace(
            "times=factor", "times=second.OTHER"
        ),
    )
    add(project, "lecture_utils/inner/__init__.py", "from lecture_utils.moved import changed\n")
    assert digest_of(project) == before


@pytest.mark.parametrize(
    "statement",
    [
        "import lecture_utils.first\nprint(lecture_utils.first.half(3.0))",
        "from lecture_utils import first\nprint(first.half(3.0))",
        "from lecture_utils import first as f\nprint(f.half(3.0))",
        "import lecture_utils.first as f\nprint(f.half(3.0))",
        "from lecture_utils.first import half\nprint(half(3.0))",
        "from lecture_utils.first import half as h\nprint(h(3.0))",
    ],
)
def test_every_form_of_import_is_followed_and_counts_the_same(project, statement):
    guarded = 'if __name__ == "__main__":\n    print(0)\n'
    script = project / "script.py"
    script.write_text(f"from lecture_utils.first import half\nprint(half(3.0))\n{guarded}")
    before = digest_of(project)
    script.write_text(f"{statement}\n{guarded}")
    assert digest_of(project) == before
    edit(project, "lecture_utils/second.py", "0.5", "2")
    assert digest_of(project) != before


def test_the_order_of_imports_does_not_count(project):
    edit(project, "script.py", 'if __name__ == "__main__":\n    main()\n', "")
    edit(project, "script.py", "UNUSED = 1", "import lecture_utils.alone\nimport numpy as np")
    before = digest_of(project)
    edit(project, "script.py", "import lecture_utils.alone\nimport numpy", "import numpy")
    edit(
        project,
        "script.py",
        "from lecture_utils.first",
        "import lecture_utils.alone\nfrom lecture_utils.first",
    )
    assert digest_of(project) == before


def test_functions_of_one_name_in_two_modules_are_told_apart(project):
    add(project, "lecture_utils/other.py", "def half(x):\n    return x / 2\n")
    text = (
        "from lecture_utils import first, other\n"
        'if __name__ == "__main__":\n    print(first.half(1), other.half(2))\n'
    )
    (project / "script.py").write_text(text)
    before = digest_of(project)
    swapped = text.replace("first.half(1), other.half(2)", "other.half(1), first.half(2)")
    (project / "script.py").write_text(swapped)
    assert digest_of(project) != before


def test_a_local_name_is_not_the_global_one(project):
    add(
        project,
        "lecture_utils/second.py",
        "\n\ndef show(other):\n    OTHER = 1\n    return OTHER\n",
    )
    edit(
        project,
        "script.py",
        "print(half(3.0)",
        "from lecture_utils import second\n    print(second.show(1)",
    )
    before = digest_of(project)
    edit(project, "lecture_utils/second.py", "OTHER = datasets", "global_other = datasets")
    edit(project, "lecture_utils/first.py", "OTHER as factor", "global_other as factor")
    assert digest_of(project) == before


# --- what cannot be followed ---


@pytest.mark.parametrize(
    "effect",
    [
        "import numpy\nnumpy.random.seed(1)",
        "SPARE = list(map(print, [1]))",
        "list = print\nSPARE = list()",
        "TABLE = {}\nTABLE['x'] = 1",
        "for x in range(3):\n    y = x",
        "def register(f):\n    return f\n\n\n@register\ndef spare():\n    pass",
        "class Meta(type):\n    pass\n\n\nclass Spare(metaclass=Meta):\n    pass",
        "def spare(x=print()):\n    pass",
    ],
)
def test_what_runs_at_import_counts(project, effect):
    before = digest_of(project)
    add(project, "lecture_utils/second.py", effect + "\n")
    assert digest_of(project) != before


def test_what_runs_when_a_package_on_the_way_is_imported_counts(project):
    add(project, "lecture_utils/deep/__init__.py", "")
    add(project, "lecture_utils/deep/inner.py", "A = 1\n")
    edit(project, "script.py", "UNUSED = 1", "import lecture_utils.deep.inner")
    before = digest_of(project)
    add(project, "lecture_utils/deep/__init__.py", "print(1)\n")
    assert digest_of(project) != before


@pytest.mark.parametrize(
    "use",
    [
        "getattr(second, 'SP' + 'ARE')",
        "vars(second)",
        "second.NOT_THERE",
        "'lecture_utils.second'",
    ],
)
def test_a_module_that_is_asked_by_text_counts_whole(project, use):
    edit(project, "script.py", "UNUSED = 1", f"from lecture_utils import second\nprint({use})")
    before = digest_of(project)
    edit(project, "lecture_utils/second.py", "7", "8")
    assert digest_of(project) != before


@pytest.mark.parametrize(
    "use",
    ["globals()", "importlib.import_module(sys.argv[1])", "sys.modules", "eval(sys.argv[1])"],
)
def test_where_names_are_texts_the_whole_package_counts(project, use):
    edit(project, "lecture_utils/second.py", "0.5", f"{use}")
    add(project, "lecture_utils/second.py", "import importlib\nimport sys\n")
    before = digest_of(project)
    edit(project, "lecture_utils/alone.py", "1", "2")
    assert digest_of(project) != before


def test_a_star_is_followed(project):
    edit(
        project,
        "script.py",
        "from lecture_utils.first import Halver, half",
        "from lecture_utils.first import *",
    )
    before = digest_of(project)
    edit(project, "lecture_utils/second.py", "0.5", "0.25")
    assert digest_of(project) != before


def test_a_name_that_is_bound_twice_counts_with_both(project):
    add(project, "lecture_utils/second.py", "if FACTOR > 1:\n    FACTOR = 1\n")
    before = digest_of(project)
    edit(project, "lecture_utils/second.py", "    FACTOR = 1", "    FACTOR = 2")
    assert digest_of(project) != before


def test_files_that_the_code_names_count(project):
    add(project, "lecture_utils/data/factor.txt", "0.5")
    edit(project, "lecture_utils/second.py", "0.5", "open('data/factor.txt').read()")
    before = digest_of(project)
    (project / "lecture_utils/data/factor.txt").write_text("0.25")
    assert digest_of(project) != before


def test_files_beside_code_that_asks_where_it_is_count(project):
    add(project, "lecture_utils/data/factor.txt", "0.5")
    edit(project, "lecture_utils/second.py", "0.5", "Path(__file__).with_name('data') / 'f'")
    add(project, "lecture_utils/second.py", "from pathlib import Path\n")
    before = digest_of(project)
    (project / "lecture_utils/data/factor.txt").write_text("0.25")
    assert digest_of(project) != before


def test_a_script_beside_the_script_counts(project):
    add(project, "helper.py", "HELP = 1\n")
    edit(project, "script.py", "UNUSED = 1", "import helper")
    before = digest_of(project)
    edit(project, "helper.py", "1", "2")
    assert digest_of(project) != before


def test_relative_import_is_refused(project):
    add(project, "lecture_utils/second.py", "from . import alone\n")
    with pytest.raises(ValueError, match="relative import in line 5"):
        digest_of(project)


# --- the course ---


@pytest.fixture
def copied(tmp_path):
    """A copy of an experiment and of the package."""
    shutil.copy(EXPERIMENT, tmp_path / "script.py")
    ignored = shutil.ignore_patterns("__pycache__", "fashion_mnist_sample")
    shutil.copytree(PACKAGE_FOLDER, tmp_path / "lecture_utils", ignore=ignored)
    return tmp_path


def test_a_module_of_the_course_may_be_renamed(copied):
    before = digest_of(copied)
    assert before == code_digest(EXPERIMENT)
    (copied / "lecture_utils/schedules.py").rename(copied / "lecture_utils/rates.py")
    for path in copied.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("utils.schedules", "utils.rates"), encoding="utf-8")
    assert digest_of(copied) == before


def test_a_neighbour_may_come_and_a_used_constant_may_not_change(copied):
    before = digest_of(copied)
    add(copied, "lecture_utils/schedules.py", "\n\ndef square(x):\n    return x**2\n")
    assert digest_of(copied) == before
    edit(copied, "lecture_utils/augmentation.py", "CHUNK = 512", "CHUNK = 256")
    assert digest_of(copied) != before


def test_digest_does_not_depend_on_the_python_version(tmp_path):
    # The trees of these differ between 3.11, 3.12 and 3.13; the digest was compared by hand.
    script = Path(tmp_path, "script.py")
    script.write_text(
        "def f(x, *, y=0):\n    return f'{x!r:>{y}} {x:.2f} é' 'b'\n\n\nclass A:\n    pass\n",
        encoding="utf-8",
    )
    assert code_digest(script) == (
        "913000ac580c74b9a4707113cda1389afca83d2e50fe37f48c74dc9ead2a37b6"
    )

"""A person's settings change nothing that a chapter prints or draws."""

import os

import nbformat
import pytest
from minimal_chapter import NAME, cell, page

from coursebook import build, kernel_environment

FIGURE = """\
---
mystnb:
  image: {alt: A rising line.}
  figure: {caption: A line.}
---
import matplotlib.pyplot as plt

plt.plot([0, 1])
plt.show()
"""
SEEN = "import os\n\nprint(os.environ['KERAS_BACKEND'], __debug__)"


@pytest.fixture
def personal(tmp_path, monkeypatch):
    """Give this process the settings of somebody with habits, and a HOME that refuses files."""
    startup = tmp_path / "startup.py"
    startup.write_text("print('good morning')\n", encoding="utf-8")
    (tmp_path / "modules").mkdir()
    rc = tmp_path / "modules" / "matplotlibrc"
    rc.write_text("figure.figsize: 1, 1\n", encoding="utf-8")
    (tmp_path / "modules" / "matplotlib.py").write_text("1 / 0\n", encoding="utf-8")
    settings = {
        "MPLBACKEND": "agg",
        "MATPLOTLIBRC": rc,
        "KERAS_BACKEND": "torch",
        "PYTHONSTARTUP": startup,
        "PYTHONOPTIMIZE": "1",
        "PYTHONWARNINGS": "error",
        "PYTHONPATH": tmp_path / "modules",
        "HOME": f"{os.devnull}/nobody",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, str(value))
    for name in ("IPYTHONDIR", "MPLCONFIGDIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def built(tmp_path, personal):
    """Return the notebook of a chapter that draws, built with these settings."""
    chapter = tmp_path / f"{NAME}.md"
    text = page(extra=cell(FIGURE) + cell(SEEN)).replace(cell("print(0)"), "")
    chapter.write_text(text, encoding="utf-8")
    assert build.build(chapter) == []
    return nbformat.read(chapter.with_suffix(".ipynb"), as_version=4)


def test_the_build_does_not_see_them(built):
    code = [stored for stored in built.cells if stored.cell_type == "code"]
    figure, seen = (output for stored in code[1:3] for output in stored.outputs)
    assert "image/png" in figure.data
    assert figure.data["text/plain"] == "<Figure size 640x480 with 1 Axes>"
    assert seen.text == "tensorflow True\n"


def test_nbval_does_not_see_them(built, personal, pytester):
    nbformat.write(built, pytester.path / "chapter.ipynb")
    plugins = ("-p", "coursebook.nbval_pages", "-p", "coursebook.nbval_numbers")
    result = pytester.runpytest(*plugins, "--nbval", "--nbval-current-env", "chapter.ipynb")
    result.assert_outcomes(passed=16)


def test_imitated_processors_are_taken_over_where_they_are_asked_for(monkeypatch):
    monkeypatch.setenv("LECTURE_THREADS", "2")
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_max_isa=AVX2")
    with kernel_environment.applied(imitation=True):
        assert os.environ["LECTURE_THREADS"] == "2"
        assert os.environ["XLA_FLAGS"] == "--xla_cpu_max_isa=AVX2"
    with kernel_environment.applied():
        assert not {"LECTURE_THREADS", "XLA_FLAGS"} & set(os.environ)
    assert os.environ["LECTURE_THREADS"] == "2"

"""The imitations of other processors reach the kernels."""

import nbformat
from minimal_notebook import notebook

CELL = """\
import keras
import numpy as np
from lecture_utils.sweep import initial_weights
exact = np.random.default_rng(0).uniform(-1, 1, size=(1, 3, 3)).astype(np.float32)
(kernel, bias) = initial_weights((3, 3), n_starts=1, rng=np.random.default_rng(0))
print(np.array_equal(kernel, exact), np.allclose(kernel, exact, rtol=3e-7))
first, second = (np.asarray(keras.initializers.GlorotUniform(seed=0)((3, 3))) for _ in range(2))
print(np.array_equal(first, second), np.allclose(first, second, rtol=3e-7))
"""


def run(pytester, stored):
    """Run nbval over one cell with the given output, in a kernel that rounds otherwise."""
    nbformat.write(notebook((CELL, stored, {})), pytester.path / "chapter.ipynb")
    plugins = ("nbval_pages", "nbval_numbers", "nbval_rounding")
    options = [option for name in plugins for option in ("-p", f"coursebook.{name}")]
    return pytester.runpytest(*options, "--nbval", "--nbval-current-env", "chapter.ipynb")


def test_another_rounding_moves_weights_in_their_last_place(pytester, monkeypatch):
    monkeypatch.setenv("LECTURE_ROUNDING", "1")
    run(pytester, "False True\nFalse True\n").assert_outcomes(passed=1)


def test_nothing_moves_unasked(pytester, monkeypatch):
    monkeypatch.delenv("LECTURE_ROUNDING", raising=False)
    run(pytester, "True True\nTrue True\n").assert_outcomes(passed=1)
